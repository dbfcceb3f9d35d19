public import MedPrepCore
internal import MedPrepKernels

/// Limits every voxel to two percentiles of the mask, hard or with rounded corners.
///
///     hard: y = x, but at least lo = p(lower) and at most hi = p(upper)
///     soft: y = x + softplus(−s(x − lo))/s − softplus(s(x − hi))/s,  softplus(z) = log(1 + eᶻ), s = sharpness
///
/// - Shape: any, unchanged; every sample has its own percentiles. Grid: unchanged.
/// - Unit: the scan's own; `sharpness` is in its reciprocal.
/// - NaN: stays NaN; NaN and infinity are left out of the percentiles, infinity becomes the bound.
/// - Cost: two passes for the percentiles, one in place.
/// - Same as: MONAI `ClipIntensityPercentiles` (`channel_wise` is `per_channel`).
public struct ClipPercentiles: IntensityOperator {
    public static let card = Card<Self>(
        "Limits every voxel to two percentiles of the mask, hard or with rounded corners.",
        [
            Parameter(
                "lower", \.lower, "Percentile of the lower bound; null: no limit.", .atLeast(0), .atMost(100)),
            Parameter(
                "upper", \.upper, "Percentile of the upper bound; null: no limit.", .atLeast(0), .atMost(100)),
            Parameter(
                "sharpness", \.sharpness, "How sharp the rounded corners are; null: hard clipping.",
                .above(0),
                .unit("1 / unit of the scan")),
            Parameter("per_channel", \.perChannel, "False: the percentiles of all channels together."),
            Parameter("mask", \.mask, "Voxels that the percentiles are taken from; all voxels are clipped."),
        ],
        formula: "y = x, but at least p(lower) and at most p(upper)",
        sameAs: "monai ClipIntensityPercentiles")

    public var lower: Double? = 0.5
    public var upper: Double? = 99.5
    public var sharpness: Double?
    public var perChannel = true
    public var mask = MaskChoice.none
    public init() {}

    public func check() throws(ParameterError) {
        if let lower, let upper, lower > upper {
            throw .conflict(["lower", "upper"], reason: "lower \(lower) is above upper \(upper)")
        }
    }

    public func apply(to tensor: inout Tensor, in context: inout Context) throws(OperatorError) {
        let bounds = try tensor.percentileBounds(
            lower, upper, mask: mask, perChannel: perChannel, operator: name, in: context)
        if let sharpness {
            tensor.softClamp(to: bounds, sharpness: sharpness, context.workers)
        } else {
            tensor.clamp(to: bounds, in: &context)
        }
    }
}
