public import MedPrepCore
package import MedPrepKernels

/// Normalizes each channel by its batch, pulled towards the moving statistics of the batches before.
///
///     y = gamma·((x − μB)/σB·r + d) + beta,  σB = sqrt(varB + epsilon)
///     r = σB/σ within [r_min, r_max],  d = (μB − μ)/σ within ±d_max
///
/// μ and σ are the moving values from before this batch; r = 1 and d = 0 is batch norm, no limits are (x − μ)/σ.
///
/// - Shape: any, unchanged. Grid: unchanged.
/// - NaN: left out of the statistics, stays NaN.
/// - Cost: measuring reads the tensor once, applying is one pass in place; no allocation.
/// - Same as: `paper`: Ioffe 2017; `keras`: `keras.layers.BatchNormalization(renorm=True)`.
public struct BatchRenorm: LearningOperator {
    public static let card = Card<Self>(
        "Normalizes each channel by its batch, corrected towards the batches before.",
        [
            Parameter("mode", \.mode, "Train: the batch and the moving statistics; eval: those alone."),
            Parameter("convention", \.convention, "Whose moving averages and defaults.", .preset),
            Parameter(
                "alpha", \.alpha, "paper: weight of the new value in the moving averages.", .atLeast(0),
                .atMost(1)),
            Parameter(
                "momentum", \.momentum, "keras: weight of the old value in running_mean and running_var.",
                .atLeast(0), .atMost(1)),
            Parameter(
                "renorm_momentum", \.renormMomentum,
                "keras: weight of the old value in renorm_mean and renorm_std.",
                .atLeast(0), .atMost(1)),
            Parameter("epsilon", \.epsilon, "Added to the variance under the root.", .above(0)),
            Parameter("r_max", \.rMax, "Upper limit of r; null: the schedule's, or none.", .above(0)),
            Parameter("r_min", \.rMin, "Lower limit of r; null: 1/r_max (paper) or none (keras).", .above(0)),
            Parameter("d_max", \.dMax, "Limit of |d|; null: the schedule's, or none.", .atLeast(0)),
            Parameter("schedule", \.schedule, "Limits that change with the step; null: none."),
            Parameter("step", \.step, "Training steps before the first batch of this run.", .atLeast(0)),
            Parameter("state", \.state, "For eval: the state.json of a train run."),
            Parameter("gamma", \.gamma, "Factor for each channel; null: 1."),
            Parameter("beta", \.beta, "Offset for each channel; null: 0."),
        ], formula: "y = gamma·((x − μB)/σB·r + d) + beta",
        sameAs: "keras.layers.BatchNormalization(renorm=True) with convention keras")

    public enum Mode: String, CaseIterable, ParameterValue { case train, eval }
    public enum Convention: String, CaseIterable, ParameterValue { case paper, keras }

    public var mode = Mode.train
    public var convention = Convention.paper
    public var alpha = 0.01
    public var momentum = 0.99
    public var renormMomentum = 0.99
    public var epsilon = 1e-5
    public var rMax: Double?
    public var rMin: Double?
    public var dMax: Double?
    public var schedule: RenormSchedule? = .paper
    public var step = 0
    public var state: String?
    public var gamma: [Double]?
    public var beta: [Double]?
    public init() {}

    public mutating func adoptPreset() {
        switch convention {
        case .paper: (epsilon, schedule) = (1e-5, .paper)
        case .keras: (epsilon, schedule) = (1e-3, nil)
        }
    }

    public func check() throws(ParameterError) {
        if let rMin, let rMax, rMin > rMax {
            throw .conflict(["r_min", "r_max"], reason: "r_min \(rMin) is above r_max \(rMax)")
        }
        if let rMax, rMin == nil, convention == .paper, rMax < 1 {
            throw .conflict(
                ["r_max"], reason: "r_max \(rMax) is below its counterpart 1/r_max; it is at least 1")
        }
        if state != nil, mode != .eval { throw RunningStatistics.stateOutsideEval(mode: mode.rawValue) }
    }

    public var learning: Learning { mode == .train ? .eachBatch : .given }
    public var dependsOnEarlierBatches: Bool { mode == .train }
    public var stateFile: StateFile? { state.map { StateFile(parameter: "state", path: $0) } }

    public func measure(_ tensor: Tensor, in context: inout Context) throws(OperatorError) -> BatchMeasure {
        BatchMeasure(shape: tensor.shape, samples: tensor.moments(order: .fourth, context.workers))
    }

    public func learn(from measures: [BatchMeasure], after earlier: RenormState?) throws(OperatorError)
        -> RenormState
    {
        let pooled = try measures.pooled()
        guard !pooled.isEmpty, pooled.allSatisfy({ $0.count > 0 }) else {
            throw .noFiniteValue(operator: Self.name)
        }
        let before = earlier ?? RenormState(channels: pooled.count)
        try before.check(channels: pooled.count)
        let (mean, deviation) = (pooled.map(\.mean), pooled.map { ($0.variance + epsilon).squareRoot() })
        func moved(_ old: [Double], to new: [Double], by weight: Double) -> [Double] {
            zip(old, new).map { $0 + weight * ($1 - $0) }
        }
        let (renormWeight, runningWeight) =
            convention == .paper ? (alpha, alpha) : (1 - renormMomentum, 1 - momentum)
        var after = before
        after.renormMean = moved(before.renormMean, to: mean, by: renormWeight)
        after.renormDeviation = moved(before.renormDeviation, to: deviation, by: renormWeight)
        after.runningMean = moved(before.runningMean, to: mean, by: runningWeight)
        after.runningDeviation = moved(before.runningDeviation, to: deviation, by: runningWeight)
        after.batchesSeen += 1
        return after
    }

    public func apply(
        to tensor: inout Tensor, measures: [BatchMeasure], state: RenormState?, in context: inout Context
    ) throws(OperatorError) {
        let (shape, affine) = (tensor.shape, ChannelAffine(gamma: gamma, beta: beta))
        try affine.check(channels: shape.c)
        var channels = [Scaling]()
        switch mode {
        case .eval:
            guard let state else {
                throw .noState(operator: Self.name, mode: mode.rawValue, sources: ["state"])
            }
            try state.check(channels: shape.c)
            channels = (0..<shape.c).map {
                let deviation = state.evalDeviation($0, convention: convention, epsilon: epsilon)
                return affine.scaling(channel: $0, mean: state.runningMean[$0], root: deviation)
            }
        case .train:
            let state = state ?? RenormState(channels: shape.c)
            try state.check(channels: shape.c)
            let measures = measures.isEmpty ? [try measure(tensor, in: &context)] : measures
            let pooled = try measures.batch(for: shape, operator: Self.name, in: &context)
            channels = (0..<shape.c).map { channel in
                let factors = corrections(of: pooled[channel], channel: channel, state)
                let root = (pooled[channel].variance + epsilon).squareRoot()
                let gamma = gamma?[channel] ?? 1
                return Scaling(
                    center: pooled[channel].mean, factor: factors.r / root * gamma,
                    offset: factors.d * gamma + (beta?[channel] ?? 0))
            }
        }
        tensor.scale(by: Array(repeating: channels, count: shape.n), in: &context)
    }

    /// r and d for one channel of a batch that follows `state`.
    package func corrections(of batch: Moments, channel: Int, _ state: RenormState) -> (r: Double, d: Double)
    {
        let floor = convention == .paper ? 0 : epsilon.squareRoot()
        let deviation = max(state.renormDeviation[channel], floor)
        var r = (batch.variance + epsilon).squareRoot() / deviation
        var d = (batch.mean - state.renormMean[channel]) / deviation
        let now = Double(step) + Double(state.batchesSeen)
        let upper = rMax ?? schedule?.rMax(at: now)
        let lower = rMin ?? (convention == .paper ? upper.map { 1 / $0 } : nil)
        if let upper { r = min(r, upper) }
        if let lower { r = max(r, lower) }
        if let limit = dMax ?? schedule?.dMax(at: now) { d = min(max(d, -limit), limit) }
        return (r, d)
    }

    public func description(of measures: [BatchMeasure]) -> [JSONValue.Member] { measures.sizes }

    public func report(on measures: [BatchMeasure], batchSize: Int) -> JSONValue? {
        mode == .train ? SmallBatchReport(measures, batchSize: batchSize)?.json : nil
    }
}
