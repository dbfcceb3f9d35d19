public import MedPrepCore
import MedPrepKernels

/// Gives the weights of each output channel a length.
///
///     w = g·v/‖v‖₂, over kD, kH, kW and Cin
///
/// Independent of the batch. Without `g` the length stays, and so do the weights.
///
/// - Shape: (kD, kH, kW, Cin, Cout) as (n, d, h, w, c), unchanged.
/// - NaN: left out of the length, stays NaN.
/// - Cost: two passes.
/// - Same as: `torch.nn.utils.parametrizations.weight_norm(dim=0)` on (Cout, Cin, kD, kH, kW); Salimans 2016.
public struct WeightNorm: LibraryFunction {
    public static let card = Card<Self>(
        "Gives the weights of each output channel a length.",
        [
            Parameter("axis", \.axis, "The axis that has a length for each index."),
            Parameter("g", \.g, "Length for each output channel; null: as it is."),
        ], formula: "w = g·v/‖v‖₂, for each output channel",
        geometry: "none: a weight tensor (kD, kH, kW, Cin, Cout)",
        sameAs: "torch.nn.utils.parametrizations.weight_norm")

    public static let useInstead =
        "it works on a layer's weights, not on scans; call WeightNorm from Swift, and for scans use instance_norm or rms_norm"

    public var axis = WeightAxis.cout
    public var g: [Double]?
    public init() {}

    public func callAsFunction(
        _ weights: consuming Tensor, workers: Workers = .one
    ) throws(OperatorError) -> Tensor {
        let shape = weights.shape
        if let g, g.count != shape.c {
            throw .channelCount(parameter: "g", found: g.count, expected: shape.c)
        }
        var scalings = [Scaling]()
        for (channel, filter) in weights.filterMoments(workers).enumerated() {
            if filter.count == 0 { throw .noFiniteValue(operator: Self.name) }
            let length = (filter.meanSquare * Double(filter.count)).squareRoot()
            guard length > 0 else { throw .zeroWeights(channel: channel) }
            scalings.append(Scaling(factor: g.map { $0[channel] / length } ?? 1))
        }
        var result = consume weights
        result.scale(by: Array(repeating: scalings, count: shape.n), workers)
        return result
    }
}

extension Tensor {
    /// Of the weights of each output channel.
    func filterMoments(_ workers: Workers) -> [Moments] {
        moments(workers).merged(over: .n, channels: shape.c)[0]
    }
}
