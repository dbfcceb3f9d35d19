import CMedPrepZlib

/// zlib, as the oracle.
enum Zlib {
    /// What a gzip file of any number of members, with zeros behind, decodes to; nil where it is damaged.
    static func decode(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
        var (decoded, rest) = ([UInt8](), bytes[...])
        repeat {
            guard let (part, used) = inflated(rest, windowBits: 31, limit: limit) else { return nil }
            decoded += part
            rest = rest.dropFirst(used)
        } while rest.starts(with: [0x1f, 0x8b])
        return rest.allSatisfy { $0 == 0 } ? decoded : nil
    }

    /// A gzip file around a deflate stream, with the checksum of what it holds; damaged streams get any checksum.
    static func wrapped(_ deflate: [UInt8]) -> [UInt8] {
        let (content, used) = inflated(deflate[...], windowBits: -15, limit: 1 << 21) ?? ([], deflate.count)
        let trailer = [
            UInt32(truncatingIfNeeded: crc32(0, content, UInt32(content.count))), UInt32(content.count),
        ]
        let bytes = trailer.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
        return [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255] + deflate.prefix(used) + bytes + deflate.dropFirst(used)
    }

    static func deflated(_ bytes: [UInt8], level: Int) -> [UInt8] {
        var stream = z_stream()
        deflateInit2_(
            &stream, Int32(level), Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        defer { deflateEnd(&stream) }
        var (input, output) = (bytes, [UInt8](repeating: 0, count: bytes.count + 1024))
        return input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                (stream.next_in, stream.avail_in) = (input.baseAddress, UInt32(input.count))
                (stream.next_out, stream.avail_out) = (output.baseAddress, UInt32(output.count))
                deflate(&stream, Z_FINISH)
                return Array(output.prefix(output.count - Int(stream.avail_out)))
            }
        }
    }

    /// One member or stream, and how many bytes it takes.
    private static func inflated(
        _ bytes: ArraySlice<UInt8>, windowBits: Int32, limit: Int
    ) -> (content: [UInt8], used: Int)? {
        var stream = z_stream()
        inflateInit2_(&stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        defer { inflateEnd(&stream) }
        var (input, content) = (Array(bytes), [UInt8]())
        var part = [UInt8](repeating: 0, count: 64 << 10)
        return input.withUnsafeMutableBufferPointer { input in
            (stream.next_in, stream.avail_in) = (input.baseAddress, UInt32(input.count))
            while content.count <= limit {
                let (result, count) = part.withUnsafeMutableBufferPointer { part in
                    (stream.next_out, stream.avail_out) = (part.baseAddress, UInt32(part.count))
                    return (inflate(&stream, Z_NO_FLUSH), part.count - Int(stream.avail_out))
                }
                content += part[..<count]
                if result == Z_STREAM_END { return (content, input.count - Int(stream.avail_in)) }
                if result != Z_OK || (count == 0 && stream.avail_in == 0) { return nil }
            }
            return nil
        }
    }
}
