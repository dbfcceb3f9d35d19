import MedPrepCore

/// The gather of the kernels that have no loop of their own: weights along each axis, then one sum over the box of
/// neighbours, x innermost, in Double.
extension Oblique {
    /// nil: nearest, linear and the cubic spline have their own.
    var anyKernels: [AxisKernel]? {
        switch sampling.interpolation {
        case .nearest, .linear, .bspline3: return nil
        default:
            let ratios = Motion.ratios(map)
            return (0..<3).map {
                AxisKernel(
                    sampling.interpolation, lattice: lattices[$0], ratio: ratios[$0],
                    normalizes: sampling.normalizesWeights)
            }
        }
    }

    /// The part of an output row inside the field of view.
    func combine(
        _ kernels: [AxisKernel], _ line: Line, _ inside: Range<Int>, _ from: UnsafePointer<Float>,
        _ to: UnsafeMutablePointer<Float>
    ) {
        let c = shape.c
        let strides = strides
        let widths = kernels.map(\.width)
        let places = [0, widths[0], widths[0] + widths[1]]
        let count = widths[0] + widths[1] + widths[2]
        withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { weights in
            withUnsafeTemporaryAllocation(of: Int.self, capacity: count) { offsets in
                let (weights, offsets) = (weights.baseAddress!, offsets.baseAddress!)
                for i in inside {
                    let p = line(i)
                    for a in 0..<3 {
                        let first = kernels[a](p[a], weights + places[a])
                        // −1: the fill value.
                        for k in 0..<widths[a] {
                            let voxel = lattices[a].boundary.fold(first + k, lattices[a].size)
                            offsets[places[a] + k] = voxel.map { $0 * strides[a] } ?? -1
                        }
                    }
                    for channel in 0..<c {
                        to[i * c + channel] = Float(sum(weights, offsets, widths, from + channel))
                    }
                }
            }
        }
    }

    private func sum(
        _ weights: UnsafePointer<Double>, _ offsets: UnsafePointer<Int>, _ widths: [Int],
        _ from: UnsafePointer<Float>
    ) -> Double {
        let (width, height) = (widths[0], widths[1])
        let (rows, planes) = (weights + width, weights + (width + height))
        let (rowOffsets, planeOffsets) = (offsets + width, offsets + (width + height))
        var total = 0.0
        for k in 0..<widths[2] where planes[k] != 0 {
            for j in 0..<height where rows[j] != 0 {
                let (y, z) = (rowOffsets[j], planeOffsets[k])
                var sum = 0.0
                for i in 0..<width {
                    let x = offsets[i]
                    let value = x < 0 || y < 0 || z < 0 ? sampling.fill : from[x &+ y &+ z]
                    sum += weights[i] * Double(value)
                }
                total += planes[k] * rows[j] * sum
            }
        }
        return total
    }
}
