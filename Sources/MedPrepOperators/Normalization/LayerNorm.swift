public import MedPrepCore
import MedPrepKernels

/// Normalizes each scan as a whole, or each voxel over its channels.
///
///     y = gamma·(x − mean)/sqrt(variance + epsilon) + beta, over `axes`
///
/// - Shape: any, unchanged. Grid: unchanged.
/// - Unit: standard deviations of the scan or of the voxel.
/// - NaN: left out of the statistics, stays NaN.
/// - Cost: two passes (DHWC) or one (C), in place, no allocation.
/// - Same as: `torch.nn.LayerNorm`, `keras.layers.LayerNormalization(axis=-1, epsilon=1e-3)` for C; Ba 2016.
public struct LayerNorm: IntensityOperator {
    public static let card = Card<Self>(
        "Normalizes each scan as a whole, or each voxel over its channels.",
        [
            Parameter("axes", \.axes, "DHWC: one statistic for each scan; C: one for each voxel."),
            Parameter("epsilon", \.epsilon, "Added to the variance under the root.", .above(0)),
            Parameter("gamma", \.gamma, "Factor for each channel, or (DHWC) each value; null: 1."),
            Parameter("beta", \.beta, "Offset for each channel, or (DHWC) each value; null: 0."),
        ], formula: "y = gamma·(x − mean)/sqrt(variance + epsilon) + beta, over the axes",
        sameAs: "torch.nn.LayerNorm, keras.layers.LayerNormalization")

    public enum Axes: String, CaseIterable, ParameterValue {
        case dhwc = "DHWC"
        case c = "C"
    }

    public var axes = Axes.dhwc
    public var epsilon = 1e-5
    public var gamma: [Double]?
    public var beta: [Double]?
    public init() {}

    public func apply(to tensor: inout Tensor, in context: inout Context) throws(OperatorError) {
        switch axes {
        case .dhwc: try normalizeScans(&tensor, in: &context)
        case .c: try normalizeVoxels(&tensor, in: &context)
        }
    }

    private func normalizeVoxels(_ tensor: inout Tensor, in context: inout Context) throws(OperatorError) {
        let affine = ChannelAffine(gamma: gamma, beta: beta)
        try affine.check(channels: tensor.shape.c)
        if tensor.shape.c == 1 {
            context.note(
                .degenerateReduction,
                "\(Self.name) over C of one channel takes statistics from one value, so every value becomes beta; "
                    + "axes \"DHWC\" would not")
        }
        let scalings = (0..<tensor.shape.c).map { affine.scaling(channel: $0) }
        tensor.standardizeVoxels(epsilon: epsilon, scalings: scalings, context.workers)
    }

    private func normalizeScans(_ tensor: inout Tensor, in context: inout Context) throws(OperatorError) {
        let shape = tensor.shape
        let isPerValue = shape.voxelCount > 1 && [gamma, beta].contains { $0?.count == shape.sampleCount }
        let affine =
            isPerValue ? ChannelAffine(gamma: nil, beta: nil) : ChannelAffine(gamma: gamma, beta: beta)
        let scalings = try tensor.groupScalings(
            groups: 1, affine, epsilon: epsilon, operator: Self.name, in: &context)
        guard isPerValue else {
            tensor.scale(by: scalings, context.workers)
            return
        }
        let gains = try shape.perValue(gamma, "gamma", absent: 1)
        let shifts = try shape.perValue(beta, "beta", absent: 0)
        tensor.scale(by: scalings.map { $0[0] }, gains: gains, shifts: shifts, context.workers)
    }
}
