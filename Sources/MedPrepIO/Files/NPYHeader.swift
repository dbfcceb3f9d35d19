/// What a NumPy file says of itself, checked: versions 1.0 to 3.0, C order, little-endian.
struct NPYHeader {
    let elementType: NPYArray.ElementType
    let sizes: [Int]
    /// Product of the sizes; its bytes fit `Int` too.
    let count: Int

    /// `text` is the Python dictionary behind the length field, in Latin-1 or UTF-8.
    init(_ text: [UInt8]) throws(NPYError) {
        var scanner = Scanner(rest: text[...])
        var (descriptor, isFortran, sizes): (String?, Bool?, [Int]?)
        try scanner.take("{")
        while !scanner.skips("}") {
            let key = try scanner.string()
            try scanner.take(":")
            switch key {
            case "descr" where descriptor == nil: descriptor = try scanner.string()
            case "fortran_order" where isFortran == nil: isFortran = try scanner.bool()
            case "shape" where sizes == nil: sizes = try scanner.tuple()
            default: throw .badHeader("the key \(ScanPath(key)) is unknown or stands twice")
            }
            if !scanner.skips(",") {
                try scanner.take("}")
                break
            }
        }
        guard scanner.isAtEnd else { throw .badHeader("something stands behind the closing brace") }
        guard let descriptor, let isFortran, let sizes else {
            throw .badHeader("descr, fortran_order or shape is missing")
        }
        guard let elementType = NPYArray.ElementType(descriptor: descriptor) else {
            throw .unsupportedType("\(ScanPath(descriptor))")
        }
        if isFortran, sizes.count > 1 { throw .fortranOrder }
        guard let count = Self.product(sizes), Self.product([count, elementType.size]) != nil else {
            throw .badHeader("the product of the sizes \(sizes) is too large")
        }
        (self.elementType, self.sizes, self.count) = (elementType, sizes, count)
    }

    /// nil where a size is negative or the product does not fit. Unlike a tensor, an array may be empty.
    private static func product(_ sizes: [Int]) -> Int? {
        if sizes.contains(where: { $0 < 0 }) { return nil }
        if sizes.contains(0) { return 0 }
        return sizes.reduce(1) { product, size in
            product.flatMap {
                let (next, overflow) = $0.multipliedReportingOverflow(by: size)
                return overflow ? nil : next
            }
        }
    }

    /// Reads the few Python literals that a header is made of.
    private struct Scanner {
        var rest: ArraySlice<UInt8>

        var isAtEnd: Bool { rest.allSatisfy(Self.isSpace) }

        mutating func skips(_ letter: Unicode.Scalar) -> Bool {
            rest = rest.drop(while: Self.isSpace)
            guard rest.first == UInt8(ascii: letter) else { return false }
            rest.removeFirst()
            return true
        }

        mutating func take(_ letter: Unicode.Scalar) throws(NPYError) {
            if !skips(letter) { throw .badHeader("\(letter) is missing in its dictionary") }
        }

        mutating func string() throws(NPYError) -> String {
            let quote: Unicode.Scalar = skips("\"") ? "\"" : "'"
            if quote == "'" { try take("'") }
            guard let end = rest.firstIndex(of: UInt8(ascii: quote)) else {
                throw .badHeader("a text has no end")
            }
            defer { rest = rest[(end + 1)...] }
            return String(decoding: rest[..<end], as: UTF8.self)
        }

        mutating func bool() throws(NPYError) -> Bool {
            rest = rest.drop(while: Self.isSpace)
            for (word, value) in [("True", true), ("False", false)] where rest.starts(with: word.utf8) {
                rest = rest.dropFirst(word.utf8.count)
                return value
            }
            throw .badHeader("fortran_order is neither True nor False")
        }

        mutating func tuple() throws(NPYError) -> [Int] {
            try take("(")
            var sizes: [Int] = []
            while !skips(")") {
                rest = rest.drop(while: Self.isSpace)
                let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
                guard let size = Int(String(decoding: digits, as: UTF8.self)) else {
                    throw .badHeader("a size is no whole number, or too large")
                }
                guard sizes.count < 32 else { throw .badHeader("it has more than 32 axes") }
                sizes.append(size)
                rest = rest[digits.endIndex...]
                if !skips(",") {
                    try take(")")
                    break
                }
            }
            return sizes
        }

        private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (9...13).contains(byte) }
    }
}
