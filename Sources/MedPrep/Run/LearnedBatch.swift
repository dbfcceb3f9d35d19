internal import MedPrepCore

/// What the cases of one batch taught a step, as each of them gets it.
struct LearnedBatch: Sendable {
    /// Of the cases that came this far, in name order.
    var measures: [JSONValue]
    /// This case's own place among them.
    var position: Int
    /// What was known before this batch.
    var state: JSONValue?
    /// Which batch of the run it is, from 0.
    var index: Int
    /// The names of all its cases, in order.
    var cases: [String]
    /// The names of those that failed.
    var missing: [String]

    var isIncomplete: Bool { !missing.isEmpty }

    var json: JSONValue {
        [
            "index": .integer(index),
            "cases": .array(cases.map { .string($0) }),
            "missing": .array(missing.map { .string($0) }),
        ]
    }
}
