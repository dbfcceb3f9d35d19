import Glibc
import MedPrep
import MedPrepCore
import MedPrepIO

/// The `index.json` of a folder of golden cases.
struct GoldenIndex {
    let folder: ScanPath
    /// In the order of the file.
    let entries: [JSONValue]

    /// `Tests/Golden`, or the folder that the environment variable MEDPREP_GOLDEN names.
    static var folder: ScanPath {
        if let other = getenv("MEDPREP_GOLDEN") { return ScanPath(String(cString: other)) }
        let tests = ScanPath(#filePath).folder.folder.folder
        return tests.appending("Golden")
    }

    init(folder: ScanPath) throws {
        let index = try JSONReader.read(try readWhole(folder.appending("index.json"))).value
        guard index["format"] == 1 else {
            throw GoldenError("index.json has the format \(index["format"]?.line ?? "none"), expected 1")
        }
        (self.folder, entries) = (folder, index["cases"]?.array ?? [])
        guard !entries.isEmpty, entries.count == index["count"]?.int else {
            let count = index["count"]?.line ?? "none"
            throw GoldenError("index.json holds \(entries.count) cases and counts \(count)")
        }
    }
}
