import CMedPrepISAL
package import MedPrepCore

/// Writes a file, plain or gzip, that appears whole or not at all: the counterpart of `ByteReader`.
package struct ByteWriter: ~Copyable {
    private var file: AtomicFile
    private var gzip: GzipWriter?
    private var plainCRC32: UInt32 = 0

    /// `compression` nil: a plain file.
    package init(
        path: ScanPath, compression: Compression? = nil, workers: Workers = .one
    ) throws(FileError) {
        file = try AtomicFile(path)
        gzip = compression.map { GzipWriter($0, workers) }
    }

    package mutating func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        if try gzip?.write(bytes, to: &file) == nil {
            plainCRC32 = crc32_gzip_refl(plainCRC32, bytes.baseAddress, UInt64(bytes.count))
            try file.write(bytes)
        }
    }

    package mutating func write(_ bytes: [UInt8]) throws(FileError) {
        // A typed throw does not pass `withUnsafeBytes`.
        try bytes.withUnsafeBytes { buffer in Result { () throws(FileError) in try write(buffer) } }.get()
    }

    /// Ends the file and gives it its name. Without it nothing stays.
    package consuming func commit() throws(FileError) -> Written {
        try gzip?.finish(to: &file)
        let written = Written(
            fileSize: file.size, byteCount: gzip?.count ?? file.size, crc32: gzip?.crc32 ?? plainCRC32)
        try file.commit()
        return written
    }

    /// What a finished file holds.
    package struct Written: Hashable, Sendable {
        /// Bytes on disk.
        package let fileSize: Int
        /// Bytes before compression, and their CRC-32.
        package let byteCount: Int
        package let crc32: UInt32
    }
}
