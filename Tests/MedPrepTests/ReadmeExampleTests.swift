import MedPrep
import MedPrepTestSupport
import Testing

/// The program that README shows, compiled and run.
@Suite("README example") struct ReadmeExampleTests {
    @Test("is the text of the file that is compiled here")
    func sameText() {
        let shown = CodeBlock.all(in: Repository.text("README.md")).filter { $0.language == "swift" }.map(
            \.text)
        #expect(shown == [Repository.text("Tests/MedPrepTests/ReadmeExample.swift")])
    }

    @Test("prepares one scan")
    func oneScan() throws {
        let folder = TemporaryFolder()
        try prepare("\(Repository.folder)/SampleData/brain/sub-01_T1w.nii.gz", as: folder.file("head.nii.gz"))
        let grid = try NIfTIReader().read(ScanPath(folder.file("head.nii.gz"))).volume.grid
        #expect(grid.orientation?.code == "RAS")
        #expect(abs(grid.spacing.z - 2) < 1e-6)
    }

    @Test("runs a folder")
    func folder() throws {
        let folder = TemporaryFolder()
        let outcome = try runFolder("\(Repository.folder)/Pipelines/ct-body.json", into: folder.path)
        #expect(outcome.written == 2)
        #expect(outcome.failures.isEmpty)
    }
}
