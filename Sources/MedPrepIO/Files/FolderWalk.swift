/// The scans below a folder, found once, in byte order of their paths.
package struct FolderWalk: Sendable {
    package private(set) var scans: [FoundScan] = []
    /// Folders that could not be listed: a run names them, rather than pass over what may be in them.
    package private(set) var unreadable: [(folder: ScanPath, error: FileError)] = []

    /// A scan is what has a name that ends in .nii, .nii.gz, .hdr or .hdr.gz in any case of letters; `._*` is skipped.
    /// The name decides: a folder that is called like a scan is a scan that cannot be read, and is not gone into.
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
        if FoundScan.isScanName(path) {
            scans.append(
                FoundScan(
                    path: path, kind: status?.kind ?? (isLink ? .brokenLink : .other),
                    size: status?.size ?? 0,
                    modified: status?.modified ?? 0))
        } else if status?.kind == .folder {
            if isLink { links.append(path) } else { waiting.append(path) }
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
