import MedPrepCore

/// Damaged headers: size, byte order, magic, sizes, type, and where the voxels begin.
extension HostileList {
    mutating func addHeaders() {
        for size in [0, 347, 349, 1 << 30] as [Int32] {
            add("sizeof-\(size)", "sizeof_hdr is \(size)", .refused("not_nifti")) { $0.sizeofHeader = size }
        }
        add("sizeof-other", "sizeof_hdr is the other version's", .refused("not_nifti")) {
            $0.sizeofHeader = $0.version == 1 ? 540 : 348
            $0.voxels += [UInt8](repeating: 0, count: 200)
        }
        add(
            "order", "sizeof_hdr and dim[0] disagree in byte order", .refused("bad_dims"),
            after: { Array($0[..<4].reversed()) + $0[4...] })
        for (name, magic) in [
            ("zero", [0, 0, 0, 0]), ("other", Array("xxxx".utf8)), ("no-nul", Array("n+1 ".utf8)),
            ("version", Array("n+2\0".utf8)), ("digit", Array("n+3\0".utf8)),
        ] as [(String, [UInt8])] {
            add("magic-\(name)", "magic \(magic)", .refused("not_nifti"), versions: [1]) { $0.magic = magic }
        }
        for (name, guards) in [
            ("newline", [0x0a, 0x1a, 0x0a, 0]), ("zero", [0, 0, 0, 0]), ("cr", [0x0d, 0x0a, 0x1a, 0x0d]),
        ] as [(String, [UInt8])] {
            add("guard-\(name)", "guard \(guards)", .refused("not_nifti"), versions: [2]) {
                $0.magic = Array("n+2\0".utf8) + guards
            }
        }
        add("magic-old", "the magic of NIfTI-1 in NIfTI-2", .refused("not_nifti"), versions: [2]) {
            $0.magic = Array("n+1\0\r\n\u{1a}\n".utf8)
        }
    }

    mutating func addSizes() {
        for rank in [0, 8, 9, -1, -3] {
            add("rank\(rank)", "dim[0] is \(rank)", .refused("bad_dims")) {
                $0.dim = [rank, 4, 3, 2, 1, 1, 1, 1]
            }
        }
        for rank in [200, -200, 1 << 40, -(1 << 40), Int.max, Int.min] {
            add("rank\(rank)", "dim[0] is \(rank)", .refused("bad_dims"), versions: [2]) {
                $0.dim = [rank, 4, 3, 2, 1, 1, 1, 1]
            }
        }
        for sizes in [
            [0, 3, 2], [4, 0, 2], [4, 3, 0], [4, -3, 2], [-4, 3, 2], [-1, 1, 1], [4, 3, 2, 0],
        ] {
            let name = sizes.map(String.init).joined(separator: "x")
            add("sizes-\(name)", "a size below 1", .refused("bad_dims")) { $0.sizes = sizes }
        }
        add("flat", "two axes", .refused("bad_dims")) { $0.sizes = [12, 2] }
        add("line", "one axis", .refused("bad_dims")) { $0.sizes = [24] }
        add("five", "a vector on the fifth axis", .refused("bad_dims")) { $0.sizes = [2, 2, 2, 1, 3] }
        add("seven", "seven axes in use", .refused("bad_dims")) { $0.sizes = [2, 2, 1, 1, 1, 3, 2] }
        add("trailing-ones", "axes of one behind the fourth", Self.read { $0.shape = [4, 3, 2, 1, 1, 1] }) {
            $0.sizes = [4, 3, 2, 1, 1, 1]
        }
        add("single-volume", "a fourth axis of one", Self.read { $0.shape = [4, 3, 2, 1] }) {
            $0.sizes = [4, 3, 2, 1]
        }
        add("series", "a fourth axis", Self.read { $0.shape = [2, 3, 2, 2] }) { $0.sizes = [2, 3, 2, 2] }
        add("unused", "nonsense behind dim[0]", Self.read()) { $0.dim = [3, 4, 3, 2, -9, 0, 31, 7] }
        add("huge", "sizes of terabytes", .refused("truncated_data")) { $0.sizes = [32767, 32767, 32767] }
        add("large", "twice the voxels that are there", .refused("truncated_data")) { $0.sizes = [4, 3, 4] }
        for (name, sizes) in [
            ("product", [1 << 40, 1 << 40, 1]), ("type", [1 << 62, 1, 1]), ("byte", [Int.max, 1, 1]),
            ("wrap", [1 << 32, 1 << 32, 4]), ("all", [Int.max, Int.max, Int.max, Int.max]),
        ] {
            add("overflow-\(name)", "more than 64 bits count", .refused("size_overflow"), versions: [2]) {
                $0.sizes = sizes
            }
        }
    }

    mutating func addOffsets() {
        let inside = Self.read(["vox_offset_repaired"])
        for offset in [0, 1, 100, 347.0] {
            add("offset\(Int(offset))", "vox_offset in the header", inside) { $0.voxOffset = offset }
        }
        add("offset-behind-header", "vox_offset right behind the header", inside) {
            $0.voxOffset = $0.version == 1 ? 348 : 540
        }
        for (name, offset) in [
            ("nan", Double.nan), ("inf", .infinity), ("minus-inf", -.infinity), ("1e30", 1e30),
            ("fraction", 352.5), ("huge", 3e9),
        ] {
            add("offset-\(name)", "vox_offset \(offset)", .refused("bad_vox_offset"), versions: [1]) {
                $0.voxOffset = offset
            }
        }
        add("offset-minus", "vox_offset -8", .refused("bad_vox_offset")) { $0.voxOffset = -8 }
        add("offset-far", "vox_offset behind the end", .refused("bad_vox_offset")) { $0.voxOffset = 4096 }
        add("offset-max", "vox_offset near 2^63", .refused("bad_vox_offset"), versions: [2]) {
            $0.voxOffset = 9_223_372_036_854_774_784
        }
        add("offset-odd", "voxels at an odd address", Self.read()) {
            $0.gap = [UInt8](repeating: 0, count: 13)
        }
        add("offset-page", "voxels behind a page of nothing", Self.read()) {
            $0.gap = [UInt8](repeating: 0, count: 5000)
        }
    }

    mutating func addTypes() {
        for (code, bits) in [
            (0, 16), (1, 1), (32, 64), (128, 24), (1536, 128), (1792, 128), (2048, 256), (2304, 32), (77, 16),
            (255, 16), (-4, 16),
        ] {
            add("datatype\(code)", "datatype \(code)", .refused("unsupported_datatype")) {
                ($0.datatype, $0.bitpix) = (code, bits)
                $0.voxels = [UInt8](repeating: 0, count: 24 * max(bits, 8) / 8)
            }
        }
        for bits in [0, 8, 32, -16] {
            add("bitpix\(bits)", "bitpix is not the type's", Self.read(["bitpix_disagrees"])) {
                $0.bitpix = bits
            }
        }
        for type in [.uint8, .int8, .uint16, .int16, .uint32, .int32, .uint64, .int64] as [ElementType] {
            add(
                type.rawValue, "voxels of type \(type.rawValue)",
                Self.read { ($0.first, $0.last, $0.mean) = (0, 115, 57.5) }
            ) { $0.store(type, [4, 3, 2], (0..<24).map { Double($0 * 5) }) }
        }
        for type in [.float32, .float64] as [ElementType] {
            add(
                type.rawValue, "voxels of type \(type.rawValue)",
                Self.read { ($0.first, $0.last, $0.mean) = (-29.75, 131.25, 50.75) }
            ) { $0.store(type, [4, 3, 2], HostileScan.values.map { $0 + 0.25 }) }
        }
        let wide = Self.read(["rounded_to_float32"]) {
            ($0.shape, $0.first, $0.last, $0.mean) = ([2, 1, 1], 16_777_217, 1, 8_388_609)
        }
        for type in [.uint32, .int32, .uint64, .int64] as [ElementType] {
            add("\(type.rawValue)-wide", "an integer that Float32 rounds", wide) {
                $0.store(type, [2, 1, 1], [16_777_217, 1])
            }
        }
    }
}
