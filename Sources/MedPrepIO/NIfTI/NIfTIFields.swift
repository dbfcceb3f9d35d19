import CMedPrepNIfTI

/// The fields of a header that medprep uses, of either version, in this machine's byte order, not yet believed.
struct NIfTIFields {
    var version: Int
    var isBigEndian: Bool
    /// The voxels are in a file of their own (magic ni1, ni2).
    var isPair: Bool
    /// dim[0…7].
    var dim: [Int]
    var datatype: Int
    var bitpix: Int
    var pixdim: [Double]
    /// nil for what is no whole number; `voxOffsetText` says what it was.
    var voxOffset: Int?
    var voxOffsetText: String
    var slope: Double
    var intercept: Double
    var units: Int
    var qformCode: Int
    var sformCode: Int
    var quaternion: SIMD3<Double>
    var offset: SIMD3<Double>
    /// srow_x, srow_y, srow_z.
    var rows: [[Double]]

    /// Version and byte order follow from sizeof_hdr alone; the magic must agree.
    init(_ bytes: UnsafeRawBufferPointer) throws(NIfTIError) {
        if bytes.isEmpty { throw .emptyFile }
        guard bytes.count >= 4 else { throw .truncatedHeader(expected: 348, found: bytes.count) }
        let stored = bytes.loadUnaligned(as: Int32.self)
        guard let size = Self.headerSize(stored) else {
            throw .notNIfTI(
                reason: "it begins with \(Self.text(bytes.prefix(4))), not with the header size 348 or 540")
        }
        let swapped = size != stored
        let truncated = NIfTIError.truncatedHeader(expected: Int(size), found: bytes.count)
        if size == 348 {
            guard let header = nifti_1_header(bytes: bytes, swapped: swapped) else { throw truncated }
            try self.init(header, swapped: swapped)
        } else {
            guard let header = nifti_2_header(bytes: bytes, swapped: swapped) else { throw truncated }
            try self.init(header, swapped: swapped)
        }
    }

    /// What sizeof_hdr says in either byte order: 348 or 540; nil for anything else.
    static func headerSize(_ stored: Int32) -> Int32? {
        [stored, stored.byteSwapped].first { $0 == 348 || $0 == 540 }
    }

    private init(_ header: nifti_1_header, swapped: Bool) throws(NIfTIError) {
        version = 1
        isBigEndian = swapped == (Int16(1).littleEndian == 1)
        isPair = try Self.isPair(magic: elements(header.magic, UInt8.self), version: 1)
        dim = elements(header.dim, Int16.self).map { Int($0) }
        (datatype, bitpix) = (Int(header.datatype), Int(header.bitpix))
        pixdim = elements(header.pixdim, Float.self).map { Double($0) }
        (voxOffset, voxOffsetText) = (Int(exactly: header.vox_offset), "\(header.vox_offset)")
        (slope, intercept) = (Double(header.scl_slope), Double(header.scl_inter))
        units = Int(UInt8(bitPattern: header.xyzt_units))
        (qformCode, sformCode) = (Int(header.qform_code), Int(header.sform_code))
        quaternion = SIMD3<Double>(SIMD3(header.quatern_b, header.quatern_c, header.quatern_d))
        offset = SIMD3<Double>(SIMD3(header.qoffset_x, header.qoffset_y, header.qoffset_z))
        rows = [header.srow_x, header.srow_y, header.srow_z].map {
            elements($0, Float.self).map { Double($0) }
        }
    }

    private init(_ header: nifti_2_header, swapped: Bool) throws(NIfTIError) {
        version = 2
        isBigEndian = swapped == (Int16(1).littleEndian == 1)
        isPair = try Self.isPair(magic: elements(header.magic, UInt8.self), version: 2)
        dim = elements(header.dim, Int64.self).map { Int($0) }
        (datatype, bitpix) = (Int(header.datatype), Int(header.bitpix))
        pixdim = elements(header.pixdim, Double.self)
        (voxOffset, voxOffsetText) = (Int(header.vox_offset), "\(header.vox_offset)")
        (slope, intercept) = (header.scl_slope, header.scl_inter)
        units = Int(header.xyzt_units)
        (qformCode, sformCode) = (Int(header.qform_code), Int(header.sform_code))
        quaternion = SIMD3(header.quatern_b, header.quatern_c, header.quatern_d)
        offset = SIMD3(header.qoffset_x, header.qoffset_y, header.qoffset_z)
        rows = [header.srow_x, header.srow_y, header.srow_z].map { elements($0, Double.self) }
    }

    /// n+1 or ni1 and a NUL; of NIfTI-2 with a guard behind it that text-mode transfer breaks.
    private static func isPair(magic: [UInt8], version: Int) throws(NIfTIError) -> Bool {
        let digit = UInt8(ascii: "0") + UInt8(version)
        let (single, pair) = ([UInt8(ascii: "n"), UInt8(ascii: "+"), digit], Array("ni".utf8) + [digit])
        let name = Array(magic.prefix(3))
        guard name == single || name == pair, magic[3] == 0 else {
            throw .notNIfTI(
                reason: version == 1
                    ? "its magic is \(text(magic[...])), not n+1 or ni1; an ANALYZE 7.5 file has no orientation, "
                        + "convert it first"
                    : "its magic is \(text(magic[..<4])), not n+2 or ni2")
        }
        if version == 2, magic[4...] != [0x0d, 0x0a, 0x1a, 0x0a] {
            throw .notNIfTI(
                reason:
                    "the guard bytes behind its magic are \(text(magic[4...])); a transfer in text mode has "
                    + "changed the file, copy it again in binary mode")
        }
        return name == pair
    }

    /// Printable characters as they are, others as \xx.
    private static func text(_ bytes: some Sequence<UInt8>) -> String {
        let shown = bytes.map { byte in
            if (0x20..<0x7f).contains(byte), byte != UInt8(ascii: "\\"), byte != UInt8(ascii: "\"") {
                return String(UnicodeScalar(byte))
            }
            return "\\" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return "\"" + shown.joined() + "\""
    }
}
