public import MedPrepCore
import MedPrepKernels

/// Standardizes the weights of each output channel.
///
///     variance:  w = (v − mean)/sqrt(variance + epsilon),  the population's variance
///     std:       w = (v − mean)/(std + epsilon),           std with ddof 1, the original recipe
///
/// over kD, kH, kW and Cin. Independent of the batch.
///
/// - Shape: (kD, kH, kW, Cin, Cout) as (n, d, h, w, c), unchanged.
/// - NaN: left out of the statistics, stays NaN.
/// - Cost: two passes.
/// - Same as: `torch.nn.functional.batch_norm` over each output filter (variance); Qiao 2019 (std).
public struct WeightStandardization: LibraryFunction {
    public static let card = Card<Self>(
        "Standardizes the weights of each output channel.",
        [
            Parameter("axis", \.axis, "The axis that has statistics for each index."),
            Parameter(
                "epsilon", \.epsilon, "Added to the variance under the root, or to the std.", .above(0)),
            Parameter("epsilon_in", \.epsilonIn, "What epsilon is added to."),
        ], formula: "w = (v − mean)/sqrt(variance + epsilon), for each output channel",
        geometry: "none: a weight tensor (kD, kH, kW, Cin, Cout)",
        sameAs: "torch.nn.functional.batch_norm over each output filter")

    public static let useInstead =
        "it works on a layer's weights, not on scans; call WeightStandardization from Swift, and for scans use zscore"

    public enum EpsilonIn: String, CaseIterable, ParameterValue { case variance, std }

    public var axis = WeightAxis.cout
    public var epsilon = 1e-5
    public var epsilonIn = EpsilonIn.variance
    public init() {}

    public func callAsFunction(
        _ weights: consuming Tensor, workers: Workers = .one
    ) throws(OperatorError) -> Tensor {
        var scalings = [Scaling]()
        for filter in weights.filterMoments(workers) {
            if filter.count == 0 { throw .noFiniteValue(operator: Self.name) }
            let divisor =
                switch epsilonIn {
                case .variance: (filter.variance + epsilon).squareRoot()
                case .std: filter.usableUnbiasedVariance.squareRoot() + epsilon
                }
            scalings.append(Scaling(center: filter.mean, factor: 1 / divisor))
        }
        var result = consume weights
        result.scale(by: Array(repeating: scalings, count: result.shape.n), workers)
        return result
    }
}
