import Glibc
import MedPrep
import MedPrepTestSupport
import Testing

/// Every file of Pipelines/ on the sample scans.
@Suite("Ready pipelines") struct PipelinesTests {
    private static let names = ["batch-size-1", "brain-mr", "ct-body", "multi-modal"]

    private func run(_ name: String, into folder: TemporaryFolder) throws -> (Pipeline, Run.Outcome) {
        let (pipeline, diagnostics) = PipelineFile.read("\(Repository.folder)/Pipelines/\(name).json")
        #expect(diagnostics.list.isEmpty, "\(diagnostics)")
        let read = try #require(pipeline)
        var options = Run.Options()
        options.outputFolder = folder.path
        options.jobs = 2
        let run = Run(read, options)
        let outcome = try run.start(try run.plan())
        #expect(outcome.failures.isEmpty)
        #expect(outcome.left == 0)
        return (read, outcome)
    }

    private func json(_ name: String, in folder: TemporaryFolder) throws -> JSONValue {
        try JSONReader.read(folder.read(name)).value
    }

    private func volume(_ name: String, in folder: TemporaryFolder) throws -> Volume {
        try NIfTIReader().read(ScanPath(folder.file(name))).volume
    }

    @Test("each has a test here")
    func isComplete() {
        let files = Self.names.map { "\($0).json" } + ["pipeline.schema.json"]
        #expect(Repository.entries("Pipelines") == files)
        for name in Self.names {
            #expect(
                Repository.text("Pipelines/\(name).json").contains(#""$schema": "./pipeline.schema.json""#))
        }
        #expect(Repository.text("Pipelines/pipeline.schema.json") == PipelineSchema.json.text() + "\n")
    }

    @Test("brain-mr: heads of one size at 1 mm, what is brighter than the mean has mean 0 and deviation 1")
    func brain() throws {
        let folder = TemporaryFolder()
        let (_, outcome) = try run("brain-mr", into: folder)
        #expect(outcome.written == 8)
        let head = try volume("sub-03_T1w.nii.gz", in: folder)
        #expect(head.tensor.shape == Shape(d: 192, h: 224, w: 192))
        #expect(head.grid.orientation?.code == "RAS")
        let spacing = head.grid.spacing
        #expect(max(abs(spacing.x - 1), abs(spacing.y - 1), abs(spacing.z - 1)) < 1e-6)
        // Air is the lowest value, and padding is air.
        let values = head.tensor.values
        let air = try #require(values.min())
        #expect(values[0] == air)
        let all = values.reduce(0) { $0 + Double($1) } / Double(values.count)
        let tissue = values.lazy.map(Double.init).filter { $0 > all }
        let count = Double(tissue.count)
        let mean = tissue.reduce(0, +) / count
        let variance = tissue.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        #expect(abs(mean) < 1e-4)
        #expect(abs(variance - 1) < 1e-4)
    }

    @Test("ct-body: slices of 3 mm, a window of 400 HU around 40 as 0 to 1, air 0")
    func body() throws {
        let folder = TemporaryFolder()
        let (_, outcome) = try run("ct-body", into: folder)
        #expect(outcome.written == 2)
        for name in ["body-01_CT", "body-02_CT"] {
            let body = try volume("\(name).nii.gz", in: folder)
            let spacing = body.grid.spacing
            #expect(max(abs(spacing.x - 1), abs(spacing.y - 1), abs(spacing.z - 3)) < 1e-6)
            let values = body.tensor.values
            #expect(values.min() == 0)
            #expect(values.max() == 1)
            // Soft tissue, 0 to 80 HU, lies between 0.4 and 0.6.
            #expect(values.count { $0 > 0.4 && $0 < 0.6 } > values.count / 20)
            #expect(try json("\(name).json", in: folder)["findings"]?.array == [])
        }
    }

    @Test("multi-modal: two channels and the label map on one grid, each channel normalized in the mask")
    func multiModal() throws {
        let folder = TemporaryFolder()
        let (_, outcome) = try run("multi-modal", into: folder)
        #expect(outcome.written == 2)
        for name in ["case-01", "case-02"] {
            let images = try volume("\(name).nii.gz", in: folder)
            #expect(images.tensor.shape == Shape(d: 112, h: 144, w: 128, c: 2))
            let labels = try NIfTIReader(role: .label).read(ScanPath(folder.file("\(name)_seg.nii.gz")))
                .volume
            #expect(labels.grid == images.grid)
            let found = Set(labels.tensor.values)
            #expect(found.isSubset(of: [0, 1, 2, 4]))
            #expect(found.count > 2)
        }
    }

    @Test("batch-size-1: finite, mean 0, variance var/(var + epsilon), and the report says severe")
    func batchSizeOne() throws {
        let folder = TemporaryFolder()
        let (_, outcome) = try run("batch-size-1", into: folder)
        #expect(outcome.written == 8)
        for name in (1...8).map({ "sub-0\($0)_T1w" }) {
            let tensor = try volume("\(name).nii.gz", in: folder).tensor
            let values = tensor.values.map(Double.init)
            #expect(values.allSatisfy { $0.isFinite })
            let count = Double(values.count)
            let mean = values.reduce(0, +) / count
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
            let step = try #require(try json("\(name).json", in: folder)["steps"]?.array?.last)
            let before = try #require(step["before"]?["statistics"]?.array?.first)
            let given = try #require(before["var"]?.double)
            let expected = given / (given + 1e-5)
            #expect(abs(mean) < 1e-5)
            #expect(abs(variance - expected) < 2e-5)
            // N = 1, so m' = D·H·W.
            #expect(tensor.shape.n == 1)
            #expect(before["m_effective"]?.int == tensor.shape.d * tensor.shape.h * tensor.shape.w)
            #expect(step["findings"]?.array?.map { $0["code"]?.string } == ["small_batch_severe"])
        }
        let report = try #require(try json("report.json", in: folder)["steps"]?.array?.first?["report"])
        #expect(report["batch_size"]?.int == 1)
        #expect(report["severity"]?.string == "severe")
        #expect(report["samples"]?.int == 8)
        let spread = try #require(report["var_of_mean"]?.array?.first?.double)
        let promised = try #require(report["iid_var_of_mean"]?.array?.first?.double)
        let inflation = try #require(report["inflation"]?.array?.first?.double)
        #expect(abs(inflation - spread / promised) <= 1e-9 * inflation)
        #expect(inflation > 1000)
        #expect(
            try json("state.json", in: folder)["steps"]?.array?.first?["state"]?["batches_seen"]?.int == 8)
    }
}
