import Glibc
import MedPrep
import MedPrepTestSupport
import Testing

@Suite("Odd names, through the program") struct OddNamesTests {
    private let bench = Bench()

    init() { bench.write(#"{"input": {"folder": "in"}, "steps": [{"op": "zscore"}]}"#, to: "p.json") }

    private static let scan = NIfTIBuilder(
        .float32, sizes: [4, 4, 4], values: (0..<64).map { Double($0 % 13) }
    ).file

    private func scan(_ name: String) { bench.folder.write(Self.scan, to: "in/\(name)") }

    private func run(_ more: String...) -> Program.Result {
        bench.medprep(["run", "p.json", "--out", "out"] + more)
    }

    /// Control characters but the end of a line would steer the terminal.
    private func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x0a }
    }

    @Test(
        "blanks, quotes, tabs, line ends, dashes, ESC, composed and decomposed letters, both cases: all are written"
    )
    func letters() throws {
        let names = [
            "with space", "tab\there", "new\nline", "it's \"$(ls)`;&|*?[", "-rf", "--out", "esc\u{1b}[2J",
            "back\\slash", "\u{e9}", "e\u{301}", "A", "a", "right\u{202e}left", "\u{1f9e0}", "...", "#x",
        ]
        for name in names { scan("\(name).nii") }
        let result = run("--progress", "json")
        #expect(result.status == 0)
        #expect(isPlain(result.errors))
        let files = Set(bench.folder.files(below: "out").map { Array($0.utf8) })
        for name in names {
            #expect(files.contains(Array("\(name).nii.gz".utf8)), "\(name.debugDescription)")
            #expect(files.contains(Array("\(name).json".utf8)), "\(name.debugDescription)")
        }
        try checkReport(names.count)
        let again = run()
        #expect(again.status == 0)
        #expect(again.errors.hasPrefix("16 scans: 0 written, 16 already done"))
        // One of a pair of names that look alike is changed: that one is done again.
        bench.folder.write(Self.scan + [0, 0], to: "in/e\u{301}.nii")
        #expect(run().errors.hasPrefix("16 scans: 1 written, 15 already done"))
    }

    /// One row a scan, and JSON that is UTF-8.
    private func checkReport(_ count: Int) throws {
        let rows = bench.text("out/summary.tsv").split(separator: "\n", omittingEmptySubsequences: false)
        #expect(rows.count == count + 2)
        #expect(rows.last == "")
        for row in rows.dropLast() {
            #expect(row.split(separator: "\t", omittingEmptySubsequences: false).count == 11)
        }
        #expect(Set(rows.dropFirst().dropLast().map { Array($0.utf8.prefix { $0 != 9 }) }).count == count)
        let bytes = bench.folder.read("out/report.json")
        #expect(Array(String(decoding: bytes, as: UTF8.self).utf8) == bytes)
        #expect(try JSONReader.read(bytes).value["scans"]?["in_all"]?.int == count)
    }

    @Test("bytes that are not UTF-8 stay what they are in file names and are escaped in reports")
    func bytes() throws {
        scan("plain.nii")
        scan("x.nii")
        scan("y.nii")
        func raw(_ folder: String, _ bytes: [UInt8], _ ending: String) -> [CChar] {
            (Array(bench.folder.file(folder + "/").utf8) + bytes + Array(ending.utf8) + [0]).map {
                CChar(bitPattern: $0)
            }
        }
        let names: [[UInt8]] = [[0x66, 0xff, 0x6f], [0x66, 0xfe, 0x6f]]
        #expect(rename(bench.folder.file("in/x.nii"), raw("in", names[0], ".nii")) == 0)
        #expect(rename(bench.folder.file("in/y.nii"), raw("in", names[1], ".nii")) == 0)
        let result = run()
        #expect(result.status == 0)
        for name in names {
            #expect(access(raw("out", name, ".nii.gz"), R_OK) == 0)
            #expect(access(raw("out", name, ".json"), R_OK) == 0)
        }
        try checkReport(3)
        #expect(bench.text("out/summary.tsv").contains("\nf\\xffo\twritten\t"))
        #expect(run().errors.hasPrefix("3 scans: 0 written, 3 already done"))
    }

    @Test("a failing scan with ESC and line ends in its name is one line of message and of the table")
    func failing() throws {
        bench.write("no scan", to: "in/a\u{1b}[31m\r\n\tfailed:.nii")
        scan("b.nii")
        let result = run("--progress", "plain")
        #expect(result.status == 1)
        #expect(isPlain(result.errors))
        #expect(result.errors.split(separator: "\n").count == 3)
        #expect(result.errors.contains(#"failed:    a\u{1b}[31m\u{d}\u{a}\u{9}failed:.nii  read: "#))
        try checkReport(2)
    }

    @Test("what is typed next is quoted so that a shell reads it back and a terminal is not steered")
    func typedNext() {
        bench.write("no scan", to: "in/a.nii")
        bench.write(bench.text("p.json"), to: "p\u{1b}'\n.json")
        let result = bench.medprep("run", "p\u{1b}'\n.json", "--out", "o\\ut\t")
        #expect(result.status == 1)
        #expect(isPlain(result.errors))
        #expect(result.errors.contains(#"again:     medprep run $'p\x1b\'\x0a.json' --out $'o\\ut\x09'  "#))
        let missing = bench.medprep("run", "no\u{1b}[2J.json", "in", "--out", "out")
        #expect(missing.status == 65)
        #expect(isPlain(missing.errors))
        let nowhere = bench.medprep("run", "p.json", "no\u{1b}[2J", "--out", "out")
        #expect(nowhere.status == 66)
        #expect(isPlain(nowhere.errors))
    }

    @Test("a pipeline in a folder with a backslash, a line end or ESC in its name finds its own folders")
    func pipelineFolder() {
        for folder in ["back\\slash", "new\nline", "esc\u{1b}"] {
            bench.folder.write(Self.scan, to: "\(folder)/in/a.nii")
            bench.write(
                #"{"input": {"folder": "in"}, "output": {"folder": "out"}, "steps": []}"#,
                to: "\(folder)/p.json")
            let result = bench.medprep("run", "\(folder)/p.json")
            #expect(result.status == 0)
            #expect(bench.folder.files(below: "\(folder)/out").contains("a.nii.gz"))
        }
    }

    @Test("a name that begins with a dash is an input behind --")
    func dash() {
        bench.folder.write(Self.scan, to: "-x.nii")
        let result = bench.medprep("run", "--out", "out", "p.json", "--", "-x.nii")
        #expect(result.status == 0)
        #expect(bench.folder.files(below: "out").contains("-x.nii.gz"))
    }

    @Test("an argument that is not UTF-8 names no file and is told so; the folder that holds it does")
    func argument() {
        scan("a.nii")
        let program = Program(directory: bench.folder.path, executable: "sh")
        let result = program(
            "-c", #""$0" run p.json "$(printf 'in/\377.nii')" --out out"#, Program.path)
        #expect(result.status == 66)
        #expect(isPlain(result.errors))
    }

    @Test("names of 255 bytes are written; where the output's name would be longer, that scan fails by name")
    func longNames() throws {
        let fits = String(repeating: "f", count: 248)
        scan("\(fits).nii.gz".replacing(".nii.gz", with: ".nii"))
        let long = String(repeating: "l", count: 251)
        scan("\(long).nii")
        let result = run()
        #expect(result.status == 1)
        #expect(bench.folder.files(below: "out").contains("\(fits).nii.gz"))
        #expect(result.errors.contains("\(long).nii.gz: cannot create the output: File name too long"))
        try checkReport(2)
        #expect(!bench.folder.files(below: "out").contains { $0.hasSuffix(".tmp") })
    }

    @Test("an output path beyond what the system takes fails that scan only")
    func longPaths() throws {
        scan("a.nii")
        let name = String(repeating: "d", count: 250)
        // Deep enough that the input can still be opened and the output, in a folder with a longer name, cannot.
        let deep = (0..<15).map { _ in name }.joined(separator: "/")
        scan("\(deep)/b.nii")
        let folder = String(repeating: "o", count: 250) + "/" + String(repeating: "p", count: 250)
        let result = bench.medprep("run", "p.json", "--out", folder)
        #expect(result.status == 1)
        #expect(result.errors.hasPrefix("2 scans: 1 written, 1 failed"))
        #expect(result.errors.contains("File name too long"))
        let second = run()
        #expect(second.status == 0)
        #expect(bench.folder.files(below: "out").contains("\(deep)/b.nii.gz"))
    }
}

@Suite("Links and folders in each other's way, through the program") struct MapTests {
    private let bench = Bench()

    init() {
        bench.scans(2)
        bench.write(#"{"input": {"folder": "in"}, "steps": [{"op": "zscore"}]}"#, to: "p.json")
    }

    private func refused(_ words: String..., says sentence: String) {
        let before = bench.folder.files()
        let result = bench.medprep(["run", "p.json"] + words)
        #expect(result.status == 73)
        #expect(result.errors.hasPrefix("medprep: "))
        #expect(result.errors.contains(sentence), "\(result.errors)")
        #expect(bench.folder.files() == before)
    }

    @Test("an output folder that is the input, lies in it, or is a link to it")
    func inside() {
        symlink("in", bench.folder.file("link"))
        mkdir(bench.folder.file("in/deep"), 0o755)
        symlink("../in/deep", bench.folder.file("in/back"))
        for output in ["in", "in/", "./in/../in", "in/new/out", "link", "link/out", "in/back"] {
            refused("--out", output, says: "lies inside the input")
        }
    }

    @Test("a link in the output folder that leads into the input")
    func linkedFolder() {
        bench.folder.write(bench.folder.read("in/s0.nii"), to: "in/sub/a.nii")
        mkdir(bench.folder.file("out"), 0o755)
        symlink("../in/sub", bench.folder.file("out/sub"))
        refused("--out", "out", says: "out/sub lies inside the input")
    }

    @Test("an output that is an input, by its own name, by a link or by a second name")
    func isInput() {
        bench.folder.write(NIfTIBuilder.gzip(bench.folder.read("in/s0.nii")), to: "in/z.nii.gz")
        refused("in/z.nii.gz", "--out", "in", says: "in/z.nii.gz is an input and would be overwritten")
        mkdir(bench.folder.file("out"), 0o755)
        symlink("../in/z.nii.gz", bench.folder.file("out/z.nii.gz"))
        refused("--out", "out", says: "in/z.nii.gz is an input and would be overwritten")
        unlink(bench.folder.file("out/z.nii.gz"))
        link(bench.folder.file("in/z.nii.gz"), bench.folder.file("out/z.nii.gz"))
        refused("--out", "out", says: "in/z.nii.gz is an input and would be overwritten")
    }

    @Test("a link to elsewhere under an output's name is replaced, not followed")
    func replaced() {
        bench.write("precious", to: "elsewhere")
        mkdir(bench.folder.file("out"), 0o755)
        symlink("../elsewhere", bench.folder.file("out/s0.nii.gz"))
        symlink("nowhere", bench.folder.file("out/s1.json"))
        #expect(bench.medprep("run", "p.json", "--out", "out").status == 0)
        #expect(bench.text("elsewhere") == "precious")
        #expect(!bench.folder.names.contains("nowhere"))
    }

    @Test("two scans with one output, and a file where a folder must be")
    func clashes() {
        bench.folder.write(bench.folder.read("in/s0.nii"), to: "in/s0.hdr.nii")
        bench.folder.write(NIfTIBuilder.gzip(bench.folder.read("in/s0.nii")), to: "in/s0.nii.gz")
        refused("--out", "out", says: "s0 and s0 would both be written to s0.nii.gz")
        unlink(bench.folder.file("in/s0.nii.gz"))
        bench.folder.write(bench.folder.read("in/s0.nii"), to: "in/s0.json/x/y.nii")
        refused("--out", "out", says: "s0.json would be a file of s0 and a folder for s0.json/x/y")
        rename(bench.folder.file("in/s0.json"), bench.folder.file("in/report.json"))
        refused(
            "--out", "out", says: "report.json would be a file of the run's own report.json and a folder for")
    }

    @Test("a pipe is refused by name, a circle of links is walked once, and the others are written")
    func pipesAndCircles() {
        mkfifo(bench.folder.file("in/pipe.nii"), 0o644)
        symlink(".", bench.folder.file("in/self"))
        symlink("loop.nii", bench.folder.file("in/loop.nii"))
        let result = bench.medprep("run", "p.json", "--out", "out")
        #expect(result.status == 1)
        #expect(result.errors.hasPrefix("4 scans: 2 written, 2 failed"))
        #expect(result.errors.contains("pipe.nii  read: this is a named pipe (FIFO)"))
        #expect(result.errors.contains("failed:    loop.nii  read: "))
    }

    @Test("an output folder that is a file, a link to nothing, or may not be written")
    func unwritable() {
        bench.write("file", to: "file")
        symlink("nothing", bench.folder.file("nowhere"))
        for output in ["file", "file/out", "nowhere", "/proc/medprep", "/dev/null"] {
            refused("--out", output, says: "cannot create the output folder: ")
        }
        mkdir(bench.folder.file("out"), 0o755)
        mkdir(bench.folder.file("out/.medprep.lock"), 0o755)
        refused("--out", "out", says: "out: cannot lock the output folder: Is a directory")
    }
}
