public import MedPrepCore

/// JSON Schema (draft 2020-12) of what a step may say: made from the cards, so editors complete and check it.
extension OperatorDescription {
    /// The step as an object: `op`, its parameters, comments (`_…`), and nothing else.
    public var schema: JSONValue {
        var properties: [JSONValue.Member] = [
            .init("op", ["const": .string(name), "description": .string(summary)])
        ]
        var required: [JSONValue] = ["op"]
        var rules = [JSONValue]()
        for parameter in parameters {
            let schema = parameter.schema
            for key in parameter.keys { properties.append(.init(key, schema)) }
            let keys = parameter.keys.map { JSONValue.string($0) }
            if keys.count > 1 { rules.append(["not": ["required": .array(keys)]]) }
            guard parameter.defaultValue == nil else { continue }
            if keys.count > 1 {
                rules.append(["anyOf": .array(keys.map { ["required": [$0]] })])
            } else {
                required += keys
            }
        }
        return .object(
            [
                .init("type", "object"), .init("description", .string(summary)),
                .init("properties", .object(properties)), .init("patternProperties", ["^_": true]),
                .init("additionalProperties", false), .init("required", .array(required)),
            ] + (rules.isEmpty ? [] : [.init("allOf", .array(rules))]))
    }
}

extension OperatorDescription.ParameterDescription {
    var schema: JSONValue {
        let described: [JSONValue.Member] = [
            .init(
                "description",
                .string(([summary] + rules.compactMap(\.unitText)).joined(separator: " Unit: ")))
        ]
        let byDefault = defaultValue.map { [JSONValue.Member("default", $0)] } ?? []
        return .object(described + byDefault + form.schemaMembers(rules))
    }
}

extension ParameterRule {
    /// A bound, as the schema writes it.
    fileprivate var schemaMember: JSONValue.Member? {
        switch self {
        case .atLeast(let bound): .init("minimum", .number(bound))
        case .above(let bound): .init("exclusiveMinimum", .number(bound))
        case .atMost(let bound): .init("maximum", .number(bound))
        case .below(let bound): .init("exclusiveMaximum", .number(bound))
        case .required, .preset, .unit: nil
        }
    }

    fileprivate var unitText: String? { if case .unit(let unit) = self { unit } else { nil } }
}

extension ParameterForm {
    /// The form as a schema; bounds hold for every number in it.
    func schema(_ rules: [ParameterRule] = []) -> JSONValue { .object(schemaMembers(rules)) }

    func schemaMembers(_ rules: [ParameterRule]) -> [JSONValue.Member] {
        switch self {
        case .boolean: [.init("type", "boolean")]
        case .integer: [.init("type", "integer")] + rules.compactMap(\.schemaMember)
        case .number: [.init("type", "number")] + rules.compactMap(\.schemaMember)
        case .text: [.init("type", "string")]
        case .choice(let names): [.init("enum", .array(names.map { .string($0) }))]
        case .list(let form): [.init("type", "array"), .init("items", form.schema(rules))]
        case .optional(let form): [.init("anyOf", [form.schema(rules), ["type": "null"]])]
        case .triplet(let form):
            [
                .init(
                    "anyOf",
                    [
                        form.schema(rules),
                        ["type": "array", "items": form.schema(rules), "minItems": 3, "maxItems": 3],
                    ])
            ]
        case .object(let members):
            [
                .init("type", "object"),
                .init("properties", .object(members.map { .init($0.key, $0.form.schema(rules)) })),
                .init("required", .array(members.map { .string($0.key) })),
                .init("additionalProperties", false),
            ]
        case .either(let forms): [.init("anyOf", .array(forms.map { $0.schema(rules) }))]
        }
    }
}
