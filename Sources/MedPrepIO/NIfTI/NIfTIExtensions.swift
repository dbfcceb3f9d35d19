import MedPrepCore

/// The extensions between header and voxels: looked at, kept where asked for, never needed to find the data.
struct NIfTIExtensions {
    private(set) var kept: [HeaderText.Extension] = []
    /// Where the first one stands whose length cannot be, and what it claims.
    private(set) var broken: (start: Int, length: Int)?

    /// Each has a length of 16 or more, a multiple of 16, and ends before `end`. A file that ends earlier ends them.
    init(
        from reader: inout ByteReader, before end: Int, isBigEndian: Bool, keeps: Bool
    ) throws(ByteReaderError) {
        guard end - reader.position >= 4, let flag = try Self.bytes(4, from: &reader), flag[0] != 0 else {
            return
        }
        var count = 0
        while end - reader.position >= 8 {
            let start = reader.position
            guard let bytes = try Self.bytes(8, from: &reader) else { return }
            // Zeros behind the last extension only fill the gap.
            if count > 0, bytes.allSatisfy({ $0 == 0 }) { return }
            let numbers = [0, 4].map { offset in
                let stored = bytes.withUnsafeBytes {
                    $0.loadUnaligned(fromByteOffset: offset, as: Int32.self)
                }
                return Int(isBigEndian ? Int32(bigEndian: stored) : Int32(littleEndian: stored))
            }
            let length = numbers[0]
            guard length >= 16, length % 16 == 0, length <= end - start else {
                broken = (start, length)
                return
            }
            guard let content = try Self.content(length - 8, from: &reader, keeps: keeps) else { return }
            if keeps { kept.append(.init(code: numbers[1], content: content)) }
            count += 1
        }
    }

    private static func bytes(_ count: Int, from reader: inout ByteReader) throws(ByteReaderError) -> [UInt8]?
    {
        try content(count, from: &reader, keeps: true)
    }

    /// Grows with what the file gives, not with what it claims; nil where it gives less.
    private static func content(
        _ count: Int, from reader: inout ByteReader, keeps: Bool
    ) throws(ByteReaderError) -> [UInt8]? {
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: min(count, 256 << 10), alignment: 16)
        defer { piece.deallocate() }
        var content: [UInt8] = []
        var left = count
        while left > 0 {
            let wanted = UnsafeMutableRawBufferPointer(rebasing: piece[..<min(left, piece.count)])
            guard try reader.read(into: wanted) == wanted.count else { return nil }
            if keeps { content += wanted }
            left -= wanted.count
        }
        return content
    }
}
