extension JSONReader {
    /// Reads a text from its opening quote past its closing one: escapes are resolved, the bytes are checked.
    mutating func text() throws(JSONSyntaxError) -> String {
        let start = offset
        offset += 1
        var plain: [UInt8] = []
        while let byte {
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return String(decoding: plain, as: UTF8.self)
            case UInt8(ascii: "\\"):
                plain += try escape(in: start)
            case 0x0a, 0x0d:
                throw JSONSyntaxError(.unterminatedText, start..<offset)
            case ..<0x20:
                throw JSONSyntaxError(.controlCharacter(byte), offset..<offset + 1)
            case ..<0x80:
                plain.append(byte)
                offset += 1
            default:
                guard let length = scalarLength else { throw notUTF8 }
                plain += bytes[offset..<offset + length]
                offset += length
            }
        }
        throw JSONSyntaxError(.unterminatedText, start..<offset)
    }

    /// Goes past one escape of the text that begins at `start`; its UTF-8.
    private mutating func escape(in start: Int) throws(JSONSyntaxError) -> [UInt8] {
        let plain: UInt8
        switch byte(after: 1) {
        case UInt8(ascii: "u"): return try unicodeEscape()
        case UInt8(ascii: "\""): plain = UInt8(ascii: "\"")
        case UInt8(ascii: "\\"): plain = UInt8(ascii: "\\")
        case UInt8(ascii: "/"): plain = UInt8(ascii: "/")
        case UInt8(ascii: "b"): plain = 0x08
        case UInt8(ascii: "f"): plain = 0x0c
        case UInt8(ascii: "n"): plain = 0x0a
        case UInt8(ascii: "r"): plain = 0x0d
        case UInt8(ascii: "t"): plain = 0x09
        case nil, 0x0a, 0x0d: throw JSONSyntaxError(.unterminatedText, start..<offset + 1)
        default:
            let backslash = offset
            offset += 1
            guard let length = scalarLength else { throw notUTF8 }
            let range = backslash..<offset + length
            throw JSONSyntaxError(.unknownEscape(string(range)), range)
        }
        offset += 2
        return [plain]
    }

    /// Goes past `\uXXXX`, or past the two that make one character beyond U+FFFF.
    private mutating func unicodeEscape() throws(JSONSyntaxError) -> [UInt8] {
        let start = offset
        let first = try codeUnit()
        var value = UInt32(first)
        if UTF16.isLeadSurrogate(first), byte == UInt8(ascii: "\\"), byte(after: 1) == UInt8(ascii: "u") {
            let second = try codeUnit()
            if UTF16.isTrailSurrogate(second) {
                value = 0x10000 + (UInt32(first) & 0x3ff) << 10 + UInt32(second) & 0x3ff
            }
        }
        guard let scalar = Unicode.Scalar(value) else {
            let range = start..<start + 6
            throw JSONSyntaxError(.loneSurrogate(string(range)), range)
        }
        return Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }

    private mutating func codeUnit() throws(JSONSyntaxError) -> UInt16 {
        let start = offset
        offset += 2
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte, byte < 0x80, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw JSONSyntaxError(.shortUnicodeEscape(string(start..<offset)), start..<offset)
            }
            unit = unit << 4 | UInt16(digit)
            offset += 1
        }
        return unit
    }
}
