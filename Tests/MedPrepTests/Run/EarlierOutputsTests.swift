import Glibc
import MedPrep
import MedPrepTestSupport
import Testing

@Suite("Run: outputs of other settings") struct EarlierOutputsTests {
    private let lab = RunLab()
    private let steps = #"{"op": "zscore"}"#

    /// Outputs as .npy of two scans, then the same as .nii.gz.
    @discardableResult
    private func change(_ disturb: () throws -> Void = {}) throws -> Run.Outcome {
        lab.scans(2)
        try lab.run(lab.pipeline(steps, output: #""format": "npy""#))
        try disturb()
        return try lab.run(lab.pipeline(steps))
    }

    private var outputs: [String] {
        lab.folder.files(below: "out").filter {
            !$0.hasPrefix(".") && !["report.json", "summary.tsv"].contains($0)
        }
    }

    @Test("a new format replaces the files of the old one")
    func format() throws {
        #expect(try change().written == 2)
        #expect(outputs == ["s0.json", "s0.nii.gz", "s1.json", "s1.nii.gz"])
        try lab.run(lab.pipeline(steps), to: "fresh")
        #expect(differences(try lab.results(), try lab.results("fresh")) == [])
    }

    @Test("channels apart replace those together, although the label keeps its name")
    func apart() throws {
        for name in ["t1", "t2"] { lab.scan("a_\(name).nii") }
        lab.scan("a_seg.nii", .uint8, sizes: [6, 5, 4], values: (0..<120).map { Double($0 % 3) })
        let input =
            #""images": {"t1": "{case}_t1.nii", "t2": "{case}_t2.nii"}, "labels": {"seg": "{case}_seg.nii"}"#
        for (output, expected) in [
            ("", ["a.json", "a.nii.gz", "a_seg.nii.gz"]),
            (#""channels": "apart""#, ["a.json", "a_seg.nii.gz", "a_t1.nii.gz", "a_t2.nii.gz"]),
            (#""format": "nii""#, ["a.json", "a.nii", "a_seg.nii"]),
        ] {
            #expect(try lab.run(lab.pipeline(steps, input: input, output: output)).written == 1)
            #expect(outputs == expected)
        }
    }

    @Test(
        "a file that somebody else has put under the old name stays",
        arguments: ["other size", "other bytes", "link"])
    func foreign(what: String) throws {
        try change {
            var bytes = lab.folder.read("out/s0.npy")
            switch what {
            case "other size": bytes.append(0)
            case "other bytes": bytes[200] ^= 1
            default:
                lab.folder.write(bytes, to: "mine.npy")
                lab.remove("out/s0.npy")
                symlink("../mine.npy", lab.folder.file("out/s0.npy"))
                return
            }
            lab.folder.write(bytes, to: "out/s0.npy")
        }
        #expect(outputs == ["s0.json", "s0.nii.gz", "s0.npy", "s1.json", "s1.nii.gz"])
    }

    @Test(
        "a sidecar that names files of others takes none of them away",
        arguments: [
            "../in/s1.nii", "s1.npy", "s0/../s1.npy", "s0_/../../in/s1.nii", "s0.txt", "s00.npy",
            "report.json",
        ])
    func hostile(path: String) throws {
        let bytes = Array("precious".utf8)
        try change {
            lab.folder.write(bytes, to: "out/s0.txt")
            lab.folder.write(bytes, to: "out/s00.npy")
            let size = lab.folder.read("out/\(path)").count
            let members = try lab.json("out/s0.json").members ?? []
            let crc32 = NIfTIBuilder.crc32(lab.folder.read("out/\(path)"))
            let digits = String(crc32, radix: 16)
            let output: JSONValue = [
                ["path": .string(path), "size": .integer(size), "crc32": .string(digits)]
            ]
            let text = JSONValue.object(members.map { $0.key == "output" ? .init("output", output) : $0 })
                .text()
            lab.folder.write(Array(text.utf8), to: "out/s0.json")
            // Without a sidecar of its own, s1 does not take its old file away either.
            lab.remove("out/s1.json")
        }
        #expect(outputs.contains("s1.npy"))
        #expect(outputs.contains("s0.npy"))
        #expect(lab.folder.read("out/s0.txt") == bytes)
        #expect(lab.folder.read("out/s00.npy") == bytes)
        #expect(lab.folder.files(below: "in") == ["s0.nii", "s1.nii"])
    }

    @Test("an input that is an earlier output stays")
    func input() throws {
        lab.scans(1)
        try lab.run(lab.pipeline(steps))
        let path = lab.folder.file("out/s0.nii.gz")
        let before = lab.folder.read("out/s0.nii.gz")
        try lab.run(lab.pipeline(steps, output: #""format": "npy""#)) { $0.inputs = [path] }
        #expect(outputs == ["s0.json", "s0.nii.gz", "s0.npy"])
        #expect(lab.folder.read("out/s0.nii.gz") == before)
    }

    @Test("another case's new output stays, where an earlier run has used its name")
    func otherCase() throws {
        lab.scan("a_t1.nii")
        lab.scan("a_seg.nii", .uint8, sizes: [6, 5, 4], values: (0..<120).map { Double($0 % 3) })
        let input = #""images": {"t1": "{case}_t1.nii"}, "labels": {"seg": "{case}_seg.nii"}"#
        try lab.run(lab.pipeline("", input: input, output: #""format": "nii""#))
        #expect(outputs == ["a.json", "a.nii", "a_seg.nii"])
        lab.scan("a.nii")
        try lab.run(lab.pipeline("", output: #""format": "nii""#), jobs: 1)
        #expect(outputs == ["a.json", "a.nii", "a_seg.json", "a_seg.nii", "a_t1.json", "a_t1.nii"])
    }

    @Test("a case that fails under new settings leaves nothing of the old ones")
    func failing() throws {
        try change { lab.folder.write([1, 2, 3], to: "in/s0.nii") }
        #expect(outputs == ["s1.json", "s1.nii.gz"])
    }

    @Test("a volume that cannot be written takes the others of its case with it")
    func half() throws {
        lab.scan("a_t1.nii")
        lab.scan("a_seg.nii", .uint8, sizes: [6, 5, 4], values: (0..<120).map { Double($0 % 3) })
        lab.scan("b_t1.nii")
        lab.scan("b_seg.nii", .uint8, sizes: [6, 5, 4], values: (0..<120).map { Double($0 % 3) })
        mkdir(lab.folder.file("out"), 0o755)
        mkdir(lab.folder.file("out/a_seg.nii.gz"), 0o755)
        let input = #""images": {"t1": "{case}_t1.nii"}, "labels": {"seg": "{case}_seg.nii"}"#
        let outcome = try lab.run(lab.pipeline(steps, input: input))
        #expect(outcome.failures.map { $0.failure.code } == ["cannot_write"])
        #expect(outputs == ["b.json", "b.nii.gz", "b_seg.nii.gz"])
    }
}

@Suite("Run: the report of a run that was stopped") struct StoppedReportTests {
    private let lab = RunLab()

    @Test("it tells how the folder stands: written now or before, failed, left")
    func stopped() throws {
        lab.scans(6)
        lab.folder.write([1, 2, 3], to: "in/s1.nii")
        let pipeline = try lab.pipeline(#"{"op": "zscore"}"#)
        try lab.run(pipeline)
        let whole = try lab.results()
        // Two of those that an earlier run has written are no longer whole.
        for name in ["s3", "s4"] { lab.remove("out/\(name).nii.gz") }
        let outcome = try lab.run(pipeline, jobs: 1, stopAfter: 2)
        #expect((outcome.written, outcome.alreadyDone, outcome.left) == (0, 1, 4))
        let report = try lab.json("out/report.json")
        #expect(report["scans"] == ["in_all": 6, "written": 3, "failed": 1, "dropped": 0, "left": 2])
        #expect(report["failures"]?.array?.count == 1)
        let states = lab.text("out/summary.tsv").split(separator: "\n").dropFirst().map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).prefix(2).joined(separator: " ")
        }
        #expect(states == ["s0 written", "s1 failed", "s2 written", "s3 left", "s4 left", "s5 written"])
        try lab.run(pipeline)
        #expect(differences(whole, try lab.results()) == [])
    }

    @Test("--max-failures leaves such a report too")
    func maxFailures() throws {
        lab.scans(3)
        for index in 0..<2 { lab.folder.write([1], to: "in/a\(index).nii") }
        let outcome = try lab.run(lab.pipeline("")) { ($0.maxFailures, $0.jobs) = (0, 1) }
        #expect(outcome.left == 4)
        let scans = try lab.json("out/report.json")["scans"]
        #expect(scans == ["in_all": 5, "written": 0, "failed": 1, "dropped": 0, "left": 4])
    }

    @Test("a report that cannot be written is told beside what was")
    func unwritten() throws {
        lab.scans(2)
        lab.folder.write([1], to: "in/a.nii")
        mkdir(lab.folder.file("out"), 0o755)
        mkdir(lab.folder.file("out/report.json"), 0o755)
        let outcome = try lab.run(lab.pipeline(""))
        #expect((outcome.written, outcome.failures.count) == (2, 1))
        #expect(outcome.reportError?.status == 73)
        let place = lab.folder.file("out/report.json")
        #expect(outcome.reportError?.description == "\(place): cannot rename the output: Is a directory")
    }
}
