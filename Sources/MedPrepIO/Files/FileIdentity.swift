import Glibc

/// Which file a path leads to: two paths with one identity are one file.
package struct FileIdentity: Hashable, Sendable {
    private let device: UInt64
    private let inode: UInt64

    /// nil where there is nothing.
    package init?(of path: ScanPath) {
        var status = stat()
        guard path.withCString({ stat($0, &status) }) == 0 else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }
}

/// Size and time of last change: what tells a resumed run that a file is still the same.
package struct FileStamp: Hashable, Sendable {
    package let size: Int
    /// Nanoseconds since 1970.
    package let modified: Int

    /// nil where there is nothing.
    package init?(of path: ScanPath) {
        var status = stat()
        guard path.withCString({ stat($0, &status) }) == 0 else { return nil }
        size = Int(status.st_size)
        modified = Int(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int(status.st_mtim.tv_nsec)
    }
}

/// Adds up what is asked about a path on disk; the answer to "is this a folder?".
package func isFolder(_ path: ScanPath) -> Bool {
    var status = stat()
    return path.withCString { stat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// The path without links, `.` and `..`; nil where there is nothing.
package func resolvedPath(_ path: ScanPath) -> ScanPath? {
    path.withCString { realpath($0, nil) }.map { resolved in
        defer { free(resolved) }
        return ScanPath(String(cString: resolved))
    }
}
