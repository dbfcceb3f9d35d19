public import MedPrepCore

/// A step that learns from more than one volume: it measures a tensor, learns from the measures in name order, and
/// applies what was learned. It stores nothing; the run gathers and keeps.
public protocol LearningOperator: Operator {
    /// What one tensor tells; it goes to the sidecar, so that a resumed run need not read the scan again.
    associatedtype Measure: Learned
    /// What is kept: running statistics, landmarks.
    associatedtype State: Learned

    var learning: Learning { get }
    /// The file that holds the state, when the step names one.
    var stateFile: StateFile? { get }

    /// True where what `apply` makes of a batch depends on the batches before it.
    var dependsOnEarlierBatches: Bool { get }

    func measure(_ tensor: Tensor, in context: inout Context) throws(OperatorError) -> Measure

    /// The state after one more batch (`eachBatch`) or after all cases (`wholeDataset`); `earlier` is nil at first.
    func learn(from measures: [Measure], after earlier: State?) throws(OperatorError) -> State

    /// - Parameters:
    ///   - measures: of the batch, this tensor's included; empty unless learning is `eachBatch`.
    ///   - state: before this batch (`eachBatch`), of all cases (`wholeDataset`), from the file (`given`).
    func apply(
        to tensor: inout Tensor, measures: [Measure], state: State?, in context: inout Context
    ) throws(OperatorError)

    /// What the sidecar of each case says of its batch.
    func description(of measures: [Measure]) -> [JSONValue.Member]

    /// What report.json says of all cases, in name order; nil: nothing.
    func report(on measures: [Measure], batchSize: Int) -> JSONValue?
}

extension LearningOperator {
    public var stateFile: StateFile? { nil }
    public var dependsOnEarlierBatches: Bool { false }
    public func description(of measures: [Measure]) -> [JSONValue.Member] { [] }
    public func report(on measures: [Measure], batchSize: Int) -> JSONValue? { nil }
}

/// When a step learns.
public enum Learning: Sendable {
    /// From the volumes of each batch; the state follows the batches in order.
    case eachBatch
    /// From every case in a first pass over the data set.
    case wholeDataset
    /// Before the run: from its parameters or its state file.
    case given
}

/// A file that a step names; its path is relative to the pipeline file.
public struct StateFile: Hashable, Sendable {
    /// The parameter that names it.
    public let parameter: String
    public let path: String
    public init(parameter: String, path: String) { (self.parameter, self.path) = (parameter, path) }
}

/// A value that travels through sidecars and state files.
public protocol Learned: Sendable {
    init(json: JSONValue) throws(OperatorError)
    var json: JSONValue { get }
}

/// The same calls with JSON in place of types, for the run, which does not know them.
extension LearningOperator {
    public func measureJSON(_ tensor: Tensor, in context: inout Context) throws(OperatorError) -> JSONValue {
        try measure(tensor, in: &context).json
    }

    public func learnJSON(
        from measures: [JSONValue], after earlier: JSONValue?
    ) throws(OperatorError) -> JSONValue {
        try learn(from: decoded(measures), after: decoded(earlier)).json
    }

    public func applyJSON(
        to tensor: inout Tensor, measures: [JSONValue], state: JSONValue?, in context: inout Context
    ) throws(OperatorError) {
        try apply(to: &tensor, measures: decoded(measures), state: decoded(state), in: &context)
    }

    public func descriptionJSON(of measures: [JSONValue]) throws(OperatorError) -> [JSONValue.Member] {
        description(of: try decoded(measures))
    }

    public func reportJSON(on measures: [JSONValue], batchSize: Int) throws(OperatorError) -> JSONValue? {
        report(on: try decoded(measures), batchSize: batchSize)
    }

    /// Refuses a state from a file that this step cannot use.
    public func checkState(_ state: JSONValue) throws(OperatorError) { _ = try State(json: state) }

    /// Refuses what a sidecar says this step measured, where it cannot have come from `measureJSON`.
    public func checkMeasure(_ measure: JSONValue) throws(OperatorError) { _ = try Measure(json: measure) }

    private func decoded(_ measures: [JSONValue]) throws(OperatorError) -> [Measure] {
        var result = [Measure]()
        for measure in measures { result.append(try Measure(json: measure)) }
        return result
    }

    private func decoded(_ state: JSONValue?) throws(OperatorError) -> State? {
        guard let state else { return nil }
        return try State(json: state)
    }
}
