extension JSONReader {
    /// Names the encodings an editor may have chosen instead of plain UTF-8.
    func checkEncoding() throws(JSONSyntaxError) {
        let start = Array(bytes.prefix(3))
        if start == [0xef, 0xbb, 0xbf] { throw JSONSyntaxError(.byteOrderMark, 0..<3) }
        let mark = start.prefix(2)
        // A text begins with an ASCII character, so a zero byte beside it is the half of a UTF-16 unit.
        if mark == [0xff, 0xfe] || mark == [0xfe, 0xff] || (mark.count == 2 && mark.contains(0)) {
            throw JSONSyntaxError(.utf16, 0..<2)
        }
    }

    /// The bytes of the character at the offset (Unicode table 3-7, well-formed UTF-8); nil when it has none.
    var scalarLength: Int? {
        guard let lead = byte else { return nil }
        let (length, second): (Int, ClosedRange<UInt8>)
        switch lead {
        case 0x00...0x7f: return 1
        case 0xc2...0xdf: (length, second) = (2, 0x80...0xbf)
        case 0xe0: (length, second) = (3, 0xa0...0xbf)
        case 0xed: (length, second) = (3, 0x80...0x9f)
        case 0xe1...0xef: (length, second) = (3, 0x80...0xbf)
        case 0xf0: (length, second) = (4, 0x90...0xbf)
        case 0xf1...0xf3: (length, second) = (4, 0x80...0xbf)
        case 0xf4: (length, second) = (4, 0x80...0x8f)
        default: return nil
        }
        guard let next = byte(after: 1), second ~= next else { return nil }
        for distance in 2..<max(length, 2) {
            guard let next = byte(after: distance), 0x80...0xbf ~= next else { return nil }
        }
        return length
    }

    /// The error for a byte at the offset that begins no character.
    var notUTF8: JSONSyntaxError {
        JSONSyntaxError(.notUTF8(byte ?? 0), offset..<min(offset + 1, bytes.count))
    }

    func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}
