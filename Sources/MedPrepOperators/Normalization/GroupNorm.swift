public import MedPrepCore
import MedPrepKernels

/// Normalizes groups of channels of each scan by their common mean and variance.
///
///     y = gamma·(x − mean)/sqrt(variance + epsilon) + beta, over D, H, W and the channels gC/G ..< (g + 1)C/G
///
/// One group is layer norm over DHWC, a group for each channel is instance norm.
///
/// - Shape: any, unchanged. Grid: unchanged.
/// - Unit: standard deviations of the group.
/// - NaN: left out of the statistics, stays NaN.
/// - Cost: two passes, in place, no allocation.
/// - Same as: `torch.nn.GroupNorm`, `keras.layers.GroupNormalization`; Wu and He 2018.
public struct GroupNorm: IntensityOperator {
    public static let card = Card<Self>(
        "Normalizes groups of channels of each scan by their common mean and variance.",
        [
            Parameter(
                "groups", \.groups,
                "How many; must divide the channels. null: the largest divisor not above 8.",
                .atLeast(1)),
            Parameter("epsilon", \.epsilon, "Added to the variance under the root.", .above(0)),
            Parameter("gamma", \.gamma, "Factor for each channel; null: 1."),
            Parameter("beta", \.beta, "Offset for each channel; null: 0."),
        ],
        formula:
            "y = gamma·(x − mean)/sqrt(variance + epsilon) + beta, over D, H, W and the group's channels",
        sameAs: "torch.nn.GroupNorm, keras.layers.GroupNormalization")

    public var groups: Int?
    public var epsilon = 1e-5
    public var gamma: [Double]?
    public var beta: [Double]?
    public init() {}

    public func apply(to tensor: inout Tensor, in context: inout Context) throws(OperatorError) {
        let channels = tensor.shape.c
        let groups = groups ?? Self.defaultGroups(channels: channels)
        guard groups >= 1, channels.isMultiple(of: groups) else {
            throw .groupsDoNotDivide(groups: groups, channels: channels)
        }
        let scalings = try tensor.groupScalings(
            groups: groups, ChannelAffine(gamma: gamma, beta: beta), epsilon: epsilon, operator: Self.name,
            in: &context)
        tensor.scale(by: scalings, in: &context)
    }

    /// The largest divisor of C not above 8.
    static func defaultGroups(channels: Int) -> Int {
        (1...8).last { channels.isMultiple(of: $0) } ?? 1
    }
}
