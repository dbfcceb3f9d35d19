import CMedPrepLinux
import Glibc

/// A file that appears whole, under its own name, or not at all.
///
/// Bytes go to a temporary name in the target's folder; `commit` syncs the file, renames it and syncs the folder.
/// Without a commit nothing stays, and what stood under the name before is untouched. A lock on the temporary file,
/// which dies with its process, tells living writers from dead ones.
package struct AtomicFile: ~Copyable {
    /// Bytes written so far.
    package private(set) var size = 0
    /// Of these the disk was told.
    private var begun = 0

    private let target: ScanPath
    private let temporary: ScanPath
    private var descriptor: Int32
    private var isRenamed = false

    /// Makes the folders on the way.
    package init(_ path: ScanPath, mode: UInt32 = 0o666) throws(FileError) {
        guard path.name.bytes.count <= Int(NAME_MAX) else {
            throw .failed(.create, .output, errno: ENAMETOOLONG)
        }
        try makeFolders(path.folder)
        let temporary = path.folder.appending(Self.temporaryName(for: path.name))
        let descriptor = try Self.create(temporary, mode)
        (target, self.temporary, self.descriptor) = (path, temporary, descriptor)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        if !isRenamed { _ = temporary.withCString { unlink($0) } }
    }

    package mutating func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        var written = 0
        while written < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
            let count = retrying { Glibc.write(descriptor, rest.baseAddress, rest.count) }
            // A device that takes nothing and gives no reason would be asked for ever.
            guard count > 0 else { throw .failed(.write, .output, errno: count < 0 ? errno : EIO) }
            written += count
        }
        size += written
        beginSync()
    }

    /// The disk writes while the next bytes are made, so that `commit` has less to wait for. What goes wrong, or cannot
    /// be done here, shows there.
    private mutating func beginSync() {
        // Whole pages: the next bytes change the last one.
        let end = size & ~4095
        guard end - begun >= Self.worthADiskWrite else { return }
        _ = sync_file_range(descriptor, Int64(begun), Int64(end - begun), UInt32(syncFileRangeWrite))
        begun = end
    }

    private static let worthADiskWrite = 1 << 20

    /// A full disk may show only now: sync and close are checked as write is.
    package consuming func commit() throws(FileError) {
        try finish()
        try rename()
        try syncTarget()
    }

    /// What may not outlast a power failure must not pass for written.
    private func syncTarget() throws(FileError) {
        do throws(FileError) { try syncFolder(target.folder) } catch {
            _ = target.withCString { unlink($0) }
            throw error
        }
    }

    private mutating func rename() throws(FileError) {
        let (renamed, reason) = temporary.withCString { from in
            (target.withCString { Glibc.rename(from, $0) }, errno)
        }
        guard renamed == 0 else { throw .failed(.rename, .output, errno: reason) }
        isRenamed = true
    }

    /// The same, but never in place of a file that stands there: false where one does.
    package consuming func commitNew() throws(FileError) -> Bool {
        try finish()
        let (linked, reason) = temporary.withCString { from in
            (target.withCString { link(from, $0) }, errno)
        }
        if linked != 0, reason == EEXIST || FileStatus(target) != nil { return false }
        if linked != 0 {
            // A file system without links; who holds the folder's lock is alone here.
            guard reason == EPERM || reason == EOPNOTSUPP else {
                throw .failed(.create, .output, errno: reason)
            }
            try rename()
        }
        try syncTarget()
        return true
    }

    private mutating func finish() throws(FileError) {
        guard retrying({ fsync(descriptor) }) == 0 else { throw .failed(.sync, .output, errno: errno) }
        let closed = close(descriptor)
        let code = errno
        descriptor = -1
        // Linux has closed the file even when a signal came.
        guard closed == 0 || code == EINTR else { throw .failed(.close, .output, errno: code) }
    }

    /// Removes the temporary files that dead writers left in a folder; returns how many.
    @discardableResult
    package static func sweepTemporaries(in folder: ScanPath) -> Int {
        guard let names = try? folderNames(folder) else { return 0 }
        var count = 0
        for name in names where isTemporary(name) {
            count += folder.appending(name).withCString { path in
                let descriptor = retrying { open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW) }
                guard descriptor >= 0 else { return 0 }
                defer { close(descriptor) }
                return retrying { flock(descriptor, LOCK_EX | LOCK_NB) } == 0 && unlink(path) == 0 ? 1 : 0
            }
        }
        return count
    }

    /// `.medprep-<process>-<hash of the name>.tmp`: short, so that a name of 255 bytes has one too.
    private static func temporaryName(for name: ScanPath) -> String {
        // FNV-1a, 64 bits.
        let hash = name.bytes.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return ".medprep-\(getpid())-\(String(hash, radix: 16)).tmp"
    }

    private static func isTemporary(_ name: ScanPath) -> Bool {
        name.bytes.starts(with: ".medprep-".utf8) && name.hasSuffix(".tmp")
    }

    /// A new file that holds its lock. A file left by a dead process of the same number is replaced; one that a
    /// sweep took away between creation and lock is made again.
    private static func create(_ path: ScanPath, _ mode: UInt32) throws(FileError) -> Int32 {
        var reason = EEXIST
        for _ in 0..<8 {
            let (descriptor, code) = path.withCString { path in
                let descriptor = retrying { open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode) }
                return (descriptor, errno)
            }
            if descriptor < 0, code == EEXIST {
                _ = path.withCString { unlink($0) }
                continue
            }
            guard descriptor >= 0 else { throw .failed(.create, .output, errno: code) }
            // A file system without locks does not sweep either.
            _ = retrying { flock(descriptor, LOCK_EX | LOCK_NB) }
            var status = stat()
            let isKnown = fstat(descriptor, &status) == 0
            if isKnown, status.st_nlink > 0 { return descriptor }
            reason = isKnown ? ENOENT : errno
            close(descriptor)
        }
        throw .failed(.create, .output, errno: reason)
    }
}

/// Makes a folder and those above it.
package func makeFolders(_ path: ScanPath) throws(FileError) {
    let (result, code) = path.withCString { (mkdir($0, 0o777), errno) }
    if result == 0 { return }
    if code == ENOENT, path.folder != path, !path.isEmpty {
        try makeFolders(path.folder)
        let (result, code) = path.withCString { (mkdir($0, 0o777), errno) }
        // Another writer may have been quicker.
        if result != 0, code != EEXIST { throw .failed(.create, .outputFolder, errno: code) }
        return
    }
    // A file system that cannot be written to says so before it looks whether the folder is there.
    var status = stat()
    let (isThere, reason) = path.withCString { (stat($0, &status) == 0, errno) }
    if isThere, FileKind(mode: status.st_mode) == .folder { return }
    throw .failed(.create, .outputFolder, errno: isThere ? ENOTDIR : code == EEXIST ? reason : code)
}

/// Makes a rename in this folder outlast a power failure.
private func syncFolder(_ path: ScanPath) throws(FileError) {
    let descriptor = path.withCString { path in retrying { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) } }
    guard descriptor >= 0 else { throw .failed(.sync, .outputFolder, errno: errno) }
    defer { close(descriptor) }
    // Some network file systems know no sync of folders.
    guard retrying({ fsync(descriptor) }) == 0 || errno == EINVAL else {
        throw .failed(.sync, .outputFolder, errno: errno)
    }
}

/// The names in a folder, sorted by bytes.
func folderNames(_ path: ScanPath) throws(FileError) -> [ScanPath] {
    let (opened, code) = path.withCString { path in
        var opened = opendir(path)
        while opened == nil, errno == EINTR { opened = opendir(path) }
        return (opened, errno)
    }
    guard let folder = opened else { throw .failed(.list, .inputFolder, errno: code) }
    defer { closedir(folder) }
    var names: [ScanPath] = []
    errno = 0
    while let entry = readdir(folder) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { ScanPath(bytes: $0.prefix { $0 != 0 }) }
        if name != ScanPath("."), name != ScanPath("..") { names.append(name) }
        errno = 0
    }
    guard errno == 0 else { throw .failed(.list, .inputFolder, errno: errno) }
    return names.sorted()
}
