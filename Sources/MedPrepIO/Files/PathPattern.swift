/// A pattern for paths below a folder, matched byte for byte and whole.
///
///     *       any letters within one folder or file name        ?       one letter, not /
///     **      any letters, folders too; `**/` no folder or more  {name}  one letter or more within a name
///
/// A placeholder takes as much as it can, a star as little; a placeholder that stands twice has one value.
package struct PathPattern: Hashable, Sendable {
    package let text: String
    /// The names in braces, each once, in the order written.
    package let placeholders: [String]
    private let tokens: [Token]

    private enum Token: Hashable {
        case byte(UInt8)
        case letter, star, doubleStar, folders
        case placeholder(Int)
    }

    package init(_ text: String) throws(PathPatternError) {
        var (tokens, placeholders) = ([Token](), [String]())
        var rest = Array(text.utf8)[...]
        if rest.isEmpty { throw .empty }
        if rest.first == UInt8(ascii: "/") { throw .absolute(text) }
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "?"): tokens.append(.letter)
            case UInt8(ascii: "*") where rest.first == byte:
                rest = rest.drop { $0 == byte }
                let atStart =
                    tokens.isEmpty || tokens.last == .byte(UInt8(ascii: "/")) || tokens.last == .folders
                if atStart, rest.first == UInt8(ascii: "/") {
                    rest.removeFirst()
                    tokens.append(.folders)
                } else {
                    tokens.append(.doubleStar)
                }
            case UInt8(ascii: "*"): tokens.append(.star)
            case UInt8(ascii: "{"):
                guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else { throw .openBrace(text) }
                let name = String(decoding: rest[..<end], as: UTF8.self)
                guard Self.isName(rest[..<end]) else { throw .placeholderName(name, pattern: text) }
                if !placeholders.contains(name) { placeholders.append(name) }
                tokens.append(.placeholder(placeholders.firstIndex(of: name) ?? 0))
                rest = rest[(end + 1)...]
            case UInt8(ascii: "}"): throw .openBrace(text)
            default: tokens.append(.byte(byte))
            }
        }
        // Each of these is one level of the search's recursion.
        let levels = tokens.count { if case .byte = $0 { false } else { $0 != .letter } }
        if levels > 32 { throw .tooManyStars(text) }
        (self.text, self.tokens, self.placeholders) = (text, tokens, placeholders)
    }

    /// The default of a folder: everything, at any depth.
    package static let everything = PathPattern(text: "**/*", placeholders: [], tokens: [.folders, .star])

    private init(text: String, placeholders: [String], tokens: [Token]) {
        (self.text, self.placeholders, self.tokens) = (text, placeholders, tokens)
    }

    /// The values of the placeholders, in their order; nil where the path does not match.
    ///
    /// - Throws: `tooManyWays` where that is not known after 16 million steps, a fifth of a second: with several
    ///   placeholders that stand twice and stars between them, the ways are as many as their values combined.
    package func match(_ path: ScanPath) throws(PathPatternError) -> [[UInt8]]? {
        var search = Search(tokens: tokens, bytes: path.bytes, placeholderCount: placeholders.count)
        if search.matches(token: 0, at: 0) { return search.values.map { Array(path.bytes[$0 ?? 0..<0]) } }
        if search.stepsLeft <= 0 { throw .tooManyWays(text, path: path) }
        return nil
    }

    private static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
        !bytes.isEmpty
            && bytes.allSatisfy { byte in
                let letter = Unicode.Scalar(byte)
                return ("a"..."z").contains(letter) || ("A"..."Z").contains(letter)
                    || ("0"..."9").contains(letter) || letter == "_" || letter == "-"
            }
    }

    /// Tries every way, and none twice: where a path failed from is remembered, with the values that decide what
    /// follows.
    private struct Search {
        let tokens: [Token]
        let bytes: [UInt8]
        var values: [Range<Int>?]
        /// A step is a byte looked at; what takes longer, or memory, counts as more. Without one left nothing matches
        /// any more.
        private(set) var stepsLeft = 16_000_000
        private var failed: Set<Place> = []
        /// The placeholders that stand more than once, from first to last token.
        private let repeated: [(placeholder: Int, uses: ClosedRange<Int>)]
        /// The number of the values that decide what follows; 0: none does.
        private var deciding = 0
        private var numbers: [Values: Int] = [:]

        private struct Place: Hashable {
            let index: Int
            let deciding: Int
        }

        /// Of one placeholder, besides those that have a number.
        private struct Values: Hashable {
            let others: Int
            let placeholder: Int
            let value: Range<Int>
        }

        init(tokens: [Token], bytes: [UInt8], placeholderCount: Int) {
            (self.tokens, self.bytes) = (tokens, bytes)
            values = Array(repeating: nil, count: placeholderCount)
            repeated = (0..<placeholderCount).compactMap { placeholder in
                let uses = tokens.indices.filter { tokens[$0] == .placeholder(placeholder) }
                guard uses.count > 1, let first = uses.first, let last = uses.last else { return nil }
                return (placeholder, first...last)
            }
        }

        mutating func matches(token: Int, at position: Int) -> Bool {
            var (token, position) = (token, position)
            stepsLeft -= 1
            while stepsLeft > 0, token < tokens.count, let next = plain(tokens[token], at: position) {
                guard let next else { return false }
                stepsLeft -= next - position
                (token, position) = (token + 1, next)
            }
            guard stepsLeft > 0, token < tokens.count else { return stepsLeft > 0 && position == bytes.count }
            stepsLeft -= deciding == 0 ? 8 : 24
            let place = Place(index: token * (bytes.count + 1) + position, deciding: deciding)
            if failed.contains(place) { return false }
            let found = tries(token: token, at: position)
            if !found { failed.insert(place) }
            return found
        }

        /// Where a byte or one letter ends, `.some(nil)` where it does not match; nil for what has many ways.
        private func plain(_ token: Token, at position: Int) -> Int?? {
            switch token {
            case .byte(let byte):
                return position < bytes.count && bytes[position] == byte ? position + 1 : .some(nil)
            case .letter:
                guard position < bytes.count, bytes[position] != UInt8(ascii: "/") else { return .some(nil) }
                // The bytes of one letter beyond ASCII belong together.
                var next = position + 1
                while next < bytes.count, bytes[position] >= 0xc0, bytes[next] & 0xc0 == 0x80 { next += 1 }
                return next
            default: return nil
            }
        }

        private mutating func tries(token: Int, at position: Int) -> Bool {
            switch tokens[token] {
            case .byte, .letter: return false
            case .star:
                return (position...nameEnd(from: position)).contains { matches(token: token + 1, at: $0) }
            case .doubleStar:
                return (position...bytes.count).contains { matches(token: token + 1, at: $0) }
            case .folders:
                stepsLeft -= bytes.count - position
                return (position...bytes.count).contains { next in
                    (next == position || bytes[next - 1] == UInt8(ascii: "/"))
                        && matches(token: token + 1, at: next)
                }
            case .placeholder(let index):
                return placeholder(index, token: token, at: position)
            }
        }

        private mutating func placeholder(_ index: Int, token: Int, at position: Int) -> Bool {
            let before = deciding
            defer { deciding = before }
            if let value = values[index] {
                stepsLeft -= value.count
                guard bytes[position...].starts(with: bytes[value]) else { return false }
                decide(from: token + 1)
                return matches(token: token + 1, at: position + value.count)
            }
            for end in (position...nameEnd(from: position)).reversed() where end > position {
                values[index] = position..<end
                decide(from: token + 1)
                if matches(token: token + 1, at: end) { return true }
            }
            values[index] = nil
            return false
        }

        /// A value that no token from here on asks for decides nothing.
        private mutating func decide(from token: Int) {
            deciding = 0
            for (placeholder, uses) in repeated where uses.contains(token) {
                guard let value = values[placeholder] else { continue }
                stepsLeft -= 32
                let all = Values(others: deciding, placeholder: placeholder, value: value)
                deciding = numbers[all] ?? numbers.count + 1
                numbers[all] = deciding
            }
        }

        /// Where the folder or file name that holds this position ends.
        private func nameEnd(from position: Int) -> Int {
            bytes[position...].firstIndex(of: UInt8(ascii: "/")) ?? bytes.count
        }
    }
}

/// What is wrong with a pattern.
public enum PathPatternError: Error, Equatable, CustomStringConvertible {
    case empty
    case absolute(String)
    case openBrace(String)
    case placeholderName(String, pattern: String)
    /// The patterns of a case must find the same values.
    case placeholdersDiffer(String, from: String)
    case noPlaceholder(String)
    case tooManyStars(String)
    case tooManyWays(String, path: ScanPath)

    public var description: String {
        switch self {
        case .empty: "the pattern is empty; **/* takes every scan"
        case .absolute(let text): "the pattern \(text) begins with /; write it relative to the input folder"
        case .openBrace(let text): "the pattern \(text) has a { or } without its partner; write {case}"
        case .placeholderName(let name, let text):
            "the pattern \(text) has the placeholder {\(name)}; use letters, digits, _ and -, as in {case}"
        case .placeholdersDiffer(let text, let first):
            "the pattern \(text) has other placeholders than \(first); every pattern of a case needs the same ones"
        case .noPlaceholder(let text):
            "the pattern \(text) has no placeholder; put {case} where the name of the case stands"
        case .tooManyStars(let text):
            "the pattern \(text) has more than 32 stars and placeholders; make it simpler"
        case .tooManyWays(let text, let path):
            "the pattern \(text) can be laid over \(path) in more ways than can be tried; "
                + "use fewer stars, above all between placeholders that stand twice"
        }
    }
}
