import Glibc
import MedPrep
import MedPrepCore
import MedPrepIO
import MedPrepTestSupport
import Testing

@Suite("Run: refused before any work") struct RunMapTests {
    private let step = #"{"op": "zscore"}"#

    @Test("two inputs with one output name")
    func clash() throws {
        let lab = RunLab()
        lab.scan("a.nii")
        lab.scan("a.nii.gz")
        let error = runError { try lab.run(lab.pipeline(step)) }
        #expect(error?.status == 73)
        #expect(
            error?.description
                == "a and a would both be written to a.nii.gz; rename one, or run them into separate folders")
        #expect(lab.folder.files(below: "out") == [])
    }

    @Test("a scan whose sidecar would be the run's report")
    func ownName() throws {
        let lab = RunLab()
        lab.scan("report.nii")
        let error = runError { try lab.run(lab.pipeline(step)) }
        #expect(error?.status == 73)
        #expect(error?.description.hasPrefix("the run's own report.json and report would both be") == true)
    }

    @Test("an output folder that is, or lies in, the input folder", arguments: ["in", "in/deep/out"])
    func inside(output: String) throws {
        let lab = RunLab()
        lab.scan("a.nii")
        let error = runError { try lab.run(lab.pipeline(step), to: output) }
        #expect(error?.status == 73)
        let (out, input) = (lab.folder.file(output), lab.folder.file("in"))
        #expect(
            error?.description
                == "the output folder \(out) lies inside the input \(input), so a second run would read its own "
                + "results; choose a folder beside it")
    }

    @Test("an output that falls into the input folder, which lies in the output folder")
    func outside() throws {
        let lab = RunLab()
        lab.scan("in/a.nii")
        let error = runError { try lab.run(lab.pipeline(step)) { $0.outputFolder = lab.folder.path } }
        #expect(error?.status == 73)
        lab.remove("in/in/a.nii")
        lab.scan("b.nii")
        let outcome = try lab.run(lab.pipeline(step)) { $0.outputFolder = lab.folder.path }
        #expect(outcome.written == 1)
    }

    @Test("an output that would replace a scan named directly")
    func replaces() throws {
        let lab = RunLab()
        lab.scan("a.nii.gz")
        let path = lab.folder.file("in/a.nii.gz")
        let error = runError { try lab.run(lab.pipeline(step), to: "in") { $0.inputs = [path] } }
        #expect(error?.status == 73)
        #expect(error?.description == "\(path) is an input and would be overwritten; choose another --out")
    }

    @Test("a folder without scans, or one that is not there")
    func empty() throws {
        let lab = RunLab()
        lab.folder.write([1], to: "in/notes.txt")
        let input = lab.folder.file("in")
        let error = runError { try lab.run(lab.pipeline(step, input: #""pattern": "*T1*""#)) }
        #expect(error?.status == 66)
        #expect(
            error?.description
                == "\(input): no scan found that matches \"*T1*\"; a scan's name ends in .nii, .nii.gz, .hdr or .hdr.gz"
        )
        let missing = lab.folder.file("nowhere")
        let gone = runError { try lab.run(lab.pipeline(step)) { $0.inputs = [missing] } }
        #expect(gone?.status == 66)
        #expect(gone?.description == "\(missing): there is no such file or folder")
    }

    @Test("an output folder that is a file")
    func unwritable() throws {
        let lab = RunLab()
        lab.scan("a.nii")
        lab.folder.write([1], to: "out")
        let error = runError { try lab.run(lab.pipeline(step)) }
        #expect(error?.status == 73)
        let out = lab.folder.file("out")
        #expect(error?.description == "\(out): cannot create the output folder: Not a directory")
    }

    @Test("a folder that another run holds")
    func locked() throws {
        let lab = RunLab()
        lab.scan("a.nii")
        let out = lab.folder.file("out")
        let lock = try FolderLock(ScanPath(out))
        let error = runError { try lab.run(lab.pipeline(step)) }
        #expect(error?.status == 75)
        #expect(error?.description.hasPrefix("\(out): another run (process \(getpid())) writes into") == true)
        #expect(lab.folder.files(below: "out") == [".medprep.lock"])
        withExtendedLifetime(lock) {}
    }
}
