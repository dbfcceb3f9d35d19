import MedPrepCore

/// Damage that only the gzip stream shows, and streams that are whole though odd.
extension HostileList {
    /// The base scan.
    private static let file: [UInt8] = {
        var builder = NIfTIBuilder()
        builder.store(.int16, [4, 3, 2], HostileScan.values)
        return builder.file
    }()

    private mutating func gzip(
        _ name: String, _ why: String, _ bytes: [UInt8], _ outcome: HostileScan.Outcome = .refused("bad_gzip")
    ) {
        add(files: [("gzip-\(name).nii.gz", bytes)], why, outcome)
    }

    mutating func addGzip() {
        addDamagedGzip()
        addOddGzip()
    }

    private mutating func addDamagedGzip() {
        let file = Self.file
        let whole = GzipMember(file).bytes
        let (front, back) = (GzipMember(file[..<200]).bytes, GzipMember(file[200...]).bytes)
        let nothing = GzipMember([]).bytes
        for (name, missing) in [
            ("byte", 1), ("length", 4), ("trailer", 8), ("voxel", 9), ("voxels", 60), ("header", 400),
        ] {
            gzip("cut-\(name)", "the last \(missing) bytes are missing", Array(whole.dropLast(missing)))
        }
        gzip("cut-start", "five bytes of a gzip header", Array(whole.prefix(5)))
        gzip("cut-magic", "two bytes", Array(whole.prefix(2)))
        gzip("crc", "a wrong CRC-32", GzipMember.changed(file) { $0.crc32 = 77 })
        gzip("length", "a wrong length", GzipMember.changed(file) { $0.length = 77 })
        gzip("length-zero", "a length of 0", GzipMember.changed(file) { $0.length = 0 })
        for (name, at) in [("header", 175), ("gap", 365), ("voxel", 400)] {
            gzip("flip-\(name)", "a flipped bit in the content", flipped(whole, at))
        }
        gzip("method", "an unknown method", GzipMember.changed(file) { $0.method = 7 })
        gzip("flags", "reserved flags", GzipMember.changed(file) { $0.flags = 0xe0 })
        gzip("block", "a reserved block type", GzipMember.changed(file) { $0.blocks = [0x07, 0, 0] })
        gzip(
            "distance", "a copy from before the beginning",
            GzipMember.changed(file) { $0.blocks = [0x03, 0x02] })
        gzip("stored", "a stored block whose lengths disagree", flipped(whole, 12))
        gzip(
            "name-open", "a file name without an end",
            GzipMember.changed(file) {
                ($0.flags, $0.fields, $0.blocks) = (8, [65, 66], [67])
            })
        gzip(
            "header-crc", "a wrong CRC-16 of the member's header",
            GzipMember.changed(file) {
                ($0.flags, $0.fields) = (2, [1, 2])
            })
        gzip(
            "second-crc", "a wrong CRC-32 in the second member",
            front
                + GzipMember.changed(Array(file[200...])) {
                    $0.crc32 = 77
                })
        gzip(
            "second-length", "a wrong length in the second member",
            front
                + GzipMember.changed(Array(file[200...])) {
                    $0.length = 1
                })
        gzip("second-cut", "the second member is cut", front + back.dropLast(9))
        gzip("second-trailer", "the second member has no trailer", front + back.dropLast(8))
        gzip("second-header", "half a header of a second member", whole + back.prefix(5))
        gzip(
            "second-method", "a second member of an unknown method",
            whole + GzipMember.changed([]) { $0.method = 0 })
        gzip(
            "first-crc", "a wrong CRC-32 in the first of two members",
            GzipMember.changed(Array(file[..<200])) {
                $0.crc32 = 77
            } + back)
        gzip(
            "last-crc", "an empty last member with a wrong CRC-32",
            whole + GzipMember.changed([]) { $0.crc32 = 1 })
        gzip("garbage", "text behind the stream", whole + Array("garbage".utf8))
        gzip("garbage-byte", "one byte behind the stream", whole + [0x1f])
        gzip(
            "garbage-late", "text behind zeros behind the stream",
            whole + [UInt8](repeating: 0, count: 300_000) + [1])
        gzip("garbage-member", "a member behind zeros", whole + [0, 0, 0, 0] + nothing)
        gzip("twice", "compressed twice", GzipMember(whole).bytes, .refused("not_nifti"))
        gzip("nothing", "a stream of nothing", nothing, .refused("empty_file"))
    }

    private mutating func addOddGzip() {
        let file = Self.file
        let whole = GzipMember(file).bytes
        let nothing = GzipMember([]).bytes
        let same = Self.read()
        gzip(
            "members", "two members, parted in the header",
            GzipMember(file[..<200]).bytes + GzipMember(file[200...]).bytes, same)
        gzip("bytes", "a member for each byte", file.flatMap { GzipMember([$0]).bytes }, same)
        gzip("empty-first", "an empty member before", nothing + whole, same)
        gzip("empty-last", "an empty member behind, as in BGZF", whole + nothing, same)
        gzip("padding", "zeros behind the stream", whole + [UInt8](repeating: 0, count: 512), same)
        gzip("padding-byte", "one zero behind the stream", whole + [0], same)
        gzip("padding-long", "zeros beyond a buffer", whole + [UInt8](repeating: 0, count: 600_000), same)
        gzip(
            "name", "a file name",
            GzipMember.changed(file) { ($0.flags, $0.fields) = (8, Array("a.nii\0".utf8)) }, same)
        gzip(
            "comment", "a comment",
            GzipMember.changed(file) { ($0.flags, $0.fields) = (16, Array("hello\0".utf8)) }, same)
        gzip(
            "extra", "an extra field",
            GzipMember.changed(file) { ($0.flags, $0.fields) = (4, [4, 0, 65, 66, 0, 0]) }, same)
        gzip("text", "the text flag", GzipMember.changed(file) { $0.flags = 1 }, same)
        gzip(
            "trailing", "bytes behind the voxels", GzipMember(file + [1, 2, 3]).bytes,
            Self.read(["trailing_bytes"]))
    }

    private func flipped(_ bytes: [UInt8], _ at: Int) -> [UInt8] {
        var bytes = bytes
        bytes[at] ^= 0x10
        return bytes
    }
}
