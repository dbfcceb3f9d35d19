import Glibc
import MedPrep
import MedPrepTestSupport
import Testing

/// A folder on a disk of its own, of a size to choose: only root may mount one.
private final class SmallDisk {
    let path: String

    /// nil where mounting is not allowed.
    init?(at path: String, size: String) {
        self.path = path
        mkdir(path, 0o755)
        let mounted = Program(executable: "mount")("-t", "tmpfs", "-o", "size=\(size)", "tmpfs", path)
        guard mounted.status == 0 else { return nil }
    }

    func resize(_ size: String) { _ = Program(executable: "mount")("-o", "remount,size=\(size)", path) }

    deinit { _ = Program(executable: "umount")("-l", path) }

    static let isAllowed: Bool = {
        let folder = TemporaryFolder()
        // The disk goes before the folder it is in.
        return withExtendedLifetime(folder) {
            getuid() == 0 && SmallDisk(at: folder.file("disk"), size: "64k") != nil
        }
    }()
}

@Suite("medprep run on a full disk") struct FullDiskTests {
    private let bench = Bench()
    private let expected: OutputTree

    init() {
        bench.scans(6, sizes: [40, 40, 24])
        let rest = #""steps": [{"op": "zscore"}], "output": {}"#
        bench.write(#"{"input": {"folder": "in"}, \#(rest)}"#, to: "p.json")
        _ = bench.medprep("run", "p.json", "--out", "expected")
        expected = OutputTree(bench.folder, "expected")
    }

    private func shell(_ script: String) -> Program.Result {
        Program(directory: bench.folder.path, executable: "sh")("-c", script, Program.path)
    }

    @Test(
        "what does not fit fails by name, what was written is whole, and with room the rest is written",
        .enabled(if: SmallDisk.isAllowed), arguments: ["20k", "300k", "500k"])
    func full(size: String) throws {
        let disk = try #require(SmallDisk(at: bench.folder.file("disk"), size: size))
        let result = bench.medprep("run", "p.json", "--out", "disk/out", "--jobs", "2")
        // The report may just fit, or not.
        #expect([1, 73].contains(result.status))
        #expect(result.errors.contains("cannot write the output: No space left on device"))
        #expect(result.errors.contains("again:     medprep run p.json --out disk/out"))
        let tree = OutputTree(bench.folder, "disk/out")
        let (whole, broken) = OutputTree.vouched(bench.folder, "disk/out")
        #expect(broken == [])
        #expect(Set(tree.volumes) == whole)
        #expect(tree.volumes.allSatisfy { tree.files[$0] == expected.files[$0] })
        disk.resize("16m")
        let second = bench.medprep("run", "p.json", "--out", "disk/out", "--jobs", "2")
        #expect(second.status == 0)
        #expect(whole.isEmpty || second.errors.contains(" \(whole.count) already done"))
        #expect(OutputTree(bench.folder, "disk/out").differences(from: expected) == [])
    }

    // The signal of that limit ends a program under ThreadSanitizer before it can be ignored.
    @Test(
        "a limit on the size of files is an error of each scan, not the end of the program",
        .enabled(if: !Sanitizer.isOn))
    func sizeLimit() throws {
        // In blocks of 512 bytes.
        let result = shell(#"ulimit -f 60; exec "$0" run p.json --out out"#)
        #expect(result.status == 1)
        #expect(result.errors.hasPrefix("6 scans: 0 written, 6 failed"))
        #expect(result.errors.contains("s5.nii.gz: cannot write the output: File too large"))
        #expect(OutputTree(bench.folder, "out").files.keys.sorted() == ["report.json", "summary.tsv"])
        #expect(bench.medprep("run", "p.json", "--out", "out").status == 0)
        #expect(OutputTree(bench.folder, "out").differences(from: expected) == [])
    }

    @Test("no report can be written: the failures are told all the same, with 73")
    func noReport() throws {
        bench.write("no scan", to: "in/x.nii")
        mkdir(bench.folder.file("out"), 0o755)
        mkdir(bench.folder.file("out/summary.tsv"), 0o755)
        let result = bench.medprep("run", "p.json", "--out", "out")
        #expect(result.status == 73)
        #expect(result.errors.hasPrefix("7 scans: 6 written, 1 failed"))
        #expect(result.errors.contains("failed:    x.nii  read: "))
        #expect(result.errors.contains("again:     medprep run p.json --out out"))
        let reason = "medprep: out/summary.tsv: cannot rename the output: Is a directory\n"
        #expect(result.errors.hasSuffix(reason))
    }

    @Test("a reader of the messages who goes away does not end the run")
    func closedPipe() {
        let script = #"("$0" run p.json --out out --progress json 2>&1; echo $? > status) | head -n 1"#
        #expect(shell(script).output == "{\"pass\": \"run\", \"scans\": 6}\n")
        #expect(bench.text("status") == "0\n")
        #expect(OutputTree(bench.folder, "out").differences(from: expected) == [])
    }

    @Test("a reader of the data who goes away ends the program quietly")
    func closedOutput() {
        let result = shell(#"("$0" operators --json; echo $? > status) | head -n 1"#)
        #expect(result.output == "[\n")
        #expect(result.errors == "")
        #expect(["0\n", "141\n"].contains(bench.text("status")))
    }

    @Test("data that could not be written is no success")
    func fullOutput() {
        for words in ["operators", "inspect in", "run p.json --out out --dry-run", "validate p.json"] {
            let result = shell(#""$0" \#(words) > /dev/full"#)
            #expect(result.status == 73, "\(words)")
            #expect(
                result.errors == "medprep: cannot write the output: No space left on device\n", "\(words)")
        }
    }
}
