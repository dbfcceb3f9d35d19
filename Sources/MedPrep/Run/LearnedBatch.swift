internal import MedPrepCore

/// What the cases of one batch taught a step, as each of them gets it.
struct LearnedBatch: Sendable {
    /// Of the cases that came this far, in name order.
    let measures: [JSONValue]
    /// This case's own place among them.
    let position: Int
    /// What was known before this batch.
    let state: JSONValue?
    /// The names of all its cases, in order.
    let cases: [String]
    /// The names of those that failed.
    let missing: [String]
    /// Of everything that what the step makes of this batch depends on.
    let hash: String
    /// N, m' and what else the step says of it.
    let description: [JSONValue.Member]

    var isIncomplete: Bool { !missing.isEmpty }

    var json: JSONValue {
        .object(
            [
                .init("cases", .array(cases.map { .string($0) })),
                .init("missing", .array(missing.map { .string($0) })),
            ] + description + [.init("hash", .string(hash))])
    }
}
