import Glibc
import MedPrep
import MedPrepTestSupport
import Testing

@Suite("medprep inspect and check") struct InspectTests {
    private let bench = Bench()

    init() {
        let file = NIfTIBuilder(.int16, sizes: [2, 2, 2], values: [0, 1, 2, 3, 4, 5, 6, 7])
        bench.folder.write(file.file, to: "a.nii")
        bench.folder.write(NIfTIBuilder.gzip(file.file).dropLast(5), to: "cut.nii.gz")
        bench.folder.write(Array("<html>".utf8), to: "web.nii")
    }

    private static let keys = [
        "path", "ok", "error", "format", "datatype", "byte_order", "shape", "spacing_mm", "orientation",
        "affine",
        "affine_source", "scaling", "findings",
    ]
    private static let statistics = [
        "first", "last", "min", "max", "mean", "std", "nan_count", "voxel_count",
    ]

    @Test("a line a scan")
    func line() {
        let result = bench.medprep("inspect", "a.nii")
        #expect(result.status == 0)
        #expect(result.output.hasPrefix("a.nii: int16 2x2x2, 0.8x1.25x2.5 mm, RAS, NIfTI-1\n"))
        let withNumbers = bench.medprep("inspect", "--stats", "a.nii").output
        #expect(withNumbers.contains("; min 0.0 max 7.0 mean 3.5 std 2.2912"))
    }

    @Test("--json has exactly the promised keys, in order; a refused file does not stop the others")
    func json() throws {
        let result = bench.medprep("inspect", "--json", "--stats", "web.nii", "a.nii", "none.nii")
        #expect(result.status == 1)
        #expect(result.errors == "")
        let files = try #require(try JSONReader.read(Array(result.output.utf8)).value.array)
        #expect(files.map { $0["path"]?.string } == ["web.nii", "a.nii", "none.nii"])
        #expect(files.map { $0["ok"]?.bool } == [false, true, false])
        #expect(files[0].members?.map(\.key) == Self.keys)
        #expect(files[1].members?.map(\.key) == Self.keys + Self.statistics)
        #expect(files[0]["error"]?.members?.map(\.key) == ["code", "message"])
        #expect(files[0]["error"]?["code"]?.string == "not_nifti")
        #expect(files[1]["error"] == .null)
        #expect(files[1]["mean"]?.double == 3.5)
        #expect(files[1]["voxel_count"]?.int == 8)
        #expect(files[1]["orientation"]?.string == "RAS")
        let header = try JSONReader.read(Array(bench.medprep("inspect", "--json", "a.nii").output.utf8)).value
        #expect(header.array?.first?.members?.map(\.key) == Self.keys)
    }

    @Test("check reads every byte and says what other readers would do")
    func check() throws {
        #expect(bench.medprep("inspect", "cut.nii.gz").status == 0)
        let result = bench.medprep("check", "--json", "cut.nii.gz", "a.nii")
        #expect(result.status == 1)
        let files = try #require(try JSONReader.read(Array(result.output.utf8)).value.array)
        #expect(files[0]["error"]?["code"]?.string == "bad_gzip")
        #expect(files[0]["other_readers"]?.members?.map(\.key) == ["nibabel", "itk", "libnifti"])
        #expect(files[1].members?.map(\.key) == Self.keys + Self.statistics + ["other_readers"])
        #expect(bench.medprep("check", "a.nii").status == 0)
    }

    @Test("folders are walked; one without scans ends with 66")
    func folders() {
        #expect(
            bench.medprep("inspect", ".").output.split(separator: "\n").filter { $0.contains(": ") }.count
                >= 3)
        bench.write("x", to: "empty/notes.txt")
        let result = bench.medprep("inspect", "empty")
        #expect(result.status == 66)
        #expect(
            result.output
                == "empty: refused: no scan found; a scan's name ends in .nii, .nii.gz, .hdr or .hdr.gz\n")
    }

    /// `path: code` of each entry, ok: no code.
    private func codes(_ result: Program.Result) throws -> [String] {
        let entries = try #require(try JSONReader.read(Array(result.output.utf8)).value.array)
        return entries.map { "\($0["path"]?.string ?? "?"): \($0["error"]?["code"]?.string ?? "ok")" }
    }

    @Test("a name that leads to no scan is told in its place and stops no other")
    func names() throws {
        bench.folder.write(NIfTIBuilder(.uint8, sizes: [1, 1, 1], values: [1]).file, to: "x.nii/b.nii")
        bench.folder.makePipe("pipe.nii")
        bench.folder.makeSocket("socket.nii")
        bench.folder.makeLink("gone.nii", to: "nowhere.nii")
        bench.folder.makeLink("circle.nii", to: "circle.nii")
        bench.write("x", to: "empty/notes.txt")
        bench.write("x", to: "._a.nii")
        let names = [
            "x.nii", "pipe.nii", "socket.nii", "typo.nii", "empty", "gone.nii", "circle.nii", "/dev/null",
            "a.nii",
            "x.nii/",
        ]
        for command in [["inspect", "--json"], ["inspect", "--stats", "--json"], ["check", "--json"]] {
            let result = bench.medprep(command + names)
            #expect(result.status == 1)
            #expect(result.errors == "")
            #expect(
                try codes(result) == [
                    "x.nii: not_a_file", "pipe.nii: not_a_file", "socket.nii: not_a_file",
                    "typo.nii: not_found", "empty: no_scan",
                    "gone.nii: not_a_file", "circle.nii: not_a_file", "/dev/null: not_a_file", "a.nii: ok",
                    "x.nii/b.nii: ok",
                ])
        }
        let alone = bench.medprep("inspect", "x.nii", "--json")
        #expect(alone.status == 1)
        #expect(try codes(alone) == ["x.nii: not_a_file"])
        let missing = bench.medprep("inspect", "typo.nii", "empty", "--json")
        #expect(missing.status == 66)
        #expect(try codes(missing) == ["typo.nii: not_found", "empty: no_scan"])
        let walked = try codes(bench.medprep("inspect", ".", "--json"))
        #expect(
            walked == [
                "./a.nii: ok", "./circle.nii: not_a_file", "./cut.nii.gz: ok", "./gone.nii: not_a_file",
                "./pipe.nii: not_a_file", "./socket.nii: not_a_file", "./web.nii: not_nifti",
                "./x.nii: not_a_file",
            ])
    }

    @Test("a folder that cannot be listed is told", .enabled(if: geteuid() != 0))
    func unreadable() throws {
        bench.write("x", to: "deep/closed/b.nii")
        chmod(bench.folder.file("deep/closed"), 0)
        let result = bench.medprep("inspect", "deep", "--json")
        #expect(result.status == 1)
        #expect(try codes(result) == ["deep/closed: cannot_read"])
    }

    @Test("run fails such a name by its code and writes the others; with nothing there it ends with 66")
    func runNames() throws {
        bench.write(#"{"steps": []}"#, to: "p.json")
        bench.folder.write([1], to: "x.nii/b.nii")
        bench.folder.makeLink("gone.nii", to: "nowhere.nii")
        let result = bench.medprep(
            "run", "p.json", "x.nii", "typo.nii", "gone.nii", "a.nii", "--out", "out", "--progress", "none")
        #expect(result.status == 1)
        #expect(!bench.folder.read("out/a.nii.gz").isEmpty)
        let report = try JSONReader.read(bench.folder.read("out/report.json")).value
        let failures = (report["failures"]?.array ?? []).map {
            "\($0["scan"]?.string ?? "?"): \($0["code"]?.string ?? "?")"
        }
        #expect(failures == ["gone: not_a_file", "typo: not_found", "x: not_a_file"])
        let missing = bench.medprep("run", "p.json", "typo.nii", "typo2.nii", "--out", "out2")
        #expect(missing.status == 66)
        #expect(missing.errors == "medprep: typo.nii: there is no such file or folder\n")
    }
}
