extension JSONValue {
    /// JSON text: objects and lists of objects over several lines, lists of plain values on one.
    public func text(indent: String = "  ") -> String {
        var out = ""
        write(to: &out, indent: indent, margin: "\n")
        return out
    }

    /// JSON text on one line.
    public var line: String {
        var out = ""
        write(to: &out, indent: nil, margin: "")
        return out
    }

    private var isFlat: Bool {
        switch self {
        case .object(let members): members.isEmpty
        case .array(let values): values.allSatisfy { if case .object = $0 { false } else { $0.isFlat } }
        default: true
        }
    }

    private func write(to out: inout String, indent: String?, margin: String) {
        switch self {
        case .null: out += "null"
        case .bool(let value): out += value ? "true" : "false"
        case .integer(let value): out += String(value)
        case .number(let value): out += Self.text(of: value)
        case .string(let value): Self.quote(value, to: &out)
        case .array(let values):
            let indent = isFlat ? nil : indent
            Self.list(values, "[", "]", to: &out, indent: indent, margin: margin) { value, out, margin in
                value.write(to: &out, indent: indent, margin: margin)
            }
        case .object(let members):
            Self.list(members, "{", "}", to: &out, indent: indent, margin: margin) { member, out, margin in
                Self.quote(member.key, to: &out)
                out += ": "
                member.value.write(to: &out, indent: indent, margin: margin)
            }
        }
    }

    private static func list<Item>(
        _ items: [Item], _ open: String, _ close: String, to out: inout String, indent: String?,
        margin: String,
        item: (Item, inout String, String) -> Void
    ) {
        let inner = indent.map { margin + $0 }
        out += open
        for (index, value) in items.enumerated() {
            if index > 0 { out += inner == nil ? ", " : "," }
            if let inner { out += inner }
            item(value, &out, inner ?? margin)
        }
        if inner != nil, !items.isEmpty { out += margin }
        out += close
    }

    /// The shortest text that reads back as the same Double.
    private static func text(of value: Double) -> String {
        guard value.isFinite else { return "null" }
        if let whole = Int(exactly: value), abs(whole) < 1 << 53, !(value == 0 && value.sign == .minus) {
            return String(whole)
        }
        return "\(value)"
    }

    private static func quote(_ text: String, to out: inout String) {
        out += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            case "\r": out += "\\r"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                let hex = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: out.unicodeScalars.append(scalar)
            }
        }
        out += "\""
    }
}
