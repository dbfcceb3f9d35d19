import CMedPrepISAL

extension ArrayFrame {
    /// A NumPy archive: `<name>.npy`, stored in a zip file so that its values begin at a multiple of 64, and behind
    /// it small arrays of Double.
    ///
    /// - Parameter crc32: of the values.
    package static func npz(
        _ array: ArrayDescription, crc32 values: UInt32,
        more: [(name: String, sizes: [Int], values: [Double])]
    ) -> ArrayFrame {
        let header = npy(array).start
        let crc = joinedCRC(crc32(of: header), values, secondLength: array.byteCount)
        var entries = [
            ZipEntry(name: array.name + ".npy", crc32: crc, size: header.count + array.byteCount, offset: 0)
        ]
        let start = entries[0].localHeader + header
        var end: [UInt8] = []
        for one in more {
            let small = ArrayDescription(name: one.name, elementType: .float64, sizes: one.sizes)
            let content =
                npy(small).start
                + one.values.flatMap { value in
                    withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
                }
            let entry = ZipEntry(
                name: one.name + ".npy", crc32: crc32(of: content), size: content.count,
                offset: start.count + array.byteCount + end.count)
            end += entry.localHeader + content
            entries.append(entry)
        }
        end += ZipEntry.directory(of: entries, at: start.count + array.byteCount + end.count)
        return ArrayFrame(start: start, end: end, valueBytes: array.byteCount)
    }

    private static func crc32(of bytes: [UInt8]) -> UInt32 {
        var crc = RunningCRC32()
        bytes.withUnsafeBytes { crc.add($0) }
        return crc.value
    }
}

/// CRC-32 of bytes that come in pieces.
package struct RunningCRC32: Hashable, Sendable {
    package private(set) var value: UInt32 = 0

    package init() {}

    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
        value = crc32_gzip_refl(value, bytes.baseAddress, UInt64(bytes.count))
    }
}
