/// One member of a gzip stream (RFC 1952) with any field as a test wants it. Its content is stored, not compressed.
struct GzipMember {
    var method: UInt8 = 8
    var flags: UInt8 = 0
    /// What the flags announce, between the fixed header and the blocks.
    var fields: [UInt8] = []
    /// nil: stored blocks of the content.
    var blocks: [UInt8]?
    var content: [UInt8]
    var crc32: UInt32?
    var length: UInt32?

    init(_ content: some Sequence<UInt8>) { self.content = Array(content) }

    var bytes: [UInt8] {
        let plain = NIfTIBuilder.gzip(content)
        let trailer = [crc32 ?? NIfTIBuilder.crc32(content), length ?? UInt32(content.count)].flatMap {
            word in
            withUnsafeBytes(of: word.littleEndian) { Array($0) }
        }
        return [0x1f, 0x8b, method, flags, 0, 0, 0, 0, 0, 3] + fields
            + (blocks ?? Array(plain[10...].dropLast(8))) + trailer
    }

    static func changed(_ content: [UInt8], _ change: (inout GzipMember) -> Void) -> [UInt8] {
        var member = GzipMember(content)
        change(&member)
        return member.bytes
    }
}
