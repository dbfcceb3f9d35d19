package import MedPrepCore

/// Smallest and largest value of a result; an infinite bound limits nothing.
package struct Bounds: Hashable, Sendable {
    package var lower: Float
    package var upper: Float
    package init(_ lower: Float, _ upper: Float) { (self.lower, self.upper) = (lower, upper) }

    /// Limits nothing.
    package static let none = Bounds(-.infinity, .infinity)
}

/// y = x, but at least `lower` and at most `upper`; NaN stays NaN.
package func clamp(_ x: UnsafeMutableBufferPointer<Float>, to bounds: Bounds) {
    for i in x.indices { x[i] = clamped(x[i], to: bounds) }
}

extension Tensor {
    /// Clamps each channel of each sample in place.
    ///
    /// - Parameter bounds: by sample, then by channel.
    package mutating func clamp(to bounds: [[Bounds]], _ workers: Workers) {
        precondition(shape.fits(bounds), "bounds for each sample and channel of \(shape)")
        let (slabs, channels) = (shape.slabs, shape.c)
        forEachIndexedSlab(workers) { index, slab in
            if channels == 1 {
                MedPrepKernels.clamp(slab, to: bounds[slabs.sample(of: index)][0])
                return
            }
            for (channel, bounds) in bounds[slabs.sample(of: index)].enumerated() {
                for i in stride(from: channel, to: slab.count, by: channels) {
                    slab[i] = clamped(slab[i], to: bounds)
                }
            }
        }
    }

    /// Clamps every value in place but those equal to `kept`.
    package mutating func clamp(to bounds: Bounds, except kept: Float, _ workers: Workers) {
        forEachSlab(workers) { slab in
            for i in slab.indices {
                let x = slab[i]
                slab[i] = x == kept ? x : clamped(x, to: bounds)
            }
        }
    }
}

/// A comparison with NaN is false, so NaN passes.
@inline(__always)
func clamped(_ x: Float, to bounds: Bounds) -> Float {
    let y = x < bounds.lower ? bounds.lower : x
    return y > bounds.upper ? bounds.upper : y
}
