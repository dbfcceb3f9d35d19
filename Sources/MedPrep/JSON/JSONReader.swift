/// Reads JSON text (RFC 8259, strictly) into values that know their place.
///
/// One pass over the bytes, in linear time; any bytes give a value or an error with a place. Whole numbers that
/// fit stay integers.
package struct JSONReader {
    /// So many lists and objects may stand in each other: recursion stays far from the end of a thread's stack.
    package static let depthLimit = 64

    let bytes: [UInt8]
    var offset = 0
    private var depth = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    package static func read(_ bytes: [UInt8]) throws(JSONSyntaxError) -> JSONNode {
        var reader = JSONReader(bytes)
        try reader.checkEncoding()
        reader.skipBlanks()
        if reader.byte == nil { throw JSONSyntaxError(.empty, reader.offset..<reader.offset) }
        let node = try reader.value()
        reader.skipBlanks()
        if reader.byte != nil { throw reader.unexpected(.end) }
        return node
    }

    /// The byte to be read next; nil at the end.
    var byte: UInt8? { byte(after: 0) }

    func byte(after distance: Int) -> UInt8? {
        offset + distance < bytes.count ? bytes[offset + distance] : nil
    }

    mutating func value() throws(JSONSyntaxError) -> JSONNode {
        let start = offset
        switch byte {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try list()
        case UInt8(ascii: "\""):
            let text = try text()
            return JSONNode(content: .string(text), range: start..<offset)
        case let digit? where "-0123456789".utf8.contains(digit):
            let number = try number()
            return JSONNode(content: number, range: start..<offset)
        default:
            guard let content = literal() else { throw unexpected(.value) }
            return JSONNode(content: content, range: start..<offset)
        }
    }

    private mutating func list() throws(JSONSyntaxError) -> JSONNode {
        let start = try enter()
        var items: [JSONNode] = []
        while try hasMore(open: start, close: UInt8(ascii: "]"), isFirst: items.isEmpty) {
            items.append(try value())
        }
        depth -= 1
        return JSONNode(content: .array(items), range: start..<offset)
    }

    private mutating func object() throws(JSONSyntaxError) -> JSONNode {
        let start = try enter()
        var members: [JSONNode.Member] = []
        while try hasMore(open: start, close: UInt8(ascii: "}"), isFirst: members.isEmpty) {
            members.append(try member(open: start))
        }
        depth -= 1
        return JSONNode(content: .object(members), range: start..<offset)
    }

    private mutating func member(open: Int) throws(JSONSyntaxError) -> JSONNode.Member {
        let start = offset
        if byte != UInt8(ascii: "\"") { throw unexpected(.key) }
        let key = try text()
        let keyRange = start..<offset
        skipBlanks()
        guard let byte else { throw unclosed(open) }
        if byte != UInt8(ascii: ":") {
            throw beginsValue
                ? JSONSyntaxError(.missingColon(key: key), keyRange.upperBound..<keyRange.upperBound)
                : unexpected(.colon)
        }
        offset += 1
        skipBlanks()
        if self.byte == nil { throw unclosed(open) }
        return JSONNode.Member(key: key, keyRange: keyRange, node: try value())
    }

    /// Goes past an opening bracket and hands back its place.
    private mutating func enter() throws(JSONSyntaxError) -> Int {
        if depth == Self.depthLimit { throw JSONSyntaxError(.tooDeep, offset..<offset + 1) }
        depth += 1
        offset += 1
        return offset - 1
    }

    /// Goes past the comma before the next item, or past the closing bracket when there is none.
    private mutating func hasMore(open: Int, close: UInt8, isFirst: Bool) throws(JSONSyntaxError) -> Bool {
        let end = offset
        skipBlanks()
        guard let byte else { throw unclosed(open) }
        if byte == close {
            offset += 1
            return false
        }
        if isFirst { return true }
        if byte != UInt8(ascii: ",") {
            if !beginsValue { throw unexpected(.commaOrClosing(close)) }
            let isInsideText = end == offset && bytes[end - 1] == UInt8(ascii: "\"")
            throw JSONSyntaxError(.missingComma(isInsideText: isInsideText), end..<end)
        }
        let comma = offset
        offset += 1
        skipBlanks()
        if self.byte == close { throw JSONSyntaxError(.trailingComma(before: close), comma..<comma + 1) }
        if self.byte == nil { throw unclosed(open) }
        return true
    }

    private func unclosed(_ open: Int) -> JSONSyntaxError {
        JSONSyntaxError(.unclosed(bytes[open]), open..<open + 1)
    }

    private mutating func skipBlanks() {
        while let byte, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { offset += 1 }
    }

    /// Goes past `true`, `false` or `null`; nil, unmoved, for any other word.
    private mutating func literal() -> JSONNode.Content? {
        let word = wordRange
        let content: JSONNode.Content
        switch word.count {
        case 4 where bytes[word].elementsEqual("true".utf8): content = .bool(true)
        case 5 where bytes[word].elementsEqual("false".utf8): content = .bool(false)
        case 4 where bytes[word].elementsEqual("null".utf8): content = .null
        default: return nil
        }
        offset = word.upperBound
        return content
    }
}
