public import MedPrepCore
import MedPrepKernels

/// Clips to two percentiles of the data set's foreground and standardizes by its mean and standard deviation.
///
///     y = (min(max(x, percentile_00_5), percentile_99_5) − mean)/max(std, 1e-8)
///
/// The four numbers are given, come from a `statistics` file, or are learned: from all voxels, of every case, where
/// the case's label map is above 0 (without a label map: its only mask). Mean and population std are exact. The
/// percentiles are exact while no case has more than 65,536 distinct foreground values and all cases together no
/// more than 1,048,576, as 8- and 16-bit scans have; else they are within 2⁻¹¹ of their magnitude (0.05 %).
///
/// - Shape: any, unchanged; one set of numbers for each channel. Grid: unchanged.
/// - Unit: standard deviations of the data set's foreground.
/// - NaN: stays NaN; NaN and infinity are left out of the statistics, infinity is clipped.
/// - Cost: measuring takes up to four passes, applying two in place.
/// - Same as: nnU-Net `CTNormalization`.
public struct CTNormalize: LearningOperator {
    public static let card = Card<Self>(
        "Clips and standardizes by statistics of the data set's foreground.",
        [
            Parameter("mean", \.mean, "Mean, a number or one for each channel; null: learned."),
            Parameter("std", \.std, "Standard deviation, likewise; null: learned.", .atLeast(0)),
            Parameter(
                "percentile_00_5", \.percentile005, "Smallest value kept, likewise; null: learned."),
            Parameter(
                "percentile_99_5", \.percentile995, "Largest value kept, likewise; null: learned."),
            Parameter(
                "statistics", \.statistics,
                "A dataset-stats.json that holds them; null: a first pass of the run."),
        ],
        formula: "y = (clip(x, percentile_00_5, percentile_99_5) - mean) / max(std, 1e-8)",
        sameAs: "nnunetv2 CTNormalization")

    public var mean: PerChannel?
    public var std: PerChannel?
    public var percentile005: PerChannel?
    public var percentile995: PerChannel?
    public var statistics: String?
    public init() {}

    public func check() throws(ParameterError) {
        let numbers = [
            ("mean", mean), ("std", std), ("percentile_00_5", percentile005),
            ("percentile_99_5", percentile995),
        ]
        let written = numbers.filter { $0.1 != nil }.map { $0.0 }
        let missing = numbers.filter { $0.1 == nil }.map { $0.0 }
        if statistics != nil, let first = written.first {
            throw .conflict(
                ["statistics", first], reason: "statistics and \(first) say the same thing; keep one")
        }
        if !written.isEmpty, !missing.isEmpty {
            throw .conflict(
                written,
                reason: "\(written.joined(separator: ", ")) without \(missing.joined(separator: ", ")); "
                    + "give all four numbers, or none to learn them")
        }
        guard let lower = percentile005?.numbers, let upper = percentile995?.numbers else { return }
        let count = max(lower.count, upper.count)
        for index in 0..<count {
            // A number stands for every channel.
            let (a, b) = (lower[min(index, lower.count - 1)], upper[min(index, upper.count - 1)])
            if a > b {
                throw .conflict(
                    ["percentile_00_5", "percentile_99_5"],
                    reason: "percentile_00_5 \(a) is above percentile_99_5 \(b)")
            }
        }
    }

    public var learning: Learning { mean == nil && statistics == nil ? .wholeDataset : .given }
    public var stateFile: StateFile? { statistics.map { StateFile(parameter: "statistics", path: $0) } }

    public func measure(_ tensor: Tensor, in context: inout Context) throws(OperatorError)
        -> ForegroundMeasure
    {
        let (name, choice) = try foreground(in: context)
        let selection = try choice.selection(for: tensor, in: context)
        let channels = (0..<tensor.shape.c).map { channel in
            (0..<tensor.shape.n).reduce(into: ForegroundValues()) { all, sample in
                let values = ChannelValues(
                    tensor, sample: sample, channel: channel, where: selection, context.workers)
                all.merge(ForegroundValues(values))
            }
        }
        return ForegroundMeasure(foreground: name, channels: channels)
    }

    /// The case's only label map or, without one, its only mask.
    private func foreground(in context: Context) throws(OperatorError) -> (String, MaskChoice) {
        let labels = context.masks.filter { $0.role == .label }
        let candidates = labels.isEmpty ? context.masks.filter { $0.role == .mask } : labels
        guard candidates.count == 1 else {
            throw .noForeground(operator: name, available: candidates.map(\.name))
        }
        return (
            "\(labels.isEmpty ? "mask" : "label") \(candidates[0].name)", .file(named: candidates[0].name)
        )
    }

    public func learn(
        from measures: [ForegroundMeasure], after earlier: ForegroundStatistics?
    ) throws(OperatorError) -> ForegroundStatistics {
        let pooled = try measures.pooled()
        if pooled.isEmpty || pooled.contains(where: { $0.moments.count == 0 }) {
            throw .noFiniteValue(operator: name)
        }
        return ForegroundStatistics(
            mean: pooled.map(\.moments.mean), std: pooled.map(\.moments.standardDeviation),
            percentile005: pooled.map { $0.counts.percentile(0.5) },
            percentile995: pooled.map { $0.counts.percentile(99.5) })
    }

    public func apply(
        to tensor: inout Tensor, measures: [ForegroundMeasure], state: ForegroundStatistics?,
        in context: inout Context
    ) throws(OperatorError) {
        let channels = tensor.shape.c
        let numbers: ForegroundStatistics
        if let mean, let std, let percentile005, let percentile995 {
            numbers = ForegroundStatistics(
                mean: try mean.values(for: channels, parameter: "mean"),
                std: try std.values(for: channels, parameter: "std"),
                percentile005: try percentile005.values(for: channels, parameter: "percentile_00_5"),
                percentile995: try percentile995.values(for: channels, parameter: "percentile_99_5"))
        } else if let state {
            numbers = state
        } else {
            throw .notLearned(operator: name, parameter: "mean, std, percentile_00_5 and percentile_99_5")
        }
        guard numbers.mean.count == channels else {
            throw .channelCount(parameter: "statistics", found: numbers.mean.count, expected: channels)
        }
        let bounds = (0..<channels).map {
            Bounds(Float(numbers.percentile005[$0]), Float(numbers.percentile995[$0]))
        }
        let scalings = (0..<channels).map {
            Scaling(center: numbers.mean[$0], factor: 1 / max(numbers.std[$0], 1e-8))
        }
        let samples = tensor.shape.n
        tensor.clamp(to: Array(repeating: bounds, count: samples), in: &context)
        tensor.scale(by: Array(repeating: scalings, count: samples), in: &context)
    }

    public func report(on measures: [ForegroundMeasure], batchSize: Int) -> JSONValue? {
        guard learning == .wholeDataset, let pooled = try? measures.pooled(),
            let state = try? learn(from: measures, after: nil)
        else { return nil }
        let sources = Set(measures.map(\.foreground)).sorted()
        return .object(
            [
                .init("foreground", .array(sources.map { .string($0) })),
                .init("count", .integers(pooled.map(\.moments.count))),
                .init("percentiles_exact", .bool(pooled.allSatisfy(\.isExact))),
            ] + (state.json.members ?? []))
    }
}
