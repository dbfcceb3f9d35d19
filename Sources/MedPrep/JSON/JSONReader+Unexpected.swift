extension JSONReader {
    /// What is wrong at the offset, where something else is expected: names what people coming from other languages
    /// write, else what was found.
    func unexpected(_ expected: JSONSyntaxError.Expected) -> JSONSyntaxError {
        guard let byte else { return found("", 0, expected) }
        guard let length = scalarLength else { return notUTF8 }
        switch byte {
        case UInt8(ascii: "#"):
            return JSONSyntaxError(.comment, offset..<endOfLine)
        case UInt8(ascii: "/") where self.byte(after: 1) == byte || self.byte(after: 1) == UInt8(ascii: "*"):
            return JSONSyntaxError(.comment, offset..<endOfLine)
        case UInt8(ascii: "'"):
            let end = bytes[(offset + 1)..<endOfLine].firstIndex(of: byte) ?? endOfLine
            return JSONSyntaxError(.singleQuotes, offset..<min(end + 1, endOfLine))
        case UInt8(ascii: ","):
            if expected == .value || expected == .key {
                return JSONSyntaxError(.extraComma, offset..<offset + 1)
            }
        case UInt8(ascii: "+"), UInt8(ascii: "."):
            if expected == .value { return malformedNumber }
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            if case .commaOrClosing(let close) = expected {
                return JSONSyntaxError(.wrongClosing(found: byte, expected: close), offset..<offset + 1)
            }
        case _ where isWordByte(byte):
            if expected == .value { return unexpectedWord }
            if expected == .key { return JSONSyntaxError(.unquotedKey(string(wordRange)), wordRange) }
        default: break
        }
        let character = string(offset..<offset + length)
        if "“”„‟‘’‚«»".contains(character) {
            return JSONSyntaxError(.typographicQuote(character), offset..<offset + length)
        }
        return found(character, length, expected)
    }

    /// Whether a value begins here, or what is meant as one.
    var beginsValue: Bool {
        guard let byte else { return false }
        return isWordByte(byte) || "\"{[-".utf8.contains(byte)
    }

    /// The letters, digits, `_` and `$` at the offset.
    var wordRange: Range<Int> {
        var end = offset
        while end < bytes.count, isWordByte(bytes[end]) { end += 1 }
        return offset..<end
    }

    func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"): true
        default: false
        }
    }

    private var unexpectedWord: JSONSyntaxError {
        let word = string(wordRange)
        let fault: JSONSyntaxError.Fault =
            switch word.lowercased() {
            case "nan", "inf", "infinity": .notFinite(word)
            case "true", "yes", "on": .otherLiteral(word, meant: "true")
            case "false", "no", "off": .otherLiteral(word, meant: "false")
            case "null", "none", "nil", "undefined": .otherLiteral(word, meant: "null")
            default: .unquotedText(word)
            }
        return JSONSyntaxError(fault, wordRange)
    }

    private func found(
        _ character: String, _ length: Int, _ expected: JSONSyntaxError.Expected
    ) -> JSONSyntaxError {
        JSONSyntaxError(.unexpected(character, expected), offset..<offset + length)
    }

    private var endOfLine: Int {
        bytes[offset...].firstIndex { $0 == 0x0a || $0 == 0x0d } ?? bytes.count
    }
}
