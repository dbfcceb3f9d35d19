import MedPrepTestSupport
import Testing

@Suite("Package of the fuzzers") struct FuzzPackageTests {
    @Test(
        "builds each C module that the houses import",
        arguments: Repository.entries("Sources").filter { $0.hasPrefix("CMedPrep") })
    func isComplete(_ module: String) {
        #expect(Repository.text("Tests/Fuzz/Package.swift").contains("path: \"Houses/\(module)\""))
    }
}
