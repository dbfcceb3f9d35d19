import Glibc
import MedPrep
import MedPrepTestSupport
import Testing

/// A folder of every hostile scan, given to the program at once: each bad one is refused by its code, and none
/// stops or changes another.
@Suite("A folder of hostile scans") struct HostileFolderTests {
    private let bench = Bench()

    init() {
        for scan in HostileScan.all { scan.write(to: bench.folder, below: "in/") }
        bench.write(#"{"input": {"folder": "in"}, "steps": []}"#, to: "strict.json")
        bench.write(#"{"input": {"folder": "in", "nonfinite": "zero"}, "steps": []}"#, to: "zero.json")
    }

    /// The entries of `inspect --json` or `check --json` by their path below `in`, as its JSON spells it.
    private func entries(_ output: String) throws -> [String: JSONValue] {
        let list = try #require(try JSONReader.read(Array(output.utf8)).value.array)
        return Dictionary(
            uniqueKeysWithValues: list.map { (($0["path"]?.string ?? "").dropFirst(3).text, $0) })
    }

    @Test("inspect --stats --json says of each what it must")
    func inspect() throws {
        let result = bench.medprep("inspect", "--stats", "--json", "in")
        #expect(result.status == 1)
        #expect(result.errors == "")
        let entries = try entries(result.output)
        #expect(entries.count == HostileScan.all.count)
        for scan in HostileScan.all {
            let entry = try #require(entries[ScanPath(scan.name).description], "\(scan.name)")
            switch scan.outcome {
            case .refused(let code):
                #expect(entry["ok"] == false, "\(scan.name)")
                #expect(entry["error"]?["code"]?.string == code, "\(scan.name): \(entry.line)")
            case .read(let expected):
                #expect(entry["ok"] == true, "\(scan.name)")
                #expect(entry["error"] == .null, "\(scan.name)")
                compare(expected, entry, scan)
            }
        }
    }

    private func compare(_ expected: HostileScan.Contents, _ entry: JSONValue, _ scan: HostileScan) {
        #expect(entry["shape"]?.array?.compactMap(\.int) == expected.shape, "\(scan.name)")
        #expect(entry["orientation"]?.string == expected.orientation, "\(scan.name)")
        #expect(entry["affine_source"]?.string == expected.source, "\(scan.name)")
        #expect((entry["affine"] == .null) == (expected.orientation == nil), "\(scan.name)")
        let codes = entry["findings"]?.array?.compactMap { $0["code"]?.string }
        let nonfinite = expected.nanCount + expected.infiniteCount > 0 ? ["nonfinite"] : []
        #expect(codes == expected.findings + nonfinite, "\(scan.name)")
        #expect(entry["nan_count"]?.int == expected.nanCount, "\(scan.name)")
        #expect(entry["voxel_count"]?.int == expected.shape.reduce(1, *), "\(scan.name)")
        let numbers = [("first", expected.first), ("last", expected.last), ("mean", expected.mean)]
        for (key, value) in numbers {
            // JSON has no NaN: null stands for what is not finite.
            let found = entry[key]?.double
            #expect(value.isFinite ? isClose(found ?? .nan, value) : found == nil, "\(scan.name) \(key)")
        }
    }

    @Test("check says of each what other readers would do")
    func check() throws {
        let result = bench.medprep("check", "--json", "in")
        #expect(result.status == 1)
        let entries = try entries(result.output)
        #expect(entries.count == HostileScan.all.count)
        let words: Set = [
            "reads", "refuses", "reads damaged data without an error", "reads it otherwise without an error",
            "crashes or hangs",
        ]
        for (name, entry) in entries {
            let readers = entry["other_readers"]
            #expect(readers?.members?.map(\.key) == ["nibabel", "itk", "libnifti"], "\(name)")
            let said = readers?.members?.compactMap(\.value.string) ?? []
            #expect(words.isSuperset(of: said), "\(name): \(said)")
        }
    }

    @Test("run writes the good ones and fails each bad one by its code; NaN is taken when that is asked for")
    func run() throws {
        let strict = bench.medprep("run", "strict.json", "--out", "out", "--quiet")
        #expect(strict.status == 1)
        try compareRun("out", strict, takesNonfinite: false)
        let zero = bench.medprep("run", "zero.json", "--out", "zero", "--quiet")
        #expect(zero.status == 1)
        try compareRun("zero", zero, takesNonfinite: true)
    }

    private func compareRun(_ folder: String, _ result: Program.Result, takesNonfinite: Bool) throws {
        let report = try JSONReader.read(bench.folder.read("\(folder)/report.json")).value
        var codes = [String: String]()
        for failure in report["failures"]?.array ?? [] {
            codes[failure["scan"]?.string ?? ""] = failure["code"]?.string
        }
        var failed = 0
        for scan in HostileScan.all {
            let stem = ScanPath(scan.name).withoutScanExtension
            let isWritten = !bench.folder.read("\(folder)/\(stem.text).nii.gz").isEmpty
            let expected: String? =
                switch scan.outcome {
                case .refused(let code): code
                case .read(let contents)
                where contents.nanCount + contents.infiniteCount > 0 && !takesNonfinite:
                    "nonfinite"
                case .read: nil
                }
            if expected != nil { failed += 1 }
            #expect(codes[stem.description] == expected, "\(scan.name)")
            #expect(isWritten == (expected == nil), "\(scan.name)")
        }
        #expect(report["failures"]?.array?.count == failed)
    }
}

extension Substring {
    fileprivate var text: String { String(self) }
}

extension ScanPath {
    /// Its bytes; `description` escapes some.
    fileprivate var text: String { String(decoding: bytes, as: UTF8.self) }
}
