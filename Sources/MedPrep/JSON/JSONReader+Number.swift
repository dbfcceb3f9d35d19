extension JSONReader {
    /// Reads a number; whole ones that fit stay integers.
    mutating func number() throws(JSONSyntaxError) -> JSONNode.Content {
        let range = numberRange
        if !isNumber(bytes[range]) { throw malformedNumber }
        offset = range.upperBound
        let text = string(range)
        // -0 is a Double: an integer has no sign to keep.
        if let integer = Int(text), text != "-0" { return .integer(integer) }
        guard let number = Double(text), number.isFinite else {
            throw JSONSyntaxError(.numberTooLarge(text), range)
        }
        return .number(number)
    }

    /// The error for what stands at the offset and is meant as a number.
    var malformedNumber: JSONSyntaxError {
        let range = numberRange
        let text = string(range)
        if ["inf", "infinity", "nan"].contains(text.drop { "+-".contains($0) }.lowercased()) {
            return JSONSyntaxError(.notFinite(text), range)
        }
        return JSONSyntaxError(.malformedNumber(text, meant: repaired(text)), range)
    }

    /// Everything at the offset that a person would call part of the number.
    private var numberRange: Range<Int> {
        var end = offset
        while end < bytes.count, isWordByte(bytes[end]) || "+-.".utf8.contains(bytes[end]) { end += 1 }
        return offset..<end
    }

    /// RFC 8259 section 6: minus, whole part without leading zeros, fraction, exponent.
    private func isNumber(_ token: ArraySlice<UInt8>) -> Bool {
        var rest = token
        func skipDigits() -> Int {
            let digits = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            rest = rest.dropFirst(digits.count)
            return digits.count
        }
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let beginsWithZero = rest.first == UInt8(ascii: "0")
        let whole = skipDigits()
        if whole == 0 || (beginsWithZero && whole > 1) { return false }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            if skipDigits() == 0 { return false }
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
            if skipDigits() == 0 { return false }
        }
        return rest.isEmpty
    }

    /// `+1`, `.5`, `1.`, `007` and `1_000` as JSON writes them; nil when the meaning is not plain.
    private func repaired(_ text: String) -> String? {
        if text.utf8.count > 64 || !text.contains(where: \.isNumber) { return nil }
        var rest = text.replacing("_", with: "")[...]
        let sign = rest.hasPrefix("-") ? "-" : ""
        if rest.hasPrefix("+") || rest.hasPrefix("-") { rest = rest.dropFirst() }
        rest = rest.drop { $0 == "0" }
        if rest.isEmpty || !(rest.first?.isNumber ?? false) { rest = "0" + rest }
        if rest.hasSuffix(".") { rest += "0" }
        let meant = sign + rest
        return isNumber(ArraySlice(meant.utf8)) ? meant : nil
    }
}
