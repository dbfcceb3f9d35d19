package import MedPrepCore

/// The control values of a population, from which its unwanted factors are taken: one row of values for each scan.
package struct ControlValues: Sendable {
    private var rows = [[Float]]()

    package init() {}

    /// Adds one scan: the selected values of one channel, all samples in order.
    ///
    /// - Precondition: the mask has one channel and this tensor's samples and extent; it is the same for every scan.
    package mutating func append(_ tensor: Tensor, channel: Int, where mask: Tensor) {
        precondition(
            VoxelSelection.mask(mask).fits(tensor.shape), "a mask of \(mask.shape) for \(tensor.shape)")
        let channels = tensor.shape.c
        rows.append(
            tensor.withUnsafeValues { values in
                mask.withUnsafeValues { mask in
                    mask.indices.filter { mask[$0] > 0 }.map { values[$0 * channels + channel] }
                }
            })
    }

    /// VᵀV, scans by scans, over the voxels that are finite in every scan; in Double, in voxel order.
    ///
    /// - Returns: the matrix and how many voxels it is of.
    package func gram(_ workers: Workers) -> (matrix: [[Double]], voxels: Int) {
        let voxels = (rows.first ?? []).indices.filter { voxel in rows.allSatisfy { $0[voxel].isFinite } }
        let count = rows.count
        var matrix = Array(repeating: Array(repeating: 0.0, count: count), count: count)
        let lines = [[Double]](unsafeUninitializedCapacity: count) { lines, initialized in
            // Each index is written once.
            nonisolated(unsafe) let lines = lines
            forEachIndex(count, workers) { i in
                let line = (i..<count).map { j in
                    voxels.reduce(0.0) { $0 + Double(rows[i][$1]) * Double(rows[j][$1]) }
                }
                (lines.baseAddress! + i).initialize(to: line)
            }
            initialized = count
        }
        for i in 0..<count {
            for j in i..<count { (matrix[i][j], matrix[j][i]) = (lines[i][j - i], lines[i][j - i]) }
        }
        return (matrix, voxels.count)
    }
}

extension Tensor {
    /// self += factor_c·other, channel by channel; a value of `other` that is not finite adds nothing.
    ///
    /// - Precondition: equal shapes, one factor for each channel.
    package mutating func add(_ other: Tensor, times factors: [Double], _ workers: Workers) {
        combine(with: other, factors, workers) { x, y, factor in
            y.isFinite ? Float(Double(x) + factor * Double(y)) : x
        }
    }

    /// self −= factor_c·other, channel by channel; NaN and infinity stay.
    ///
    /// - Precondition: equal shapes, one factor for each channel; `other` is finite.
    package mutating func subtract(_ other: Tensor, times factors: [Double], _ workers: Workers) {
        combine(with: other, factors, workers) { x, y, factor in Float(Double(x) - factor * Double(y)) }
    }

    @inline(__always)
    private mutating func combine(
        with other: Tensor, _ factors: [Double], _ workers: Workers, _ body: (Float, Float, Double) -> Float
    ) {
        precondition(other.shape == shape && factors.count == shape.c, "\(other.shape) for \(shape)")
        let (slabs, channels) = (shape.slabs, shape.c)
        withUnsafeMutableValues { values in
            other.withUnsafeValues { other in
                // Slabs do not overlap, so threads never share a value.
                nonisolated(unsafe) let (values, other, body) = (values, other, body)
                forEachIndex(slabs.count, workers) { index in
                    for (channel, factor) in factors.enumerated() {
                        for i in stride(
                            from: slabs[index].lowerBound + channel, to: slabs[index].upperBound, by: channels
                        ) {
                            values[i] = body(values[i], other[i], factor)
                        }
                    }
                }
            }
        }
    }
}
