package import MedPrepCore

extension Tensor {
    /// Standardizes the channels of each voxel among themselves, in place.
    ///
    ///     y = factor_c · (x − mean)/sqrt(variance + epsilon) + offset_c, mean and variance over c
    ///
    /// Two passes over the channels of a voxel in Double, in channel order; values that are not finite stay out of
    /// mean and variance and pass through the formula themselves.
    ///
    /// - Parameter scalings: one for each channel; their `center` is not used.
    package mutating func standardizeVoxels(epsilon: Double, scalings: [Scaling], _ workers: Workers) {
        precondition(scalings.count == shape.c, "one scaling for each channel of \(shape)")
        forEachSlab(workers) { slab in
            scalings.withUnsafeBufferPointer { scalings in
                for first in stride(from: 0, to: slab.count, by: scalings.count) {
                    standardize(slab, first, epsilon, scalings)
                }
            }
        }
    }
}

/// The channels of one voxel.
@inline(__always)
private func standardize(
    _ x: UnsafeMutableBufferPointer<Float>, _ first: Int, _ epsilon: Double,
    _ scalings: UnsafeBufferPointer<Scaling>
) {
    var (sum, count) = (0.0, 0.0)
    for c in 0..<scalings.count where x[first + c].isFinite {
        sum += Double(x[first + c])
        count += 1
    }
    let mean = sum / count
    var squares = 0.0
    for c in 0..<scalings.count where x[first + c].isFinite {
        let d = Double(x[first + c]) - mean
        squares += d * d
    }
    let root = (squares / count + epsilon).squareRoot()
    for c in 0..<scalings.count {
        x[first + c] = Float((Double(x[first + c]) - mean) / root * scalings[c].factor + scalings[c].offset)
    }
}
