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
        precondition(
            bounds.count == shape.n && bounds.allSatisfy { $0.count == shape.c },
            "bounds for each sample and channel of \(shape)")
        let channels = shape.c
        forEachIndexedSlab(workers) { sample, slab in
            for channel in 0..<channels {
                let bounds = bounds[sample][channel]
                for i in stride(from: channel, to: slab.count, by: channels) {
                    slab[i] = clamped(slab[i], to: bounds)
                }
            }
        }
    }

    /// Changes the values in place, slab by slab; `body` is told the sample.
    mutating func forEachIndexedSlab(
        _ workers: Workers, _ body: (_ sample: Int, UnsafeMutableBufferPointer<Float>) -> Void
    ) {
        let slabs = shape.slabs
        withUnsafeMutableValues { values in
            // Slabs do not overlap, so threads never share a value.
            nonisolated(unsafe) let values = values
            forEachIndex(slabs.count, workers) { index in
                body(slabs.sample(of: index), UnsafeMutableBufferPointer(rebasing: values[slabs[index]]))
            }
        }
    }
}

/// A comparison with NaN is false, so NaN passes.
@inline(__always)
private func clamped(_ x: Float, to bounds: Bounds) -> Float {
    let y = x < bounds.lower ? bounds.lower : x
    return y > bounds.upper ? bounds.upper : y
}
