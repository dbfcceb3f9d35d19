import MedPrep
import MedPrepCore
import MedPrepTestSupport
import Testing

@Suite("Run: resume") struct RunResumeTests {
    private func lab() throws -> (RunLab, Pipeline) {
        let lab = RunLab()
        lab.scans(4)
        let pipeline = try lab.pipeline(#"{"op": "zscore"}"#)
        try lab.run(pipeline)
        return (lab, pipeline)
    }

    @Test("a second run does nothing and leaves the same texts")
    func nothing() throws {
        let (lab, pipeline) = try lab()
        let before = try lab.results()
        let outcome = try lab.run(pipeline)
        #expect(outcome.alreadyDone == 4)
        #expect(outcome.written == 0)
        #expect(differences(before, try lab.results()) == [])
    }

    @Test("a changed input is done again, and only it")
    func changedInput() throws {
        let (lab, pipeline) = try lab()
        lab.scan("s2.nii", seed: 99)
        let outcome = try lab.run(pipeline)
        #expect((outcome.written, outcome.alreadyDone) == (1, 3))
        try lab.run(pipeline, to: "fresh")
        #expect(differences(try lab.results(), try lab.results("fresh")) == [])
    }

    @Test("a changed parameter does everything again; comments, folders and report options do not")
    func changedParameter() throws {
        let (lab, _) = try lab()
        let same = try lab.pipeline(
            #"{"op": "zscore", "_why": "units", "ddof": 0}"#, more: #""report": {"json": true}"#)
        #expect(try lab.run(same).alreadyDone == 4)
        let other = try lab.pipeline(#"{"op": "zscore", "ddof": 1}"#)
        #expect(try lab.run(other).written == 4)
        let compressed = try lab.pipeline(#"{"op": "zscore", "ddof": 1}"#, output: #""compression": 9"#)
        #expect(try lab.run(compressed).written == 4)
    }

    @Test(
        "a case whose output or sidecar is gone, cut or unreadable is done again",
        arguments: ["no output", "cut output", "no sidecar", "cut sidecar", "other JSON", "no steps"])
    func damaged(how: String) throws {
        let (lab, pipeline) = try lab()
        let before = try lab.results()
        let sidecar = lab.folder.read("out/s1.json")
        switch how {
        case "no output": lab.remove("out/s1.nii.gz")
        case "cut output": lab.folder.write(lab.folder.read("out/s1.nii.gz").dropLast(1), to: "out/s1.nii.gz")
        case "no sidecar": lab.remove("out/s1.json")
        case "cut sidecar": lab.folder.write(sidecar.prefix(sidecar.count / 2), to: "out/s1.json")
        case "other JSON": lab.folder.write(Array("[1, {\"steps\": 3}]".utf8), to: "out/s1.json")
        default:
            let members = try lab.json("out/s1.json").members ?? []
            let cut = JSONValue.object(members.map { $0.key == "steps" ? .init("steps", []) : $0 })
            lab.folder.write(Array(cut.text().utf8), to: "out/s1.json")
        }
        let outcome = try lab.run(pipeline)
        #expect((outcome.written, outcome.alreadyDone) == (1, 3))
        #expect(differences(before, try lab.results()) == [])
    }

    @Test("--verify finds an output of the right size with other bytes; without it nobody looks")
    func verify() throws {
        let lab = RunLab()
        lab.scans(3)
        let pipeline = try lab.pipeline(#"{"op": "zscore"}"#, output: #""format": "nii""#)
        try lab.run(pipeline)
        let before = try lab.results()
        var bytes = lab.folder.read("out/s0.nii")
        bytes[400] ^= 1
        lab.folder.write(bytes, to: "out/s0.nii")
        #expect(try lab.run(pipeline).alreadyDone == 3)
        let outcome = try lab.run(pipeline) { $0.verifies = true }
        #expect((outcome.written, outcome.alreadyDone) == (1, 2))
        #expect(differences(before, try lab.results()) == [])
    }

    @Test("--overwrite does everything again, with the same bytes")
    func overwrite() throws {
        let (lab, pipeline) = try lab()
        let before = try lab.results()
        let outcome = try lab.run(pipeline) { $0.overwrites = true }
        #expect((outcome.written, outcome.alreadyDone) == (4, 0))
        #expect(differences(before, try lab.results()) == [])
    }

    @Test("a run stopped anywhere and resumed ends as an undisturbed one", arguments: [0, 1, 3, 6])
    func interrupted(after count: Int) throws {
        let lab = RunLab()
        lab.scans(7)
        lab.folder.write([1, 2, 3], to: "in/s4.nii")
        let steps = #"{"op": "clip_percentiles"}, {"op": "batch_norm"}, {"op": "batch_renorm"}"#
        let pipeline = try lab.pipeline(steps, more: #""batch": {"size": 2}"#)
        try lab.run(pipeline, to: "whole")
        let first = try lab.run(pipeline, jobs: 1, stopAfter: count)
        #expect(first.left > 0 || count == 6)
        let second = try lab.run(pipeline)
        #expect(second.alreadyDone == first.written)
        #expect(second.left == 0)
        #expect(differences(try lab.results("whole"), try lab.results()) == [])
    }

    @Test("temporary files of dead runs are swept")
    func sweep() throws {
        let (lab, pipeline) = try lab()
        lab.folder.write([1], to: "out/.medprep-1-abc.tmp")
        try lab.run(pipeline)
        #expect(!lab.folder.files(below: "out").contains(".medprep-1-abc.tmp"))
    }
}
