import MedPrepCore
import Testing

@Suite("JSONValue") struct JSONValueTests {
    private let report: JSONValue = [
        "name": "a \"b\"\\\n", "sizes": [1, 2, 3], "matrix": [[1.5, 0], [0, -0.25]], "empty": [:], "none": [],
        "steps": [["op": "clip", "min": nil], ["op": "orient"]], "ok": true,
    ]

    @Test("on one line")
    func line() {
        let expected =
            #"{"name": "a \"b\"\\\n", "sizes": [1, 2, 3], "matrix": [[1.5, 0], [0, -0.25]], "empty": {}, "#
            + #""none": [], "steps": [{"op": "clip", "min": null}, {"op": "orient"}], "ok": true}"#
        #expect(report.line == expected)
    }

    @Test("over several lines, with plain lists on one")
    func text() {
        let expected = #"""
            {
              "name": "a \"b\"\\\n",
              "sizes": [1, 2, 3],
              "matrix": [[1.5, 0], [0, -0.25]],
              "empty": {},
              "none": [],
              "steps": [
                {
                  "op": "clip",
                  "min": null
                },
                {
                  "op": "orient"
                }
              ],
              "ok": true
            }
            """#
        #expect(report.text() == expected)
        #expect(JSONValue.string("x").text() == "\"x\"")
    }

    @Test("numbers are the shortest text that reads back the same")
    func numbers() {
        let cases: [(Double, String)] = [
            (0.1, "0.1"), (1, "1"), (-3, "-3"), (-0.0, "-0.0"), (1e300, "1e+300"), (.nan, "null"),
            (.infinity, "null"), (-.infinity, "null"), (9_007_199_254_740_991, "9007199254740991"),
            (0.30000000000000004, "0.30000000000000004"),
        ]
        for (number, text) in cases { #expect(JSONValue.number(number).line == text) }
        for number in [
            1.0 / 3, 2.2250738585072014e-308, 1.7976931348623157e308, 9_007_199_254_740_992, 123_456.789,
        ] {
            #expect(Double(JSONValue.number(number).line) == number)
        }
        #expect(JSONValue.integer(.min).line == "-9223372036854775808")
    }

    @Test("control characters are escaped, all others written as they are")
    func strings() {
        #expect(JSONValue.string("\t\r\u{1}\u{7f}é😀/").line == #""\t\r\u0001\u007fé😀/""#)
    }

    @Test("is asked for a value by kind")
    func values() {
        #expect(report["ok"]?.bool == true && report["nothing"] == nil && JSONValue.null["ok"] == nil)
        #expect(JSONValue.number(3).int == 3 && JSONValue.number(3.5).int == nil)
        #expect(JSONValue.number(1e300).int == nil && JSONValue.number(.nan).int == nil)
        #expect(JSONValue.integer(3).double == 3 && JSONValue.string("3").double == nil)
        #expect(report["sizes"]?.array?.count == 3 && report["sizes"]?.members == nil)
        #expect(report.members?.map(\.key).prefix(2) == ["name", "sizes"])
        let kinds = [nil, true, 1, 1.5, "x", [], [:] as JSONValue].map { (value: JSONValue) in value.kind }
        let expected = ["null", "true or false", "a number", "a number", "a text", "a list", "an object"]
        #expect(kinds == expected)
        #expect(
            JSONValue.numbers([1, 2.5]).line == "[1, 2.5]" && JSONValue.integers([1, 2]).line == "[1, 2]")
    }
}
