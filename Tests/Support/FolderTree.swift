import Glibc

extension TemporaryFolder {
    /// The paths of all files below a folder inside, relative to it and sorted by bytes.
    public func files(below name: String = "") -> [String] {
        var found: [String] = []
        var waiting = [""]
        while let prefix = waiting.popLast() {
            for entry in Self.entries(of: "\(path)/\(name)/\(prefix)") {
                let child = prefix.isEmpty ? entry.name : "\(prefix)/\(entry.name)"
                if entry.isFolder { waiting.append(child) } else { found.append(child) }
            }
        }
        return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func entries(of path: String) -> [(name: String, isFolder: Bool)] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var entries: [(name: String, isFolder: Bool)] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." {
                entries.append((name, Int32(entry.pointee.d_type) == Int32(DT_DIR)))
            }
        }
        return entries
    }
}
