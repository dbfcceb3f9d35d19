import Glibc

/// A regular file, open for reading from its beginning.
package struct InputFile: ~Copyable {
    package let size: Int
    private let descriptor: Int32

    /// Opens exactly this path. What is no regular file is refused before it is opened, for opening a pipe waits
    /// for ever; should one take the file's place in between, O_NONBLOCK keeps us from waiting.
    package init(_ path: ScanPath) throws(FileError) {
        _ = try Self.status(path)
        let (descriptor, code) = path.withCString { path in
            let descriptor = retrying { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
            return (descriptor, errno)
        }
        guard descriptor >= 0 else { throw .failed(.open, .scan, errno: code) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw .failed(.open, .scan, errno: code)
        }
        guard FileKind(mode: status.st_mode) == .regular else {
            close(descriptor)
            throw .notAFile(FileKind(mode: status.st_mode))
        }
        (size, self.descriptor) = (Int(status.st_size), descriptor)
    }

    deinit { close(descriptor) }

    /// Fills the buffer unless the file ends; the count is below the buffer's only at the end.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        var filled = 0
        while filled < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            let count = retrying { Glibc.read(descriptor, rest.baseAddress, rest.count) }
            guard count >= 0 else { throw .failed(.read, .scan, errno: errno) }
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    /// The first bytes, at most `count`; what `read` gives next stays the same.
    package func firstBytes(_ count: Int) throws(FileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var found = 0
        while found < count {
            let more = bytes[found...].withUnsafeMutableBytes { rest in
                retrying { pread(descriptor, rest.baseAddress, rest.count, off_t(found)) }
            }
            guard more >= 0 else { throw .failed(.read, .scan, errno: errno) }
            if more == 0 { break }
            found += more
        }
        return Array(bytes[..<found])
    }

    /// What the system says of a regular file or a link to one.
    static func status(_ path: ScanPath) throws(FileError) -> stat {
        var status = stat()
        let (result, code) = path.withCString { path in (stat(path, &status), errno) }
        guard result == 0 else {
            // A link that leads nowhere or in a circle is there, though what it names is not.
            let isLink = FileStatus(path, followingLinks: false)?.isLink ?? false
            if isLink, code == ENOENT || code == ENOTDIR || code == ELOOP { throw .notAFile(.brokenLink) }
            throw .failed(.open, .scan, errno: code)
        }
        let kind = FileKind(mode: status.st_mode)
        guard kind == .regular else { throw .notAFile(kind) }
        return status
    }
}

/// Calls again while a signal interrupts the call.
func retrying<Count: FixedWidthInteger>(_ call: () -> Count) -> Count {
    while true {
        let result = call()
        if result != -1 || errno != EINTR { return result }
    }
}
