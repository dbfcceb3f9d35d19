internal import MedPrepCore
internal import MedPrepIO
internal import MedPrepOperators

/// Why one case was not written: it is recorded, and the others go on.
public struct Failure: Error, Hashable, Sendable {
    /// "find", "read", "steps[2] clip", "write".
    public let stage: String
    /// The stable name that scripts may rely on.
    public let code: String
    /// One sentence: what was found, what was expected, what to do.
    public let message: String

    public init(stage: String, code: String, message: String) {
        (self.stage, self.code, self.message) = (stage, code, message)
    }

    init(stage: String, _ error: OperatorError) {
        self.init(stage: stage, code: error.code, message: error.description)
    }

    var json: JSONValue {
        ["stage": .string(stage), "code": .string(code), "message": .string(message)]
    }
}

extension Failure: CustomStringConvertible {
    public var description: String { "\(stage): \(message)" }
}
