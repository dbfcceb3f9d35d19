import Glibc

/// Two paths with one identity are one file or folder.
package struct FileIdentity: Hashable, Sendable {
    fileprivate let device: UInt64
    fileprivate let inode: UInt64
}

/// What `stat` knows; nil where there is nothing or it may not be seen.
package struct FileStatus: Sendable {
    package let kind: FileKind
    package let isLink: Bool
    /// Bytes.
    package let size: Int
    /// Nanoseconds since 1970.
    package let modified: Int
    package let identity: FileIdentity

    package init?(_ path: ScanPath, followingLinks: Bool = true) {
        var status = stat()
        let result = path.withCString { followingLinks ? stat($0, &status) : lstat($0, &status) }
        guard result == 0 else { return nil }
        self.init(status)
    }

    /// Of an output or a link under its name; nil where there is none, an error where that cannot be known.
    package static func output(_ path: ScanPath) throws(FileError) -> FileStatus? {
        var status = stat()
        let (result, code) = path.withCString { (lstat($0, &status), errno) }
        if result == 0 { return FileStatus(status) }
        if saysNothingIsThere(code) { return nil }
        throw .failed(.read, .output, errno: code)
    }

    private init(_ status: stat) {
        kind = FileKind(mode: status.st_mode)
        isLink = status.st_mode & S_IFMT == S_IFLNK
        size = Int(status.st_size)
        // A hostile time wraps; it is only compared.
        modified = Int(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int(status.st_mtim.tv_nsec)
        identity = FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }
}
