/// Writes an array between what its format puts around it; the file appears whole or not at all.
package struct ArrayWriter: ~Copyable {
    private var file: ByteWriter
    private let frame: ArrayFrame
    private var written = 0

    package init(path: ScanPath, _ frame: ArrayFrame) throws(FileError) {
        var file = try ByteWriter(path: path)
        try file.write(frame.start)
        self.file = file
        self.frame = frame
    }

    /// The next values, as they lie in memory.
    package mutating func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        written += bytes.count
        try file.write(bytes)
    }

    /// Precondition: as many bytes were written as the frame promises.
    package consuming func commit() throws(FileError) -> ByteWriter.Written {
        precondition(written == frame.valueBytes, "\(written) bytes for an array of \(frame.valueBytes)")
        try file.write(frame.end)
        return try file.commit()
    }
}
