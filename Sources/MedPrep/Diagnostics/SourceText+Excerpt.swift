extension SourceText {
    /// The line with carets under a range, cut to what matters around it.
    ///
    ///     4 |     {"op": "resampel"}
    ///       |            ^^^^^^^^^^ no step has this name
    ///
    /// Tabs become four blanks, what does not show its escape. A range that goes on after the line is marked to the
    /// line's end; an empty one by one caret.
    package func excerpt(of range: Range<Int>, label: String?) -> String {
        let line = line(around: range.lowerBound)
        let start = min(max(range.lowerBound, line.lowerBound), line.upperBound)
        let end = min(max(range.upperBound, start), line.upperBound)
        // Only the bytes that can show are looked at, so a line of megabytes costs no more than another.
        let first = start - line.lowerBound > 512 ? characterStart(start - 512) : line.lowerBound
        let window = first..<min(line.upperBound, start + 512)
        let before = glyphs(window.lowerBound..<start)
        let marked = glyphs(start..<min(end, window.upperBound))
        let after = glyphs(min(end, window.upperBound)..<window.upperBound)

        var (head, body, tail) = (before, marked, after)
        var (isHeadCut, isTailCut) = (
            window.lowerBound > line.lowerBound, window.upperBound < line.upperBound
        )
        if isHeadCut || isTailCut || width(before + marked + after) > Self.excerptWidth {
            head = Array(fitting(before.reversed(), in: Self.excerptWidth / 2).reversed())
            body = fitting(marked, in: Self.excerptWidth - width(head))
            let room = Self.excerptWidth - width(head) - width(body)
            tail = body.count < marked.count ? [] : fitting(after, in: room)
            isHeadCut = isHeadCut || head.count < before.count
            isTailCut = isTailCut || body.count < marked.count || tail.count < after.count
        }
        let ellipsis = Glyph(text: "…", width: 1)
        if isHeadCut { head.insert(ellipsis, at: 0) }
        if isTailCut { tail.append(ellipsis) }

        let number = String(place(of: range.lowerBound).line)
        let gutter = String(repeating: " ", count: number.count)
        let blanks = String(repeating: " ", count: width(head))
        let carets = String(repeating: "^", count: max(width(body), 1))
        let text = (head + body + tail).map { $0.text }.joined()
        return """
            \(number) | \(text)
            \(gutter) | \(blanks)\(carets)\(label.map { " " + $0 } ?? "")
            """
    }

    /// Columns of a line that are shown.
    private static let excerptWidth = 96

    private struct Glyph {
        let text: String
        let width: Int
    }

    private func glyphs(_ range: Range<Int>) -> [Glyph] {
        String(decoding: bytes[range], as: UTF8.self).unicodeScalars.map { scalar in
            if scalar == "\t" { return Glyph(text: "    ", width: 4) }
            let text = scalar.visible
            let isEscape = text.utf8.count > 4
            return Glyph(text: text, width: isEscape ? text.utf8.count : scalar.terminalWidth)
        }
    }

    private func width(_ glyphs: [Glyph]) -> Int { glyphs.reduce(0) { $0 + $1.width } }

    /// The first glyphs that take no more than `room` columns.
    private func fitting(_ glyphs: [Glyph], in room: Int) -> [Glyph] {
        var room = room
        return Array(
            glyphs.prefix { glyph in
                room -= glyph.width
                return room >= 0
            })
    }

    /// The first byte at or after `offset` that begins a character; stray bytes are skipped at most three far.
    private func characterStart(_ offset: Int) -> Int {
        var offset = offset
        for _ in 0..<3 where offset < bytes.count && !Self.beginsCharacter(bytes[offset]) { offset += 1 }
        return offset
    }
}
