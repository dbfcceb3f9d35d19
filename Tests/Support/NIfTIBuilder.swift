public import MedPrepCore

/// The bytes of a NIfTI file, any field of which a test may set to nonsense. It writes field after field in the
/// order of the standard and shares no code with the reader.
public struct NIfTIBuilder: Sendable {
    public var version = 1
    public var isBigEndian = false
    public var isPair = false
    public var sizeofHeader: Int32?
    /// Sizes 1…rank; `dim` overrides all eight.
    public var sizes = [4, 3, 2]
    public var dim: [Int]?
    public var datatype: Int
    public var bitpix: Int
    public var pixdim: [Double] = [1, 0.8, 1.25, 2.5, 1, 1, 1, 1]
    public var voxOffset: Double?
    public var slope = 1.0
    public var intercept = 0.0
    public var units = 2
    public var qformCode = 0
    public var sformCode = 1
    public var quaternion: [Double] = [0, 0, 0]
    public var offset: [Double] = [0, 0, 0]
    public var rows: [[Double]] = [[0.8, 0, 0, 12.5], [0, 1.25, 0, -40], [0, 0, 2.5, 7.75]]
    public var magic: [UInt8]?
    public var descrip = ""
    /// What stands between header and voxels: the extension flag and, behind it, extensions.
    public var gap: [UInt8] = [0, 0, 0, 0]
    /// The stored voxels, in the file's byte order.
    public var voxels: [UInt8] = []

    public init(_ type: ElementType = .int16) {
        datatype = Self.datatypes[type] ?? 0
        bitpix = type.size * 8
    }

    /// A file of `values` in file order.
    public init(_ type: ElementType, sizes: [Int], values: [Double], isBigEndian: Bool = false) {
        self.init(type)
        (self.sizes, self.isBigEndian) = (sizes, isBigEndian)
        voxels = Self.encode(values, as: type, isBigEndian: isBigEndian)
    }

    private static let datatypes: [ElementType: Int] = [
        .uint8: 2, .int16: 4, .int32: 8, .float32: 16, .float64: 64, .int8: 256, .uint16: 512, .uint32: 768,
        .int64: 1024, .uint64: 1280,
    ]

    /// Header, gap and voxels; of a pair the header file.
    public var file: [UInt8] { isPair ? header + gap : header + gap + voxels }

    /// 348 or 540 bytes.
    public var header: [UInt8] {
        var out = Bytes(isBigEndian: isBigEndian)
        let dim = self.dim ?? [sizes.count] + sizes + Array(repeating: 1, count: 7 - sizes.count)
        let offset = voxOffset ?? (isPair ? 0 : Double((version == 1 ? 348 : 540) + gap.count))
        if version == 1 {
            out.add(Int32(sizeofHeader ?? 348))
            out.zeros(10 + 18 + 4 + 2 + 1 + 1)
            for size in dim { out.add(Int16(truncatingIfNeeded: size)) }
            out.zeros(12 + 2)
            for value in [datatype, bitpix, 0] { out.add(Int16(truncatingIfNeeded: value)) }
            for value in pixdim + [offset, slope, intercept] { out.add(Float(value).bitPattern) }
            out.zeros(2 + 1)
            out.add(UInt8(truncatingIfNeeded: units))
            out.zeros(4 * 4 + 2 * 4)
            out.text(descrip, 80)
            out.zeros(24)
            for code in [qformCode, sformCode] { out.add(Int16(truncatingIfNeeded: code)) }
            for value in quaternion + self.offset + rows.flatMap({ $0 }) { out.add(Float(value).bitPattern) }
            out.zeros(16)
            out.bytes += magic ?? Array((isPair ? "ni1\0" : "n+1\0").utf8)
        } else {
            out.add(Int32(sizeofHeader ?? 540))
            out.bytes += magic ?? Array((isPair ? "ni2\0\r\n\u{1a}\n" : "n+2\0\r\n\u{1a}\n").utf8)
            for value in [datatype, bitpix] { out.add(Int16(truncatingIfNeeded: value)) }
            for size in dim { out.add(Int64(size)) }
            out.zeros(24)
            for value in pixdim { out.add(value.bitPattern) }
            out.add(Int64(offset))
            for value in [slope, intercept] { out.add(value.bitPattern) }
            out.zeros(32 + 16)
            out.text(descrip, 80)
            out.zeros(24)
            for code in [qformCode, sformCode] { out.add(Int32(truncatingIfNeeded: code)) }
            for value in quaternion + self.offset + rows.flatMap({ $0 }) { out.add(value.bitPattern) }
            out.zeros(4)
            out.add(Int32(truncatingIfNeeded: units))
            out.zeros(4 + 16 + 1 + 15)
        }
        return out.bytes
    }

    /// Values as a type stores them; floats are truncated toward zero for the integer types.
    public static func encode(_ values: [Double], as type: ElementType, isBigEndian: Bool) -> [UInt8] {
        var out = Bytes(isBigEndian: isBigEndian)
        for value in values {
            switch type {
            case .uint8: out.add(UInt8(value))
            case .int8: out.add(Int8(value))
            case .uint16: out.add(UInt16(value))
            case .int16: out.add(Int16(value))
            case .uint32: out.add(UInt32(value))
            case .int32: out.add(Int32(value))
            case .uint64: out.add(UInt64(value))
            case .int64: out.add(Int64(value))
            case .float32: out.add(Float(value).bitPattern)
            case .float64: out.add(value.bitPattern)
            }
        }
        return out.bytes
    }

    /// One gzip member of stored (uncompressed) blocks.
    public static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        var out = Bytes(isBigEndian: false)
        out.bytes = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]
        var start = 0
        repeat {
            let end = min(start + 65535, bytes.count)
            out.add(UInt8(end == bytes.count ? 1 : 0))
            out.add(UInt16(end - start))
            out.add(~UInt16(end - start))
            out.bytes += bytes[start..<end]
            start = end
        } while start < bytes.count
        out.add(crc32(bytes))
        out.add(UInt32(truncatingIfNeeded: bytes.count))
        return out.bytes
    }

    /// CRC-32 of RFC 1952, bit by bit.
    public static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var crc = ~UInt32(0)
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
        }
        return ~crc
    }
}

private struct Bytes {
    var bytes: [UInt8] = []
    let isBigEndian: Bool

    init(isBigEndian: Bool) { self.isBigEndian = isBigEndian }

    mutating func add(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: isBigEndian ? value.bigEndian : value.littleEndian) { bytes += $0 }
    }

    mutating func zeros(_ count: Int) { bytes += [UInt8](repeating: 0, count: count) }

    mutating func text(_ text: String, _ count: Int) {
        let shown = Array(text.utf8.prefix(count))
        bytes += shown
        zeros(count - shown.count)
    }
}
