import MedPrep
import MedPrepCore
import MedPrepTestSupport
import Testing

@Suite("Run: scans that fail") struct RunFailureTests {
    @Test(
        "a cut, a NaN and a constant scan are recorded with stage, code and message; the others are written")
    func recorded() throws {
        let lab = RunLab()
        lab.scan("a.nii", seed: 1)
        lab.scan("b.nii.gz", seed: 2)
        let whole = lab.folder.read("in/b.nii.gz")
        lab.folder.write(whole.dropLast(100), to: "in/b.nii.gz")
        lab.scan("c.nii", .float32, sizes: [2, 2, 1], values: [1, 2, .nan, 4])
        lab.scan("d.nii", .int16, sizes: [2, 2, 2], values: Array(repeating: 0, count: 8))
        let outcome = try lab.run(lab.pipeline(#"{"op": "crop_foreground"}"#))
        #expect(outcome.written == 1)
        #expect(outcome.failures.map(\.case) == ["b.nii.gz", "c.nii", "d.nii"])
        #expect(outcome.failures.map(\.failure.stage) == ["read", "read", "steps[0] crop_foreground"])
        #expect(outcome.failures.map(\.failure.code) == ["bad_gzip", "nonfinite", "empty_foreground"])
        #expect(
            outcome.failures[2].failure.message
                == "no voxel is positive; choose another select, or on_empty \"keep\" to leave such volumes whole"
        )
        let report = try lab.json("out/report.json")
        let failures = try #require(report["failures"]?.array)
        #expect(failures.map { $0["scan"]?.string } == ["b", "c", "d"])
        #expect(failures[0].members?.map(\.key) == ["scan", "stage", "code", "message"])
        let expected = [".medprep.lock", "a.json", "a.nii.gz", "report.json", "summary.tsv"]
        #expect(lab.folder.files(below: "out") == expected)
    }

    @Test("with nonfinite \"zero\" a NaN is set to 0 and found; with \"ignore\" it is kept")
    func nonfinite() throws {
        let lab = RunLab()
        lab.scan("c.nii", .float32, sizes: [2, 2, 1], values: [1, 2, .nan, 4])
        try lab.run(lab.pipeline("", input: #""nonfinite": "zero""#), to: "zero")
        #expect(try lab.volume("zero/c.nii.gz").tensor.values == [1, 2, 0, 4])
        let codes = try lab.json("zero/c.json")["findings"]?.array?.map { $0["code"]?.string }
        #expect(codes == ["nonfinite"])
        try lab.run(lab.pipeline("", input: #""nonfinite": "ignore""#), to: "ignore")
        let result = try lab.json("ignore/c.json")["result"]?["statistics"]?.array?.first
        #expect(result?["nonfinite"]?.int == 1)
        #expect(result?["count"]?.int == 3)
    }

    @Test("more failures than allowed end the run; the rest is left")
    func maxFailures() throws {
        let lab = RunLab()
        lab.scans(30)
        for index in 0..<4 { lab.folder.write([0, 1], to: "in/a\(index).nii") }
        let pipeline = try lab.pipeline(#"{"op": "zscore"}"#)
        let outcome = try lab.run(pipeline, jobs: 1) { $0.maxFailures = 1 }
        #expect(outcome.failures.count >= 2)
        #expect(outcome.left > 0)
        let all = try lab.run(pipeline, jobs: 1) { $0.maxFailures = 4 }
        #expect(all.failures.count == 4)
        #expect(all.left == 0)
    }

    @Test(
        "a number of jobs beyond all reason counts as the most there can be",
        arguments: [Int.max, Int.min, 0])
    func jobs(count: Int) throws {
        let lab = RunLab()
        lab.scans(2)
        let outcome = try lab.run(lab.pipeline(#"{"op": "zscore"}"#), jobs: count)
        #expect(outcome.written == 2 && outcome.failures.isEmpty)
    }

    @Test("a scan that needs more than the budget is refused with the number needed")
    func budget() throws {
        let lab = RunLab()
        lab.scans(2)
        let pipeline = try lab.pipeline(#"{"op": "zscore"}"#)
        let outcome = try lab.run(pipeline) { $0.memory = 1 << 20 }
        #expect(outcome.failures.map(\.failure.code) == ["over_budget", "over_budget"])
        #expect(
            outcome.failures[0].failure.message
                == "needs 10 MiB, --memory allows 1 MiB; give more, or crop before the step that needs it")
        try lab.run(pipeline)
        let again = try lab.run(pipeline) { $0.memory = 1 << 20 }
        #expect(again.alreadyDone == 2)
    }

    @Test("a failing scan takes away what an earlier run wrote by other settings")
    func stale() throws {
        let lab = RunLab()
        lab.scans(2)
        try lab.run(lab.pipeline(#"{"op": "zscore"}"#))
        lab.folder.write([1, 2], to: "in/s0.nii")
        let outcome = try lab.run(lab.pipeline(#"{"op": "rescale"}"#))
        #expect(outcome.failures.count == 1)
        let expected = [".medprep.lock", "report.json", "s1.json", "s1.nii.gz", "summary.tsv"]
        #expect(lab.folder.files(below: "out") == expected)
    }
}
