extension String {
    /// The text with what does not show, breaks the line or steers a terminal written as JSON escapes.
    package var visible: String { unicodeScalars.map { $0.visible }.joined() }

    /// At most 60 characters, the last ones replaced by an ellipsis.
    package var shortened: String {
        let limit = 60
        guard let end = unicodeScalars.index(startIndex, offsetBy: limit, limitedBy: endIndex), end < endIndex
        else { return self }
        return String(String(self[..<end]).unicodeScalars.prefix(limit - 1)) + "…"
    }

    /// As a message names it: visible, short, in double quotes.
    package var quoted: String { "\"\(shortened.visible)\"" }
}

extension Unicode.Scalar {
    /// The character itself, or its JSON escape when it would not show or would steer a terminal.
    package var visible: String {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate:
            String(self).utf16.map { unit in
                let digits = String(unit, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }.joined()
        default: String(self)
        }
    }

    /// The columns it takes on a terminal: 0 for marks over the letter before, 2 for wide scripts and emoji.
    package var terminalWidth: Int {
        switch value {
        case 0x20..<0x7f: return 1
        case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff,
            0xfe30...0xfe6f,
            0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1faff, 0x20000...0x3fffd:
            return 2
        default:
            let category = properties.generalCategory
            return category == .nonspacingMark || category == .enclosingMark ? 0 : 1
        }
    }
}
