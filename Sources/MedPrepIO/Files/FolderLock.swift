import Glibc

/// Keeps a second run out of an output folder, as long as this value lives. The lock dies with its process; the
/// file `.medprep.lock` stays, for taking it away would let two runs hold two locks.
package struct FolderLock: ~Copyable {
    package static let name = ".medprep.lock"

    private let descriptor: Int32

    package init(_ folder: ScanPath) throws(FileError) {
        try makeFolders(folder)
        let (descriptor, code) = folder.appending(Self.name).withCString { path in
            let descriptor = retrying { open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666) }
            return (descriptor, errno)
        }
        guard descriptor >= 0 else { throw .failed(.lock, .outputFolder, errno: code) }
        guard retrying({ flock(descriptor, LOCK_EX | LOCK_NB) }) == 0 else {
            let code = errno
            let process = Self.process(in: descriptor)
            close(descriptor)
            throw code == EWOULDBLOCK ? .locked(process: process) : .failed(.lock, .outputFolder, errno: code)
        }
        // The number is for people; the lock holds without it.
        let text = Array("\(getpid())\n".utf8)
        if retrying({ ftruncate(descriptor, 0) }) == 0 {
            _ = retrying { pwrite(descriptor, text, text.count, 0) }
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    private static func process(in descriptor: Int32) -> Int? {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = bytes.withUnsafeMutableBytes { buffer in
            retrying { pread(descriptor, buffer.baseAddress, buffer.count, 0) }
        }
        return count > 0 ? Int(String(decoding: bytes[..<count].prefix { $0 != 10 }, as: UTF8.self)) : nil
    }
}
