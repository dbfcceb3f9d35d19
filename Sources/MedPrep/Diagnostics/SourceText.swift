/// The text of a file, for messages: its name, its bytes and where its lines begin.
package struct SourceText: Sendable {
    /// As the user wrote it.
    package let name: String
    package let bytes: [UInt8]
    private let lineStarts: [Int]
    /// Characters that begin before byte `step`·i, so a column on a line of megabytes is found at once.
    private let charactersBefore: [Int]
    private static let step = 1024

    package init(name: String, bytes: [UInt8]) {
        (self.name, self.bytes) = (name, bytes)
        var (lineStarts, charactersBefore, characters) = ([0], [Int](), 0)
        for (offset, byte) in bytes.enumerated() {
            if offset % Self.step == 0 { charactersBefore.append(characters) }
            if Self.beginsCharacter(byte) { characters += 1 }
            if byte == 0x0a { lineStarts.append(offset + 1) }
        }
        charactersBefore.append(characters)
        (self.lineStarts, self.charactersBefore) = (lineStarts, charactersBefore)
    }

    /// A place as editors show it: both count from 1, the column in Unicode characters (scalars).
    package struct Place: Hashable, Sendable, CustomStringConvertible {
        package let line: Int
        package let column: Int
        package var description: String { "\(line):\(column)" }
    }

    package func place(of offset: Int) -> Place {
        let offset = min(max(offset, 0), bytes.count)
        let line = lineIndex(of: offset)
        return Place(
            line: line + 1, column: characters(before: offset) - characters(before: lineStarts[line]) + 1)
    }

    /// The bytes of the line that holds `offset`, without its line break.
    package func line(around offset: Int) -> Range<Int> {
        let line = lineIndex(of: min(max(offset, 0), bytes.count))
        let start = lineStarts[line]
        if line + 1 == lineStarts.count { return start..<bytes.count }
        let end = lineStarts[line + 1] - 1
        return start..<(end > start && bytes[end - 1] == 0x0d ? end - 1 : end)
    }

    static func beginsCharacter(_ byte: UInt8) -> Bool { byte & 0xc0 != 0x80 }

    /// The last line that begins at or before `offset`, by halving.
    private func lineIndex(of offset: Int) -> Int {
        var (low, high) = (0, lineStarts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        return low
    }

    private func characters(before offset: Int) -> Int {
        let mark = offset / Self.step
        return bytes[mark * Self.step..<offset].reduce(charactersBefore[mark]) {
            $0 + (Self.beginsCharacter($1) ? 1 : 0)
        }
    }
}
