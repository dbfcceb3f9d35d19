import CMedPrepZlib
package import MedPrepCore
import MedPrepKernels

/// Writes one gzip member whose blocks of 1 MiB are compressed in parallel: without a name, without a time, the
/// same bytes for any number of workers and any cut of the writes.
///
///     1f 8b 08 00  00 00 00 00  00 ff · block, full flush · block, full flush · … · 03 00 · CRC-32 · length mod 2^32
///
/// Blocks go to the file while others are compressed. Memory: up to two blocks a worker, in and out, and one that
/// waits to be full. RFC 1952 section 2.3.
package struct GzipWriter: ~Copyable {
    package static let blockSize = 1 << 20

    /// CRC-32 and count of the bytes that came in and were compressed; whole after `finish`.
    package private(set) var crc32: UInt32 = 0
    package private(set) var count = 0

    private let workers: Workers
    private let compressors: [BlockCompressor]
    private let room = PooledMemory(Self.blockSize)
    private var pending: UnsafeMutableRawBufferPointer { room.bytes }
    private var pendingCount = 0
    private var hasBegun = false

    package init(_ compression: Compression, _ workers: Workers) {
        self.workers = workers
        compressors = (0..<pieceSlots(.max, workers)).map { _ in
            BlockCompressor(compression, blockSize: Self.blockSize)
        }
    }

    /// Whole blocks are compressed where they lie; bytes are copied only where a block has several writes.
    ///
    /// - Parameter isLast: nothing follows, so the last block need not wait to be full.
    package mutating func write(
        count: Int, isLast: Bool = false, to file: inout AtomicFile, _ bytes: ByteSource
    ) throws(FileError) {
        var start = 0
        if pendingCount > 0 {
            start = min(count, Self.blockSize - pendingCount)
            keep(0..<start, of: bytes)
        }
        let isFull = pendingCount == Self.blockSize
        if isFull || pendingCount == 0 {
            let rest = count - start
            let whole = isLast ? rest : rest / Self.blockSize * Self.blockSize
            try compress(start..<start + whole, of: bytes, to: &file)
            start += whole
        }
        if start < count { keep(start..<count, of: bytes) }
    }

    /// Compresses what is left and ends the member. Nothing may be written after it.
    package mutating func finish(to file: inout AtomicFile) throws(FileError) {
        try compress(0..<0, of: { _, scratch in UnsafeRawBufferPointer(scratch) }, to: &file)
        // An empty last block, then the trailer.
        var trailer: [UInt8] = [0x03, 0x00]
        withUnsafeBytes(of: crc32.littleEndian) { trailer += $0 }
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: count).littleEndian) { trailer += $0 }
        try Self.write(trailer, to: &file)
    }

    private mutating func keep(_ range: Range<Int>, of bytes: ByteSource) {
        let end = pendingCount + range.count
        let place = UnsafeMutableRawBufferPointer(rebasing: pending[pendingCount..<end])
        let made = bytes(range, place)
        if made.baseAddress != UnsafeRawPointer(place.baseAddress) { place.copyMemory(from: made) }
        pendingCount = end
    }

    /// The block that waits, if any, and those of the range.
    private mutating func compress(
        _ range: Range<Int>, of bytes: ByteSource, to file: inout AtomicFile
    ) throws(FileError) {
        if !hasBegun { try Self.write([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff], to: &file) }
        hasBegun = true
        let waiting = UnsafeRawBufferPointer(rebasing: pending[..<pendingCount])
        let first = waiting.isEmpty ? 0 : 1
        let blockCount = first + (range.count + Self.blockSize - 1) / Self.blockSize
        let compressors = compressors
        var (crc, total) = (crc32, count)
        try forEachInTurn(
            blockCount, workers,
            work: { (piece, slot) in
                if piece < first { return compressors[slot].compress(waiting) }
                let start = range.lowerBound + (piece - first) * Self.blockSize
                let block = start..<min(start + Self.blockSize, range.upperBound)
                let scratch = compressors[slot].input[..<block.count]
                compressors[slot].compress(bytes(block, UnsafeMutableRawBufferPointer(rebasing: scratch)))
            },
            give: { (_, slot) throws(FileError) in
                let block = compressors[slot]
                try file.write(block.bytes)
                crc = joinedCRC(crc, block.crc32, secondLength: block.inputCount)
                total += block.inputCount
            })
        (crc32, count, pendingCount) = (crc, total, 0)
    }

    private static func write(_ bytes: [UInt8], to file: inout AtomicFile) throws(FileError) {
        // A typed throw does not pass `withUnsafeBytes`.
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(FileError) in try file.write(buffer) }
        }
        try result.get()
    }
}
