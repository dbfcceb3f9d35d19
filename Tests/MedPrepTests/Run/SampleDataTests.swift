import MedPrep
import MedPrepCore
import MedPrepTestSupport
import Testing

@Suite("Run: the sample scans") struct SampleDataTests {
    /// `SampleData` beside `Tests`.
    private func sample(_ name: String) -> String {
        let tests = ScanPath(#filePath).folder.folder.folder
        return tests.folder.appending("SampleData/\(name)").description
    }

    @Test("two contrasts with a label map: one case on one grid, one that needs its reference")
    func multiModal() throws {
        let lab = RunLab()
        let input = """
            "images": {"T1w": "{case}/*_T1w*", "FLAIR": "{case}/*_FLAIR*"}, "labels": {"seg": "{case}/*_seg*"},
            "masks": {"brain": "{case}/*_mask*"}
            """
        let steps = """
            {"op": "orient", "to": "RAS"}, {"op": "resample", "reference": "T1w"},
            {"op": "zscore", "mask": "file", "apply_to": "mask"}
            """
        let outcome = try lab.run(lab.pipeline(steps, input: input)) { $0.inputs = [sample("multi-modal")] }
        #expect(outcome.failures.map(\.failure) == [])
        #expect(outcome.written == 2)
        for name in ["case-01", "case-02"] {
            let image = try lab.volume("out/\(name).nii.gz")
            let label = try lab.volume("out/\(name)_seg.nii.gz")
            #expect(image.tensor.shape.c == 2)
            #expect(image.grid.orientation?.code == "RAS")
            #expect(label.grid.isSame(as: image.grid))
            #expect(label.tensor.values.allSatisfy { $0 == $0.rounded() })
            #expect(label.tensor.values.contains { $0 > 0 })
        }
    }

    @Test("batch norm on one head: mean 0, variance var/(var + epsilon), and a report that warns")
    func oneHead() throws {
        let lab = RunLab()
        let pipeline = try lab.pipeline(#"{"op": "batch_norm"}"#)
        try lab.run(pipeline) { $0.inputs = [sample("brain/sub-01_T1w.nii.gz")] }
        let record = try #require(lab.json("out/sub-01_T1w.json")["steps"]?.array?.first)
        let before = try #require(record["before"]?["statistics"]?.array?.first?["var"]?.double)
        let after = try #require(record["after"]?["statistics"]?.array?.first)
        let (mean, variance) = (try #require(after["mean"]?.double), try #require(after["var"]?.double))
        #expect(abs(mean) < 1e-5)
        #expect(abs(variance - before / (before + 1e-5)) < 1e-5)
        let report = try #require(lab.json("out/report.json")["steps"]?.array?.first?["report"])
        #expect(report["severity"]?.string == "severe")
        #expect(report["var_of_mean"] == [.null])
        #expect(report["m_effective_batch"]?.int == 84 * 102 * 38)
    }

    @Test("eight heads: inflation over independent voxels, and running statistics of eight batches")
    func eightHeads() throws {
        let lab = RunLab()
        let steps = #"{"op": "zscore", "mask": "nonzero"}, {"op": "rescale"}, {"op": "batch_renorm"}"#
        let outcome = try lab.run(lab.pipeline(steps)) { $0.inputs = [sample("brain")] }
        #expect(outcome.written == 8)
        let report = try #require(lab.json("out/report.json")["steps"]?.array?.first?["report"])
        let inflation = try #require(report["inflation"]?.array?.first?.double)
        #expect(inflation > 10)
        let state = try lab.json("out/state.json")["steps"]?.array?.first
        #expect(state?["step"]?.int == 2)
        #expect(state?["state"]?["batches_seen"]?.int == 8)
    }

    @Test("thick slices, a series, a pair and NIfTI-2 run through one pipeline")
    func others() throws {
        let lab = RunLab()
        let steps = """
            {"op": "orient", "on_unknown": "keep"}, {"op": "resample", "spacing_ijk": [4, 4, 4]},
            {"op": "clip", "min": -1000, "max": 2000}
            """
        let outcome = try lab.run(lab.pipeline(steps)) { $0.inputs = [sample("ct"), sample("series")] }
        #expect(outcome.failures.map(\.failure) == [])
        #expect(outcome.written == 5)
    }
}
