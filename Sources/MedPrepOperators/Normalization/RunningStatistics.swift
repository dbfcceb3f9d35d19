public import MedPrepCore

/// The running mean and variance of batch_norm and instance_norm, one for each channel, and how they came about.
public struct RunningStatistics: Learned, Hashable {
    public var mean: [Double]
    public var variance: [Double]
    /// Batches that went in; 0 for given or initial values.
    public var batchesSeen: Int
    public var convention: BatchNorm.Convention
    /// nil: a cumulative average.
    public var momentum: Double?

    public init(
        mean: [Double], variance: [Double], batchesSeen: Int = 0, convention: BatchNorm.Convention = .torch,
        momentum: Double?
    ) {
        (self.mean, self.variance, self.batchesSeen) = (mean, variance, batchesSeen)
        (self.convention, self.momentum) = (convention, momentum)
    }

    /// Before the first batch: as given, else means 0 and variances 1.
    init(
        startingAt mean: [Double]?, _ variance: [Double]?, channels: Int, convention: BatchNorm.Convention,
        momentum: Double?
    ) {
        self.init(
            mean: mean ?? Array(repeating: 0, count: channels),
            variance: variance ?? Array(repeating: 1, count: channels), convention: convention,
            momentum: momentum)
    }

    /// After one more batch:
    ///
    ///     r ← (1 − f)·r + f·s,  f = momentum (torch), 1 − momentum (keras), 1/t without momentum
    ///
    /// with t the batches seen, this one included, so that the start value vanishes at t = 1.
    func updated(mean: [Double], variance: [Double]) -> RunningStatistics {
        var result = self
        result.batchesSeen += 1
        let new: Double
        let old: Double
        switch (momentum, convention) {
        case (nil, _): (new, old) = (1 / Double(result.batchesSeen), 1 - 1 / Double(result.batchesSeen))
        case (let momentum?, .torch): (new, old) = (momentum, 1 - momentum)
        case (let momentum?, .keras): (new, old) = (1 - momentum, momentum)
        }
        result.mean = zip(self.mean, mean).map { old * $0 + new * $1 }
        result.variance = zip(self.variance, variance).map { old * $0 + new * $1 }
        return result
    }

    public var json: JSONValue {
        [
            "running_mean": .numbers(mean), "running_var": .numbers(variance),
            "batches_seen": .integer(batchesSeen),
            "convention": .string(convention.rawValue), "momentum": momentum.json,
        ]
    }

    public init(json: JSONValue) throws(OperatorError) {
        func fault(_ reason: String) -> OperatorError {
            .invalidState(operator: "running statistics", reason: reason)
        }
        guard let mean = [Double](json: json["running_mean"] ?? .null),
            let variance = [Double](json: json["running_var"] ?? .null)
        else { throw fault("expected running_mean and running_var, lists of numbers") }
        guard mean.count == variance.count, !mean.isEmpty else {
            throw fault("running_mean has \(mean.count) values, running_var \(variance.count)")
        }
        guard variance.allSatisfy({ $0 >= 0 }) else { throw fault("a variance in running_var is below 0") }
        guard let convention = BatchNorm.Convention(json: json["convention"] ?? "torch") else {
            throw fault("convention is \((json["convention"] ?? .null).line)")
        }
        guard let batches = (json["batches_seen"] ?? 0).int, (0...1 << 40).contains(batches) else {
            throw fault("batches_seen is \((json["batches_seen"] ?? .null).line)")
        }
        guard let momentum = Double?(json: json["momentum"] ?? .null) else {
            throw fault("momentum is \((json["momentum"] ?? .null).line)")
        }
        self.init(
            mean: mean, variance: variance, batchesSeen: batches, convention: convention, momentum: momentum)
    }
}

extension RunningStatistics {
    /// The parameters that give running statistics, each of which would do.
    static let sources = ["state", "running_mean and running_var"]

    /// Faults among the parameters that give running statistics.
    static func checkGiven(mean: [Double]?, variance: [Double]?, state: String?) throws(ParameterError) {
        guard (mean == nil) == (variance == nil) else {
            throw .conflict(
                [mean == nil ? "running_var" : "running_mean"],
                reason: "give both running_mean and running_var")
        }
        if let mean, let variance, mean.count != variance.count {
            throw .conflict(
                ["running_var", "running_mean"],
                reason:
                    "running_mean has \(mean.count) values and running_var \(variance.count); both are per channel"
            )
        }
        if mean != nil, state != nil {
            throw .conflict(
                ["state", "running_mean"], reason: "state and running_mean say the same thing; keep one")
        }
    }

    /// `state` beside a mode that does not read it.
    static func stateOutsideEval(mode: String) -> ParameterError {
        .conflict(["state", "mode"], reason: "state is read in mode \"eval\" only; mode is \"\(mode)\"")
    }

    /// One value for each channel of the tensor.
    func check(channels: Int) throws(OperatorError) {
        guard mean.count == channels else {
            throw .channelCount(parameter: "running_mean", found: mean.count, expected: channels)
        }
        guard variance.count == channels else {
            throw .channelCount(parameter: "running_var", found: variance.count, expected: channels)
        }
    }
}
