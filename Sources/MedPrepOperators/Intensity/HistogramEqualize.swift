public import MedPrepCore
import MedPrepKernels

/// Spreads the values so that equally many voxels of the mask fall on equal parts of [`out_min`, `out_max`].
///
///     c = cumulative counts of equal bins over [min, max];  c ← (c − c₀)/(c_last − c₀)·(out_max − out_min) + out_min
///     y = piecewise linear through (centre of bin k, c_k), clamped at the ends
///
/// - Shape: any, unchanged; every channel of every sample has its own histogram. Grid: unchanged.
/// - Unit: that of `out_min`, `out_max`.
/// - NaN: stays NaN; NaN and infinity are left out of the histogram, infinity becomes an end.
/// - Cost: three passes that read, one in place.
/// - Same as: MONAI `HistogramNormalize`, except for a constant, which becomes `out_min`.
public struct HistogramEqualize: IntensityOperator {
    public static let card = Card<Self>(
        "Spreads the values so that their histogram is even.",
        [
            Parameter("bins", \.bins, "Bins of the histogram.", .atLeast(2), .atMost(65_536)),
            Parameter("out_min", \.outMin, "What the values of the first bin become."),
            Parameter("out_max", \.outMax, "What the values of the last bin become."),
            Parameter("mask", \.mask, "Voxels that are counted; all voxels are mapped."),
        ],
        formula: "y = (cdf(x) - cdf_0) / (cdf_last - cdf_0) * (out_max - out_min) + out_min",
        sameAs: "monai HistogramNormalize")

    public var bins = 256
    public var outMin = 0.0
    public var outMax = 255.0
    public var mask = MaskChoice.none
    public init() {}

    public func check() throws(ParameterError) {
        if outMin > outMax {
            throw .conflict(["out_min", "out_max"], reason: "out_min \(outMin) is above out_max \(outMax)")
        }
    }

    public func apply(to tensor: inout Tensor, in context: inout Context) throws(OperatorError) {
        let lines = try lines(of: tensor, in: &context)
        tensor.map(by: lines, context.workers)
    }

    private func lines(of tensor: Tensor, in context: inout Context) throws(OperatorError) -> [[Polyline]] {
        var constants = [(Distribution, Int)]()
        let lines = try tensor.statistics(mask: mask, operator: name, in: context) {
            (values, order, channel) throws(OperatorError) in
            if order.min == order.max {
                constants.append((order, channel))
                return Polyline(constant: outMin)
            }
            return line(values.histogram(bins: bins, lower: order.min, upper: order.max), order)
        }
        for (order, channel) in constants {
            context.noteConstant(order, channel: channel, becomes: "becomes out_min")
        }
        return lines
    }

    private func line(_ counts: [Int], _ order: Distribution) -> Polyline {
        let width = (order.max - order.min) / Double(bins)
        var sum = 0
        let sums = counts.map { count in
            sum += count
            return sum
        }
        // The last bin holds the largest value, so there is something behind the first.
        let range = Double(sum - sums[0])
        return Polyline(
            knots: counts.indices.map { order.min + (Double($0) + 0.5) * width },
            values: sums.map { Double($0 - sums[0]) / range * (outMax - outMin) + outMin },
            narrowest: 0, isClamped: true)
    }
}
