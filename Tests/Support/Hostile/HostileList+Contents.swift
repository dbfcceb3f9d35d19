import MedPrepCore

/// What follows the header: lengths, extensions, voxels.
extension HostileList {
    mutating func addLengths() {
        for (name, missing) in [("byte", 1), ("voxel", 2), ("half", 24), ("all", 48), ("gap", 50)] {
            add(
                "short-\(name)", "\(missing) bytes missing", .refused("truncated_data"),
                after: { Array($0.dropLast(missing)) })
        }
        for count in [1, 3, 4, 100, 347] {
            add(
                "header\(count)", "\(count) bytes of a header", .refused("truncated_header"),
                after: { Array($0.prefix(count)) })
        }
        add(
            "header-539", "a byte short of a header", .refused("truncated_header"), versions: [2],
            after: { Array($0.prefix(539)) })
        add(
            "header-alone", "a header and nothing else", .refused("truncated_data"),
            after: { Array($0.prefix($0.count - 52)) })
        add("nothing", "no byte at all", .refused("empty_file"), after: { _ in [] })
        add(
            "behind-zero", "zeros behind the voxels", Self.read(["trailing_bytes"]),
            after: { $0 + [UInt8](repeating: 0, count: 512) })
        add(
            "behind-text", "text behind the voxels", Self.read(["trailing_bytes"]),
            after: { $0 + [UInt8](repeating: 63, count: 77) })
    }

    mutating func addExtensions() {
        /// A flag, a length, a code and what follows, in the header's byte order.
        func extended(_ length: Int32, _ content: Int, _ builder: inout NIfTIBuilder) {
            let order = builder.isBigEndian
            func word(_ value: Int32) -> [UInt8] {
                withUnsafeBytes(of: order ? value.bigEndian : value.littleEndian) { Array($0) }
            }
            builder.gap = [1, 0, 0, 0] + word(length) + word(6) + [UInt8](repeating: 65, count: content)
        }
        add("extension", "a comment", Self.read()) { extended(32, 24, &$0) }
        add("extension-filled", "a comment and zeros behind it", Self.read()) {
            extended(32, 24, &$0)
            $0.gap += [UInt8](repeating: 0, count: 64)
        }
        for length in [0, 5, 17, 1 << 20, .max - 15, -32, .min] as [Int32] {
            add("extension\(length)", "a comment of \(length) bytes", Self.read(["extension_ignored"])) {
                extended(length, 24, &$0)
            }
        }
        add("extension-none", "the flag and nothing else", Self.read()) { $0.gap = [1, 0, 0, 0] }
        add("extension-unflagged", "text in the gap without the flag", Self.read()) {
            $0.gap = [0, 0, 0, 0] + [UInt8](repeating: 66, count: 60)
        }
    }

    mutating func addVoxels() {
        for (name, value) in [("nan", Double.nan), ("inf", .infinity)] {
            let outcome = Self.read {
                if value.isNaN { $0.nanCount = 1 } else { $0.infiniteCount = 1 }
                ($0.first, $0.mean) = (value, 54)
            }
            add("voxel-\(name)", "the first voxel is \(name)", outcome) {
                $0.store(.float32, [4, 3, 2], [value] + HostileScan.values.dropFirst())
            }
        }
        add(
            "voxels-nan", "no voxel is finite",
            Self.read { ($0.first, $0.last, $0.mean, $0.nanCount) = (.nan, .nan, .nan, 24) }
        ) { $0.store(.float64, [4, 3, 2], [Double](repeating: .nan, count: 24)) }
        add("constant", "all voxels alike", Self.read { ($0.first, $0.last, $0.mean) = (5, 5, 5) }) {
            $0.store(.int16, [4, 3, 2], [Double](repeating: 5, count: 24))
        }
        add(
            "one-voxel", "a single voxel",
            Self.read { ($0.shape, $0.first, $0.last, $0.mean) = ([1, 1, 1], 7, 7, 7) }
        ) { $0.store(.uint8, [1, 1, 1], [7]) }
    }
}

extension NIfTIBuilder {
    /// The voxels in the builder's own byte order, with the type and the sizes that fit.
    mutating func store(_ type: ElementType, _ sizes: [Int], _ values: [Double]) {
        let other = NIfTIBuilder(type, sizes: sizes, values: values, isBigEndian: isBigEndian)
        (self.sizes, datatype, bitpix, voxels) = (sizes, other.datatype, other.bitpix, other.voxels)
    }
}
