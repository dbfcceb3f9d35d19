/// Reads a NumPy file whole: C order, little-endian, real numbers and truth values.
///
/// NumPy, `numpy.lib.format`, versions 1.0 to 3.0.
public enum NPYReader {
    public static func read(_ path: ScanPath) throws(NPYError) -> NPYArray {
        var file: ByteReader
        do { file = try ByteReader(path: path) } catch { throw .file(error) }
        return try array(from: &file)
    }

    private static func array(from file: inout ByteReader) throws(NPYError) -> NPYArray {
        let start = try bytes(8, from: &file)
        guard start.count == 8, start.starts(with: [0x93] + Array("NUMPY".utf8)) else { throw .notNPY }
        guard (1...3).contains(start[6]), start[7] == 0 else { throw .version(start[6], start[7]) }
        let lengthBytes = try bytes(start[6] == 1 ? 2 : 4, from: &file)
        let length = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
        let left = file.upperBound - file.position
        guard length <= min(left, 1 << 20) else {
            throw .badHeader("its header of \(length) bytes is longer than the file or 1 MiB")
        }
        let text = try bytes(length, from: &file)
        guard text.count == length else { throw .truncated(expected: length, found: text.count) }
        let header = try NPYHeader(text)
        let expected = header.count * header.elementType.size
        let available = file.upperBound - file.position
        guard expected <= available else { throw .truncated(expected: expected, found: available) }
        let content = try bytes(expected, from: &file)
        guard content.count == expected else {
            throw .truncated(expected: expected, found: content.count)
        }
        let behind: Int
        do { behind = try file.finish() } catch { throw .reading(error) }
        guard behind == 0 else { throw .trailing(behind) }
        return NPYArray(elementType: header.elementType, sizes: header.sizes, bytes: content)
    }

    /// At most `count` bytes: fewer only where the content ends.
    private static func bytes(_ count: Int, from file: inout ByteReader) throws(NPYError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        // A typed throw does not pass `withUnsafeMutableBytes`.
        let result = bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(ByteReaderError) in try file.read(into: buffer) }
        }
        do { bytes.removeLast(count - (try result.get())) } catch { throw .reading(error) }
        return bytes
    }
}

/// The values of a NumPy file.
public struct NPYArray: Hashable, Sendable {
    public let elementType: ElementType
    /// As NumPy's `shape`; empty for a single number.
    public let sizes: [Int]
    /// C order, little-endian.
    public let bytes: [UInt8]

    public var count: Int { bytes.count / elementType.size }

    /// NumPy's letters for kind and size.
    public enum ElementType: String, CaseIterable, Sendable {
        case bool = "b1"
        case uint8 = "u1"
        case int8 = "i1"
        case uint16 = "u2"
        case int16 = "i2"
        case uint32 = "u4"
        case int32 = "i4"
        case uint64 = "u8"
        case int64 = "i8"
        case float16 = "f2"
        case float32 = "f4"
        case float64 = "f8"

        public var size: Int { Int(rawValue.utf8.last ?? 0) - 48 }

        /// nil for other kinds, and for more than one byte in an order that is not little-endian.
        init?(descriptor: String) {
            self.init(rawValue: String(descriptor.dropFirst()))
            guard let order = descriptor.first else { return nil }
            if order != "<", size > 1 || !"|>=".contains(order) { return nil }
        }
    }

    /// Every value as Double; 64-bit integers beyond 2^53 round.
    public var doubles: [Double] {
        switch elementType {
        case .bool, .uint8: converted(UInt8.self) { Double($0) }
        case .int8: converted(Int8.self) { Double($0) }
        case .uint16: converted(UInt16.self) { Double($0) }
        case .int16: converted(Int16.self) { Double($0) }
        case .uint32: converted(UInt32.self) { Double($0) }
        case .int32: converted(Int32.self) { Double($0) }
        case .uint64: converted(UInt64.self) { Double($0) }
        case .int64: converted(Int64.self) { Double($0) }
        case .float16: converted(UInt16.self) { Double(Float16(bitPattern: $0)) }
        case .float32: converted(UInt32.self) { Double(Float(bitPattern: $0)) }
        case .float64: converted(UInt64.self) { Double(bitPattern: $0) }
        }
    }

    /// Every value as Float, rounded to nearest where it must be.
    public var floats: [Float] {
        elementType == .float32
            ? converted(UInt32.self) { Float(bitPattern: $0) } : doubles.map { Float($0) }
    }

    private func converted<Stored: FixedWidthInteger & BitwiseCopyable, Value>(
        _ type: Stored.Type, _ value: (Stored) -> Value
    ) -> [Value] {
        bytes.withUnsafeBytes { bytes in
            (0..<count).map { index in
                let stored = bytes.loadUnaligned(
                    fromByteOffset: index * MemoryLayout<Stored>.size, as: Stored.self)
                return value(Stored(littleEndian: stored))
            }
        }
    }
}

/// Why a NumPy file cannot be read. The caller adds the path.
public enum NPYError: Error, Equatable {
    case file(FileError)
    case reading(ByteReaderError)
    case notNPY
    case version(UInt8, UInt8)
    case badHeader(String)
    case unsupportedType(String)
    case fortranOrder
    case truncated(expected: Int, found: Int)
    case trailing(Int)
}

extension NPYError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let error): "\(error)"
        case .reading(let error): "\(error)"
        case .notNPY: "this is not a NumPy file: it does not begin with \\x93NUMPY; save it with numpy.save"
        case .version(let major, let minor):
            "the NumPy file has version \(major).\(minor); versions 1.0, 2.0 and 3.0 can be read"
        case .badHeader(let reason): "the NumPy header is damaged: \(reason); save the file again"
        case .unsupportedType(let descriptor):
            "the NumPy type \(descriptor) is not read; save bool, integers, float16, float32 or float64, little-endian"
        case .fortranOrder: "the array is in Fortran order; save numpy.ascontiguousarray of it"
        case .truncated(let expected, let found):
            "the file holds \(found) bytes where its header promises \(expected); save it again"
        case .trailing(let count): "\(count) bytes stand behind the array; save it again"
        }
    }
}
