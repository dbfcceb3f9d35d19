import MedPrep
import MedPrepCore
import MedPrepIO
import MedPrepTestSupport
import Testing

@Suite("Run: what it writes") struct RunOutputTests {
    private func tree() -> RunLab {
        let lab = RunLab()
        lab.scan("a.nii.gz", seed: 1)
        lab.scan("b/c.nii", seed: 2)
        lab.scan("b/d/e.nii.gz", sizes: [5, 5, 5], seed: 3)
        return lab
    }

    private let steps = #"{"op": "orient", "to": "LPS"}, {"op": "zscore"}, {"op": "stats"}"#

    @Test("keeps the folder tree, replaces the extension and puts a sidecar beside each volume")
    func tree_() throws {
        let lab = tree()
        let outcome = try lab.run(lab.pipeline(steps))
        #expect(outcome.written == 3)
        #expect(outcome.failures.isEmpty)
        let expected = [
            ".medprep.lock", "a.json", "a.nii.gz", "b/c.json", "b/c.nii.gz", "b/d/e.json", "b/d/e.nii.gz",
            "report.json", "summary.tsv",
        ]
        #expect(lab.folder.files(below: "out") == expected)
    }

    @Test("the volume is the normalized scan on the grid the sidecar states")
    func volume() throws {
        let lab = tree()
        try lab.run(lab.pipeline(steps))
        let volume = try lab.volume("out/a.nii.gz")
        let values = volume.tensor.values.map(Double.init)
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        #expect(abs(mean) < 1e-6)
        #expect(abs(variance - 1) < 1e-5)
        #expect(volume.grid.orientation?.code == "LPS")
        let stated = try lab.json("out/a.json")["result"]?["affine"]?.array?.map { $0.array ?? [] } ?? []
        #expect(stated.count == 4)
        let rows = volume.grid.affine.rows
        for (row, column) in (0..<3).flatMap({ row in (0..<4).map { (row, $0) } }) {
            let number = try #require(stated[row][column].double)
            #expect(abs(number - rows[row][column]) < 1e-5)
        }
    }

    @Test("a sidecar tells input, steps, result and output, with its keys in one order")
    func sidecar() throws {
        let lab = tree()
        try lab.run(lab.pipeline(steps))
        let sidecar = try lab.json("out/b/c.json")
        let keys = [
            "medprep", "case", "pipeline_hash", "statistics_hash", "batch", "input", "source", "steps",
            "result",
            "output", "findings", "timing",
        ]
        #expect(sidecar.members?.map(\.key) == keys)
        #expect(sidecar["case"]?.string == "b/c")
        let input = try #require(sidecar["input"]?.array?.first)
        #expect(input["path"]?.string == "b/c.nii")
        #expect(input["size"]?.int == 352 + 4 * 120)
        let bytes = lab.folder.read("in/b/c.nii")
        #expect(input["crc32"]?.string.flatMap { UInt32($0, radix: 16) } == NIfTIBuilder.crc32(bytes))
        #expect(input["sha256"] == nil)
        let records = try #require(sidecar["steps"]?.array)
        #expect(records.map { $0["op"]?.string } == ["orient", "zscore", "stats"])
        for record in records {
            #expect(record.members?.map(\.key).prefix(4) == ["op", "parameters", "before", "after"])
        }
        #expect(records[1]["parameters"]?["zero_std"]?.string == "divide_by_one")
        let statistics = try #require(records[1]["before"]?["statistics"]?.array?.first)
        let fields = [
            "count", "nonzero", "nonfinite", "min", "max", "mean", "std", "var", "var_unbiased", "skewness",
            "excess_kurtosis", "median", "percentiles", "m_effective", "constant",
        ]
        #expect(statistics.members?.map(\.key) == fields)
        let geometry = ["shape_ndhwc", "spacing_ijk", "affine", "orientation", "fov_mm", "statistics"]
        #expect(sidecar["result"]?.members?.map(\.key) == geometry)
        let output = try #require(sidecar["output"]?.array?.first)
        #expect(output["path"]?.string == "b/c.nii.gz")
        #expect(output["size"]?.int == lab.folder.read("out/b/c.nii.gz").count)
        #expect(output["dtype"]?.string == "float32")
        let timing = try #require(sidecar["timing"]?.members?.map(\.key))
        for key in ["modified", "read_ms", "write_ms", "bytes_read", "bytes_written"] {
            #expect(timing.contains(key))
        }
    }

    @Test("no report names an absolute path, and no number in one is not finite")
    func privacy() throws {
        let lab = tree()
        let pipeline = try lab.pipeline(steps, more: #""report": {"sha256": true}"#)
        try lab.run(pipeline)
        let digest = try lab.json("out/a.json")["input"]?.array?.first?["sha256"]?.string
        #expect(digest?.utf8.count == 64)
        for name in lab.folder.files(below: "out") where name.hasSuffix(".json") || name.hasSuffix(".tsv") {
            let text = lab.text("out/\(name)")
            #expect(!text.contains(lab.folder.path))
            #expect(!text.lowercased().contains("nan,") && !text.contains("inf,") && !text.contains(": nan"))
        }
    }

    @Test("report.json counts scans, shapes, spacings and findings")
    func report() throws {
        let lab = tree()
        lab.scan("z.nii", seed: 4) { ($0.sformCode, $0.qformCode) = (0, 0) }
        try lab.run(lab.pipeline(#"{"op": "zscore"}"#))
        let report = try lab.json("out/report.json")
        let keys = [
            "medprep", "pipeline_hash", "scans", "failures", "dropped", "findings", "shapes", "spacings",
            "largest_error", "steps", "timing",
        ]
        #expect(report.members?.map(\.key) == keys)
        let scans: JSONValue = ["in_all": 4, "written": 4, "failed": 0, "dropped": 0, "left": 0]
        #expect(report["scans"] == scans)
        let shapes: JSONValue = [
            ["shape_ndhwc": [1, 4, 5, 6, 1], "count": 3], ["shape_ndhwc": [1, 5, 5, 5, 1], "count": 1],
        ]
        #expect(report["shapes"] == shapes)
        let unknown: JSONValue = ["code": "unknown_orientation", "count": 1]
        #expect(report["findings"]?.array?.contains(unknown) == true)
        let timing = [
            "written", "already_done", "failed", "seconds", "scans_per_second", "peak_memory_bytes",
        ]
        #expect(report["timing"]?.members?.map(\.key) == timing)
    }

    @Test("summary.tsv has a row a scan and no times")
    func summary() throws {
        let lab = RunLab()
        lab.scan("a.nii", .int16, sizes: [2, 2, 2], values: [0, 1, 2, 3, 4, 5, 6, 7])
        lab.folder.write([1, 2, 3], to: "in/b.nii")
        try lab.run(lab.pipeline(#"{"op": "clip", "max": 6}"#))
        let rows = lab.text("out/summary.tsv").split(separator: "\n").map(String.init)
        #expect(rows.count == 3)
        #expect(
            rows[0]
                == "scan\tstatus\tshape_ndhwc\tspacing_ijk\torientation\tmin\tmax\tmean\tstd\tfindings\terror"
        )
        let first = rows[1].split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        #expect(first.prefix(3) == ["a", "written", "1x2x2x2x1"])
        #expect(first[5] == "0" && first[6] == "6" && first[7] == "3.375")
        #expect(rows[2].hasPrefix("b\tfailed\t\t\t\t\t\t\t\t\ttruncated_header: read: "))
    }

    @Test("1, 2 and 3 jobs give the same bytes", arguments: ["zscore", "batch_norm", "batch_renorm"])
    func jobs(operation: String) throws {
        let lab = RunLab()
        lab.scans(7)
        lab.folder.write([1, 2, 3], to: "in/s3.nii")
        let steps = #"{"op": "clip_percentiles"}, {"op": "resample", "spacing_ijk": [1.5, 1.5, 1.5]}, "#
        let pipeline = try lab.pipeline(steps + #"{"op": "\#(operation)"}"#, more: #""batch": {"size": 2}"#)
        try lab.run(pipeline, to: "one", jobs: 1)
        try lab.run(pipeline, to: "two", jobs: 2)
        try lab.run(pipeline, to: "three", jobs: 3)
        let one = try lab.results("one")
        #expect(one.count == 14)
        #expect(differences(one, try lab.results("two")) == [])
        #expect(differences(one, try lab.results("three")) == [])
    }
}
