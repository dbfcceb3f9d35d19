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
        forEachIndexedSlab(workers) { index, slab in
            selection.onSlab(index, of: shape) { selection in
                for (channel, scaling) in scalings[slabs.sample(of: index)].enumerated() {
                    scaleSelected(slab, channel: channel, of: shape.c, where: selection, by: scaling)
                }
            }
        }
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
    case .all: for i in places { x[i] = scaling(x[i]) }
    case .nonzero: for i in places { x[i] = x[i] != 0 ? scaling(x[i]) : x[i] }
    case .positive: for i in places { x[i] = x[i] > 0 ? scaling(x[i]) : x[i] }
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
