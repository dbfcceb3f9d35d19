import CMedPrepISAL
public import MedPrepCore

/// The decoded bytes of a file, plain or gzip, from first to last.
///
/// A name that ends in `.gz` must hold gzip and any other must not, but for `.img`, whose voxels may begin with
/// any bytes. Nothing is trusted before `finish` has seen the end.
package struct ByteReader: ~Copyable {
    /// Bytes on disk, when the file was opened.
    package let fileSize: Int
    package let isCompressed: Bool
    /// Decoded bytes handed out or passed over so far.
    package private(set) var position = 0

    private let file: InputFile
    private var gzip: GzipReader?
    private var plainCRC32: UInt32 = 0

    package init(path: ScanPath) throws(FileError) {
        let file = try InputFile(path)
        if file.size == 0 { throw .empty }
        let isCompressed = path.hasSuffix(".gz")
        let first = try file.firstBytes(2)
        switch (isCompressed, first == [0x1f, 0x8b]) {
        case (true, false): throw .notCompressed(firstBytes: first)
        case (false, true) where !path.hasSuffix(".img"): throw .compressedUnderPlainName
        default: break
        }
        (fileSize, self.isCompressed) = (file.size, isCompressed)
        self.file = file
        gzip = isCompressed ? GzipReader() : nil
    }

    /// CRC-32 of the decoded bytes so far.
    package var crc32: UInt32 {
        switch gzip {
        case .some(let gzip): gzip.crc32
        case nil: plainCRC32
        }
    }

    /// The decoded bytes that can possibly come: deflate cannot do better than 1032 to 1.
    package var upperBound: Int {
        let (product, overflow) = fileSize.multipliedReportingOverflow(by: isCompressed ? 1032 : 1)
        return overflow ? .max : product
    }

    /// Fills the buffer; the count is below the buffer's only when the content has ended.
    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(ByteReaderError) -> Int {
        let count: Int
        if let decoded = try gzip?.read(into: buffer, from: file) {
            count = decoded
        } else {
            do { count = try file.read(into: buffer) } catch { throw .file(error) }
            plainCRC32 = crc32_gzip_refl(plainCRC32, buffer.baseAddress, UInt64(count))
        }
        position += count
        return count
    }

    /// Reads on to the end, so that every CRC and length is checked; returns the number of bytes passed over.
    package mutating func finish() throws(ByteReaderError) -> Int {
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
        defer { scratch.deallocate() }
        let before = position
        while try read(into: scratch) > 0 {}
        return position - before
    }
}

/// Why reading a file broke off. The caller adds the path.
public enum ByteReaderError: RefusalError, Equatable, CustomStringConvertible {
    case file(FileError)
    case gzip(GzipError)

    public var refusal: Refusal {
        switch self {
        case .file(let error): error.refusal
        case .gzip(let error): error.refusal
        }
    }

    public var description: String {
        switch self {
        case .file(let error): error.description
        case .gzip(let error): error.description
        }
    }
}
