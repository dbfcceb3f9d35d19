package import MedPrepCore

extension Tensor {
    /// Divides the channels of each voxel by their root mean square, in place.
    ///
    ///     y = factor_c · x/sqrt(Σx²/m + epsilon), over the m finite channels
    ///
    /// The sum runs in Double, in channel order.
    ///
    /// - Parameter factors: one for each channel.
    package mutating func divideByRootMeanSquare(epsilon: Double, factors: [Double], _ workers: Workers) {
        precondition(factors.count == shape.c, "one factor for each channel of \(shape)")
        forEachSlab(workers) { slab in
            factors.withUnsafeBufferPointer { factors in
                for first in stride(from: 0, to: slab.count, by: factors.count) {
                    var (sum, count) = (0.0, 0.0)
                    for c in 0..<factors.count where slab[first + c].isFinite {
                        sum += Double(slab[first + c]) * Double(slab[first + c])
                        count += 1
                    }
                    let root = ((count > 0 ? sum / count : 0) + epsilon).squareRoot()
                    for c in 0..<factors.count {
                        slab[first + c] = Float(Double(slab[first + c]) / root * factors[c])
                    }
                }
            }
        }
    }
}
