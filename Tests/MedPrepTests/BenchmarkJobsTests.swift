import MedPrep
import MedPrepTestSupport
import Testing

/// The pipelines that Tests/Benchmarks/jobs measures.
@Suite("Benchmark jobs") struct BenchmarkJobsTests {
    static let folder = "Tests/Benchmarks/Jobs"

    @Test("each pipeline is read without a fault", arguments: Repository.entries(folder))
    func isValid(_ name: String) {
        let (pipeline, diagnostics) = PipelineFile.read("\(Repository.folder)/\(Self.folder)/\(name)")
        #expect(diagnostics.list.isEmpty, "\(diagnostics)")
        #expect(pipeline != nil)
    }

    @Test("the six jobs are there")
    func isComplete() {
        let jobs = ["J1", "J2", "J3raw", "J4", "J5", "nnunet"]
        #expect(Repository.entries(Self.folder) == jobs.map { "\($0).json" })
    }
}
