import MedPrep
import MedPrepCore
import Testing

@Suite("Diagnostics") struct DiagnosticsTests {
    /// One fault under the text between « and », which are taken out.
    func marked(_ text: String, label: String? = nil, help: String? = nil) -> Diagnostics {
        let bytes = Array(text.utf8)
        let (open, close) = (Array("«".utf8), Array("»".utf8))
        let start = bytes.firstRange(of: open)?.lowerBound ?? 0
        let end = (bytes.firstRange(of: close)?.lowerBound ?? bytes.count) - 2
        let plain = bytes.split(separator: open, omittingEmptySubsequences: false).joined()
        let source = SourceText(
            name: "p.json",
            bytes: Array(Array(plain).split(separator: close, omittingEmptySubsequences: false).joined()))
        return Diagnostics(source, [Diagnostic(.fault, start..<end, "wrong", label: label, help: help)])
    }

    @Test("a fault is place, line, carets and help")
    func whole() {
        let found = marked(
            "{\n  \"steps\": [\n    {\"op\": \"orient\"},\n    {\"op\": «\"resampel\"», \"spacing_ijk\": [1, 1, 1]}\n]}",
            label: "no step has this name", help: "did you mean \"resample\"?")
        let expected = """
            p.json:4:12: error: wrong
              4 |     {"op": "resampel", "spacing_ijk": [1, 1, 1]}
                |            ^^^^^^^^^^ no step has this name
              help: did you mean "resample"?
            """
        #expect(found.description == expected)
    }

    @Test("without label and help, nothing stands there")
    func bare() {
        #expect(marked("[«1»]").description == "p.json:1:2: error: wrong\n  1 | [1]\n    |  ^")
    }

    @Test("an empty range, also at the end of the text, gets one caret")
    func empty() {
        #expect(marked("[1«» 2]").description == "p.json:1:3: error: wrong\n  1 | [1 2]\n    |   ^")
        #expect(marked("[\n«»").description == "p.json:2:1: error: wrong\n  2 | \n    | ^")
        // A file without a byte has no place to show.
        #expect(marked("«»").description == "p.json: error: wrong")
    }

    @Test("a range over several lines is marked to the end of its first, \\r\\n or not")
    func lines() {
        #expect(marked("[«1,\r\n2»]\r\n").description == "p.json:1:2: error: wrong\n  1 | [1,\n    |  ^^")
        #expect(marked("[1,\r\n«2»]\r\n").description == "p.json:2:1: error: wrong\n  2 | 2]\n    | ^")
    }

    @Test("tabs, wide letters, marks and invisible characters keep the caret in its place")
    func widths() {
        #expect(marked("\t«1»").description == "p.json:1:2: error: wrong\n  1 |     1\n    |     ^")
        #expect(marked("日本«語»").description == "p.json:1:3: error: wrong\n  1 | 日本語\n    |     ^^")
        #expect(
            marked("e\u{301}🧠«x»").description == "p.json:1:4: error: wrong\n  1 | e\u{301}🧠x\n    |    ^")
        let escaped = marked("\u{1b}[31m\u{202e}«x»\u{0}").description
        #expect(
            escaped == "p.json:1:7: error: wrong\n  1 | \\u001b[31m\\u202ex\\u0000\n    |                 ^")
    }

    @Test("broken UTF-8 is shown replaced")
    func broken() {
        let source = SourceText(name: "p.json", bytes: [0x22, 0xff, 0x22, 0x31])
        let text = Diagnostics(source, [Diagnostic(.fault, 1..<2, "wrong")]).description
        #expect(text == "p.json:1:2: error: wrong\n  1 | \"\u{fffd}\"1\n    |  ^")
        let stray = SourceText(name: "p.json", bytes: [0x80, 0x80, 0x31])
        let first = Diagnostics(stray, [Diagnostic(.fault, 0..<1, "odd\n\u{1b}", label: "\0", help: "\r")])
        let expected = """
            p.json:1:1: error: odd\\u000a\\u001b
              1 | \u{fffd}\u{fffd}1
                | ^ \\u0000
              help: \\u000d
            """
        #expect(first.description == expected)
    }

    @Test("a long line is cut around the caret")
    func long() {
        let sides = String(repeating: "a", count: 90)
        let around = marked(sides + "«XYZ»" + sides).description
        let expected =
            "p.json:1:91: error: wrong\n  1 | …" + String(repeating: "a", count: 48) + "XYZ"
            + String(repeating: "a", count: 45) + "…\n    | " + String(repeating: " ", count: 49) + "^^^"
        #expect(around == expected)

        let range = marked("ab«" + sides + sides + "»").description
        let ending =
            "p.json:1:3: error: wrong\n  1 | ab" + String(repeating: "a", count: 94) + "…\n    |   "
            + String(repeating: "^", count: 94)
        #expect(range == ending)
    }

    @Test("a place far into a line of a megabyte is right")
    func far() {
        let text = "{\n" + String(repeating: "é", count: 500_000)
        let source = SourceText(name: "p.json", bytes: Array(text.utf8))
        #expect(source.place(of: 2 + 2 * 400_000).description == "2:400001")
        #expect(source.place(of: .max).description == "2:500001")
        #expect(source.place(of: -5).description == "1:1")
        let middle = 2 + 2 * 400_000
        let excerpt = source.excerpt(of: middle..<middle + 2, label: nil)
        let line = "2 | …" + String(repeating: "é", count: 96) + "…"
        #expect(excerpt == line + "\n  | " + String(repeating: " ", count: 49) + "^")
    }

    @Test("are listed by place, doubts among them; strict makes them faults")
    func order() {
        let source = SourceText(name: "a\u{1b}b.json", bytes: Array("[1,\n2]".utf8))
        let doubt = Diagnostic(.doubt, 4..<5, "second")
        let list = Diagnostics(source, [doubt, Diagnostic(.fault, 1..<2, "first", help: "h"), doubt])
        let expected = """
            a\\u001bb.json:1:2: error: first
              1 | [1,
                |  ^
              help: h
            a\\u001bb.json:2:1: warning: second
              2 | 2]
                | ^
            a\\u001bb.json:2:1: warning: second
              2 | 2]
                | ^
            """
        #expect(list.description == expected)
        #expect(list.hasFaults && !Diagnostics(source, [doubt]).hasFaults)
        #expect(Diagnostics(source, [doubt]).strict.list == [Diagnostic(.fault, 4..<5, "second")])
    }

    @Test("JSON names file, line, column and end")
    func json() {
        let source = SourceText(name: "p.json", bytes: Array("[\n\"é\"]".utf8))
        let list = Diagnostics(source, [Diagnostic(.doubt, 2..<6, "odd", label: "here")])
        let expected: JSONValue = [
            [
                "file": "p.json", "line": 2, "column": 1, "end_line": 2, "end_column": 4,
                "severity": "warning",
                "message": "odd", "label": "here", "help": nil,
            ]
        ]
        #expect(list.json == expected)
    }
}
