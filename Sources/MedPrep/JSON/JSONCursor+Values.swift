import MedPrepCore

extension JSONCursor {
    package mutating func string() -> String? {
        guard case .string(let value) = node.content else { return refuse(expecting: "a text") }
        return value
    }

    package mutating func bool() -> Bool? {
        guard case .bool(let value) = node.content else { return refuse(expecting: "true or false") }
        return value
    }

    /// A whole number, also where it is written 3.0.
    package mutating func int(in range: ClosedRange<Int> = .min ... .max) -> Int? {
        guard let value = node.value.int, range.contains(value) else {
            let (least, most) = (range.lowerBound, range.upperBound)
            return refuse(
                expecting: "a whole number"
                    + bounds(least == .min ? nil : "\(least)", most == .max ? nil : "\(most)"))
        }
        return value
    }

    package mutating func number(
        in range: ClosedRange<Double> = -Double.infinity ... .infinity
    ) -> Double? {
        guard let value = node.value.double, range.contains(value) else {
            let (least, most) = (range.lowerBound, range.upperBound)
            let texts = [least, most].map { $0.isFinite ? JSONValue.number($0).line : nil }
            return refuse(expecting: "a number" + bounds(texts[0], texts[1]))
        }
        return value
    }

    /// One of the texts of an enum, in the order it declares them.
    package mutating func choice<Choice: CaseIterable & RawRepresentable<String>>(
        _ type: Choice.Type
    ) -> Choice? {
        choice(of: type.allCases.map { $0.rawValue }).flatMap { Choice(rawValue: $0) }
    }

    /// One of these texts.
    package mutating func choice(of texts: [String]) -> String? {
        let expected = (texts.count == 1 ? "" : "one of ") + texts.map { $0.quoted }.joined(separator: ", ")
        guard case .string(let value) = node.content else { return refuse(expecting: expected) }
        if texts.contains(value) { return value }
        let help = nearest(to: value, in: texts).map { "did you mean \($0.quoted)?" }
        return refuse(expecting: expected, found: value.quoted, help: help)
    }

    /// Notes what stands here instead of what is expected; always nil.
    mutating func refuse<Value>(expecting expected: String) -> Value? {
        refuse(expecting: expected, found: found, help: help(expected))
    }

    private mutating func refuse<Value>(expecting expected: String, found: String, help: String?) -> Value? {
        refuse("\(name) is \(found); \(expected) is expected", help: help)
        return nil
    }

    /// The value itself when it is short, else its kind.
    private var found: String {
        switch node.content {
        case .null, .bool, .integer, .number: node.value.line
        case .string, .array, .object: node.value.kind
        }
    }

    private func help(_ expected: String) -> String? {
        switch node.content {
        case .null: return "leave the key out for its default"
        case .string(let text) where text.utf8.count <= 24 && expected.hasPrefix("a whole number"):
            return Int(text) == nil ? nil : "remove the quotes"
        case .string(let text) where text.utf8.count <= 24 && expected.hasPrefix("a number"):
            return Double(text)?.isFinite == true ? "remove the quotes" : nil
        case .string("true") where expected == "true or false",
            .string("false") where expected == "true or false":
            return "remove the quotes"
        default: return nil
        }
    }

    private func bounds(_ least: String?, _ most: String?) -> String {
        switch (least, most) {
        case (nil, nil): ""
        case (let least?, nil): " of at least \(least)"
        case (nil, let most?): " of at most \(most)"
        case (let least?, let most?): " from \(least) to \(most)"
        }
    }
}
