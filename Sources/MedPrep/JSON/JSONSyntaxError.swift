/// Why a text is no JSON, and where.
package struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    package let fault: Fault
    /// The bytes to point at.
    package let range: Range<Int>

    package init(_ fault: Fault, _ range: Range<Int>) { (self.fault, self.range) = (fault, range) }

    package var description: String { fault.message }

    package var diagnostic: Diagnostic {
        Diagnostic(.fault, range, fault.message, label: fault.label, help: fault.help)
    }

    package enum Fault: Hashable, Sendable {
        case empty
        case byteOrderMark
        case utf16
        case notUTF8(UInt8)
        case tooDeep
        case unexpected(String, Expected)
        case comment
        // Brackets and commas
        case missingComma(isInsideText: Bool)
        case trailingComma(before: UInt8)
        case extraComma
        case missingColon(key: String)
        case unclosed(UInt8)
        case wrongClosing(found: UInt8, expected: UInt8)
        // Texts and words
        case singleQuotes
        case typographicQuote(String)
        case unquotedKey(String)
        case unquotedText(String)
        case otherLiteral(String, meant: String)
        case unterminatedText
        case controlCharacter(UInt8)
        case unknownEscape(String)
        case shortUnicodeEscape(String)
        case loneSurrogate(String)
        // Numbers
        case notFinite(String)
        case malformedNumber(String, meant: String?)
        case numberTooLarge(String)
    }

    /// What the grammar allows at a place.
    package enum Expected: Hashable, Sendable {
        case value
        case key
        case colon
        case commaOrClosing(UInt8)
        case end

        var text: String {
            switch self {
            case .value: "a value"
            case .key: "a key in double quotes"
            case .colon: "a colon"
            case .commaOrClosing(let close): "a comma or \(character(close))"
            case .end: "the end of the text"
            }
        }
    }
}

extension JSONSyntaxError.Fault {
    package var message: String {
        switch self {
        case .empty: "there is no JSON value in the text"
        case .byteOrderMark: "the text begins with a byte order mark"
        case .utf16: "the text is UTF-16; UTF-8 is expected"
        case .notUTF8(let byte): "the byte 0x\(hexadecimal(byte, digits: 2)) is not UTF-8"
        case .tooDeep: "lists and objects stand more than \(JSONReader.depthLimit) deep in each other"
        case .unexpected(let found, let expected):
            found.isEmpty
                ? "\(expected.text) is expected, but the text ends"
                : "\(expected.text) is expected, not \(found.visible)"
        case .comment: "JSON has no comments"
        case .missingComma: "a comma is missing"
        case .trailingComma(let close): "a comma stands before the closing \(character(close))"
        case .extraComma: "a comma stands where nothing is before it"
        case .missingColon(let key): "a colon is missing after the key \(key.quoted)"
        case .unclosed(let open): "this \(character(open)) is never closed"
        case .wrongClosing(let found, let expected):
            "\(character(found)) stands where \(character(expected)) or a comma is expected"
        case .singleQuotes: "a text stands in single quotes"
        case .typographicQuote(let quote): "\(quote) is no quote of JSON"
        case .unquotedKey(let word): "the key \(word.shortened.visible) is not in quotes"
        case .unquotedText(let word): "the text \(word.shortened.visible) is not in quotes"
        case .otherLiteral(let word, _): "\(word) is no word of JSON"
        case .unterminatedText: "this text has no closing quote"
        case .controlCharacter(let byte):
            byte == 0x09
                ? "a tab stands in a text"
                : "the control character 0x\(hexadecimal(byte, digits: 2)) stands in a text"
        case .unknownEscape(let escape): "\(escape.visible) is no escape of JSON"
        case .shortUnicodeEscape(let escape): "\(escape) has fewer than four hexadecimal digits"
        case .loneSurrogate(let escape): "\(escape) is half a character"
        case .notFinite(let word): "\(word) is no number of JSON"
        case .malformedNumber(let text, _): "\(text.shortened) is no number of JSON"
        case .numberTooLarge(let text): "\(text.shortened) is too large for a 64-bit number"
        }
    }

    /// Beside the caret; nil where the message says it all.
    package var label: String? {
        switch self {
        case .missingComma: "a comma belongs here"
        case .missingColon: "a colon belongs here"
        case .unterminatedText: "the text begins here"
        default: nil
        }
    }

    /// What to do about it.
    package var help: String? {
        switch self {
        case .empty: "write a value, such as {}"
        case .byteOrderMark: "save the file as UTF-8 without a byte order mark (BOM)"
        case .utf16, .notUTF8: "save the file as UTF-8"
        case .tooDeep: nil
        case .unexpected("}", .end), .unexpected("]", .end): "remove it, or open it further up"
        case .unexpected(_, .end): "a file holds one value; remove what follows it"
        case .unexpected(":", .commaOrClosing(UInt8(ascii: "]"))):
            "keys stand in { }, a list in [ ] holds values only"
        case .unexpected("=", .colon): "write : between a key and its value"
        case .unexpected: nil
        case .comment: "remove it, or write it as a key: \"_comment\": \"...\""
        case .missingComma(let isInsideText): isInsideText ? "a quote inside a text is written \\\"" : nil
        case .trailingComma: "remove this comma"
        case .extraComma: "remove this comma, or write a value before it"
        case .missingColon: nil
        case .unclosed(let open): "add the missing \(open == UInt8(ascii: "{") ? "}" : "]")"
        case .wrongClosing: nil
        case .singleQuotes, .typographicQuote: "use double quotes: \"...\""
        case .unquotedKey(let word), .unquotedText(let word): "write \(word.quoted)"
        case .otherLiteral(_, let meant): "write \(meant)"
        case .unterminatedText: "add \" at its end; a line break inside a text is written \\n"
        case .controlCharacter(let byte):
            byte == 0x09 ? "write it as \\t" : "write it as \\u\(hexadecimal(byte, digits: 4))"
        case .unknownEscape: "a backslash is written \\\\"
        case .shortUnicodeEscape: "write it like \\u00e9; a backslash is written \\\\"
        case .loneSurrogate: "write both halves, like \\ud83e\\udde0, or the character itself"
        case .notFinite: "write null, or leave the key out"
        case .malformedNumber(_, let meant):
            meant.map { "write \($0)" } ?? "numbers look like 2, -0.5 or 1.5e3"
        case .numberTooLarge: "the largest is 1.7976931348623157e308"
        }
    }
}

private func character(_ byte: UInt8) -> String { String(Unicode.Scalar(byte)) }

private func hexadecimal(_ byte: UInt8, digits: Int) -> String {
    let text = String(byte, radix: 16)
    return String(repeating: "0", count: max(digits - text.count, 0)) + text
}
