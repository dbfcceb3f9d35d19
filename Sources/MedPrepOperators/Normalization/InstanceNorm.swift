public import MedPrepCore
import MedPrepKernels

/// Normalizes each channel of each scan by its own mean and variance.
///
///     y = gamma·(x − mean)/sqrt(variance + epsilon) + beta, over D, H and W
///
/// - Shape: any but one voxel, unchanged. Grid: unchanged.
/// - Unit: standard deviations of the scan.
/// - NaN: left out of the statistics, stays NaN.
/// - Cost: two passes, in place, no allocation.
/// - Same as: `torch.nn.InstanceNorm3d`, `keras.layers.GroupNormalization(groups=C, epsilon=1e-3)`.
public struct InstanceNorm: LearningOperator {
    public static let card = Card<Self>(
        "Normalizes each channel of each scan by its own mean and variance.",
        [
            Parameter("mode", \.mode, "Train: the scan's own statistics; eval: running ones."),
            Parameter("epsilon", \.epsilon, "Added to the variance under the root.", .above(0)),
            Parameter("gamma", \.gamma, "Factor for each channel; null: 1."),
            Parameter("beta", \.beta, "Offset for each channel; null: 0."),
            Parameter("running", \.running, "Keep running statistics, for eval."),
            Parameter(
                "momentum", \.momentum, "Weight of the new value; null: plain average.", .atLeast(0),
                .atMost(1)),
            Parameter("running_mean", \.runningMean, "Running mean for each channel; null: starts at 0."),
            Parameter(
                "running_var", \.runningVar, "Running variance for each channel; null: starts at 1.",
                .atLeast(0)),
            Parameter("state", \.state, "For eval: the state.json of a train run."),
        ], formula: "y = gamma·(x − mean)/sqrt(variance + epsilon) + beta, over D, H, W",
        sameAs: "torch.nn.InstanceNorm3d")

    public enum Mode: String, CaseIterable, ParameterValue { case train, eval }

    public var mode = Mode.train
    public var epsilon = 1e-5
    public var gamma: [Double]?
    public var beta: [Double]?
    public var running = false
    public var momentum: Double? = 0.1
    public var runningMean: [Double]?
    public var runningVar: [Double]?
    public var state: String?
    public init() {}

    public func check() throws(ParameterError) {
        if mode == .eval, !running {
            throw .conflict(
                ["mode", "running"], reason: "mode \"eval\" reads running statistics; set running true")
        }
        if state != nil, mode != .eval { throw RunningStatistics.stateOutsideEval(mode: mode.rawValue) }
        if runningMean != nil, !running {
            throw .conflict(["running_mean", "running"], reason: "running_mean needs running true")
        }
        try RunningStatistics.checkGiven(mean: runningMean, variance: runningVar, state: state)
    }

    public var learning: Learning { mode == .train && running ? .eachBatch : .given }
    public var stateFile: StateFile? { state.map { StateFile(parameter: "state", path: $0) } }

    public func measure(_ tensor: Tensor, in context: inout Context) throws(OperatorError) -> BatchMeasure {
        BatchMeasure(shape: tensor.shape, samples: tensor.moments(context.workers))
    }

    /// The mean over the scans of their means and of their unbiased variances goes into the running state.
    public func learn(
        from measures: [BatchMeasure], after earlier: RunningStatistics?
    ) throws(OperatorError) -> RunningStatistics {
        let samples = measures.flatMap(\.samples)
        guard let first = samples.first, samples.allSatisfy({ $0.allSatisfy { $0.count > 0 } }) else {
            throw .noFiniteValue(operator: Self.name)
        }
        let before = earlier ?? start(channels: first.count)
        try before.check(channels: first.count)
        for sample in samples where sample.count != first.count {
            throw .channelCount(parameter: "a batch", found: sample.count, expected: first.count)
        }
        func average(_ value: (Moments) -> Double) -> [Double] {
            first.indices.map { channel in
                samples.reduce(0) { $0 + value($1[channel]) } / Double(samples.count)
            }
        }
        return before.updated(
            mean: average { $0.mean }, variance: average { $0.usableUnbiasedVariance })
    }

    private func start(channels: Int) -> RunningStatistics {
        RunningStatistics(
            startingAt: runningMean, runningVar, channels: channels, convention: .torch, momentum: momentum)
    }

    public func apply(
        to tensor: inout Tensor, measures: [BatchMeasure], state: RunningStatistics?,
        in context: inout Context
    ) throws(OperatorError) {
        let (shape, affine) = (tensor.shape, ChannelAffine(gamma: gamma, beta: beta))
        try affine.check(channels: shape.c)
        if mode == .eval {
            guard let learned = state ?? (runningMean == nil ? nil : start(channels: shape.c)) else {
                throw .noState(
                    operator: Self.name, mode: mode.rawValue, sources: RunningStatistics.sources)
            }
            try learned.check(channels: shape.c)
            let channels = (0..<shape.c).map {
                let root = (learned.variance[$0] + epsilon).squareRoot()
                return affine.scaling(channel: $0, mean: learned.mean[$0], root: root)
            }
            tensor.scale(by: Array(repeating: channels, count: shape.n), in: &context)
            return
        }
        if shape.voxelCount == 1 { throw .oneValuePerChannel(count: 1, accept: nil) }
        // Alone in its batch it has been measured already.
        let own = measures.count == 1 && measures[0].shape == shape ? measures[0].samples : nil
        let samples = own ?? tensor.moments(context.workers)
        for (sample, channels) in samples.enumerated() {
            if channels.contains(where: { $0.count == 0 }) { throw .noFiniteValue(operator: Self.name) }
            context.noteConstants(among: channels, sample: shape.n == 1 ? nil : sample)
        }
        let scalings = samples.map { channels in
            channels.indices.map {
                let root = (channels[$0].variance + epsilon).squareRoot()
                return affine.scaling(channel: $0, mean: channels[$0].mean, root: root)
            }
        }
        tensor.scale(by: scalings, in: &context)
    }
}
