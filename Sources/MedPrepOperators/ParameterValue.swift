public import MedPrepCore

/// A type that a parameter may have.
public protocol ParameterValue: Sendable {
    static var form: ParameterForm { get }
    /// nil when the JSON has another form.
    init?(json: JSONValue)
    var json: JSONValue { get }
    /// What the card's bounds are checked on.
    var numbers: [Double] { get }
}

extension ParameterValue {
    public var numbers: [Double] { [] }
}

extension Bool: ParameterValue {
    public static var form: ParameterForm { .boolean }
    public init?(json: JSONValue) { if let value = json.bool { self = value } else { return nil } }
    public var json: JSONValue { .bool(self) }
}

extension Int: ParameterValue {
    public static var form: ParameterForm { .integer }
    public init?(json: JSONValue) { if let value = json.int { self = value } else { return nil } }
    public var json: JSONValue { .integer(self) }
    public var numbers: [Double] { [Double(self)] }
}

extension Double: ParameterValue {
    public static var form: ParameterForm { .number }
    public init?(json: JSONValue) {
        guard let value = json.double, value.isFinite else { return nil }
        self = value
    }
    public var json: JSONValue { .number(self) }
    public var numbers: [Double] { [self] }
}

extension Float: ParameterValue {
    public static var form: ParameterForm { .number }
    public init?(json: JSONValue) {
        guard let value = json.double, Float(value).isFinite else { return nil }
        self = Float(value)
    }
    /// The shortest number that reads back as this Float.
    public var json: JSONValue { .number(Double("\(self)") ?? Double(self)) }
    public var numbers: [Double] { [Double(self)] }
}

extension String: ParameterValue {
    public static var form: ParameterForm { .text }
    public init?(json: JSONValue) { if let value = json.string { self = value } else { return nil } }
    public var json: JSONValue { .string(self) }
}

extension Optional: ParameterValue where Wrapped: ParameterValue {
    public static var form: ParameterForm { .optional(Wrapped.form) }
    public init?(json: JSONValue) {
        if case .null = json {
            self = .none
        } else if let value = Wrapped(json: json) {
            self = .some(value)
        } else {
            return nil
        }
    }
    public var json: JSONValue { self?.json ?? .null }
    public var numbers: [Double] { self?.numbers ?? [] }
}

extension Array: ParameterValue where Element: ParameterValue {
    public static var form: ParameterForm { .list(Element.form) }
    public init?(json: JSONValue) {
        guard let values = json.array else { return nil }
        self = []
        for value in values {
            guard let element = Element(json: value) else { return nil }
            append(element)
        }
    }
    public var json: JSONValue { .array(map(\.json)) }
    public var numbers: [Double] { flatMap(\.numbers) }
}

/// An enum of texts is a choice: declare the conformance, and the cases are its words.
extension ParameterValue where Self: RawRepresentable & CaseIterable, RawValue == String {
    public static var form: ParameterForm { .choice(allCases.map(\.rawValue)) }
    public init?(json: JSONValue) {
        guard let text = json.string, let value = Self(rawValue: text) else { return nil }
        self = value
    }
    public var json: JSONValue { .string(rawValue) }
}

extension Interpolation: ParameterValue {}
extension Boundary: ParameterValue {}
extension Antialias: ParameterValue {}
