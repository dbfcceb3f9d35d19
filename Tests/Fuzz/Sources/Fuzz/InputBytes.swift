import Glibc
import MedPrepIO
import MedPrepTestSupport

/// The front of an input chooses how the rest is used.
struct InputBytes {
    private(set) var rest: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

    /// 0 where nothing is left.
    mutating func next() -> UInt8 {
        guard let first = rest.first else { return 0 }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst())
        return first
    }
}

/// A file in memory (TMPDIR is), written anew for every input; open until the program ends.
struct MemoryFile {
    let path: ScanPath
    private let descriptor: Int32

    init(_ name: String) {
        let text = Self.folder.file(name)
        path = ScanPath(text)
        descriptor = open(text, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        expect(descriptor >= 0, "a file for the input")
    }

    func write(_ bytes: UnsafeRawBufferPointer) {
        expect(ftruncate(descriptor, 0) == 0, "room for the input")
        expect(pwrite(descriptor, bytes.baseAddress, bytes.count, 0) == bytes.count, "room for the input")
    }

    func write(_ bytes: [UInt8]) { bytes.withUnsafeBytes { write($0) } }

    private static let folder = TemporaryFolder()
}
