import MedPrepCore
import MedPrepKernels

/// How much batch statistics vary from scan to scan, beside what independent voxels would promise (SEMANTICS 2.2).
///
///     iid: Var[mean] = σ²/m,  Var[varU] = (μ4 − σ⁴(m − 3)/(m − 1))/m;  inflation = var_of_mean/(σ²/m)
///
/// σ² is the unbiased variance and μ4 the central moment of all samples together; m is the smallest number of
/// values that a sample gives for one channel: D·H·W without mask and NaN.
struct SmallBatchReport {
    static let batchSizes = [1, 2, 4, 8, 16, 32]

    private let samples: [[Moments]]
    private let pooled: [Moments]
    /// Scans in one batch.
    private let batchSize: Int
    private let batchSizes: [Int]

    /// nil without a sample, or where channels do not fit together.
    init?(_ measures: [BatchMeasure], batchSize: Int, batchSizes: [Int] = Self.batchSizes) {
        guard let first = measures.first, let pooled = try? measures.pooled() else { return nil }
        samples = measures.flatMap(\.samples)
        self.pooled = pooled
        // A batch beyond a million scans says nothing new, and its product could overflow.
        self.batchSize = min(batchSize, 1 << 20) * first.samples.count
        self.batchSizes = batchSizes
    }

    private var perSample: Int { samples.lazy.joined().map(\.count).min() ?? 0 }

    var json: JSONValue {
        let (m, channels) = (Double(perSample), pooled.indices)
        let varOfMean = channels.map { channel in spread(samples.map { $0[channel].mean }) }
        let varOfVar = channels.map { channel in spread(samples.map { $0[channel].variance }) }
        let iidOfMean = pooled.map { $0.unbiasedVariance / m }
        let severity = BatchSeverity(batchSize: batchSize)
        return [
            "samples": .integer(samples.count),
            "sample_mean": .array(samples.map { .numbers($0.map(\.reportedMean)) }),
            "sample_var": .array(samples.map { .numbers($0.map(\.variance)) }),
            "var_of_mean": .numbers(varOfMean),
            "var_of_var": .numbers(varOfVar),
            "m_effective_per_sample": .integer(perSample),
            "m_effective_batch": .number(m * Double(batchSize)),
            "iid_se_of_mean": .numbers(iidOfMean.map { $0.squareRoot() }),
            "iid_var_of_mean": .numbers(iidOfMean),
            "iid_var_of_var": .numbers(pooled.map { iidVarianceOfVariance($0, m) }),
            "inflation": .numbers(zip(varOfMean, iidOfMean).map { $0 / $1 }),
            "expected_var_of_batch_mean": .array(
                batchSizes.map { size in
                    ["batch_size": .integer(size), "value": .numbers(varOfMean.map { $0 / Double(size) })]
                }),
            "batch_size": .integer(batchSize),
            "severity": .string(severity.rawValue),
            "text": .string(severity.text(batchSize: batchSize)),
        ]
    }

    private func iidVarianceOfVariance(_ pooled: Moments, _ m: Double) -> Double {
        guard let higher = pooled.higher, m > 1 else { return .nan }
        let variance = pooled.unbiasedVariance
        return (higher.m4 / Double(pooled.count) - variance * variance * (m - 3) / (m - 1)) / m
    }

    /// The variance (ddof 1) of one number across samples; NaN, which is written as null, below two.
    private func spread(_ values: [Double]) -> Double {
        guard values.count > 1 else { return .nan }
        let mean = values.reduce(0, +) / Double(values.count)
        return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    }
}

extension Moments {
    /// NaN, which is written as null, for an empty set.
    var reportedMean: Double { count > 0 ? mean : .nan }
}
