import MedPrep
import Testing

@Suite("JSONCursor") struct JSONCursorTests {
    enum Speed: String, CaseIterable { case fast, small, none }

    struct Pipeline: Equatable {
        var jobs: Int?
        var strict: Bool?
        var margin: Double?
        var folder: String?
        var speed: Speed?
        var steps: [String]?
    }

    /// Decodes as the pipeline file does; what was read, and "line:column message | help" of each fault.
    func decode(_ text: String) throws -> (Pipeline, [String]) {
        let source = SourceText(name: "p.json", bytes: Array(text.utf8))
        var cursor = JSONCursor(try source.json(), name: "the pipeline")
        let pipeline = cursor.object { top in
            var pipeline = Pipeline()
            pipeline.jobs = top.optional("jobs") { $0.int(in: 1...64) }
            pipeline.strict = top.optional("strict") { $0.bool() }
            pipeline.margin = top.optional("margin") { $0.number(in: 0 ... .infinity) }
            pipeline.steps = top.required("steps", help: "add \"steps\": []") { $0.list { $0.string() } }
            pipeline.folder = top.optional("input") { $0.object { $0.required("folder") { $0.string() } } }
            pipeline.speed = top.optional("output") {
                $0.object { $0.optional("compression") { $0.choice(Speed.self) } }
            }
            return pipeline
        }
        let faults = Diagnostics(source, cursor.diagnostics).list.map { diagnostic in
            let place = source.place(of: diagnostic.range.lowerBound)
            return "\(place) \(diagnostic.message) | \(diagnostic.help ?? "-")"
        }
        return (pipeline ?? Pipeline(), faults)
    }

    @Test("reads every kind of value, comments aside")
    func values() throws {
        let (pipeline, faults) = try decode(
            """
            {"$schema": 1, "_": 0, "_": 1, "jobs": 4.0, "strict": true, "margin": 0, "steps": ["a", "b"],
             "input": {"folder": "scans", "_why": []}, "output": {"compression": "fast"}}
            """)
        let expected = Pipeline(
            jobs: 4, strict: true, margin: 0, folder: "scans", speed: .fast, steps: ["a", "b"])
        #expect(faults == [])
        #expect(pipeline == expected)
    }

    @Test("lists every fault of a file, and still reads the rest")
    func all() throws {
        let (pipeline, faults) = try decode(
            """
            {"jobs": "4", "strict": "true", "margin": -1,
             "steps": [1, "b", null],
             "input": {"foldr": "x", "folder": 5},
             "output": {"compression": "smal"},
             "jobs": 8, "colour": 1}
            """)
        let expected = [
            "1:10 \"jobs\" is a text; a whole number from 1 to 64 is expected | remove the quotes",
            "1:25 \"strict\" is a text; true or false is expected | remove the quotes",
            "1:43 \"margin\" is -1; a number of at least 0 is expected | -",
            "2:12 \"steps[0]\" is 1; a text is expected | -",
            "2:20 \"steps[2]\" is null; a text is expected | leave the key out for its default",
            "3:12 unknown key \"foldr\" in \"input\" | did you mean \"folder\"?",
            "3:36 \"input.folder\" is 5; a text is expected | -",
            "4:28 \"output.compression\" is \"smal\"; one of \"fast\", \"small\", \"none\" is expected"
                + " | did you mean \"small\"?",
            "5:2 the key \"jobs\" is written twice in the pipeline | keep one of the two",
            "5:13 unknown key \"colour\" in the pipeline"
                + " | known keys: \"jobs\", \"strict\", \"margin\", \"steps\", \"input\", \"output\"",
        ]
        #expect(faults == expected)
        #expect(pipeline == Pipeline(steps: ["b"]))
    }

    @Test(
        "names the kind found and the kind expected",
        arguments: [
            ("[]", "1:1 the pipeline is a list; an object is expected | -"),
            ("{}", "1:1 \"steps\" is missing in the pipeline | add \"steps\": []"),
            ("{\"stepz\": []}", "1:2 unknown key \"stepz\" in the pipeline | did you mean \"steps\"?"),
            ("{\"steps\": {}}", "1:11 \"steps\" is an object; a list is expected | -"),
            (
                "{\"steps\": [], \"jobs\": 0}",
                "1:23 \"jobs\" is 0; a whole number from 1 to 64 is expected | -"
            ),
            (
                "{\"steps\": [], \"jobs\": 2.5}",
                "1:23 \"jobs\" is 2.5; a whole number from 1 to 64 is expected | -"
            ),
            (
                "{\"steps\": [], \"jobs\": 1e300}",
                "1:23 \"jobs\" is 1e+300; a whole number from 1 to 64 is expected | -"
            ),
            (
                "{\"steps\": [], \"jobs\": true}",
                "1:23 \"jobs\" is true; a whole number from 1 to 64 is expected | -"
            ),
            (
                "{\"steps\": [], \"jobs\": \"all\"}",
                "1:23 \"jobs\" is a text; a whole number from 1 to 64 is expected | -"
            ),
            (
                "{\"steps\": [], \"margin\": \"1.5\"}",
                "1:25 \"margin\" is a text; a number of at least 0 is expected | remove the quotes"
            ),
            ("{\"steps\": [], \"input\": {}}", "1:24 \"folder\" is missing in \"input\" | -"),
            (
                "{\"steps\": [], \"output\": {\"compression\": 3}}",
                "1:41 \"output.compression\" is 3; one of \"fast\", \"small\", \"none\" is expected | -"
            ),
        ])
    func single(text: String, fault: String) throws {
        #expect(try decode(text).1 == [fault])
    }

    @Test("a dictionary keeps its order, and refuses doubled names")
    func dictionary() throws {
        let node = try JSONReader.read(
            Array("{\"t1\": \"a\", \"_\": 1, \"flair\": \"b\", \"t1\": \"c\"}".utf8))
        var cursor = JSONCursor(node, name: "images")
        let images = try #require(cursor.dictionary { $0.string() })
        #expect(images.map { $0.key } == ["t1", "flair"])
        #expect(images.map { $0.value } == ["a", "b"])
        #expect(images.map { $0.keyRange } == [1..<5, 20..<27])
        let expected = Diagnostic(
            .fault, 34..<38, "the key \"t1\" is written twice in images", help: "keep one of the two")
        #expect(cursor.diagnostics == [expected])
    }

    @Test("doubled keys are found at any depth")
    func doubled() throws {
        let node = try JSONReader.read(Array("[{\"a\": {\"b\": 1, \"b\": 2}}, {\"c\": 1, \"c\": 1}]".utf8))
        var cursor = JSONCursor(node, name: "the steps")
        cursor.refuseDoubledKeys()
        let expected = [
            "the key \"b\" is written twice in \"[0].a\"", "the key \"c\" is written twice in \"[1]\"",
        ]
        #expect(cursor.diagnostics.map { $0.message } == expected)
    }

    @Test("whole numbers and numbers name their bounds")
    func bounds() throws {
        func message(_ read: (inout JSONCursor) -> Void) throws -> String? {
            var cursor = JSONCursor(try JSONReader.read(Array("-7.5".utf8)), name: "it")
            read(&cursor)
            return cursor.diagnostics.first?.message
        }
        #expect(try message { _ = $0.int() } == "it is -7.5; a whole number is expected")
        #expect(
            try message { _ = $0.int(in: 1 ... .max) }
                == "it is -7.5; a whole number of at least 1 is expected")
        #expect(
            try message { _ = $0.int(in: .min...9) } == "it is -7.5; a whole number of at most 9 is expected")
        #expect(try message { _ = $0.number(in: 0...1) } == "it is -7.5; a number from 0 to 1 is expected")
        #expect(try message { _ = $0.number() } == nil)
        #expect(try message { _ = $0.choice(of: ["RAS"]) } == "it is -7.5; \"RAS\" is expected")
    }

    @Test("long and hostile keys are shortened and made visible")
    func hostile() throws {
        let key = "\\u001b[2J" + String(repeating: "k", count: 500)
        let (_, faults) = try decode("{\"steps\": [], \"\(key)\": 1}")
        let shown = "\\u001b[2J" + String(repeating: "k", count: 55) + "…"
        #expect(faults.first?.hasPrefix("1:15 unknown key \"\(shown)\" in the pipeline") == true)
    }
}
