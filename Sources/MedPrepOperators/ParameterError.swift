public import MedPrepCore

/// A fault in one step of a pipeline, found before any file is read.
public enum ParameterError: Error, Hashable, Sendable {
    case unknown(String, known: [String])
    /// The keys that would do.
    case missing([String])
    case wrongForm(String, found: JSONValue, expected: String)
    case outOfRange(String, found: Double, expected: String)
    /// `_ijk` and `_dhw` of one triplet.
    case bothSpellings([String])
    /// A triplet without `_ijk` or `_dhw`.
    case noSuffix(String)
    /// Parameters that do not go together.
    case conflict([String], reason: String)

    /// The keys it is about, the first being the place to point at; empty where a key is missing.
    public var keys: [String] {
        switch self {
        case .unknown(let key, _), .wrongForm(let key, _, _), .outOfRange(let key, _, _), .noSuffix(let key):
            [key]
        case .bothSpellings(let keys), .conflict(let keys, _): keys
        case .missing: []
        }
    }
}

extension ParameterError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknown(let key, _): "unknown parameter \"\(key)\""
        case .missing(let keys):
            "\(keys.map { "\"\($0)\"" }.joined(separator: " or ")) is missing; it has no default"
        case .wrongForm(let key, let found, let expected): "\(key) is \(found.line); expected \(expected)"
        case .outOfRange(let key, let found, let expected):
            "\(key) is \(JSONValue.number(found).line); expected \(expected)"
        case .bothSpellings(let keys): "\(keys.joined(separator: " and ")) say the same thing; keep one"
        case .noSuffix(let key):
            "\(key) does not say its axis order; write \(key)_ijk (x, y, z) or \(key)_dhw (z, y, x)"
        case .conflict(_, let reason): reason
        }
    }
}

/// All faults of one step.
public struct ParameterErrors: Error, Hashable, Sendable {
    public let faults: [ParameterError]
    public init(_ faults: [ParameterError]) { self.faults = faults }
}

extension ParameterErrors: CustomStringConvertible {
    public var description: String { faults.map(\.description).joined(separator: "; ") }
}
