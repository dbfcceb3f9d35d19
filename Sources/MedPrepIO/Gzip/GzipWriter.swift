import CMedPrepZlib
package import MedPrepCore
import MedPrepKernels

/// Writes one gzip member whose blocks of 1 MiB are compressed in parallel: without a name, without a time, the
/// same bytes for any number of workers and any cut of the writes.
///
///     1f 8b 08 00  00 00 00 00  00 ff · block, full flush · block, full flush · … · 03 00 · CRC-32 · length mod 2^32
///
/// Memory: two blocks a worker, in and out. RFC 1952 section 2.3.
package struct GzipWriter: ~Copyable {
    package static let blockSize = 1 << 20

    /// CRC-32 and count of the bytes that came in and were compressed; whole after `finish`.
    package private(set) var crc32: UInt32 = 0
    package private(set) var count = 0

    private let workers: Workers
    private let compressors: [BlockCompressor]
    private let pending: UnsafeMutableRawBufferPointer
    private var pendingCount = 0
    private var hasBegun = false

    package init(_ compression: Compression, _ workers: Workers) {
        self.workers = workers
        compressors = (0..<2 * workers.count).map { _ in
            BlockCompressor(compression, blockSize: Self.blockSize)
        }
        pending = .allocate(byteCount: compressors.count * Self.blockSize, alignment: 16)
    }

    deinit { pending.deallocate() }

    package mutating func write(_ bytes: UnsafeRawBufferPointer, to file: inout AtomicFile) throws(FileError)
    {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = rest.prefix(pending.count - pendingCount)
            rest = rest[part.endIndex...]
            if part.count == pending.count {
                // A large write is compressed where it lies.
                try compress(UnsafeRawBufferPointer(rebasing: part), to: &file)
                continue
            }
            UnsafeMutableRawBufferPointer(rebasing: pending[pendingCount...])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: part))
            pendingCount += part.count
            if pendingCount == pending.count { try compressPending(to: &file) }
        }
    }

    /// Compresses what is left and ends the member. Nothing may be written after it.
    package mutating func finish(to file: inout AtomicFile) throws(FileError) {
        try compressPending(to: &file)
        // An empty last block, then the trailer.
        var trailer: [UInt8] = [0x03, 0x00]
        withUnsafeBytes(of: crc32.littleEndian) { trailer += $0 }
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: count).littleEndian) { trailer += $0 }
        try Self.write(trailer, to: &file)
    }

    private mutating func compressPending(to file: inout AtomicFile) throws(FileError) {
        let bytes = UnsafeRawBufferPointer(rebasing: pending[..<pendingCount])
        pendingCount = 0
        try compress(bytes, to: &file)
    }

    private mutating func compress(_ bytes: UnsafeRawBufferPointer, to file: inout AtomicFile)
        throws(FileError)
    {
        if !hasBegun { try Self.write([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff], to: &file) }
        hasBegun = true
        let blockCount = (bytes.count + Self.blockSize - 1) / Self.blockSize
        let compressors = compressors
        forEachIndex(blockCount, workers) { index in
            let first = index * Self.blockSize
            let block = bytes[first..<min(first + Self.blockSize, bytes.count)]
            compressors[index].compress(UnsafeRawBufferPointer(rebasing: block))
        }
        for block in compressors.prefix(blockCount) {
            try file.write(block.bytes)
            crc32 = UInt32(
                truncatingIfNeeded: crc32_combine(UInt(crc32), UInt(block.crc32), block.inputCount))
            count += block.inputCount
        }
    }

    private static func write(_ bytes: [UInt8], to file: inout AtomicFile) throws(FileError) {
        // A typed throw does not pass `withUnsafeBytes`.
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(FileError) in try file.write(buffer) }
        }
        try result.get()
    }
}
