import MedPrep
import MedPrepCore
import MedPrepTestSupport
import Testing

/// Mean and biased variance, in a plain loop.
private func moments(_ values: [Float]) -> (mean: Double, variance: Double) {
    let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
    let squares = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    return (mean, squares / Double(values.count))
}

@Suite("Run: batches") struct BatchRunTests {
    private let step = #"{"op": "batch_norm"}"#

    private func lab(_ count: Int) -> RunLab {
        let lab = RunLab()
        lab.scans(count)
        return lab
    }

    /// The running state after these batches of scans, each value in a plain loop.
    private func expectedState(_ lab: RunLab, batches: [[Int]]) throws -> (mean: Double, variance: Double) {
        var (mean, variance) = (0.0, 1.0)
        for batch in batches {
            let values = try batch.flatMap { try lab.volume("in/s\($0).nii").tensor.values }
            let seen = moments(values)
            mean = 0.9 * mean + 0.1 * seen.mean
            variance =
                0.9 * variance + 0.1 * (seen.variance * Double(values.count) / Double(values.count - 1))
        }
        return (mean, variance)
    }

    private func expect(
        _ state: JSONValue, _ expected: (mean: Double, variance: Double), batches: Int,
        location: SourceLocation = #_sourceLocation
    ) throws {
        let step = try #require(state["steps"]?.array?.first)
        #expect(step["op"]?.string == "batch_norm", sourceLocation: location)
        let mean = try #require(step["state"]?["running_mean"]?.array?.first?.double)
        let variance = try #require(step["state"]?["running_var"]?.array?.first?.double)
        #expect(abs(mean - expected.mean) <= 1e-9 * abs(expected.mean), sourceLocation: location)
        #expect(abs(variance - expected.variance) <= 1e-9 * expected.variance, sourceLocation: location)
        #expect(step["state"]?["batches_seen"]?.int == batches, sourceLocation: location)
    }

    @Test("N = 1: each scan by its own statistics; the state is the running average in name order")
    func single() throws {
        let lab = lab(3)
        try lab.run(lab.pipeline(step))
        let result = moments(try lab.volume("out/s1.nii.gz").tensor.values)
        let variance = moments(try lab.volume("in/s1.nii").tensor.values).variance
        #expect(abs(result.mean) < 1e-6)
        #expect(abs(result.variance - variance / (variance + 1e-5)) < 1e-6)
        let expected = try expectedState(lab, batches: [[0], [1], [2]])
        try expect(lab.json("out/state.json"), expected, batches: 3)
        let codes = try lab.json("out/s1.json")["findings"]?.array?.map { $0["code"]?.string }
        #expect(codes == ["small_batch_severe"])
        let batch = try lab.json("out/s1.json")["steps"]?.array?.first?["batch"]
        #expect(batch?["cases"] == ["s1"])
        #expect(batch?["n"]?.int == 1)
        #expect(batch?["m_effective"]?.int == 120)
    }

    @Test("N = 2 with an incomplete last batch: scans of a batch share statistics")
    func incompleteLast() throws {
        let lab = lab(5)
        try lab.run(lab.pipeline(step, more: #""batch": {"size": 2}"#))
        let batch = try lab.volume("in/s2.nii").tensor.values + lab.volume("in/s3.nii").tensor.values
        let seen = moments(batch)
        for name in ["s2", "s3"] {
            let (input, output) = (try lab.volume("in/\(name).nii"), try lab.volume("out/\(name).nii.gz"))
            let root = (seen.variance + 1e-5).squareRoot()
            let errors = zip(input.tensor.values, output.tensor.values).map {
                abs((Double($0) - seen.mean) / root - Double($1))
            }
            #expect(errors.max() ?? 1 < 1e-5)
        }
        try expect(
            lab.json("out/state.json"), expectedState(lab, batches: [[0, 1], [2, 3], [4]]), batches: 3)
    }

    @Test("drop_last leaves the rest out, by name")
    func dropLast() throws {
        let lab = lab(6)
        let pipeline = try lab.pipeline(step, more: #""batch": {"size": 4, "drop_last": true}"#)
        let outcome = try lab.run(pipeline)
        #expect((outcome.written, outcome.dropped) == (4, 2))
        let report = try lab.json("out/report.json")
        #expect(report["dropped"] == ["s4", "s5"])
        #expect(lab.text("out/summary.tsv").contains("s5\tdropped\t"))
        try expect(lab.json("out/state.json"), expectedState(lab, batches: [[0, 1, 2, 3]]), batches: 1)
    }

    @Test("drop_last with fewer scans than one batch drops them all")
    func dropAll() throws {
        let lab = lab(2)
        let pipeline = try lab.pipeline(step, more: #""batch": {"size": 4, "drop_last": true}"#)
        let outcome = try lab.run(pipeline)
        #expect((outcome.written, outcome.dropped) == (0, 2))
        #expect(!lab.folder.files(below: "out").contains("state.json"))
    }

    @Test("a failing member: the others are written without it and done again when it succeeds; and back")
    func failingMember() throws {
        let lab = lab(4)
        let good = lab.folder.read("in/s1.nii")
        let pipeline = try lab.pipeline(step, more: #""batch": {"size": 2}"#)
        try lab.run(pipeline, to: "whole")
        lab.folder.write(good.prefix(400), to: "in/s1.nii")
        let first = try lab.run(pipeline)
        #expect((first.written, first.failures.count) == (3, 1))
        let finding = try lab.json("out/s0.json")["findings"]?.array?.first {
            $0["code"] == "batch_incomplete"
        }
        let message = "s1 failed, so the batch had 1 cases; this case is done again when they succeed"
        #expect(finding?["message"]?.string == message)
        let alone = moments(try lab.volume("out/s0.nii.gz").tensor.values)
        #expect(abs(alone.mean) < 1e-6)
        #expect(!lab.folder.files(below: "out").contains("state.json"))

        #expect(try lab.run(pipeline).alreadyDone == 3)
        lab.folder.write(good, to: "in/s1.nii")
        let second = try lab.run(pipeline)
        #expect((second.written, second.alreadyDone) == (2, 2))
        #expect(differences(try lab.results("whole"), try lab.results()) == [])

        lab.folder.write(good.prefix(400), to: "in/s1.nii")
        let third = try lab.run(pipeline)
        #expect((third.written, third.alreadyDone, third.failures.count) == (1, 2, 1))
        #expect(!lab.folder.files(below: "out").contains("state.json"))
    }

    @Test("a member with other voxels: its batch is done again, no other")
    func changedMember() throws {
        let lab = lab(4)
        let pipeline = try lab.pipeline(step, more: #""batch": {"size": 2}"#)
        try lab.run(pipeline)
        lab.scan("s3.nii", seed: 77, mean: 300)
        let outcome = try lab.run(pipeline)
        #expect((outcome.written, outcome.alreadyDone) == (2, 2))
        try lab.run(pipeline, to: "fresh")
        #expect(differences(try lab.results(), try lab.results("fresh")) == [])
    }

    @Test("unequal shapes fail the batch with the sizes and the step that mends it")
    func unequal() throws {
        let lab = lab(2)
        lab.scan("s1.nii", sizes: [6, 5, 5], seed: 2)
        let outcome = try lab.run(lab.pipeline(step, more: #""batch": {"size": 2}"#))
        #expect(outcome.failures.map(\.failure.code) == ["unequal_shapes", "unequal_shapes"])
        #expect(
            outcome.failures.first?.failure.description
                == "steps[0] batch_norm: the volumes of a batch have unequal sizes 1x4x5x6x1, 1x5x5x6x1; put "
                + "crop_or_pad before this step")
        let mended = #"{"op": "crop_or_pad", "size_ijk": [6, 5, 4]}, "# + step
        #expect(try lab.run(lab.pipeline(mended, more: #""batch": {"size": 2}"#)).written == 2)
    }

    @Test(
        "eval by a train run's state file gives a fixed map, and the state's content is part of the settings")
    func eval() throws {
        let lab = lab(3)
        try lab.run(lab.pipeline(step), to: "train")
        let eval = try lab.pipeline(#"{"op": "batch_norm", "mode": "eval", "state": "train/state.json"}"#)
        try lab.run(eval)
        let state = try expectedState(lab, batches: [[0], [1], [2]])
        let (input, output) = (try lab.volume("in/s1.nii"), try lab.volume("out/s1.nii.gz"))
        let root = (state.variance + 1e-5).squareRoot()
        let errors = zip(input.tensor.values, output.tensor.values).map {
            abs((Double($0) - state.mean) / root - Double($1))
        }
        #expect(errors.max() ?? 1 < 1e-4)
        #expect(try lab.run(eval).alreadyDone == 3)
        try lab.run(lab.pipeline(#"{"op": "batch_norm", "momentum": 0.5}"#), to: "train")
        #expect(try lab.run(eval).written == 3)
        lab.folder.write(Array("{\"steps\": []}".utf8), to: "train/state.json")
        let error = runError { try lab.run(eval) }
        #expect(error?.status == 65)
        #expect(
            error?.description
                == "steps[0] batch_norm: state \"train/state.json\": it holds no state for batch_norm; "
                + "expected {\"steps\": [{\"op\": …, \"state\": …}]}")
    }

    @Test("a first pass over the data set is kept, reused, and done again when a scan changes")
    func global() throws {
        let lab = lab(4)
        let pipeline = try lab.pipeline(#"{"op": "batch_norm", "mode": "global"}"#)
        try lab.run(pipeline)
        let all = moments(try (0..<4).flatMap { try lab.volume("in/s\($0).nii").tensor.values })
        let state = try lab.json("out/dataset-stats.json")["steps"]?.array?.first?["state"]
        let mean = try #require(state?["running_mean"]?.array?.first?.double)
        let variance = try #require(state?["running_var"]?.array?.first?.double)
        #expect(abs(mean - all.mean) < 1e-9 * all.mean)
        #expect(abs(variance - all.variance) < 1e-9 * all.variance)
        let report = try lab.json("out/report.json")["steps"]?.array?.first?["report"]
        let mixed = try #require(report?["mean_of_batch_vars"]?.array?.first?.double)
        #expect(mixed < variance)

        var passes = [String]()
        let run = Run(pipeline, Run.Options())
        let outcome = try run.start(
            run.plan(), onEvent: { if case .pass(let name, _) = $0 { passes.append(name) } })
        #expect(outcome.alreadyDone == 4)
        #expect(passes == ["run"])
        lab.scan("s0.nii", seed: 50, mean: 500)
        #expect(try lab.run(pipeline).written == 4)
        lab.folder.write([0], to: "in/s0.nii")
        #expect(try lab.run(pipeline).failures.count == 1)
        #expect(try lab.json("out/dataset-stats.json")["missing"] == ["s0"])
    }

    @Test("batch_renorm follows the batches in order; a changed early batch changes the later ones")
    func renorm() throws {
        let lab = lab(4)
        let pipeline = try lab.pipeline(#"{"op": "batch_renorm", "r_max": 3, "d_max": 5}"#)
        try lab.run(pipeline, jobs: 3)
        var (mean, deviation) = (0.0, 1.0)
        for index in 0..<4 {
            let seen = moments(try lab.volume("in/s\(index).nii").tensor.values)
            let own = (seen.variance + 1e-5).squareRoot()
            mean += 0.01 * (seen.mean - mean)
            deviation += 0.01 * (own - deviation)
        }
        let state = try lab.json("out/state.json")["steps"]?.array?.first?["state"]
        let found = try #require(state?["renorm_mean"]?.array?.first?.double)
        #expect(abs(found - mean) < 1e-9)
        let spread = try #require(state?["renorm_std"]?.array?.first?.double)
        #expect(abs(spread - deviation) < 1e-9)
        lab.scan("s1.nii", seed: 60, mean: 20)
        let outcome = try lab.run(pipeline)
        #expect((outcome.written, outcome.alreadyDone) == (3, 1))
        try lab.run(pipeline, to: "fresh")
        #expect(differences(try lab.results(), try lab.results("fresh")) == [])
    }

    @Test("report.json tells how far batch statistics can be trusted")
    func smallBatchReport() throws {
        let lab = lab(8)
        try lab.run(lab.pipeline(step))
        let report = try #require(lab.json("out/report.json")["steps"]?.array?.first?["report"])
        #expect(report["severity"]?.string == "severe")
        #expect(report["batch_size"]?.int == 1)
        #expect(report["m_effective_per_sample"]?.int == 120)
        let text = try #require(report["text"]?.string)
        for word in ["renormalization", "instance", "group", "layer", "weight", "global"] {
            #expect(text.contains(word))
        }
        let means = try (0..<8).map { moments(try lab.volume("in/s\($0).nii").tensor.values).mean }
        let middle = means.reduce(0, +) / 8
        let expected = means.reduce(0) { $0 + ($1 - middle) * ($1 - middle) } / 7
        let found = try #require(report["var_of_mean"]?.array?.first?.double)
        #expect(abs(found - expected) < 1e-9 * expected)
        let all = try (0..<8).flatMap { try lab.volume("in/s\($0).nii").tensor.values }
        let unbiased = moments(all).variance * Double(all.count) / Double(all.count - 1)
        let inflation = try #require(report["inflation"]?.array?.first?.double)
        #expect(abs(inflation - expected / (unbiased / 120)) < 1e-6 * inflation)
    }
}
