import MedPrepCore
import MedPrepKernels

extension Tensor {
    /// What normalizes groups of neighbouring channels of each sample by their common moments: by sample, then by
    /// channel.
    ///
    /// - Precondition: `groups` divides the channels.
    func groupScalings(
        groups: Int, _ affine: ChannelAffine, epsilon: Double, operator name: String,
        in context: inout Context
    ) throws(OperatorError) -> [[Scaling]] {
        let size = shape.c / groups
        try affine.check(channels: shape.c)
        if shape.voxelCount * size == 1 {
            context.note(
                .degenerateReduction, "\(name) takes statistics from one value, so every value becomes beta")
        }
        var scalings = [[Scaling]]()
        for (index, sample) in moments(context.workers).enumerated() {
            let pooled = (0..<groups).map { Moments(merging: sample[$0 * size..<($0 + 1) * size]) }
            if pooled.contains(where: { $0.count == 0 }) { throw .noFiniteValue(operator: name) }
            context.noteConstants(among: pooled, channelsEach: size, sample: shape.n == 1 ? nil : index)
            scalings.append(
                sample.indices.map { channel in
                    let group = pooled[channel / size]
                    let root = (group.variance + epsilon).squareRoot()
                    return affine.scaling(channel: channel, mean: group.mean, root: root)
                })
        }
        return scalings
    }
}
