/// What the JSON of a parameter may look like; the schema and messages are made from it.
public indirect enum ParameterForm: Hashable, Sendable {
    case boolean
    case integer
    case number
    case text
    case choice([String])
    case list(ParameterForm)
    /// The value or null.
    case optional(ParameterForm)
    /// Three values, or one for all three; each may be null ("keep this axis") where the element is optional.
    case triplet(ParameterForm)
    /// An object with exactly these members.
    case object([Member])
    case either([ParameterForm])

    public struct Member: Hashable, Sendable {
        public let key: String
        public let form: ParameterForm
        public init(_ key: String, _ form: ParameterForm) { (self.key, self.form) = (key, form) }
    }

    public var isTriplet: Bool {
        switch self {
        case .triplet: true
        case .optional(let form), .list(let form): form.isTriplet
        case .either(let forms): forms.contains { $0.isTriplet }
        default: false
        }
    }

    /// As a message says it: "a number or null".
    public var description: String {
        switch self {
        case .boolean: "true or false"
        case .integer: "a whole number"
        case .number: "a number"
        case .text: "a text"
        case .choice(let names): names.map { "\"\($0)\"" }.joined(separator: ", ")
        case .list(let form): "a list, each \(form.description)"
        case .optional(let form): "\(form.description) or null"
        case .triplet(let form): "three values (x, y, z), each \(form.description), or one for all three"
        case .object(let members):
            "{" + members.map { "\"\($0.key)\": \($0.form.description)" }.joined(separator: ", ") + "}"
        case .either(let forms): forms.map(\.description).joined(separator: ", or ")
        }
    }
}
