import MedPrepCore
import MedPrepOperators
import Testing

/// An operator with a parameter of every form.
private struct Specimen: Operator {
    enum Preset: String, CaseIterable, ParameterValue { case plain, fancy }

    static let card = Card<Self>(
        "Holds a parameter of every form.",
        [
            Parameter("number", \.number, "A number.", .above(0), .below(10)),
            Parameter("preset", \.preset, "Chooses the text.", .preset),
            Parameter("flag", \.flag, "A truth."),
            Parameter("count", \.count, "A whole number.", .atLeast(1), .atMost(5), .unit("voxels")),
            Parameter("text", \.text, "A text."),
            Parameter("single", \.single, "A Float."),
            Parameter("ranks", \.ranks, "A list.", .atLeast(0)),
            Parameter("limit", \.limit, "A number or null."),
            Parameter("size", \.size, "A triplet.", .required, .atLeast(1)),
            Parameter("keep", \.keep, "A triplet whose axes may be null."),
            Parameter("gains", \.gains, "A number or a list."),
        ], formula: "none", sameAs: "nothing")

    var number = 0.5
    var preset: Preset?
    var flag = false
    var count = 1
    var text = "default"
    var single: Float = 0
    var ranks = [1.0, 2]
    var limit: Double?
    var size: Triplet<Int>?
    var keep = Triplet<Double?>(nil)
    var gains = PerChannel.all(1)
    init() {}

    mutating func adoptPreset() { if preset == .fancy { (text, number) = ("fancy", 9) } }

    func check() throws(ParameterError) {
        if count == 4 { throw .conflict(["count", "flag"], reason: "count 4 brings bad luck") }
    }
}

@Suite("Parameters") struct ParameterTests {
    private func decode(_ json: JSONValue) throws -> Specimen { try Specimen(parameters: json.members ?? []) }

    private func message(_ json: JSONValue) -> String {
        do throws(ParameterErrors) {
            _ = try Specimen(parameters: json.members ?? [])
            return "accepted"
        } catch {
            return error.description
        }
    }

    /// With the required parameter.
    private func with(_ key: String, _ value: JSONValue) -> JSONValue {
        .object([.init("size_ijk", 2), .init(key, value)])
    }

    @Test("a missing key is the default, null a value where it may be")
    func defaults() throws {
        let step = try decode(["size_ijk": 3])
        #expect(step.number == 0.5 && step.text == "default" && step.limit == nil && step.ranks == [1, 2])
        #expect(step.size == Triplet(3))
        #expect(try decode(with("limit", 2)).limit == 2)
        #expect(try decode(with("limit", nil)).limit == nil)
        #expect(message(with("number", nil)) == "number is null; expected a number")
    }

    @Test("every form is read from its JSON, whole numbers also from 3.0")
    func forms() throws {
        #expect(try decode(with("flag", true)).flag)
        #expect(try decode(with("count", 3.0)).count == 3)
        #expect(try decode(with("number", 3)).number == 3)
        #expect(try decode(with("single", 0.1)).single == 0.1)
        #expect(try decode(with("ranks", [])).ranks == [])
        #expect(try decode(with("gains", [1, 2])).gains == .each([1, 2]))
        #expect(try decode(with("gains", 4)).gains == .all(4))
        #expect(try decode(with("preset", "plain")).preset == .plain)
    }

    @Test("a triplet is spelled (x, y, z), (z, y, x) or once for all, null keeping an axis")
    func triplets() throws {
        #expect(try decode(["size_ijk": [1, 2, 3]]).size == Triplet(1, 2, 3))
        #expect(try decode(["size_dhw": [1, 2, 3]]).size == Triplet(3, 2, 1))
        #expect(try decode(["size_dhw": 4]).size == Triplet(4))
        #expect(try decode(with("keep_dhw", [nil, 2, 0.5])).keep == Triplet(0.5, 2, nil))
        #expect(try decode(with("keep_ijk", nil)).keep == Triplet(nil))
        #expect(
            try decode(["size_dhw": [1, 2, 3]]).parameters.first { $0.key == "size_ijk" }?.value.line
                == "[3, 2, 1]")
        #expect(
            message(["size_ijk": 1, "size_dhw": 1]) == "size_ijk and size_dhw say the same thing; keep one")
        #expect(
            message(["size_ijk": 1, "keep": 1])
                == "keep does not say its axis order; write keep_ijk (x, y, z) or keep_dhw (z, y, x)")
        #expect(
            message(["size_ijk": [1, 2]])
                == "size_ijk is [1, 2]; expected three values (x, y, z), each a whole number, or one for all three"
                + " or null")
    }

    @Test("a preset is decoded first wherever it stands, and a key that is written wins")
    func presets() throws {
        let chosen = try decode(["size_ijk": 1, "preset": "fancy"])
        #expect(chosen.text == "fancy" && chosen.number == 9)
        let won = try decode(["text": "mine", "size_ijk": 1, "preset": "fancy"])
        #expect(won.text == "mine" && won.number == 9)
    }

    @Test("bounds hold for every number of a list or triplet, and name the first that is broken")
    func bounds() {
        #expect(message(with("number", 0)) == "number is 0; expected above 0")
        #expect(message(with("number", 10)) == "number is 10; expected below 10")
        #expect(message(with("count", 6)) == "count is 6; expected at most 5")
        #expect(message(with("ranks", [1, -2, 3])) == "ranks is -2; expected at least 0")
        #expect(message(["size_dhw": [0, 1, 1]]) == "size_dhw is 0; expected at least 1")
    }

    @Test("numbers that do not fit are refused, not rounded")
    func hostile() {
        #expect(message(with("single", .number(1e39))) == "single is 1e+39; expected a number")
        #expect(message(with("count", .number(1e300))) == "count is 1e+300; expected a whole number")
        #expect(message(with("count", 1.5)) == "count is 1.5; expected a whole number")
        #expect(message(with("number", .number(.nan))) == "number is null; expected a number")
        #expect(message(with("gains", [])) == "gains is []; expected a number, or a list, each a number")
    }

    @Test("all faults are told together; the check waits until there are none")
    func together() {
        #expect(
            message(["count": 4, "flag": 1, "nmber": 2])
                == "flag is 1; expected true or false; \"size_ijk\" or \"size_dhw\" is missing; "
                + "it has no default; unknown parameter \"nmber\"")
        #expect(message(with("count", 4)) == "count 4 brings bad luck")
        #expect(message(["size_ijk": 1, "_why": "a comment"]) == "accepted")
    }

    @Test("values are written with their resolved defaults, in the order of the card")
    func written() throws {
        let expected =
            #"{"number": 9, "preset": "fancy", "flag": false, "count": 1, "text": "fancy", "single": 0.1, "#
            + #""ranks": [1, 2], "limit": null, "size_ijk": [2, 2, 2], "keep_ijk": [null, null, null], "gains": 1}"#
        let step = try decode(["size_ijk": 2, "single": 0.1, "preset": "fancy"])
        #expect(JSONValue.object(step.parameters).line == expected)
    }

    @Test("every form says what it expects")
    func descriptions() {
        let forms: [(ParameterForm, String)] = [
            (.boolean, "true or false"), (.integer, "a whole number"), (.number, "a number"),
            (.text, "a text"),
            (.choice(["a", "b"]), "\"a\", \"b\""), (.list(.integer), "a list, each a whole number"),
            (.optional(.text), "a text or null"),
            (.triplet(.number), "three values (x, y, z), each a number, or one for all three"),
            (.object([.init("t", .number)]), "{\"t\": a number}"),
            (.either([.text, .boolean]), "a text, or true or false"),
        ]
        for (form, text) in forms { #expect(form.description == text) }
        let tripletForms: [ParameterForm] = [
            .triplet(.text), .optional(.triplet(.text)), .either([.text, .triplet(.text)]),
        ]
        #expect(tripletForms.allSatisfy { $0.isTriplet })
        #expect(ParameterForm.list(.triplet(.text)).isTriplet)
        let rules: [(ParameterRule, String)] = [
            (.required, "required"), (.preset, "chooses defaults of the others"), (.atLeast(1), "at least 1"),
            (.above(0.5), "above 0.5"), (.atMost(-2), "at most -2"), (.below(1e9), "below 1000000000"),
            (.unit("mm"), "mm"),
        ]
        for (rule, text) in rules { #expect(rule.description == text) }
    }
}

@Suite("ParameterError") struct ParameterErrorTests {
    @Test("says what was found, what was expected and which key it is about")
    func texts() {
        let errors: [(ParameterError, String, [String])] = [
            (.unknown("maks", known: ["mask"]), "unknown parameter \"maks\"", ["maks"]),
            (.missing(["a"]), "\"a\" is missing; it has no default", []),
            (.missing(["a", "b"]), "\"a\" or \"b\" is missing; it has no default", []),
            (.wrongForm("a", found: ["b": 1], expected: "a text"), "a is {\"b\": 1}; expected a text", ["a"]),
            (.outOfRange("a", found: 0.1, expected: "above 1"), "a is 0.1; expected above 1", ["a"]),
            (
                .bothSpellings(["a_ijk", "a_dhw"]), "a_ijk and a_dhw say the same thing; keep one",
                ["a_ijk", "a_dhw"]
            ),
            (
                .noSuffix("a"), "a does not say its axis order; write a_ijk (x, y, z) or a_dhw (z, y, x)",
                ["a"]
            ),
            (.conflict(["a", "b"], reason: "a and b"), "a and b", ["a", "b"]),
        ]
        for (error, text, keys) in errors {
            #expect(error.description == text)
            #expect(error.keys == keys)
        }
        #expect(ParameterErrors(errors.prefix(2).map(\.0)).description == "\(errors[0].1); \(errors[1].1)")
    }
}
