import MedPrepCore
import MedPrepOperators

/// JSON of every kind, some of which any parameter must refuse.
let probes: [JSONValue] = [
    nil, true, 2, 1.5, .number(1e300), "no such word", [], [:], [nil], ["x"], [1, 2], [true, true, true],
    ["x": 1], ["above": "x"], ["file": 3],
]

extension ParameterForm {
    /// True where JSON of this shape may be meant; a type may still be pickier.
    func admits(_ json: JSONValue) -> Bool {
        switch self {
        case .boolean: return json.bool != nil
        case .integer: return json.int != nil
        case .number: return json.double != nil
        case .text: return json.string != nil
        case .choice(let names): return json.string.map(names.contains) ?? false
        case .list(let form): return json.array?.allSatisfy(form.admits) ?? false
        case .optional(let form): return json == .null || form.admits(json)
        case .triplet(let form):
            guard let values = json.array else { return form.admits(json) }
            return values.count == 3 && values.allSatisfy(form.admits)
        case .object(let members):
            guard let found = json.members, found.count == members.count else { return false }
            return members.allSatisfy { member in json[member.key].map(member.form.admits) ?? false }
        case .either(let forms): return forms.contains { $0.admits(json) }
        }
    }

    /// JSON that puts this number where the form has one; nil where it has none.
    func holding(_ number: Double) -> JSONValue? {
        switch self {
        case .boolean, .text, .choice, .object: nil
        case .integer: Int(exactly: number).map { .integer($0) }
        case .number: .number(number)
        case .list(let form): form.holding(number).map { [$0] }
        case .optional(let form), .triplet(let form): form.holding(number)
        case .either(let forms): forms.lazy.compactMap { $0.holding(number) }.first
        }
    }

    /// Some JSON of this form.
    var samples: [JSONValue] {
        switch self {
        case .boolean: return [true, false]
        case .integer: return [1, 2, 3]
        case .number: return [0.5, 1, 2, 60]
        case .text: return ["LPS", "some.json"]
        case .choice(let names): return names.map { .string($0) }
        case .list(let form):
            let samples = form.samples
            return samples.map { [$0] } + [.array(Array(samples.prefix(2)))]
        case .optional(let form): return form.samples + [nil]
        case .triplet(let form): return form.samples
        case .object(let members):
            return (0..<2).map { index in
                .object(members.map { .init($0.key, $0.form.samples[index]) })
            }
        case .either(let forms): return forms.flatMap(\.samples)
        }
    }
}

extension ParameterRule {
    /// A number just outside; nil where the rule bounds nothing.
    var forbidden: Double? {
        switch self {
        case .required, .preset, .unit: nil
        case .atLeast(let bound): bound - 1
        case .atMost(let bound): bound + 1
        case .above(let bound), .below(let bound): bound
        }
    }
}
