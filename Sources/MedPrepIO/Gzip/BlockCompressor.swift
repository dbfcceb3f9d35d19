import CMedPrepISAL
import CMedPrepZlib
import MedPrepCore

/// Deflates one block after another, each on its own: no block needs another to be read, so any thread may make it.
///
/// A block ends with a full flush: at a whole byte, open for the next one.
final class BlockCompressor {
    private(set) var crc32: UInt32 = 0
    private(set) var inputCount = 0
    private var outputCount = 0
    private let codec: Codec
    private let memory: PooledMemory
    private let output: UnsafeMutableRawBufferPointer
    /// Room for a block that has to be made first.
    let input: UnsafeMutableRawBufferPointer

    private enum Codec {
        case isal(
            UnsafeMutablePointer<isal_zstream>, level: UInt32, buffer: UnsafeMutableBufferPointer<UInt8>)
        case zlib(UnsafeMutablePointer<z_stream>)
    }

    /// Precondition: a zlib level is in 1…9.
    init(_ compression: Compression, blockSize: Int) {
        switch compression {
        case .fast: codec = Self.isal(level: 1, bufferSize: level1BufferSize)
        case .balanced: codec = Self.isal(level: 2, bufferSize: level2BufferSize)
        case .none: codec = Self.zlib(level: 0)
        case .level(let level):
            precondition((1...9).contains(level), "zlib has the levels 1 to 9, not \(level)")
            codec = Self.zlib(level: Int32(level))
        }
        // Noise grows a little: by 100 bytes a block.
        memory = PooledMemory(2 * blockSize + blockSize / 8 + 4096)
        input = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[..<blockSize])
        output = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[blockSize...])
    }

    deinit {
        switch codec {
        case .isal(let stream, _, let buffer):
            stream.deallocate()
            buffer.deallocate()
        case .zlib(let stream):
            deflateEnd(stream)
            stream.deallocate()
        }
    }

    /// The deflated form of the last block.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: output[..<outputCount]) }

    func compress(_ block: UnsafeRawBufferPointer) {
        inputCount = block.count
        crc32 = crc32_gzip_refl(0, block.baseAddress, UInt64(block.count))
        // Both libraries ask for a mutable pointer and only read.
        let input = UnsafeMutableRawPointer(mutating: block.baseAddress)?.assumingMemoryBound(to: UInt8.self)
        let room = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        let (inputLeft, roomLeft, result): (UInt32, UInt32, Int32)
        switch codec {
        case .isal(let stream, let level, let buffer):
            isal_deflate_init(stream)
            stream.pointee.gzip_flag = UInt16(IGZIP_DEFLATE)
            (stream.pointee.flush, stream.pointee.end_of_stream) = (UInt16(FULL_FLUSH), 0)
            (stream.pointee.level, stream.pointee.level_buf) = (level, buffer.baseAddress)
            stream.pointee.level_buf_size = UInt32(buffer.count)
            (stream.pointee.next_in, stream.pointee.avail_in) = (input, UInt32(block.count))
            (stream.pointee.next_out, stream.pointee.avail_out) = (room, UInt32(output.count))
            if let first = block.first { Self.begin(stream, with: first) }
            result = isal_deflate(stream)
            (inputLeft, roomLeft) = (stream.pointee.avail_in, stream.pointee.avail_out)
        case .zlib(let stream):
            deflateReset(stream)
            (stream.pointee.next_in, stream.pointee.avail_in) = (input, UInt32(block.count))
            (stream.pointee.next_out, stream.pointee.avail_out) = (room, UInt32(output.count))
            result = deflate(stream, Z_FULL_FLUSH)
            (inputLeft, roomLeft) = (stream.pointee.avail_in, stream.pointee.avail_out)
        }
        precondition(result == 0 && inputLeft == 0 && roomLeft > 0, "a block was not compressed whole")
        outputCount = output.count - Int(roomLeft)
    }

    private static func isal(level: UInt32, bufferSize: Int) -> Codec {
        let stream = UnsafeMutablePointer<isal_zstream>.allocate(capacity: 1)
        return .isal(stream, level: level, buffer: .allocate(capacity: bufferSize))
    }

    /// Stores the first byte and makes it ISA-L's dictionary, so that the bytes are the same on every run.
    ///
    /// Without a history ISA-L 2.30 (`.write_first_byte` in igzip_icf_body_h1_gr_bt.asm) enters the third byte in its
    /// hash table at a place made from the address of the stream.
    ///
    ///     00 · 01 00 · fe ff · first byte
    private static func begin(_ stream: UnsafeMutablePointer<isal_zstream>, with first: UInt8) {
        let stored = [0, 1, 0, 0xfe, 0xff, first]
        stream.pointee.next_out.update(from: stored, count: stored.count)
        stream.pointee.next_out += stored.count
        stream.pointee.avail_out -= UInt32(stored.count)
        let result = isal_deflate_set_dict(stream, stream.pointee.next_in, 1)
        precondition(result == COMP_OK, "a stream that has just begun takes a dictionary")
        stream.pointee.next_in += 1
        stream.pointee.avail_in -= 1
    }

    private static func zlib(level: Int32) -> Codec {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // A window of 2^15 bytes; negative: deflate without a wrapper.
        let result = deflateInit2_(
            stream, level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(result == Z_OK, "zlib cannot begin")
        return .zlib(stream)
    }
}
