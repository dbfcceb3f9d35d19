import Glibc

/// All bytes of a small file; more than `limit` are refused.
package func readWhole(_ path: ScanPath, limit: Int = 256 << 20) throws(FileError) -> [UInt8] {
    let file = try InputFile(path)
    guard file.size <= limit else { throw .failed(.read, .scan, errno: EFBIG) }
    var bytes = [UInt8](repeating: 0, count: file.size)
    // A typed throw does not pass `withUnsafeMutableBytes`.
    let count = try bytes.withUnsafeMutableBytes { buffer in
        Result { () throws(FileError) in try file.read(into: buffer) }
    }.get()
    return Array(bytes.prefix(count))
}

/// Writes a small file that appears whole or not at all.
package func writeWhole(_ text: String, to path: ScanPath) throws(FileError) {
    var writer = try ByteWriter(path: path)
    try writer.write(Array(text.utf8))
    _ = try writer.commit()
}

/// Writes a small file that only its owner may read, unless there is one: then nothing happens, and false comes back.
package func writeSecret(_ text: String, to path: ScanPath) throws(FileError) -> Bool {
    var file = try AtomicFile(path, mode: 0o600)
    let bytes = Array(text.utf8)
    try bytes.withUnsafeBytes { buffer in Result { () throws(FileError) in try file.write(buffer) } }.get()
    return try file.commitNew()
}

/// A name that is too long has no file either.
func saysNothingIsThere(_ code: Int32) -> Bool { [ENOENT, ENOTDIR, ENAMETOOLONG].contains(code) }

/// Takes a file away; where none is, nothing happens.
package func removeFile(_ path: ScanPath) throws(FileError) {
    let (result, code) = path.withCString { (unlink($0), errno) }
    if result != 0, !saysNothingIsThere(code) { throw .failed(.remove, .output, errno: code) }
}

/// CRC-32 of the decoded bytes of a file.
package func decodedCRC32(of path: ScanPath) throws(ByteReaderError) -> UInt32 {
    var reader: ByteReader
    do { reader = try ByteReader(path: path) } catch { throw .file(error) }
    _ = try reader.finish()
    return reader.crc32
}

/// The path without links, `.` and `..`; of what is not there yet, from its nearest folder that is.
package func resolvedPath(_ path: ScanPath) -> ScanPath {
    if let resolved = path.withCString({ realpath($0, nil) }) {
        defer { free(resolved) }
        return ScanPath(
            bytes: UnsafeBufferPointer(start: resolved, count: strlen(resolved)).map { UInt8(bitPattern: $0) }
        )
    }
    let folder = path.folder
    if path.isEmpty || folder == path { return path }
    return resolvedPath(folder.isEmpty ? ScanPath(".") : folder).appending(path.name)
}
