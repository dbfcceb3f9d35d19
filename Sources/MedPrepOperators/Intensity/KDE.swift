public import MedPrepCore
import MedPrepKernels

/// Divides by the mode of the values, found on a smoothed histogram (a Gaussian kernel density).
///
///     y = x / mode;  p(g) = Σ exp(−½((g − x)/h)²) on `grid_points` points from min to max, h = max/80
///
/// T1: values above the 96th percentile are dropped and the last strict local maximum is the mode. PD: those above
/// the 99th, and the first. T2, FLAIR: the highest point of all. Without a local maximum it is the highest point.
/// Up to 65,536 distinct values are summed exactly; more are binned so finely that p is wrong by less than 2·10⁻⁶ of
/// the count (see `density`).
///
/// - Shape: any, unchanged; every channel of every sample has its own mode. Grid: unchanged.
/// - Unit: multiples of the mode. The largest magnitude stands for max where the mask holds negative values.
/// - NaN: stays NaN; NaN and infinity are left out of the density, infinity is kept.
/// - Cost: five passes that read, one in place.
/// - Same as: intensity-normalization `KDENormalizer`, with compat "jcreinhold3".
public struct KDE: IntensityOperator {
    public static let card = Card<Self>(
        "Divides by the mode of the values, found on a smoothed histogram.",
        [
            Parameter(
                "modality", \.modality, "Contrast of the scan, which says where the mode is looked for."),
            Parameter(
                "grid_points", \.gridPoints, "Points that the density is worked out on.", .atLeast(3),
                .atMost(4096)),
            Parameter("mask", \.mask, "Voxels that the density is made of; all voxels are divided."),
            Parameter(
                "compat", \.compat, "Peer whose bandwidth is taken: jcreinhold3 is max/80 times the std."),
        ],
        formula: "y = x / mode",
        sameAs: "intensity_normalization KDENormalizer (see compat)")

    public var modality = Modality.t1
    public var gridPoints = 80
    public var mask = MaskChoice.positive
    public var compat: Compat?
    public init() {}

    public enum Compat: String, CaseIterable, ParameterValue { case jcreinhold3 }

    public func apply(to tensor: inout Tensor, in context: inout Context) throws(OperatorError) {
        try tensor.divide(by: try modes(of: tensor, in: &context), what: "mode", context.workers)
    }

    /// What each channel of each sample is divided by: by sample, then by channel.
    package func modes(of tensor: Tensor, in context: inout Context) throws(OperatorError) -> [[Double]] {
        var orders = [(Distribution, Int)]()
        let modes = try tensor.statistics(
            mask: mask, percentiles: modality.ranks, operator: name, in: context
        ) { (values, order, channel) throws(OperatorError) in
            orders.append((order, channel))
            return modality.mode(
                of: values, percentiles: order.percentiles, gridPoints: gridPoints,
                bandwidth: compat == nil ? .eightiethOfMaximum : .scaledEightieth)
        }
        for (order, channel) in orders {
            context.noteConstant(order, channel: channel, becomes: "is its own mode")
        }
        return modes
    }
}
