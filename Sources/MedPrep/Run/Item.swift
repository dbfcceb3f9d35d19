internal import MedPrepCore

/// A case on the line.
struct Item: Sendable {
    let planned: PlannedCase
    let key: Sidecar.Key
    var outcome: Outcome
    var readings = [Sidecar.Reading]()
    var timing = [JSONValue.Member]()
    /// What the learning step ahead saw of this case.
    var measure: JSONValue?
    /// What its batches taught, by step index.
    var batches = [Int: LearnedBatch]()

    enum Outcome: Sendable {
        /// Nothing is read yet.
        case waiting
        case working(CaseWork)
        case failed(Failure)
        /// Written by an earlier run, with its sidecar.
        case done(JSONValue)
        /// Written by this run, with its sidecar.
        case written(JSONValue)
    }

    /// What it takes from the memory budget. A case that is done takes nothing, unless its batch lacked a case then,
    /// so that it may be done again.
    var neededBytes: Int {
        switch outcome {
        case .failed: 0
        case .done(let sidecar):
            Sidecar.lackedCases(sidecar) ? planned.peakBytes : 0
        case .waiting, .working, .written: planned.peakBytes
        }
    }

    var failure: Failure? { if case .failed(let failure) = outcome { failure } else { nil } }

    /// Changes the work in place; a failure ends it.
    mutating func advance(_ body: (inout CaseWork, inout Item) throws(Failure) -> Void) {
        guard case .working(var work) = outcome else { return }
        outcome = .waiting
        do throws(Failure) {
            try body(&work, &self)
            outcome = .working(work)
        } catch {
            outcome = .failed(error)
        }
    }
}
