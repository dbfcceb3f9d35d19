public import MedPrepCore
import MedPrepKernels

/// Maps two percentiles of the mask to [`out_min`, `out_max`].
///
///     y = (x − a)/(b − a)·(out_max − out_min) + out_min, a = p(lower), b = p(upper), then clipped to the output's bounds
///
/// With `relative` the output's bounds are those percentages of it: out_min + (out_max − out_min)·lower/100 and
/// out_min + (out_max − out_min)·upper/100.
///
/// - Shape: any, unchanged; every sample has its own percentiles. Grid: unchanged.
/// - Unit: that of `out_min`, `out_max`.
/// - NaN: stays NaN; NaN and infinity are left out of the percentiles. Infinity is clipped, or kept without `clip`.
/// - Cost: two passes for the percentiles, one in place, one more with `clip`.
/// - Same as: MONAI `ScaleIntensityRangePercentiles` (`channel_wise` is `per_channel`, `clip` false its default).
public struct RescalePercentiles: IntensityOperator {
    public static let card = Card<Self>(
        "Maps two percentiles of the mask to [out_min, out_max].",
        [
            Parameter("lower", \.lower, "Percentile that becomes out_min.", .atLeast(0), .atMost(100)),
            Parameter("upper", \.upper, "Percentile that becomes out_max.", .atLeast(0), .atMost(100)),
            Parameter("out_min", \.outMin, "What the lower percentile becomes."),
            Parameter("out_max", \.outMax, "What the upper percentile becomes."),
            Parameter("clip", \.clip, "Clip to the output's bounds."),
            Parameter("relative", \.relative, "Output bounds are these percentages of [out_min, out_max]."),
            Parameter("per_channel", \.perChannel, "False: the percentiles of all channels together."),
            Parameter("mask", \.mask, "Voxels that the percentiles are taken from; all voxels are mapped."),
        ],
        formula: "y = (x - p(lower)) / (p(upper) - p(lower)) * (out_max - out_min) + out_min",
        sameAs: "monai ScaleIntensityRangePercentiles")

    public var lower = 0.5
    public var upper = 99.5
    public var outMin = 0.0
    public var outMax = 1.0
    public var clip = true
    public var relative = false
    public var perChannel = true
    public var mask = MaskChoice.none
    public init() {}

    public func check() throws(ParameterError) {
        if lower > upper {
            throw .conflict(["lower", "upper"], reason: "lower \(lower) is above upper \(upper)")
        }
        if outMin > outMax {
            throw .conflict(["out_min", "out_max"], reason: "out_min \(outMin) is above out_max \(outMax)")
        }
    }

    public func apply(to tensor: inout Tensor, in context: inout Context) throws(OperatorError) {
        let selection = try mask.selection(for: tensor, perChannel: perChannel, in: context)
        let distributions = tensor.distributions(
            [lower, upper], where: selection, pooling: perChannel ? .channelOfSample : .sample,
            context.workers)
        if distributions.contains(where: { $0.count == 0 }) { throw mask.emptyError(operator: name) }
        let (low, high) = outputBounds
        let channels = tensor.shape.c
        var scalings = [[Scaling]]()
        for sample in 0..<tensor.shape.n {
            var row = [Scaling]()
            for channel in 0..<channels {
                let ends = distributions[perChannel ? sample * channels + channel : sample].percentiles
                if ends[0] < ends[1] {
                    row.append(
                        Scaling(center: ends[0], factor: (high - low) / (ends[1] - ends[0]), offset: low))
                } else {
                    context.note(
                        .constantWindow,
                        "both percentiles of channel \(channel) are equal; the value is taken off and nothing is scaled"
                    )
                    row.append(Scaling(center: ends[0], offset: low))
                }
            }
            scalings.append(row)
        }
        tensor.scale(by: scalings, in: &context)
        if clip {
            tensor.clamp(to: Bounds(Float(low), Float(high)), in: &context)
        }
    }

    private var outputBounds: (Double, Double) {
        guard relative else { return (outMin, outMax) }
        let range = outMax - outMin
        return (outMin + range * lower / 100, outMin + range * upper / 100)
    }
}
