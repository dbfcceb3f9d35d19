import Glibc
import MedPrepCore
import MedPrepIO
import MedPrepTestSupport

/// Bytes that compress somewhat, the same on every run: noise of three bits under slow waves. They repeat beyond
/// the window of deflate.
func wavyBytes(_ count: Int) -> [UInt8] {
    let noise = noiseBytes(min(count, 65_537))
    let period = noise.enumerated().map { UInt8(truncatingIfNeeded: $0 >> 6) &+ $1 & 7 }
    return repeated(period, count)
}

/// Bytes that do not compress, the same on every run (xorshift64).
func noiseBytes(_ count: Int) -> [UInt8] {
    var state: UInt64 = 88_172_645_463_325_252
    let period = (0..<min(count, 65_537)).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return UInt8(truncatingIfNeeded: state >> 32)
    }
    return repeated(period, count)
}

private func repeated(_ period: [UInt8], _ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count { bytes += period.prefix(count - bytes.count) }
    return bytes
}

/// Writes through `ByteWriter`, `cut` bytes at a time, and returns the file's bytes.
func compressed(
    _ bytes: [UInt8], _ compression: Compression = .fast, workers: Int = 1, cut: Int = .max
) throws -> [UInt8] {
    let folder = TemporaryFolder()
    var writer = try ByteWriter(
        path: ScanPath(folder.file("a.gz")), compression: compression, workers: Workers(workers))
    var rest = bytes[...]
    while !rest.isEmpty {
        try writer.write(Array(rest.prefix(cut)))
        rest = rest.dropFirst(cut)
    }
    _ = try writer.commit()
    return folder.read("a.gz")
}

/// Reads a whole gzip file with reads of `cut` bytes and an input buffer of `inputSize`.
func decompressed(_ bytes: [UInt8], inputSize: Int = 256 << 10, cut: Int = 100_000) throws -> [UInt8] {
    let folder = TemporaryFolder()
    let file = try InputFile(ScanPath(folder.write(bytes, to: "a.gz")))
    var reader = GzipReader(inputSize: inputSize)
    var (content, part) = ([UInt8](), [UInt8](repeating: 0, count: cut))
    while true {
        let count = try part.withUnsafeMutableBytes { try reader.read(into: $0, from: file) }
        content += part[..<count]
        if count < cut { return content }
    }
}

/// The error of decoding these bytes as a `.gz` file, in words.
func refusal(of bytes: [UInt8], inputSize: Int = 256 << 10, cut: Int = 100_000) -> String {
    do {
        return "accepted \(try decompressed(bytes, inputSize: inputSize, cut: cut).count) bytes"
    } catch {
        return "\(error)"
    }
}
