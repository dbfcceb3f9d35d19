package import MedPrepCore

/// The smallest and the largest finite value of a set; +∞ and −∞ where there is none.
package struct Extremes: Hashable, Sendable {
    package var min: Float
    package var max: Float

    package init(min: Float = .infinity, max: Float = -.infinity) { (self.min, self.max) = (min, max) }

    package var isEmpty: Bool { min > max }

    package mutating func merge(_ other: Extremes) {
        (min, max) = (Swift.min(min, other.min), Swift.max(max, other.max))
    }

    /// Of all sets together.
    package init(merging parts: some Sequence<Extremes>) {
        self.init()
        for part in parts { merge(part) }
    }
}

extension Tensor {
    /// The extremes of each channel of each sample: by sample, then by channel.
    ///
    /// - Cost: one pass that reads; numbers of a file are read as they are.
    package func extremes(_ workers: Workers) -> [[Extremes]] {
        withElements(ExtremesSearch(shape: shape, workers: workers))
    }
}

private struct ExtremesSearch: ElementLoop {
    let shape: Shape
    let workers: Workers

    func callAsFunction<Element: StoredElement>(_ values: UnsafeBufferPointer<Element>) -> [[Extremes]] {
        let (slabs, channels) = (shape.slabs, shape.c)
        let parts = mapSlabs(of: values, shape, workers) { _, slab in
            if channels == 1, let floats = slab as? UnsafeBufferPointer<Float> { return [floats.extremes] }
            return (0..<channels).map { slab.extremes(channel: $0, of: channels) }
        }
        return (0..<shape.n).map { sample in
            let parts = parts[slabs.indices(ofSample: sample)]
            return (0..<channels).map { channel in Extremes(merging: parts.lazy.map { $0[channel] }) }
        }
    }
}

extension UnsafeBufferPointer<Float> {
    /// In eight lanes; order does not matter to a minimum. −0 counts as 0.
    fileprivate var extremes: Extremes {
        let limit = SIMD8<Float>(repeating: .greatestFiniteMagnitude)
        var lower = SIMD8<Float>(repeating: .infinity)
        var upper = SIMD8<Float>(repeating: -.infinity)
        let whole = count / 8 * 8
        for i in stride(from: 0, to: whole, by: 8) {
            let x = UnsafeRawPointer(baseAddress! + i).loadUnaligned(as: SIMD8<Float>.self)
            // False for NaN and infinity.
            let finite = (x .<= limit) .& (x .>= -limit)
            lower.replace(with: x, where: finite .& (x .< lower))
            upper.replace(with: x, where: finite .& (x .> upper))
        }
        var result = UnsafeBufferPointer(rebasing: self[whole...]).extremes(channel: 0, of: 1)
        result.merge(Extremes(min: lower.min(), max: upper.max()))
        return result
    }
}

extension UnsafeBufferPointer where Element: StoredElement {
    fileprivate func extremes(channel: Int, of channels: Int) -> Extremes {
        var result = Extremes()
        for i in stride(from: channel, to: count, by: channels) {
            let x = self[i].float
            guard x.isFinite else { continue }
            if x < result.min { result.min = x }
            if x > result.max { result.max = x }
        }
        return result
    }
}
