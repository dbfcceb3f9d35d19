public import MedPrepCore
import MedPrepKernels

/// Reports how much mean and variance vary from scan to scan, and what that means for small batches.
///
/// - Shape: any, unchanged. Grid: unchanged.
/// - NaN: left out.
/// - Cost: reads the tensor once.
/// - Same as: the numbers of SEMANTICS 2.2.
public struct BatchStatReport: ReportOperator {
    public static let card = Card<Self>(
        "Reports how much mean and variance vary from scan to scan.",
        [
            Parameter(
                "batch_sizes", \.batchSizes, "Batch sizes to expect the variance of the mean for.",
                .atLeast(1))
        ], formula: "variance (ddof 1) of the mean and of the variance of each scan, across scans",
        sameAs: "numpy.var")

    public var batchSizes = SmallBatchReport.batchSizes
    public init() {}

    public func look(at tensor: Tensor, in context: inout Context) throws(OperatorError) -> JSONValue {
        BatchMeasure(shape: tensor.shape, samples: tensor.moments(order: .fourth, context.workers)).json
    }

    public func report(on looks: [JSONValue], batchSize: Int) throws(OperatorError) -> JSONValue? {
        var measures = [BatchMeasure]()
        for look in looks { measures.append(try BatchMeasure(json: look)) }
        return SmallBatchReport(measures, batchSize: batchSize, batchSizes: batchSizes)?.json
    }
}
