import MedPrep
import MedPrepCore
import Testing

@Suite("JSONReader") struct JSONReaderTests {
    func read(_ text: String) throws -> JSONNode { try JSONReader.read(Array(text.utf8)) }

    @Test(
        "reads every kind of value",
        arguments: [
            ("null", .null), (" true\n", .bool(true)), ("false", .bool(false)), ("0", .integer(0)),
            ("-12", .integer(-12)),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1.0", .number(1)),
            ("1e2", .number(100)),
            ("-2.5E-1", .number(-0.25)), ("1e-999", .number(0)), ("0.1", .number(0.1)), ("[]", .array([])),
            ("{}", .object([])), ("[1, [2]]", [1, [2]]),
            ("{\"b\": 1,\r\n\t\"a\": null}", ["b": 1, "a": nil]),
            ("\"\"", ""), ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\u{8}\u{c}\n\r\t"), ("\"\\u00e9é\"", "éé"),
            ("\"\\ud83e\\uDDE0🧠\"", "🧠🧠"), ("\"\\u0000\"", "\0"), ("\"\u{7f}\"", "\u{7f}"), ("\"日本\"", "日本"),
        ] as [(String, JSONValue)])
    func values(text: String, value: JSONValue) throws {
        #expect(try read(text).value == value)
    }

    @Test("-0 keeps its sign")
    func negativeZero() throws {
        let zero = try #require(try read("-0").value.double)
        #expect(zero == 0 && zero.sign == .minus)
    }

    @Test("knows the bytes of keys and values, and keeps order and doubles")
    func ranges() throws {
        let node = try read(" {\"é\": [1, \"x\"], \"é\" : {}} ")
        let members = try #require(node.members)
        #expect(node.range == 1..<28)
        #expect(members.map { $0.key } == ["é", "é"])
        #expect(members.map { $0.keyRange } == [2..<6, 18..<22])
        #expect(members.map { $0.node.range } == [8..<16, 25..<27])
        #expect(members[0].node.items?.map { $0.range } == [9..<10, 12..<15])
    }

    @Test("comments are left out at any depth when asked for")
    func comments() throws {
        let node = try read("{\"$schema\": \"s\", \"a\": [{\"_why\": 1, \"b\": 2}], \"_\": 0}")
        #expect(node.valueWithoutComments == ["a": [["b": 2]]])
        #expect(node.value["_"] == 0)
        #expect(node.member("a")?.keyRange == 17..<20)
    }

    /// A seeded generator (SplitMix64), so a failure comes again.
    struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }

    static func randomValue(_ depth: Int, _ random: inout Generator) -> JSONValue {
        func text() -> String {
            let scalars: [Unicode.Scalar] = [
                "a", "é", "\"", "\\", "\n", "\0", "\u{7f}", "🧠", "/", "\u{2028}", "\u{301}",
            ]
            var text = ""
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                text.unicodeScalars.append(scalars.randomElement(using: &random) ?? "a")
            }
            return text
        }
        switch Int.random(in: 0...(depth > 4 ? 4 : 6), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2:
            return .integer(Int(bitPattern: UInt(random.next() >> UInt64.random(in: 0...63, using: &random))))
        case 3:
            let number = Double(bitPattern: random.next())
            // Whole numbers are written without a point and come back as integers.
            return number.isFinite && Int(exactly: number) == nil ? .number(number) : .number(0.5)
        case 4: return .string(text())
        case 5:
            return .array(
                (0..<Int.random(in: 0...4, using: &random)).map { _ in randomValue(depth + 1, &random) })
        default:
            return .object(
                (0..<Int.random(in: 0...4, using: &random)).map { _ in
                    JSONValue.Member(text(), randomValue(depth + 1, &random))
                })
        }
    }

    @Test("reads back what JSONValue writes")
    func roundTrip() throws {
        var random = Generator(state: 7)
        for _ in 0..<500 {
            let value = Self.randomValue(0, &random)
            #expect(try read(value.text()).value == value)
            #expect(try read(value.line).value == value)
        }
    }

    static let pipeline = """
        {
          "$schema": "./pipeline.schema.json",
          "input":  {"folder": "scans/é", "pattern": "**/*.nii.gz", "nonfinite": "error"},
          "steps":  [{"op": "resample", "spacing_ijk": [1, 1.5e0, -2]}, {"op": "zscore", "mask": null}],
          "output": {"folder": "out\\u00e9\\n", "dtype": "float32", "ok": [true, false]}
        }
        """

    @Test("any damage gives a value or an error with a place inside the text")
    func mutations() throws {
        let whole = Array(Self.pipeline.utf8)
        let special = Array("{}[]\",:\\'/#-+.eE0u\n\r\t \0".utf8) + [0x80, 0xc3, 0xe2, 0xf0, 0xff]
        var random = Generator(state: 1)
        var valueCount = 0
        for _ in 0..<5_000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let at = Int.random(in: 0..<max(bytes.count, 1), using: &random)
                let byte = special.randomElement(using: &random) ?? 0
                if bytes.isEmpty { continue }
                switch Int.random(in: 0...5, using: &random) {
                case 0: bytes[at] = byte
                case 1: bytes[at] ^= 1 << UInt8.random(in: 0...7, using: &random)
                case 2: bytes.insert(byte, at: at)
                case 3: bytes.remove(at: at)
                case 4: bytes.removeSubrange(at..<min(at + 9, bytes.count))
                default: bytes.removeLast(Int.random(in: 0...1, using: &random) * (bytes.count - at))
                }
            }
            let source = SourceText(name: "p.json", bytes: bytes)
            do {
                let node = try source.json()
                valueCount += 1
                #expect(node.range.upperBound <= bytes.count)
                var cursor = JSONCursor(node, name: "the pipeline")
                cursor.refuseDoubledKeys()
                _ = cursor.object { $0.required("steps") { $0.list { $0.string() } } }
                #expect(!Diagnostics(source, cursor.diagnostics).description.contains("\0"))
            } catch {
                let range = try #require(error.list.first).range
                #expect(0 <= range.lowerBound && range.upperBound <= bytes.count)
                #expect(error.description.hasPrefix("p.json:"))
            }
        }
        #expect(valueCount > 50 && valueCount < 4_000)
    }
}
