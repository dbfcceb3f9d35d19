import Glibc

/// The scans below a folder, found once, in byte order of their paths.
package struct FolderWalk: Sendable {
    package private(set) var scans: [FoundScan] = []
    /// Folders that could not be listed: a run names them, rather than pass over what may be in them.
    package private(set) var unreadable: [(folder: ScanPath, error: FileError)] = []

    /// A scan is what has a name that ends in .nii, .nii.gz, .hdr or .hdr.gz in any case of letters; `._*` is skipped.
    /// A folder reached by two ways counts once, under its own name before that of a link.
    package init(_ root: ScanPath) throws(FileError) {
        var visited: Set<FileIdentity> = []
        var links: [ScanPath] = []
        var waiting = [ScanPath("")]
        while true {
            if waiting.isEmpty {
                guard !links.isEmpty else { break }
                links.sort()
                waiting = [links.removeFirst()]
            }
            let folder = waiting.removeLast()
            let path = folder.isEmpty ? root : root.appending(folder)
            if let status = FileStatus(path), !visited.insert(status.identity).inserted { continue }
            do {
                for name in try folderNames(path) where !name.bytes.starts(with: "._".utf8) {
                    look(at: folder.appending(name), root, &waiting, &links)
                }
            } catch {
                if folder.isEmpty { throw error }
                unreadable.append((folder, error))
            }
        }
        scans.sort { $0.path < $1.path }
        unreadable.sort { $0.folder < $1.folder }
    }

    private mutating func look(
        at path: ScanPath, _ root: ScanPath, _ waiting: inout [ScanPath], _ links: inout [ScanPath]
    ) {
        let full = root.appending(path)
        let isLink = FileStatus(full, followingLinks: false)?.isLink ?? false
        let status = FileStatus(full)
        if status?.kind == .folder {
            if isLink { links.append(path) } else { waiting.append(path) }
        } else if FoundScan.isScanName(path) {
            scans.append(
                FoundScan(
                    path: path, kind: status?.kind ?? (isLink ? .brokenLink : .other),
                    size: status?.size ?? 0,
                    modified: status?.modified ?? 0))
        }
    }
}

/// A file with the name of a scan.
package struct FoundScan: Hashable, Sendable {
    /// Below the folder that was walked.
    package let path: ScanPath
    /// What is not regular is refused by name, not passed over.
    package let kind: FileKind
    /// Bytes on disk.
    package let size: Int
    /// Nanoseconds since 1970.
    package let modified: Int

    package init(path: ScanPath, kind: FileKind = .regular, size: Int = 0, modified: Int = 0) {
        (self.path, self.kind, self.size, self.modified) = (path, kind, size, modified)
    }

    /// A file named by a person: whatever it is called, nil where there is nothing.
    package init?(named path: ScanPath) {
        guard let status = FileStatus(path) else { return nil }
        self.init(path: path, kind: status.kind, size: status.size, modified: status.modified)
    }

    /// An .img is found with its .hdr.
    package static func isScanName(_ path: ScanPath) -> Bool {
        [".nii", ".nii.gz", ".hdr", ".hdr.gz"].contains(path.scanExtension)
    }
}

/// Two paths with one identity are one file or folder.
struct FileIdentity: Hashable {
    let device: UInt64
    let inode: UInt64
}

/// What `stat` knows; nil where there is nothing or it may not be seen.
struct FileStatus {
    let kind: FileKind
    let isLink: Bool
    let size: Int
    let modified: Int
    let identity: FileIdentity

    init?(_ path: ScanPath, followingLinks: Bool = true) {
        var status = stat()
        let result = path.withCString { followingLinks ? stat($0, &status) : lstat($0, &status) }
        guard result == 0 else { return nil }
        kind = FileKind(mode: status.st_mode)
        isLink = status.st_mode & S_IFMT == S_IFLNK
        size = Int(status.st_size)
        // A hostile time wraps; it is only compared.
        modified = Int(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int(status.st_mtim.tv_nsec)
        identity = FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }
}
