public import MedPrepCore
package import MedPrepKernels

/// Standardizes by the white stripe: the voxels whose values lie around the mode of normal-appearing white matter.
///
///     q = share of the mask below the mode;  stripe: p(q − width) < x < p(q + width);  y = (x − mean)/std of the stripe
///
/// The mode is found as in `kde`, with Scott's bandwidth m^(−1/5)·std. The stripe is taken from the mask.
///
/// - Shape: any, unchanged; every channel of every sample has its own stripe. Grid: unchanged.
/// - Unit: standard deviations of the stripe.
/// - NaN: stays NaN; NaN and infinity are left out of the stripe, infinity is kept.
/// - Cost: nine passes that read, one in place.
/// - Same as: intensity-normalization `WhiteStripeNormalizer`; Shinohara et al. 2014.
public struct Whitestripe: IntensityOperator {
    public static let card = Card<Self>(
        "Standardizes by the voxels around the mode of white matter.",
        [
            Parameter(
                "modality", \.modality, "Contrast of the scan, which says where the mode is looked for."),
            Parameter(
                "width", \.width, "Share of the mask on either side of the mode.", .above(0), .atMost(1)),
            Parameter(
                "grid_points", \.gridPoints, "Points that the density is worked out on.", .atLeast(3),
                .atMost(4096)),
            Parameter("mask", \.mask, "Voxels that mode and stripe are taken from; all are standardized."),
        ],
        formula:
            "y = (x - mean) / std of the voxels between p(q - width) and p(q + width), q the mode's share",
        sameAs: "intensity_normalization WhiteStripeNormalizer")

    public var modality = Modality.t1
    public var width = 0.05
    public var gridPoints = 80
    public var mask = MaskChoice.positive
    public init() {}

    public func apply(to tensor: inout Tensor, in context: inout Context) throws(OperatorError) {
        let stripes = try stripes(of: tensor, in: context)
        let scalings = stripes.map { channels in
            channels.map { Scaling(center: $0.mean, factor: 1 / $0.standardDeviation) }
        }
        tensor.scale(by: scalings, in: &context)
    }

    /// The moments of each stripe: by sample, then by channel.
    package func stripes(of tensor: Tensor, in context: Context) throws(OperatorError) -> [[Moments]] {
        let shares = try tensor.statistics(
            mask: mask, percentiles: modality.ranks, operator: name, in: context
        ) { (values, order, channel) throws(OperatorError) in
            let mode = modality.mode(
                of: values, percentiles: order.percentiles, gridPoints: gridPoints, bandwidth: .scott)
            return Double(values.count(below: mode)) / Double(order.count)
        }
        // The ends of all stripes are looked up in one go.
        let ends = shares.joined().flatMap { [max($0 - width, 0) * 100, min($0 + width, 1) * 100] }
        var stripe = 0
        return try tensor.statistics(mask: mask, percentiles: ends, operator: name, in: context) {
            (values, order, channel) throws(OperatorError) in
            let (lower, upper) = (order.percentiles[2 * stripe], order.percentiles[2 * stripe + 1])
            stripe += 1
            let moments = values.limited(above: lower, below: upper).moments()
            if moments.count == 0 || !(moments.m2 > 0) {
                throw .noWhiteStripe(channel: channel, voxels: moments.count)
            }
            return moments
        }
    }
}
