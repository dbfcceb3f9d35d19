import MedPrepIO
import Testing

@Suite("PathPattern") struct PathPatternTests {
    @Test(
        "matches",
        arguments: [
            ("**/*", ["a.nii", "x/a.nii", "x/y/a.nii"], []),
            ("*", ["a.nii", ".a"], ["x/a.nii"]),
            ("**/*.nii.gz", ["a.nii.gz", "x/y/a.nii.gz"], ["a.nii", "x/a.nii.gzz", "a.NII.GZ"]),
            (
                "sub-*/anat/*T1w*", ["sub-1/anat/sub-1_T1w.nii", "sub-/anat/T1w"],
                ["sub-1/x/anat/T1w.nii", "sub-1/T1w"]
            ),
            ("a/**", ["a/b", "a/b/c"], ["a", "b/a/c"]),
            ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "a/xb", "a/x/by"]),
            ("**b", ["b", "a/b", "xb"], ["ba"]),
            ("a**b", ["ab", "a/b", "ax/yb"], ["abc", "b"]),
            ("**/**/a", ["a", "x/a", "x/y/a"], ["xa"]),
            ("?.nii", ["a.nii", "é.nii", "\u{1F9E0}.nii"], [".nii", "ab.nii", "/.nii"]),
            ("a?b", ["axb"], ["a/b", "ab"]),
            ("[a]+.(b)$", ["[a]+.(b)$"], ["a.b"]),
            ("*a*a*a*", ["aaa", "xaxaxax"], ["aa", "a/a/a"]),
            ("é/*", ["é/a"], ["e\u{301}/a"]),
        ])
    func table(pattern: String, matching: [String], other: [String]) throws {
        let pattern = try PathPattern(pattern)
        for path in matching { #expect(try pattern.match(ScanPath(path)) != nil, "\(path)") }
        for path in other { #expect(try pattern.match(ScanPath(path)) == nil, "\(path)") }
    }

    @Test(
        "finds the placeholders' values",
        arguments: [
            ("{case}/*T1w*", "sub-1/a_T1w.nii", ["sub-1"]),
            ("{case}_T1w.nii.gz", "sub-1_ses-2_T1w.nii.gz", ["sub-1_ses-2"]),
            ("{case}/{case}_T1w.nii", "p7/p7_T1w.nii", ["p7"]),
            ("{subject}/{session}/**/t1*", "s1/b/x/y/t1.nii", ["s1", "b"]),
            ("**/{case}-*.nii", "x/y/a-b-c.nii", ["a-b"]),
            ("data/{a-B_9}.nii", "data/x.y.nii", ["x.y"]),
            ("{case}{x}.nii", "abc.nii", ["ab", "c"]),
            (
                "sub-{sub}/ses-{ses}/{kind}/sub-{sub}_ses-{ses}_run-*_{kind}.nii.gz",
                "sub-01/ses-b/anat/sub-01_ses-b_run-1_acq-x_anat.nii.gz", ["01", "b", "anat"]
            ),
        ])
    func placeholders(pattern: String, path: String, values: [String]) throws {
        #expect(try PathPattern(pattern).match(ScanPath(path)) == values.map { Array($0.utf8) })
    }

    @Test(
        "a placeholder holds a letter at least, no slash, and one value",
        arguments: [
            ("{case}.nii", ".nii"), ("{case}.nii", "a/b.nii"), ("{case}/{case}.nii", "a/b.nii"),
            ("{case}/{case}.nii", "a/ab.nii"),
        ])
    func noMatch(pattern: String, path: String) throws {
        #expect(try PathPattern(pattern).match(ScanPath(path)) == nil)
    }

    @Test("matches bytes that are not UTF-8")
    func rawBytes() throws {
        let path = ScanPath(bytes: [0xff, 0x2f, 0xfe, 0x2e])
        #expect(try PathPattern("{case}/*.").match(path) == [[0xff]])
        #expect(try PathPattern("?/?.").match(path) == [])
    }

    @Test("a hostile pattern takes no time")
    func hostile() throws {
        let pattern = try PathPattern(String(repeating: "*a", count: 30) + "b")
        #expect(try pattern.match(ScanPath(String(repeating: "a", count: 250))) == nil)
        let twice = try PathPattern("**/{a}*/" + String(repeating: "**/", count: 20) + "{a}b")
        #expect(try twice.match(ScanPath(String(repeating: "a/", count: 40) + "c")) == nil)
        let long = try PathPattern(String(repeating: "?", count: 4000))
        #expect(try long.match(ScanPath(String(repeating: "a", count: 4000))) != nil)
    }

    @Test(
        "a pattern with more ways over a path than can be tried says so", .timeLimit(.minutes(1)),
        arguments: [
            ("{q}*{j}**{a}**{q}*{j}**{a}**{a}_", 250), ("{a}*{a}b", 4000),
            ("*{x}*" + String(repeating: "a", count: 1300) + "b", 4000),
            ("{b}{c}{d}{e}{f}{g}{h}{i}{j}{b}{c}{d}{e}{f}{g}{h}{i}{j}b", 60),
        ])
    func tooManyWays(text: String, letters: Int) throws {
        let path = ScanPath(String(repeating: "a", count: letters))
        #expect { try PathPattern(text).match(path) } throws: { error in
            "\(error)" == "the pattern \(text) can be laid over \(path) in more ways than can be tried; "
                + "use fewer stars, above all between placeholders that stand twice"
        }
    }

    @Test(
        "says what is wrong with a pattern",
        arguments: [
            ("", "the pattern is empty; **/* takes every scan"),
            ("/a", "the pattern /a begins with /; write it relative to the input folder"),
            ("{case", "the pattern {case has a { or } without its partner; write {case}"),
            ("case}", "the pattern case} has a { or } without its partner; write {case}"),
            ("{}/a", "the pattern {}/a has the placeholder {}; use letters, digits, _ and -, as in {case}"),
            (
                "{a/b}",
                "the pattern {a/b} has the placeholder {a/b}; use letters, digits, _ and -, as in {case}"
            ),
        ])
    func faults(pattern: String, message: String) {
        #expect { try PathPattern(pattern) } throws: { "\($0)" == message }
    }

    @Test("has 32 stars and placeholders at most")
    func tooManyStars() throws {
        _ = try PathPattern(String(repeating: "*a", count: 32))
        let text = String(repeating: "*a", count: 33)
        #expect { try PathPattern(text) } throws: {
            "\($0)" == "the pattern \(text) has more than 32 stars and placeholders; make it simpler"
        }
    }
}
