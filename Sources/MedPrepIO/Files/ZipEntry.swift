/// A file stored uncompressed in a zip archive. The time is always 1980-01-01, so the same content gives the same bytes;
/// from 4 GiB on the ZIP64 fields say what 32 bits cannot.
///
/// PKWARE, APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 to 4.3.16, 4.5.3.
struct ZipEntry: Hashable, Sendable {
    /// ASCII.
    let name: String
    let crc32: UInt32
    let size: Int
    /// Of its local header in the archive.
    let offset: Int

    /// What stands before the content, padded so that the content begins at a multiple of 64.
    var localHeader: [UInt8] {
        let wide = Self.wide([size, size].filter { $0 >= Self.limit })
        let used = offset + 30 + name.utf8.count + wide.count + 6
        let padding = (64 - used % 64) % 64
        // The field 0xd935, known from Android's zipalign: the alignment, then zeros.
        let aligned = LittleEndian(UInt16(0xd935), UInt16(2 + padding), UInt16(64)).bytes
        let extra = wide + aligned + Array(repeating: 0, count: padding)
        return LittleEndian(UInt32(0x0403_4b50)).bytes + common(isWide: !wide.isEmpty)
            + LittleEndian(UInt16(extra.count)).bytes + Array(name.utf8) + extra
    }

    private var centralHeader: [UInt8] {
        let wide = Self.wide([size, size, offset].filter { $0 >= Self.limit })
        let version = Self.version(isWide: !wide.isEmpty)
        let attributes = LittleEndian(UInt16(wide.count), UInt16(0), UInt16(0), UInt16(0), UInt32(0)).bytes
        return LittleEndian(UInt32(0x0201_4b50), version).bytes + common(isWide: !wide.isEmpty) + attributes
            + LittleEndian(Self.narrow(offset)).bytes + Array(name.utf8) + wide
    }

    /// Version needed, flags, method, time, date, CRC-32, sizes, length of the name.
    private func common(isWide: Bool) -> [UInt8] {
        LittleEndian(
            Self.version(isWide: isWide), UInt16(0), UInt16(0), UInt16(0), UInt16(0x21), crc32,
            Self.narrow(size), Self.narrow(size), UInt16(name.utf8.count)
        ).bytes
    }

    /// The central directory of an archive, which ends it.
    static func directory(of entries: [ZipEntry], at offset: Int) -> [UInt8] {
        let headers = entries.flatMap(\.centralHeader)
        let (count, size) = (UInt64(entries.count), UInt64(headers.count))
        var bytes = headers
        if offset >= limit {
            bytes +=
                LittleEndian(
                    UInt32(0x0606_4b50), UInt64(44), UInt16(45), UInt16(45), UInt32(0), UInt32(0), count,
                    count, size, UInt64(offset)
                ).bytes
            let record = UInt64(offset + headers.count)
            bytes += LittleEndian(UInt32(0x0706_4b50), UInt32(0), record, UInt32(1)).bytes
        }
        let (short, length) = (UInt16(entries.count), UInt32(headers.count))
        return bytes
            + LittleEndian(
                UInt32(0x0605_4b50), UInt16(0), UInt16(0), short, short, length, narrow(offset), UInt16(0)
            ).bytes
    }

    private static let limit = 0xffff_ffff

    private static func narrow(_ value: Int) -> UInt32 { UInt32(min(value, limit)) }

    private static func version(isWide: Bool) -> UInt16 { isWide ? 45 : 20 }

    /// The ZIP64 field of the values that do not fit 32 bits, in their order.
    private static func wide(_ values: [Int]) -> [UInt8] {
        if values.isEmpty { return [] }
        return LittleEndian(UInt16(1), UInt16(8 * values.count)).bytes
            + values.flatMap { LittleEndian(UInt64($0)).bytes }
    }
}

/// Integers one after another, lowest byte first.
private struct LittleEndian {
    let bytes: [UInt8]

    init<each Value: FixedWidthInteger>(_ values: repeat each Value) {
        var bytes: [UInt8] = []
        for value in repeat each values { withUnsafeBytes(of: value.littleEndian) { bytes += $0 } }
        self.bytes = bytes
    }
}
