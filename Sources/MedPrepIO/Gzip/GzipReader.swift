import CMedPrepISAL
import MedPrepCore

/// Decodes a gzip file as it streams by: any number of members, each with its CRC-32 and length checked.
///
/// Zeros behind the last member are padding; anything else there is an error. RFC 1952; ISA-L inflates.
package struct GzipReader: ~Copyable {
    /// Bytes decoded so far.
    package private(set) var decoded = 0
    /// Of the members before the one that is read now.
    private var earlier: (crc32: UInt32, count: Int) = (0, 0)

    private let state = UnsafeMutablePointer<inflate_state>.allocate(capacity: 1)
    private let room: PooledMemory
    private var input: UnsafeMutableRawBufferPointer { room.bytes }
    private var phase = Phase.between
    private var started = false
    /// Bytes of the file read so far.
    private var taken = 0

    private enum Phase {
        case between, member, end
        case failed(GzipError)
    }

    package init(inputSize: Int = 256 << 10) {
        precondition(inputSize >= 2 && inputSize <= 1 << 30, "two bytes tell a member")
        room = PooledMemory(inputSize)
        isal_inflate_init(state)
        (state.pointee.next_in, state.pointee.avail_in) = (nil, 0)
    }

    deinit {
        state.deallocate()
    }

    /// CRC-32 of the bytes decoded so far. ISA-L sums each member up, to hold it against the trailer; so nobody has
    /// to go over the bytes again.
    package var crc32: UInt32 {
        started ? joinedCRC(earlier.crc32, state.pointee.crc, secondLength: decoded - earlier.count) : 0
    }

    /// Fills the buffer unless the stream ends. Only a count below the buffer's says that the trailer was checked.
    package mutating func read(
        into buffer: UnsafeMutableRawBufferPointer, from file: borrowing InputFile
    ) throws(ByteReaderError) -> Int {
        var filled = 0
        while filled < buffer.count {
            switch phase {
            case .end: return filled
            case .failed(let error): throw .gzip(error)
            case .between: try nextMember(file)
            case .member:
                if state.pointee.avail_in == 0 {
                    try refill(file)
                    if state.pointee.avail_in == 0 {
                        throw fail(.truncated(fileSize: file.size, decoded: decoded))
                    }
                }
                filled += try inflate(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
            }
        }
        return filled
    }

    private mutating func inflate(into buffer: UnsafeMutableRawBufferPointer) throws(ByteReaderError) -> Int {
        let room = UInt32(min(buffer.count, 1 << 30))
        state.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
        state.pointee.avail_out = room
        let result = isal_inflate(state)
        let count = Int(room - state.pointee.avail_out)
        decoded += count
        switch result {
        case 0...: break
        case ISAL_INCORRECT_CHECKSUM: throw fail(.checksum(decoded: decoded))
        case ISAL_INVALID_WRAPPER: throw fail(.damaged(.header, decoded: decoded))
        case ISAL_UNSUPPORTED_METHOD: throw fail(.damaged(.method, decoded: decoded))
        case ISAL_INVALID_SYMBOL: throw fail(.damaged(.symbol, decoded: decoded))
        case ISAL_INVALID_LOOKBACK: throw fail(.damaged(.distance, decoded: decoded))
        default: throw fail(.damaged(.block, decoded: decoded))
        }
        if state.pointee.block_state == ISAL_BLOCK_FINISH { phase = .between }
        return count
    }

    /// Looks at what follows a member before ISA-L takes it for a header.
    private mutating func nextMember(_ file: borrowing InputFile) throws(ByteReaderError) {
        // ISA-L stumbles over names and extra fields that come in pieces; now the header is in one.
        if unread.count < max(input.count / 4, 2) { try refill(file) }
        let unread = unread
        if unread.isEmpty, started {
            phase = .end
        } else if unread.count >= 2, unread[0] == 0x1f, unread[1] == 0x8b {
            // RFC 1952, 2.3.1.2: a reserved flag may mean a field that we would take for blocks. ISA-L lets it pass.
            if unread.count >= 4, unread[3] & 0xe0 != 0 { throw fail(.damaged(.header, decoded: decoded)) }
            earlier = (crc32, decoded)
            isal_inflate_reset(state)
            state.pointee.crc_flag = UInt32(ISAL_GZIP)
            (phase, started) = (.member, true)
        } else if started {
            try skipPadding(file)
        } else if unread.count < 2 {
            throw fail(.truncated(fileSize: file.size, decoded: 0))
        } else {
            throw fail(.damaged(.header, decoded: 0))
        }
    }

    private mutating func skipPadding(_ file: borrowing InputFile) throws(ByteReaderError) {
        let behind = file.size - (taken - unread.count)
        while state.pointee.avail_in > 0 {
            if unread.contains(where: { $0 != 0 }) { throw fail(.trailing(count: max(behind, 1))) }
            state.pointee.avail_in = 0
            try refill(file)
        }
        phase = .end
    }

    private var unread: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: state.pointee.next_in, count: Int(state.pointee.avail_in))
    }

    /// Moves the unread bytes to the front and fills up behind them.
    private mutating func refill(_ file: borrowing InputFile) throws(ByteReaderError) {
        let kept = unread.count
        input.copyMemory(from: unread)
        do {
            let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: input[kept...]))
            taken += count
            state.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
            state.pointee.avail_in = UInt32(kept + count)
        } catch {
            throw .file(error)
        }
    }

    /// Remembers the error: a stream that failed once is not read on.
    private mutating func fail(_ error: GzipError) -> ByteReaderError {
        phase = .failed(error)
        return .gzip(error)
    }
}
