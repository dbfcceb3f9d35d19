public import MedPrepCore
import MedPrepKernels

/// Divides each scan, or each voxel over its channels, by its root mean square.
///
///     y = gamma·x/sqrt(mean(x²) + epsilon), over `axes`
///
/// Nothing is taken off: 0 stays 0, and a scan of zeros stays zeros.
///
/// - Shape: any, unchanged. Grid: unchanged.
/// - Unit: root mean squares of the scan or of the voxel.
/// - NaN: left out of the mean, stays NaN.
/// - Cost: two passes (DHWC) or one (C), in place, no allocation.
/// - Same as: `torch.nn.RMSNorm(eps=1e-6)`, `keras.layers.RMSNormalization` for C; Zhang and Sennrich 2019.
public struct RMSNorm: IntensityOperator {
    public static let card = Card<Self>(
        "Divides each scan, or each voxel over its channels, by its root mean square.",
        [
            Parameter("axes", \.axes, "DHWC: one root mean square for each scan; C: one for each voxel."),
            Parameter("epsilon", \.epsilon, "Added to the mean square under the root.", .above(0)),
            Parameter("gamma", \.gamma, "Factor for each channel, or (DHWC) each value; null: 1."),
        ], formula: "y = gamma·x/sqrt(mean(x²) + epsilon), over the axes",
        sameAs: "torch.nn.RMSNorm, keras.layers.RMSNormalization")

    public var axes = LayerNorm.Axes.dhwc
    public var epsilon = 1e-6
    public var gamma: [Double]?
    public init() {}

    public func apply(to tensor: inout Tensor, in context: inout Context) throws(OperatorError) {
        switch axes {
        case .dhwc: try divideScans(&tensor, in: &context)
        case .c: try divideVoxels(&tensor, in: &context)
        }
    }

    private func divideVoxels(_ tensor: inout Tensor, in context: inout Context) throws(OperatorError) {
        let channels = tensor.shape.c
        try ChannelAffine(gamma: gamma, beta: nil).check(channels: channels)
        if channels == 1 { noteOneValue(in: &context) }
        tensor.divideByRootMeanSquare(
            epsilon: epsilon, factors: gamma ?? Array(repeating: 1, count: channels), context.workers)
    }

    private func divideScans(_ tensor: inout Tensor, in context: inout Context) throws(OperatorError) {
        let shape = tensor.shape
        let isPerValue = shape.voxelCount > 1 && gamma?.count == shape.sampleCount
        if !isPerValue { try ChannelAffine(gamma: gamma, beta: nil).check(channels: shape.c) }
        if shape.sampleCount == 1 { noteOneValue(in: &context) }
        var factors = [Double]()
        for channels in tensor.moments(context.workers) {
            let pooled = Moments(merging: channels)
            if pooled.count == 0 { throw .noFiniteValue(operator: Self.name) }
            factors.append(1 / (pooled.meanSquare + epsilon).squareRoot())
        }
        if isPerValue {
            tensor.scale(
                by: factors.map { Scaling(factor: $0) }, gains: try shape.perValue(gamma, "gamma", absent: 1),
                shifts: Array(repeating: 0, count: shape.sampleCount), context.workers)
        } else {
            tensor.scale(
                by: factors.map { factor in
                    (0..<shape.c).map { Scaling(factor: factor * (gamma?[$0] ?? 1)) }
                }, context.workers)
        }
    }

    private func noteOneValue(in context: inout Context) {
        context.note(
            .degenerateReduction,
            "\(Self.name) over \(axes.rawValue) takes its mean from one value, so only signs remain")
    }
}

extension Moments {
    /// Σx²/n = variance + mean², both of one sign.
    var meanSquare: Double { variance + mean * mean }
}
