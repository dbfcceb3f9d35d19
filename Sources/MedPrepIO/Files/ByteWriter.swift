import CMedPrepISAL
package import MedPrepCore
import MedPrepKernels

/// The bytes of a range: a view of memory that stays, or what the call puts into the scratch buffer, which has room
/// for just as many. Any thread may ask, for any range, in any order.
package typealias ByteSource = (Range<Int>, _ scratch: UnsafeMutableRawBufferPointer) ->
    UnsafeRawBufferPointer

/// Writes a file, plain or gzip, that appears whole or not at all: the counterpart of `ByteReader`.
package struct ByteWriter: ~Copyable {
    private var file: AtomicFile
    private var gzip: GzipWriter?
    private var plainCRC32: UInt32 = 0
    private let workers: Workers

    /// `compression` nil: a plain file.
    package init(
        path: ScanPath, compression: Compression? = nil, workers: Workers = .one
    ) throws(FileError) {
        file = try AtomicFile(path)
        gzip = compression.map { GzipWriter($0, workers) }
        self.workers = workers
    }

    /// Bytes 0 ..< `count` of the source, made and compressed by all workers while earlier ones are written.
    ///
    /// - Parameter isLast: nothing follows but `commit`.
    package mutating func write(count: Int, isLast: Bool = false, _ bytes: ByteSource) throws(FileError) {
        if try gzip?.write(count: count, isLast: isLast, to: &file, bytes) == nil {
            try writePlain(count, bytes)
        }
    }

    package mutating func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        try write(count: bytes.count) { range, _ in UnsafeRawBufferPointer(rebasing: bytes[range]) }
    }

    package mutating func write(_ bytes: [UInt8]) throws(FileError) {
        // A typed throw does not pass `withUnsafeBytes`.
        try bytes.withUnsafeBytes { buffer in Result { () throws(FileError) in try write(buffer) } }.get()
    }

    private mutating func writePlain(_ count: Int, _ bytes: ByteSource) throws(FileError) {
        let pieceSize = min(Self.plainPieceSize, max(count, 1))
        let pieceCount = (count + pieceSize - 1) / pieceSize
        let slots = pieceSlots(pieceCount, workers)
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: slots * pieceSize, alignment: 64)
        let made = UnsafeMutableBufferPointer<(bytes: UnsafeRawBufferPointer, crc32: UInt32)>
            .allocate(capacity: slots)
        defer {
            scratch.deallocate()
            made.deallocate()
        }
        // Each slot is one thread's at a time.
        nonisolated(unsafe) let (places, pieces) = (scratch, made)
        var crc = plainCRC32
        try forEachInTurn(
            pieceCount, workers,
            work: { (piece, slot) in
                let range = piece * pieceSize..<min((piece + 1) * pieceSize, count)
                let place = places[slot * pieceSize..<slot * pieceSize + range.count]
                let piece = bytes(range, UnsafeMutableRawBufferPointer(rebasing: place))
                (pieces.baseAddress! + slot).initialize(
                    to: (piece, crc32_gzip_refl(0, piece.baseAddress, UInt64(piece.count))))
            },
            give: { (_, slot) throws(FileError) in
                let piece = pieces[slot]
                try file.write(piece.bytes)
                crc = joinedCRC(crc, piece.crc32, secondLength: piece.bytes.count)
            })
        plainCRC32 = crc
    }

    /// A core's second cache holds a piece and what it is made from.
    private static let plainPieceSize = 256 << 10

    /// Ends the file and gives it its name. Without it nothing stays.
    package consuming func commit() throws(FileError) -> Written {
        try gzip?.finish(to: &file)
        let written = Written(
            fileSize: file.size, byteCount: gzip?.count ?? file.size, crc32: gzip?.crc32 ?? plainCRC32)
        try file.commit()
        return written
    }

    /// What a finished file holds.
    package struct Written: Hashable, Sendable {
        /// Bytes on disk.
        package let fileSize: Int
        /// Bytes before compression, and their CRC-32.
        package let byteCount: Int
        package let crc32: UInt32
    }
}
