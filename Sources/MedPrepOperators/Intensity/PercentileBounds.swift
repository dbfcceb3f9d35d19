internal import MedPrepCore
internal import MedPrepKernels

extension Tensor {
    /// The percentiles of a mask as bounds, by sample, then by channel; a rank that is nil bounds nothing.
    func percentileBounds(
        _ lower: Double?, _ upper: Double?, mask: MaskChoice, perChannel: Bool, operator name: String,
        in context: Context
    ) throws(OperatorError) -> [[Bounds]] {
        let selection = try mask.selection(for: self, perChannel: perChannel, in: context)
        let distributions = distributions(
            [lower ?? 0, upper ?? 100], where: selection, pooling: perChannel ? .channelOfSample : .sample,
            context.workers)
        if distributions.contains(where: { $0.count == 0 }) { throw mask.emptyError(operator: name) }
        return (0..<shape.n).map { sample in
            (0..<shape.c).map { channel in
                let values = distributions[perChannel ? sample * shape.c + channel : sample].percentiles
                return Bounds(
                    lower == nil ? -.infinity : Float(values[0]), upper == nil ? .infinity : Float(values[1]))
            }
        }
    }
}
