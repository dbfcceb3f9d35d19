package import MedPrepCore

extension Tensor {
    /// Scales each channel in place and notes it as a map of the values.
    ///
    /// - Parameter scalings: by sample, then by channel.
    package mutating func scale(by scalings: [[Scaling]], in context: inout Context) {
        scale(by: scalings, context.workers)
        let row = scalings.first ?? []
        // Samples that go their own ways are no one map.
        let map = ValueMap(keepsOrder: row.allSatisfy { $0.factor >= 0 }) { row[$0]($1) }
        context.noteMap(scalings.count == 1 ? map : nil)
    }

    /// Scales the selected values of each channel in place and notes it, where the values decide what is selected.
    ///
    /// - Parameter scalings: by sample, then by channel.
    package mutating func scale(
        by scalings: [[Scaling]], where selection: VoxelSelection, in context: inout Context
    ) {
        scale(by: scalings, where: selection, context.workers)
        let row = scalings.first ?? []
        let rule = selection.rule
        let map = ValueMap(keepsOrder: false) { channel, value in
            rule?(channel, value) == true ? row[channel](value) : value
        }
        context.noteMap(scalings.count == 1 && rule != nil ? map : nil)
    }

    /// Clamps each channel in place and notes it as a map of the values.
    ///
    /// - Parameter bounds: by sample, then by channel.
    package mutating func clamp(to bounds: [[Bounds]], in context: inout Context) {
        clamp(to: bounds, context.workers)
        let row = bounds.first ?? []
        let map = ValueMap(keepsOrder: true) { clamped($1, to: row[$0]) }
        context.noteMap(bounds.count == 1 ? map : nil)
    }

    /// Clamps all values in place and notes it as a map of the values.
    package mutating func clamp(to bounds: Bounds, in context: inout Context) {
        forEachSlab(context.workers) { MedPrepKernels.clamp($0, to: bounds) }
        context.noteMap(ValueMap(keepsOrder: true) { clamped($1, to: bounds) })
    }
}

extension Context {
    /// - Parameter map: nil, what was done turns the order of values.
    fileprivate mutating func noteMap(_ map: ValueMap?) {
        if let map { valueMaps?.append(map) } else { valueMaps = nil }
    }
}
