import Glibc
import MedPrep
import MedPrepCore
import MedPrepIO
import MedPrepTestSupport

/// What a run left in a folder: a fingerprint of each file; of JSON, without `timing`.
struct OutputTree: Equatable {
    let files: [String: Int]

    /// The lock file is left out: it names a process.
    init(_ folder: TemporaryFolder, _ output: String) {
        var files: [String: Int] = [:]
        for name in folder.files(below: output) where name != ".medprep.lock" {
            let bytes = folder.read("\(output)/\(name)")
            files[name] = Self.fingerprint(name.hasSuffix(".json") ? Self.withoutTiming(bytes) : bytes)
        }
        self.files = files
    }

    var sidecars: [String] {
        files.keys.filter { $0.hasSuffix(".json") && !Self.own.contains($0) }.sorted()
    }

    var volumes: [String] { files.keys.filter { !$0.hasSuffix(".json") && !Self.own.contains($0) }.sorted() }

    /// Names of the files where two trees differ, or that one of them lacks.
    func differences(from other: OutputTree) -> [String] {
        Set(files.keys).union(other.files.keys).filter { files[$0] != other.files[$0] }.sorted()
    }

    /// The volumes that the sidecars of a folder name and that are on disk as they say; the second list: those that
    /// are not.
    static func vouched(_ folder: TemporaryFolder, _ output: String) -> (whole: Set<String>, broken: [String])
    {
        var (whole, broken) = (Set<String>(), [String]())
        for name in OutputTree(folder, output).sidecars {
            let sidecar = try? JSONReader.read(folder.read("\(output)/\(name)")).value
            for volume in sidecar?["output"]?.array ?? [.null] {
                let path = volume["path"]?.string ?? "?"
                let file = ScanPath(folder.file("\(output)/\(path)"))
                let size = FileStatus(file)?.size
                let sum = (try? decodedCRC32(of: file)).map { String($0, radix: 16) }
                let told = volume["crc32"]?.string.flatMap { UInt32($0, radix: 16) }
                if size != nil, size == volume["size"]?.int,
                    sum == told.map({ String($0, radix: 16) })
                {
                    whole.insert(path)
                } else {
                    broken.append("\(name): \(path)")
                }
            }
        }
        return (whole, broken)
    }

    private static let own = ["report.json", "summary.tsv", "state.json", "dataset-stats.json"]

    private static func withoutTiming(_ bytes: [UInt8]) -> [UInt8] {
        guard let members = try? JSONReader.read(bytes).value.members else { return bytes }
        return Array(JSONValue.object(members.filter { $0.key != "timing" }).text().utf8)
    }

    private static func fingerprint(_ bytes: [UInt8]) -> Int {
        var hasher = Hasher()
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize()
    }
}
