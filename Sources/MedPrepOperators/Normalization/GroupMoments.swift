import MedPrepCore
import MedPrepKernels

extension Tensor {
    /// Normalizes groups of neighbouring channels of each sample by their common moments, in place.
    ///
    /// - Precondition: `groups` divides the channels.
    mutating func normalize(
        groups: Int, _ affine: ChannelAffine, epsilon: Double, operator name: String,
        in context: inout Context
    ) throws(OperatorError) {
        let size = shape.c / groups
        try affine.check(channels: shape.c)
        if shape.voxelCount * size == 1 {
            context.note(
                .degenerateReduction, "\(name) takes statistics from one value, so every value becomes beta")
        }
        var scalings = [[Scaling]]()
        for sample in moments(context.workers) {
            let pooled = (0..<groups).map { Moments(merging: sample[$0 * size..<($0 + 1) * size]) }
            if pooled.contains(where: { $0.count == 0 }) { throw .noFiniteValue(operator: name) }
            for (group, moments) in pooled.enumerated() where moments.count > 1 && moments.m2 == 0 {
                let place =
                    size == 1 ? "channel \(group)" : "channels \(group * size) to \((group + 1) * size - 1)"
                let verb = size == 1 ? "is" : "are"
                context.note(
                    .constantChannel,
                    "\(place) \(verb) constant at \(JSONValue.number(moments.mean).line); beta is what remains"
                )
            }
            scalings.append(
                sample.indices.map { channel in
                    let group = pooled[channel / size]
                    let root = (group.variance + epsilon).squareRoot()
                    return affine.scaling(channel: channel, mean: group.mean, root: root)
                })
        }
        scale(by: scalings, context.workers)
    }
}
