package import MedPrepCore

extension Tensor {
    /// Scales the selected values of each channel of each sample in place; all others stay as they are.
    ///
    /// - Parameter scalings: by sample, then by channel.
    package mutating func scale(by scalings: [[Scaling]], where selection: VoxelSelection, _ workers: Workers)
    {
        let (shape, slabs) = (self.shape, self.shape.slabs)
        if case .all = selection { return scale(by: scalings, workers) }
        precondition(selection.fits(shape), "a mask of another shape than \(shape)")
        precondition(shape.fits(scalings), "one scaling for each sample and channel of \(shape)")
        let lanes = ChannelLanes(channels: shape.c)
        forEachIndexedSlab(workers) { index, slab in
            let here = scalings[slabs.sample(of: index)]
            selection.onSlab(index, of: shape) { selection in
                // The selections that a value decides for itself: eight at a time.
                if case .nonzero = selection {
                    return MedPrepKernels.scale(slab, by: here, lanes, NonzeroValues.self)
                }
                if case .positive = selection {
                    return MedPrepKernels.scale(slab, by: here, lanes, PositiveValues.self)
                }
                for (channel, scaling) in here.enumerated() {
                    scaleSelected(slab, channel: channel, of: shape.c, where: selection, by: scaling)
                }
            }
        }
    }
}

private enum NonzeroValues: ValueChoice {
    @inline(__always)
    static func choose(_ changed: SIMD8<Float>, _ before: SIMD8<Float>) -> SIMD8<Float> {
        changed.replacing(with: before, where: before .== .zero)
    }
}

private enum PositiveValues: ValueChoice {
    @inline(__always)
    static func choose(_ changed: SIMD8<Float>, _ before: SIMD8<Float>) -> SIMD8<Float> {
        before.replacing(with: changed, where: before .> .zero)
    }
}

/// One channel of one slab.
private func scaleSelected(
    _ x: UnsafeMutableBufferPointer<Float>, channel: Int, of channels: Int,
    where selection: VoxelSelection.OnSlab,
    by scaling: Scaling
) {
    let places = stride(from: channel, to: x.count, by: channels)
    switch selection {
    case .all, .nonzero, .positive: preconditionFailure("these are scaled eight at a time")
    case .above(let thresholds):
        let threshold = thresholds[channel]
        for i in places { x[i] = Double(x[i]) > threshold ? scaling(x[i]) : x[i] }
    case .mask(let mask):
        for voxel in mask.indices where mask[voxel] > 0 {
            let i = voxel &* channels &+ channel
            x[i] = scaling(x[i])
        }
    }
}
