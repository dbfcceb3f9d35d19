public import MedPrepCore
internal import MedPrepKernels

/// Reports the statistics of each channel and changes nothing.
///
///     count, nonzero, nonfinite, min, max, mean, std, var, … (SEMANTICS 9) over the voxels of the mask
///
/// - Shape: any, unchanged; a channel is taken over all samples. Grid: unchanged.
/// - NaN: counted as nonfinite, with infinity, and left out of all else.
/// - Cost: three passes that only read.
/// - Same as: `numpy.percentile`, `scipy.stats.skew`, `scipy.stats.kurtosis`.
public struct Stats: ReportOperator {
    public static let card = Card<Self>(
        "Reports the statistics of each channel and changes nothing.",
        [
            Parameter(
                "percentiles", \.percentiles, "Ranks of the percentiles.", .atLeast(0), .atMost(100)),
            Parameter("fields", \.fields, "What is reported of each channel."),
            Parameter("mask", \.mask, "Voxels that statistics are taken from."),
        ],
        formula: "percentiles by linear interpolation (type 7), population variance",
        sameAs: "numpy percentile, scipy.stats skew and kurtosis")

    public var percentiles = Summary.standardPercentiles
    public var fields = SummaryField.allCases
    public var mask = MaskChoice.none
    public init() {}

    public func check() throws(ParameterError) {
        if Set(percentiles).count < percentiles.count {
            throw .conflict(
                ["percentiles"], reason: "percentiles names a rank twice: \(percentiles.json.line)")
        }
        if Set(fields).count < fields.count {
            throw .conflict(["fields"], reason: "fields names a field twice: \(fields.json.line)")
        }
    }

    public func look(at tensor: Tensor, in context: inout Context) throws(OperatorError) -> JSONValue {
        let selection = try mask.selection(for: tensor, in: context)
        // The median is a field of its own, whether its rank is asked for or not.
        let ranks = percentiles.contains(50) ? percentiles : percentiles + [50]
        var channels = [JSONValue]()
        for (channel, summary) in tensor.summaries(percentiles: ranks, where: selection, context.workers)
            .enumerated()
        {
            if summary.count == 0 { throw mask.emptyError(operator: name) }
            if summary.isConstant { context.note(.constantChannel, "channel \(channel) holds one value") }
            channels.append(summary.json(fields, percentiles: percentiles))
        }
        return ["channels": .array(channels)]
    }
}
