package import MedPrepCore

extension Tensor {
    /// Scales the selected values of each channel of each sample in place; all others stay as they are.
    ///
    /// - Parameter scalings: by sample, then by channel.
    package mutating func scale(by scalings: [[Scaling]], where selection: VoxelSelection, _ workers: Workers)
    {
        let (shape, slabs) = (self.shape, self.shape.slabs)
        precondition(selection.fits(shape), "a mask of another shape than \(shape)")
        precondition(shape.fits(scalings), "one scaling for each sample and channel of \(shape)")
        let lanes = ChannelLanes(channels: shape.c)
        forEachIndexedSlab(workers) { index, slab in
            let here = scalings[slabs.sample(of: index)]
            selection.onSlab(index, of: shape) { selection in
                switch selection {
                case .all: MedPrepKernels.scale(slab, by: here, lanes)
                case .nonzero: MedPrepKernels.scale(slab, by: here, lanes, .nonzero)
                case .positive: MedPrepKernels.scale(slab, by: here, lanes, .positive)
                case .above(let thresholds): MedPrepKernels.scale(slab, above: thresholds, by: here)
                case .mask(let mask): MedPrepKernels.scale(slab, inside: mask, by: here)
                }
            }
        }
    }
}

private func scale(
    _ x: UnsafeMutableBufferPointer<Float>, above thresholds: [Double], by scalings: [Scaling]
) {
    for (channel, scaling) in scalings.enumerated() {
        let threshold = thresholds[channel]
        for i in stride(from: channel, to: x.count, by: scalings.count) where Double(x[i]) > threshold {
            x[i] = scaling(x[i])
        }
    }
}

private func scale(
    _ x: UnsafeMutableBufferPointer<Float>, inside mask: UnsafeBufferPointer<Float>, by scalings: [Scaling]
) {
    for (channel, scaling) in scalings.enumerated() {
        for voxel in mask.indices where mask[voxel] > 0 {
            let i = voxel &* scalings.count &+ channel
            x[i] = scaling(x[i])
        }
    }
}
