public import MedPrepCore

/// What a card says, for people and programs: help and documents print it.
public struct OperatorDescription: Sendable {
    public let name: String
    public let summary: String
    public let formula: String
    public let geometry: String
    public let sameAs: String
    public let parameters: [ParameterDescription]
    /// Of a function that is no step: what a pipeline uses instead.
    public let useInstead: String?

    public struct ParameterDescription: Sendable {
        /// The spellings in JSON, the first being the one reports use.
        public let keys: [String]
        public let summary: String
        public let form: ParameterForm
        public let rules: [ParameterRule]
        /// nil where the parameter is required.
        public let defaultValue: JSONValue?

        public var key: String { keys[0] }
    }

    public init(_ type: any Operator.Type) {
        self.init(describing: type)
    }

    private init<Described: Operator>(describing type: Described.Type) {
        let (card, defaults) = (Described.card, Described())
        name = Described.name
        useInstead = (type as? any LibraryFunction.Type)?.useInstead
        (summary, formula, geometry, sameAs) = (card.summary, card.formula, card.geometry, card.sameAs)
        parameters = card.parameters.map { parameter in
            ParameterDescription(
                keys: parameter.keys, summary: parameter.summary, form: parameter.form,
                rules: parameter.rules,
                // A bare nil would be JSON's null.
                defaultValue: parameter.isRequired ? JSONValue?.none : parameter.read(defaults))
        }
    }

    /// One line of the list.
    public var line: String {
        name + String(repeating: " ", count: max(2, 22 - name.count)) + summary
    }

    /// A page.
    public var text: String {
        var out = "\(name)\n    \(summary)\n\n"
        out += "    formula    \(formula)\n    geometry   \(geometry)\n    same as    \(sameAs)\n"
        if let useInstead { out += "    no step    \(useInstead)\n" }
        for parameter in parameters {
            let value = parameter.defaultValue.map { "default \($0.line)" } ?? "required"
            let rules = parameter.rules.filter { $0 != .required }.map { $0.description }
            let facts = ([parameter.form.description, value] + rules).joined(separator: "; ")
            out += "\n    \(parameter.key)  (\(facts))\n        \(parameter.summary)\n"
        }
        return out
    }

    public var json: JSONValue {
        [
            "name": .string(name), "summary": .string(summary), "formula": .string(formula),
            "geometry": .string(geometry), "same_as": .string(sameAs),
            "parameters": .array(
                parameters.map { parameter in
                    [
                        "name": .string(parameter.key), "summary": .string(parameter.summary),
                        "type": .string(parameter.form.description),
                        "rules": .array(parameter.rules.map { .string($0.description) }),
                        "default": parameter.defaultValue ?? .null,
                        "required": .bool(parameter.defaultValue == nil),
                    ]
                }),
        ]
    }
}
