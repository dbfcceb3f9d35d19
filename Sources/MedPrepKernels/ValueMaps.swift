package import MedPrepCore

extension Tensor {
    /// Scales each channel in place and notes it as a map of the values.
    ///
    /// - Parameter scalings: by sample, then by channel.
    package mutating func scale(by scalings: [[Scaling]], in context: inout Context) {
        scale(by: scalings, context.workers)
        let row = scalings.first ?? []
        // Samples that go their own ways, and a negative factor, turn the order.
        let keepsOrder = scalings.count == 1 && row.allSatisfy { $0.factor >= 0 }
        let map: ValueMap = { channel, value in row[channel](value) }
        context.noteMap(keepsOrder ? map : nil)
    }

    /// Clamps each channel in place and notes it as a map of the values.
    ///
    /// - Parameter bounds: by sample, then by channel.
    package mutating func clamp(to bounds: [[Bounds]], in context: inout Context) {
        clamp(to: bounds, context.workers)
        let row = bounds.first ?? []
        let map: ValueMap = { channel, value in clamped(value, to: row[channel]) }
        context.noteMap(bounds.count == 1 ? map : nil)
    }

    /// Clamps all values in place and notes it as a map of the values.
    package mutating func clamp(to bounds: Bounds, in context: inout Context) {
        forEachSlab(context.workers) { MedPrepKernels.clamp($0, to: bounds) }
        context.noteMap { _, value in clamped(value, to: bounds) }
    }
}

extension Context {
    /// - Parameter map: nil, what was done turns the order of values.
    fileprivate mutating func noteMap(_ map: ValueMap?) {
        if let map { valueMaps?.append(map) } else { valueMaps = nil }
    }
}
