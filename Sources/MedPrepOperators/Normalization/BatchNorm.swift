public import MedPrepCore
import MedPrepKernels

/// Normalizes each channel by the mean and variance of its batch, of all batches so far, or of the whole data set.
///
///     y = gamma·(x − mean)/sqrt(variance + epsilon) + beta
///
/// - Shape: any, unchanged. Grid: unchanged.
/// - Unit: standard deviations of the batch.
/// - NaN: left out of the statistics, stays NaN.
/// - Cost: measuring reads the tensor once, applying is one pass in place; no allocation.
/// - Same as: `torch.nn.BatchNorm3d`, `keras.layers.BatchNormalization`; Ioffe and Szegedy 2015.
public struct BatchNorm: LearningOperator {
    public static let card = Card<Self>(
        "Normalizes each channel by the mean and variance of its batch.",
        [
            Parameter(
                "mode", \.mode, "Whose statistics: the batch's, running ones, or the whole data set's."),
            Parameter("convention", \.convention, "Whose defaults and running variance.", .preset),
            Parameter(
                "momentum", \.momentum,
                "Weight of the new value (torch) or the old (keras); null: plain average.",
                .atLeast(0), .atMost(1)),
            Parameter("epsilon", \.epsilon, "Added to the variance under the root.", .above(0)),
            Parameter("gamma", \.gamma, "Factor for each channel; null: 1."),
            Parameter("beta", \.beta, "Offset for each channel; null: 0."),
            Parameter("running_mean", \.runningMean, "Running mean for each channel; null: starts at 0."),
            Parameter(
                "running_var", \.runningVar, "Running variance for each channel; null: starts at 1.",
                .atLeast(0)),
            Parameter("state", \.state, "For eval: the state.json of a train run."),
            Parameter(
                "statistics", \.statistics, "For global: a dataset-stats.json; null: a first pass of the run."
            ),
            Parameter("estimator", \.estimator, "For global: which variance of the data set."),
            Parameter("mask", \.mask, "How the case's mask is used; null: not at all."),
            Parameter("outside", \.outside, "The value outside the mask with stats_and_output."),
            Parameter(
                "allow_single_value", \.allowSingleValue, "Accept one value per channel, which becomes beta."),
        ], formula: "y = gamma·(x − mean)/sqrt(variance + epsilon) + beta",
        sameAs: "torch.nn.BatchNorm3d, keras.layers.BatchNormalization")

    public enum Mode: String, CaseIterable, ParameterValue { case train, eval, global }
    public enum Convention: String, CaseIterable, ParameterValue { case torch, keras }
    public enum Estimator: String, CaseIterable, ParameterValue { case biased, unbiased }
    public enum Mask: String, CaseIterable, ParameterValue {
        /// Statistics from voxels inside; every voxel is normalized.
        case statsOnly = "stats_only"
        /// Voxels outside become `outside`.
        case statsAndOutput = "stats_and_output"

        var request: MaskRequest { MaskRequest("mask \"\(rawValue)\"") }
    }

    public var mode = Mode.train
    public var convention = Convention.torch
    public var momentum: Double? = 0.1
    public var epsilon = 1e-5
    public var gamma: [Double]?
    public var beta: [Double]?
    public var runningMean: [Double]?
    public var runningVar: [Double]?
    public var state: String?
    public var statistics: String?
    public var estimator = Estimator.biased
    public var mask: Mask?
    public var outside: Float = 0
    public var allowSingleValue = false
    public init() {}

    public mutating func adoptPreset() {
        switch convention {
        case .torch: (momentum, epsilon) = (0.1, 1e-5)
        case .keras: (momentum, epsilon) = (0.99, 1e-3)
        }
    }

    public func check() throws(ParameterError) {
        if convention == .keras, momentum == nil {
            throw .conflict(
                ["momentum", "convention"],
                reason: "convention \"keras\" has no plain average; give a momentum")
        }
        if state != nil, mode != .eval { throw RunningStatistics.stateOutsideEval(mode: mode.rawValue) }
        if statistics != nil, mode != .global {
            throw .conflict(
                ["statistics", "mode"],
                reason: "statistics are read in mode \"global\" only; mode is \"\(mode)\"")
        }
        try RunningStatistics.checkGiven(mean: runningMean, variance: runningVar, state: state)
        if runningMean != nil, mode == .global {
            throw .conflict(
                ["running_mean", "mode"],
                reason: "mode \"global\" learns mean and variance; leave running_mean out")
        }
    }

    public var learning: Learning {
        switch mode {
        case .train: .eachBatch
        case .eval: .given
        case .global: statistics == nil ? .wholeDataset : .given
        }
    }

    public var stateFile: StateFile? {
        state.map { StateFile(parameter: "state", path: $0) }
            ?? statistics.map { StateFile(parameter: "statistics", path: $0) }
    }

    public func measure(_ tensor: Tensor, in context: inout Context) throws(OperatorError) -> BatchMeasure {
        let order: Moments.Order = mode == .train ? .fourth : .second
        guard let mask else {
            let samples = tensor.moments(order: order, context.workers)
            return BatchMeasure(shape: tensor.shape, samples: samples)
        }
        let (name, values) = try context.onlyMask(over: tensor.shape, for: mask.request)
        let samples = tensor.moments(where: .mask(values), order: order, context.workers)
        if samples.allSatisfy({ $0.allSatisfy { $0.count + $0.nonfinite == 0 } }) {
            throw .emptyMask(mask: name)
        }
        return BatchMeasure(shape: tensor.shape, samples: samples)
    }

    public func learn(
        from measures: [BatchMeasure], after earlier: RunningStatistics?
    ) throws(OperatorError) -> RunningStatistics {
        let pooled = try measures.pooled()
        guard !pooled.isEmpty, pooled.allSatisfy({ $0.count > 0 }) else {
            throw .noFiniteValue(operator: Self.name)
        }
        let mean = pooled.map(\.mean)
        if mode == .global {
            let variance = pooled.map { estimator == .biased ? $0.variance : $0.usableUnbiasedVariance }
            return RunningStatistics(
                mean: mean, variance: variance, batchesSeen: measures.count, convention: convention,
                momentum: nil)
        }
        let before = earlier ?? start(channels: pooled.count)
        try before.check(channels: pooled.count)
        let variance = pooled.map { convention == .keras ? $0.variance : $0.usableUnbiasedVariance }
        return before.updated(mean: mean, variance: variance)
    }

    private func start(channels: Int) -> RunningStatistics {
        RunningStatistics(
            startingAt: runningMean, runningVar, channels: channels, convention: convention,
            momentum: momentum)
    }

    public func apply(
        to tensor: inout Tensor, measures: [BatchMeasure], state: RunningStatistics?,
        in context: inout Context
    ) throws(OperatorError) {
        let affine = ChannelAffine(gamma: gamma, beta: beta)
        try affine.check(channels: tensor.shape.c)
        let (mean, variance) = try statistics(for: tensor, measures, state, in: &context)
        let channels = (0..<tensor.shape.c).map {
            affine.scaling(channel: $0, mean: mean[$0], root: (variance[$0] + epsilon).squareRoot())
        }
        let filled =
            mask == .statsAndOutput
            ? try context.onlyMask(over: tensor.shape, for: Mask.statsAndOutput.request).tensor : nil
        tensor.scale(by: Array(repeating: channels, count: tensor.shape.n), in: &context)
        if let filled {
            tensor.fill(outside: filled, with: outside, context.workers)
            context.valueMaps = nil
        }
    }

    /// Mean and biased variance of the batch, or what was learned.
    private func statistics(
        for tensor: Tensor, _ measures: [BatchMeasure], _ state: RunningStatistics?, in context: inout Context
    ) throws(OperatorError) -> (mean: [Double], variance: [Double]) {
        guard mode == .train else {
            guard let learned = state ?? (runningMean == nil ? nil : start(channels: tensor.shape.c)) else {
                throw .noState(
                    operator: Self.name, mode: mode.rawValue,
                    sources: mode == .global ? ["statistics"] : RunningStatistics.sources)
            }
            try learned.check(channels: tensor.shape.c)
            return (learned.mean, learned.variance)
        }
        let measures = measures.isEmpty ? [try measure(tensor, in: &context)] : measures
        let pooled = try measures.batch(
            for: tensor.shape, operator: Self.name, allowSingleValue: allowSingleValue, in: &context)
        return (pooled.map(\.mean), pooled.map(\.variance))
    }

    public func description(of measures: [BatchMeasure]) -> [JSONValue.Member] { measures.sizes }

    public func report(on measures: [BatchMeasure], batchSize: Int) -> JSONValue? {
        switch mode {
        case .train: SmallBatchReport(measures, batchSize: batchSize)?.json
        case .eval: nil
        case .global: GlobalReport(measures, batchSize: batchSize)?.json
        }
    }
}
