internal import MedPrepCore

/// One parameter of an operator: its JSON name, where it is kept, what it means and what it may be.
public struct Parameter<Owner: Sendable>: Sendable {
    /// snake_case. A triplet's is the stem: `size` is written `size_ijk` or `size_dhw`.
    public let name: String
    public let summary: String
    public let rules: [ParameterRule]
    /// What its JSON may look like.
    public let form: ParameterForm
    let read: @Sendable (Owner) -> JSONValue
    let write: @Sendable (inout Owner, JSONValue, _ key: String) throws(ParameterError) -> Void

    public init<Value: ParameterValue>(
        _ name: String, _ path: any WritableKeyPath<Owner, Value> & Sendable, _ summary: String,
        _ rules: ParameterRule...
    ) {
        self.name = name
        self.summary = summary
        self.rules = rules
        form = Value.form
        read = { $0[keyPath: path].json }
        write = { (owner, json, key) throws(ParameterError) in
            guard let value = Value(json: key.hasSuffix("_dhw") ? json.reversed(as: Value.form) : json) else {
                throw .wrongForm(key, found: json, expected: Value.form.description)
            }
            for number in value.numbers {
                for rule in rules where !rule.admits(number) {
                    throw .outOfRange(key, found: number, expected: rule.description)
                }
            }
            owner[keyPath: path] = value
        }
    }

    /// The spellings in JSON, the first being the one reports use.
    public var keys: [String] { form.isTriplet ? [name + "_ijk", name + "_dhw"] : [name] }
    public var isRequired: Bool { rules.contains(.required) }
    public var isPreset: Bool { rules.contains(.preset) }
}

/// What a parameter must obey, and what help says of it.
public enum ParameterRule: Hashable, Sendable {
    /// There is no default.
    case required
    /// Decoded first; it chooses the defaults of others.
    case preset
    case atLeast(Double)
    case above(Double)
    case atMost(Double)
    case below(Double)
    case unit(String)

    func admits(_ number: Double) -> Bool {
        switch self {
        case .required, .preset, .unit: true
        case .atLeast(let bound): number >= bound
        case .above(let bound): number > bound
        case .atMost(let bound): number <= bound
        case .below(let bound): number < bound
        }
    }

    public var description: String {
        func text(_ bound: Double) -> String { JSONValue.number(bound).line }
        return switch self {
        case .required: "required"
        case .preset: "chooses defaults of the others"
        case .atLeast(let bound): "at least \(text(bound))"
        case .above(let bound): "above \(text(bound))"
        case .atMost(let bound): "at most \(text(bound))"
        case .below(let bound): "below \(text(bound))"
        case .unit(let unit): unit
        }
    }
}

extension JSONValue {
    /// (z, y, x) to (x, y, z) and back, wherever the form has a triplet.
    fileprivate func reversed(as form: ParameterForm) -> JSONValue {
        guard case .array(let values) = self else { return self }
        switch form {
        case .triplet(let element): return .array(values.reversed().map { $0.reversed(as: element) })
        case .list(let element): return .array(values.map { $0.reversed(as: element) })
        case .optional(let form): return reversed(as: form)
        case .either(let forms): return forms.first(where: \.isTriplet).map { reversed(as: $0) } ?? self
        case .boolean, .integer, .number, .text, .choice, .object: return self
        }
    }
}
