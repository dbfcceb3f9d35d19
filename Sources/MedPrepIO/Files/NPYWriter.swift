package import MedPrepCore

/// Writes a NumPy file, version 1.0: a header padded to 64 bytes, then the values, C order, little-endian.
///
/// NumPy, `numpy.lib.format`.
package struct NPYWriter: ~Copyable {
    private var file: ByteWriter
    private let expected: Int
    private var written = 0

    /// Precondition: one to 32 sizes, each at least 1, whose product of bytes fits `Int`.
    package init(
        path: ScanPath, elementType: ElementType, sizes: [Int], workers: Workers = .one
    ) throws(FileError) {
        guard !sizes.isEmpty, sizes.count <= 32, let count = Shape.count(of: sizes + [elementType.size])
        else {
            preconditionFailure("no array has the sizes \(sizes)")
        }
        var file = try ByteWriter(path: path, workers: workers)
        try file.write(Self.header(elementType: elementType, sizes: sizes))
        self.file = file
        expected = count
    }

    /// The next values, as they lie in memory.
    package mutating func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        written += bytes.count
        try file.write(bytes)
    }

    /// The next values, made by all workers.
    package mutating func write(count: Int, _ bytes: ByteSource) throws(FileError) {
        written += count
        try file.write(count: count, bytes)
    }

    /// Precondition: as many bytes were written as the header promises.
    package consuming func commit() throws(FileError) -> ByteWriter.Written {
        precondition(written == expected, "\(written) bytes for an array of \(expected)")
        return try file.commit()
    }

    /// What stands before the values.
    package static func header(elementType: ElementType, sizes: [Int]) -> [UInt8] {
        let list = sizes.map { "\($0)" }.joined(separator: ", ") + (sizes.count == 1 ? "," : "")
        let text = "{'descr': '\(descriptor(elementType))', 'fortran_order': False, 'shape': (\(list)), }"
        // Magic, version, length, and a line end behind the spaces.
        let padding = 64 - (text.utf8.count + 11) % 64
        let length = UInt16(text.utf8.count + padding % 64 + 1)
        var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
        bytes += [UInt8(truncatingIfNeeded: length), UInt8(truncatingIfNeeded: length >> 8)]
        bytes += Array(text.utf8) + Array(repeating: UInt8(ascii: " "), count: padding % 64)
        return bytes + [UInt8(ascii: "\n")]
    }

    private static func descriptor(_ type: ElementType) -> String {
        let letter =
            switch type {
            case .uint8, .uint16, .uint32, .uint64: "u"
            case .int8, .int16, .int32, .int64: "i"
            case .float32, .float64: "f"
            }
        return "\(type.size == 1 ? "|" : "<")\(letter)\(type.size)"
    }
}
