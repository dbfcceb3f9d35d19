import MedPrepCore
import MedPrepKernels

/// The exact statistics of the whole data set beside the mean of the batch variances. They differ by the variance
/// of the batch means, which is what a running variance leaves out.
struct GlobalReport {
    private let pooled: [Moments]
    private let batches: [[Moments]]

    /// nil without a measure, or where channels do not fit together.
    init?(_ measures: [BatchMeasure], batchSize: Int) {
        guard !measures.isEmpty, let pooled = try? measures.pooled() else { return nil }
        self.pooled = pooled
        batches = stride(from: 0, to: measures.count, by: max(batchSize, 1)).compactMap { first in
            try? measures[first..<min(first + max(batchSize, 1), measures.count)].pooled()
        }
    }

    var json: JSONValue {
        let meanOfVariances = pooled.indices.map { channel in
            batches.reduce(0) { $0 + $1[channel].variance } / Double(batches.count)
        }
        return [
            "count": .integers(pooled.map(\.count)),
            "mean": .numbers(pooled.map(\.reportedMean)),
            "var": .numbers(pooled.map(\.variance)),
            "var_unbiased": .numbers(pooled.map(\.unbiasedVariance)),
            "batches": .integer(batches.count),
            "mean_of_batch_vars": .numbers(meanOfVariances),
        ]
    }
}
