internal import MedPrepCore

/// A case on the line.
struct Item: Sendable {
    let planned: PlannedCase
    let key: Sidecar.Key
    var outcome: Outcome
    var readings = [Sidecar.Reading]()
    var timing = [JSONValue.Member]()
    /// Threads that the stage it is in may compute on.
    var workers = Workers.one
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

    /// What it takes from the memory budget. A case that is done takes nothing, unless its batch may have changed,
    /// so that it is done again.
    var neededBytes: Int {
        switch outcome {
        case .failed: 0
        case .done: key.batch == nil ? 0 : planned.peakBytes
        case .waiting, .working, .written: planned.peakBytes
        }
    }

    /// Whether an earlier run may have written it. A smaller budget than then takes nothing away.
    var mayBeDone: Bool {
        switch outcome {
        case .waiting: true
        case .failed(let failure): failure.code == "over_budget"
        default: false
        }
    }

    /// Changes the work in place, on `workers`; a failure ends it.
    mutating func advance(_ body: (inout CaseWork, inout Item) throws(Failure) -> Void) {
        guard case .working(var work) = outcome else { return }
        outcome = .waiting
        do throws(Failure) {
            work.workers = workers
            try body(&work, &self)
            outcome = .working(work)
        } catch {
            outcome = .failed(error)
        }
    }
}
