import Glibc
import MedPrepC
import MedPrepCore
import MedPrepTestSupport
import Testing

@Suite("The C interface") struct MedPrepCTests {
    private func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String {
        defer { medprepFree(pointer) }
        return pointer.map { String(cString: $0) } ?? ""
    }

    @Test("tells its version")
    func version() {
        #expect(text(medprepVersionText()).split(separator: ".").count == 3)
    }

    @Test("names a pipeline file that is not there, with the status of an invalid pipeline")
    func missingPipeline() {
        var message: UnsafeMutablePointer<CChar>?
        #expect(medprepRun("nowhere/pipeline.json", nil, 0, "out", 1, &message) == 65)
        #expect(text(message).contains("cannot read the pipeline file"))
    }

    @Test("runs a pipeline over a folder")
    func run() {
        let folder = TemporaryFolder()
        let scan = NIfTIBuilder(.int16, sizes: [4, 3, 2], values: (0..<24).map(Double.init))
        mkdir(folder.file("scans"), 0o777)
        _ = folder.write(scan.file, to: "scans/a.nii")
        _ = folder.write(#"{"steps": [{"op": "clip", "max": 9}]}"#.utf8, to: "pipeline.json")
        var message: UnsafeMutablePointer<CChar>?
        let inputs = [strdup("\(folder.path)/scans")]
        defer { for input in inputs { free(input) } }
        let status = inputs.map { UnsafePointer($0) }.withUnsafeBufferPointer { inputs in
            medprepRun(
                "\(folder.path)/pipeline.json", inputs.baseAddress, 1, "\(folder.path)/out", 1, &message)
        }
        #expect(status == 0)
        #expect(text(message) == #"{"written": 1, "already_done": 0, "failures": []}"#)
        #expect(folder.read("out/a.nii.gz").starts(with: [0x1f, 0x8b]))
    }
}
