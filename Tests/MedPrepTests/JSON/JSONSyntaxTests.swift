import MedPrep
import Testing

@Suite("JSON syntax errors") struct JSONSyntaxTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        let text: String
        let place: String
        let message: String
        var testDescription: String { text }

        init(_ text: String, _ place: String, _ message: String) {
            (self.text, self.place, self.message) = (text, place, message)
        }
    }

    /// The first lines are what the error says, the last ones its help.
    static let faults = [
        // Whole texts
        Fault("", "1:1", "there is no JSON value in the text | write a value, such as {}"),
        Fault(" \n\t ", "2:3", "there is no JSON value in the text | write a value, such as {}"),
        Fault(
            "\u{feff}{}", "1:1",
            "the text begins with a byte order mark | save the file as UTF-8 without a byte order mark (BOM)"),
        Fault("{\0\"\0", "1:1", "the text is UTF-16; UTF-8 is expected | save the file as UTF-8"),
        Fault(
            "{} {}", "1:4",
            "the end of the text is expected, not { | a file holds one value; remove what follows it"),
        Fault(
            "{},", "1:3",
            "the end of the text is expected, not , | a file holds one value; remove what follows it"),
        Fault("{}\n}", "2:1", "the end of the text is expected, not } | remove it, or open it further up"),
        Fault("[]]", "1:3", "the end of the text is expected, not ] | remove it, or open it further up"),
        Fault("nullnull", "1:1", "the text nullnull is not in quotes | write \"nullnull\""),
        Fault("}", "1:1", "a value is expected, not } | -"),
        // Commas
        Fault("[1, 2,]", "1:6", "a comma stands before the closing ] | remove this comma"),
        Fault("{\"a\": 1,\n}", "1:8", "a comma stands before the closing } | remove this comma"),
        Fault(
            "[,1]", "1:2",
            "a comma stands where nothing is before it | remove this comma, or write a value before it"),
        Fault(
            "[1,,2]", "1:4",
            "a comma stands where nothing is before it | remove this comma, or write a value before it"),
        Fault(
            "{,}", "1:2",
            "a comma stands where nothing is before it | remove this comma, or write a value before it"),
        Fault(
            "{\"a\": ,}", "1:7",
            "a comma stands where nothing is before it | remove this comma, or write a value before it"),
        Fault("[1 2]", "1:3", "a comma is missing | -"),
        Fault("{\"a\": 1\n \"b\": 2}", "1:8", "a comma is missing | -"),
        Fault("[{} {}]", "1:4", "a comma is missing | -"),
        Fault("[\"say \"hi\"\"]", "1:8", "a comma is missing | a quote inside a text is written \\\""),
        Fault("[1; 2]", "1:3", "a comma or ] is expected, not ; | -"),
        Fault("{\"a\": 1; \"b\": 2}", "1:8", "a comma or } is expected, not ; | -"),
        Fault(
            "[\"a\": 1]", "1:5",
            "a comma or ] is expected, not : | keys stand in { }, a list in [ ] holds values only"),
        // Brackets
        Fault("[1, 2", "1:1", "this [ is never closed | add the missing ]"),
        Fault("{\"a\": [1, 2]\n", "1:1", "this { is never closed | add the missing }"),
        Fault("{\"a\": {\"b\"", "1:7", "this { is never closed | add the missing }"),
        Fault("{\"a\":", "1:1", "this { is never closed | add the missing }"),
        Fault("[1,", "1:1", "this [ is never closed | add the missing ]"),
        Fault("[1}", "1:3", "} stands where ] or a comma is expected | -"),
        Fault("{\"a\": 1]", "1:8", "] stands where } or a comma is expected | -"),
        Fault("[}", "1:2", "a value is expected, not } | -"),
        Fault("{\"a\": }", "1:7", "a value is expected, not } | -"),
        // Keys and colons
        Fault("{a: 1}", "1:2", "the key a is not in quotes | write \"a\""),
        Fault("{1: 2}", "1:2", "the key 1 is not in quotes | write \"1\""),
        Fault("{[1]: 2}", "1:2", "a key in double quotes is expected, not [ | -"),
        Fault("{\"a\" 1}", "1:5", "a colon is missing after the key \"a\" | -"),
        Fault("{\"a\" = 1}", "1:6", "a colon is expected, not = | write : between a key and its value"),
        Fault("{\"a\", \"b\"}", "1:5", "a colon is expected, not , | -"),
        Fault("{\"a\"}", "1:5", "a colon is expected, not } | -"),
        Fault("{\"a\":: 1}", "1:6", "a value is expected, not : | -"),
        // Comments and quotes
        Fault(
            "{ // why\n}", "1:3",
            "JSON has no comments | remove it, or write it as a key: \"_comment\": \"...\""),
        Fault(
            "[1, /* x */ 2]", "1:5",
            "JSON has no comments | remove it, or write it as a key: \"_comment\": \"...\""),
        Fault(
            "# x\n{}", "1:1", "JSON has no comments | remove it, or write it as a key: \"_comment\": \"...\""),
        Fault(
            "{} // end", "1:4",
            "JSON has no comments | remove it, or write it as a key: \"_comment\": \"...\""),
        Fault("{'a': 1}", "1:2", "a text stands in single quotes | use double quotes: \"...\""),
        Fault("[\"é\", 'b']", "1:7", "a text stands in single quotes | use double quotes: \"...\""),
        Fault("{“a”: 1}", "1:2", "“ is no quote of JSON | use double quotes: \"...\""),
        // Texts
        Fault(
            "[\"abc]\n", "1:2",
            "this text has no closing quote | add \" at its end; a line break inside a text is written \\n"),
        Fault(
            "[\"abc\\", "1:2",
            "this text has no closing quote | add \" at its end; a line break inside a text is written \\n"),
        Fault("[\"a\tb\"]", "1:4", "a tab stands in a text | write it as \\t"),
        Fault("[\"a\u{1}b\"]", "1:4", "the control character 0x01 stands in a text | write it as \\u0001"),
        Fault("[\"C:\\scans\"]", "1:5", "\\s is no escape of JSON | a backslash is written \\\\"),
        Fault("[\"\\é\"]", "1:3", "\\é is no escape of JSON | a backslash is written \\\\"),
        Fault(
            "[\"C:\\users\"]", "1:5",
            "\\u has fewer than four hexadecimal digits | write it like \\u00e9; a backslash is written \\\\"),
        Fault(
            "[\"\\u12g4\"]", "1:3",
            "\\u12 has fewer than four hexadecimal digits | write it like \\u00e9; a backslash is written \\\\"
        ),
        Fault(
            "[\"\\ud83e\"]", "1:3",
            "\\ud83e is half a character | write both halves, like \\ud83e\\udde0, or the character itself"),
        Fault(
            "[\"\\udde0\\ud83e\"]", "1:3",
            "\\udde0 is half a character | write both halves, like \\ud83e\\udde0, or the character itself"),
        Fault(
            "[\"\\ud83e\\u0041\"]", "1:3",
            "\\ud83e is half a character | write both halves, like \\ud83e\\udde0, or the character itself"),
        // Words
        Fault("[NaN]", "1:2", "NaN is no number of JSON | write null, or leave the key out"),
        Fault("[-Infinity]", "1:2", "-Infinity is no number of JSON | write null, or leave the key out"),
        Fault("[+inf]", "1:2", "+inf is no number of JSON | write null, or leave the key out"),
        Fault("{\"a\": True}", "1:7", "True is no word of JSON | write true"),
        Fault("{\"a\": no}", "1:7", "no is no word of JSON | write false"),
        Fault("[None]", "1:2", "None is no word of JSON | write null"),
        Fault("{\"op\": clip}", "1:8", "the text clip is not in quotes | write \"clip\""),
        Fault("[\u{a0}1]", "1:2", "a value is expected, not \u{a0} | -"),
        Fault("[\u{200b}1]", "1:2", "a value is expected, not \\u200b | -"),
        // Numbers
        Fault("[01]", "1:2", "01 is no number of JSON | write 1"),
        Fault("[-007.50]", "1:2", "-007.50 is no number of JSON | write -7.50"),
        Fault("[+1]", "1:2", "+1 is no number of JSON | write 1"),
        Fault("[.5]", "1:2", ".5 is no number of JSON | write 0.5"),
        Fault("[-.5]", "1:2", "-.5 is no number of JSON | write -0.5"),
        Fault("[1.]", "1:2", "1. is no number of JSON | write 1.0"),
        Fault("[1_000]", "1:2", "1_000 is no number of JSON | write 1000"),
        Fault("[-]", "1:2", "- is no number of JSON | numbers look like 2, -0.5 or 1.5e3"),
        Fault("[1e]", "1:2", "1e is no number of JSON | numbers look like 2, -0.5 or 1.5e3"),
        Fault("[1e+]", "1:2", "1e+ is no number of JSON | numbers look like 2, -0.5 or 1.5e3"),
        Fault("[0x1F]", "1:2", "0x1F is no number of JSON | numbers look like 2, -0.5 or 1.5e3"),
        Fault("[1.2.3]", "1:2", "1.2.3 is no number of JSON | numbers look like 2, -0.5 or 1.5e3"),
        Fault("[1mm]", "1:2", "1mm is no number of JSON | numbers look like 2, -0.5 or 1.5e3"),
        Fault("[1-2]", "1:2", "1-2 is no number of JSON | numbers look like 2, -0.5 or 1.5e3"),
        Fault(
            "[1,\n 1e999]", "2:2",
            "1e999 is too large for a 64-bit number | the largest is 1.7976931348623157e308"),
    ]

    @Test("say what is wrong, where, and what to do", arguments: faults)
    func fault(_ fault: Fault) throws {
        let source = SourceText(name: "p.json", bytes: Array(fault.text.utf8))
        let thrown = #expect(throws: Diagnostics.self) { try source.json() }
        let diagnostic = try #require(thrown?.list.first)
        let place = source.place(of: diagnostic.range.lowerBound)
        #expect(place.description == fault.place)
        #expect("\(diagnostic.message) | \(diagnostic.help ?? "-")" == fault.message)
        #expect(thrown?.list.count == 1)
    }

    @Test(
        "point at the byte that is not UTF-8",
        arguments: [
            ([0x5b, 0x22, 0xff], 2, 0xff), ([0x5b, 0x22, 0xc3, 0x22], 2, 0xc3),
            ([0x22, 0xc0, 0x80, 0x22], 1, 0xc0),
            ([0x22, 0xed, 0xa0, 0x80, 0x22], 1, 0xed), ([0x22, 0xf4, 0x90, 0x80, 0x80, 0x22], 1, 0xf4),
            ([0x22, 0xe2, 0x82], 1, 0xe2), ([0x5b, 0x80, 0x5d], 1, 0x80),
            ([0x22, 0x5c, 0xff, 0x22], 2, 0xff),
            ([0x22, 0xf0, 0x8f, 0x80, 0x80, 0x22], 1, 0xf0), ([0x22, 0xe0, 0x9f, 0x80, 0x22], 1, 0xe0),
        ] as [([UInt8], Int, UInt8)])
    func encoding(bytes: [UInt8], offset: Int, byte: UInt8) throws {
        let error = #expect(throws: JSONSyntaxError.self) { try JSONReader.read(bytes) }
        #expect(error == JSONSyntaxError(.notUTF8(byte), offset..<offset + 1))
    }

    @Test(
        "UTF-16 of either order is named",
        arguments: [[0xff, 0xfe, 0x7b, 0], [0xfe, 0xff, 0, 0x7b], [0, 0x7b]])
    func utf16(bytes: [UInt8]) throws {
        let error = #expect(throws: JSONSyntaxError.self) { try JSONReader.read(bytes) }
        #expect(error == JSONSyntaxError(.utf16, 0..<2))
    }

    @Test("nesting ends at 64")
    func depth() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(try JSONReader.read(nested(64)).range == 0..<128)
        let error = #expect(throws: JSONSyntaxError.self) { try JSONReader.read(nested(65)) }
        #expect(error == JSONSyntaxError(.tooDeep, 64..<65))
        #expect(error?.description == "lists and objects stand more than 64 deep in each other")
    }

    @Test("10 MB of [ fail at the 65th")
    func deepest() throws {
        let bytes = [UInt8](repeating: UInt8(ascii: "["), count: 10_000_000)
        let error = #expect(throws: JSONSyntaxError.self) { try JSONReader.read(bytes) }
        #expect(error == JSONSyntaxError(.tooDeep, 64..<65))
    }

    @Test("a million digits give one short message")
    func longNumber() throws {
        let bytes = [UInt8](repeating: UInt8(ascii: "9"), count: 1_000_000)
        let error = #expect(throws: JSONSyntaxError.self) { try JSONReader.read(bytes) }
        let nines = String(repeating: "9", count: 59)
        #expect(error?.description == "\(nines)… is too large for a 64-bit number")
    }
}
