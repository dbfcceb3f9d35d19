import Glibc

/// A fresh folder that goes away, with all that is in it, when its owner does.
public final class TemporaryFolder: Sendable {
    public let path: String

    public init() {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/medprep-test-XXXXXX".utf8CString)
        path = template.withUnsafeMutableBufferPointer { text in
            guard let made = mkdtemp(text.baseAddress!) else { return "" }
            return String(cString: made)
        }
        precondition(!path.isEmpty, "no temporary folder can be made below \(base)")
    }

    deinit { Self.remove(Array(path.utf8CString)) }

    /// One that goes away as the process exits, for what its tests share.
    public static let ofProcess: TemporaryFolder = {
        atexit { TemporaryFolder.remove(Array(TemporaryFolder.ofProcess.path.utf8CString)) }
        return TemporaryFolder()
    }()

    /// Names are kept as bytes, for tests make some that are not UTF-8. Links are removed, not followed.
    private static func remove(_ path: [CChar]) {
        if unlink(path) == 0 { return }
        chmod(path, 0o700)
        guard let folder = opendir(path) else { return }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != [46], name != [46, 46] {
                remove(path.dropLast() + [47] + name.map { CChar(bitPattern: $0) } + [0])
            }
        }
        closedir(folder)
        rmdir(path)
    }

    /// A path inside.
    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file inside, making the folders on its way, and returns its path.
    @discardableResult
    public func write(_ bytes: some Sequence<UInt8>, to name: String) -> String {
        let target = file(name)
        makeFolders(above: target)
        let bytes = Array(bytes)
        guard let stream = fopen(target, "wb") else { preconditionFailure("cannot write \(target)") }
        defer { fclose(stream) }
        precondition(fwrite(bytes, 1, bytes.count, stream) == bytes.count, "cannot write \(target)")
        return target
    }

    /// A named pipe inside.
    public func makePipe(_ name: String) {
        makeFolders(above: file(name))
        mkfifo(file(name), 0o600)
    }

    /// A symbolic link inside.
    public func makeLink(_ name: String, to target: String) {
        makeFolders(above: file(name))
        symlink(target, file(name))
    }

    /// A socket inside; it stays when its maker has closed it.
    public func makeSocket(_ name: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) {
            $0.copyBytes(from: file(name).utf8.prefix($0.count - 1))
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        close(descriptor)
    }

    private func makeFolders(above target: String) {
        for (index, letter) in target.enumerated() where letter == "/" && index > path.count {
            mkdir(String(target.prefix(index)), 0o755)
        }
    }

    /// The whole of a file inside; empty where there is none.
    public func read(_ name: String) -> [UInt8] {
        guard let stream = fopen(file(name), "rb") else { return [] }
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&part, 1, part.count, stream), count > 0 { bytes += part[..<count] }
        return bytes
    }

    /// The names in the folder itself, sorted by bytes; `.` and `..` left out.
    public var names: [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
