import Glibc
import MedPrepCore
import MedPrepIO

extension Kernel {
    /// Files lie in the folder for temporary ones, in the page cache; writing and reading them is part of the time.
    static let codec = [
        Kernel("gzip encode", longestEdge: 256) { scan in
            let folder = TemporaryFolder()
            return { try writePacked(scan, to: folder.path.appending("scan.gz")) }
        },
        Kernel("gzip decode", longestEdge: 256) { scan in
            let folder = TemporaryFolder()
            let path = folder.path.appending("scan.gz")
            // What is committed stays.
            var file = try AtomicFile(path)
            try pack(scan, into: &file)
            try file.commit()
            let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 4 * scan.shape.count, alignment: 64)
            let owner = Room(room, folder)
            return {
                var reader = try ByteReader(path: path)
                let count = try reader.read(into: owner.bytes)
                let rest = try reader.finish()
                precondition(count == owner.bytes.count && rest == 0, "the whole scan comes back")
            }
        },
    ]

    /// Left without a commit: nothing is synced to the disk, and the file goes away.
    private static func writePacked(_ scan: Scan, to path: ScanPath) throws {
        var file = try AtomicFile(path)
        try pack(scan, into: &file)
    }

    private static func pack(_ scan: Scan, into file: inout AtomicFile) throws {
        var writer = GzipWriter(.fast, .one)
        try scan.tensor.withUnsafeValues { values in
            let bytes = UnsafeRawBufferPointer(values)
            try writer.write(count: bytes.count, isLast: true, to: &file) { range, _ in
                UnsafeRawBufferPointer(rebasing: bytes[range])
            }
        }
        try writer.finish(to: &file)
    }
}

/// A folder that goes away with its owner.
private final class TemporaryFolder {
    let path: ScanPath

    init() {
        var name = Array("/tmp/medprep-kernels-XXXXXX".utf8CString)
        precondition(mkdtemp(&name) != nil, "a temporary folder could not be made")
        path = ScanPath(bytes: name.dropLast().map { UInt8(bitPattern: $0) })
    }

    deinit {
        try? removeFile(path.appending("scan.gz"))
        _ = path.withCString { rmdir($0) }
    }
}

/// Memory for what is decoded; it keeps the folder that is decoded from.
private final class Room {
    let bytes: UnsafeMutableRawBufferPointer
    private let folder: TemporaryFolder

    init(_ bytes: UnsafeMutableRawBufferPointer, _ folder: TemporaryFolder) {
        (self.bytes, self.folder) = (bytes, folder)
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit { bytes.deallocate() }
}
