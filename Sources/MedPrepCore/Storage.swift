internal import Glibc

/// Owns the values of one or more tensors.
///
/// Whole numbers of a file wait in the last bytes of the room that their Floats will take, so they become Floats where
/// they lie, and memory that nobody asks for is never touched. What is kept of a room is its end for the same reason.
final class Storage: @unchecked Sendable {
    // Guarded by value semantics: values are changed only by a tensor that holds the sole reference. `stored` is guarded by
    // `mutex`.
    private var room: UnsafeMutableBufferPointer<Float>
    private var memory: PooledMemory
    /// The type of the numbers that wait.
    private var stored: ElementType?
    /// nil: nothing ever waited here.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>?

    /// - Parameter type: of the numbers that the room is filled with; nil: Floats.
    init(count: Int, storing type: ElementType? = nil) {
        precondition(
            type?.isShort != false, "numbers of type \(type?.rawValue ?? "") are not kept as they are")
        // A line more, so that what is kept begins at a whole one.
        memory = PooledMemory(count * MemoryLayout<Float>.stride + Self.line)
        room = UnsafeMutableBufferPointer(rebasing: memory.bytes.bindMemory(to: Float.self)[..<count])
        stored = type
        mutex = type.map { _ in .allocate(capacity: 1) }
        if let mutex { pthread_mutex_init(mutex, nil) }
    }

    convenience init(copying other: Storage) {
        self.init(count: other.room.count)
        _ = room.initialize(from: other.values)
    }

    deinit {
        if let mutex {
            pthread_mutex_destroy(mutex)
            mutex.deallocate()
        }
    }

    /// The values, as Floats from now on.
    var values: UnsafeMutableBufferPointer<Float> {
        if let mutex {
            pthread_mutex_lock(mutex)
            defer { pthread_mutex_unlock(mutex) }
            if let type = stored {
                becomeFloats(type)
                stored = nil
            }
        }
        return room
    }

    var isStored: Bool {
        var isStored = false
        lend { _, _ in isStored = true }
        return isStored
    }

    /// Calls `body` with the numbers that wait, which wait as long as it takes.
    func lend(_ body: (ElementType, UnsafeRawBufferPointer) -> Void) {
        guard let mutex else { return }
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if let type = stored { body(type, UnsafeRawBufferPointer(storedBytes(type))) }
    }

    /// Where numbers of this type wait.
    func storedBytes(_ type: ElementType) -> UnsafeMutableRawBufferPointer {
        let bytes = UnsafeMutableRawBufferPointer(room)
        return UnsafeMutableRawBufferPointer(rebasing: bytes[(bytes.count - room.count * type.size)...])
    }

    /// Keeps `count` values, which `body` moves: see `Tensor.shrinkInPlace`.
    func shrink(to count: Int, moving body: (UnsafeRawPointer, UnsafeMutableRawPointer, Int) -> Void) {
        if let mutex { pthread_mutex_lock(mutex) }
        defer { if let mutex { pthread_mutex_unlock(mutex) } }
        guard let start = UnsafeMutableRawPointer(room.baseAddress), let all = memory.bytes.baseAddress
        else { return }
        let stride = MemoryLayout<Float>.stride
        let size = stored?.size ?? stride
        // Never farther in front, or values would be written over before they are read.
        let first = start + (room.count - count) * stride
        let line = first.alignedUp(toMultipleOf: Self.line)
        let place = line + count * stride <= all + memory.bytes.count ? line : first
        body(start + room.count * (stride - size), place + count * (stride - size), size)
        memory.releaseBeginning(before: place)
        room = UnsafeMutableBufferPointer(
            start: place.bindMemory(to: Float.self, capacity: count), count: count)
    }

    /// Bytes of a cache line.
    private static let line = 64

    private func becomeFloats(_ type: ElementType) {
        let bytes = UnsafeRawBufferPointer(storedBytes(type))
        switch type {
        case .uint8: convert(bytes, as: UInt8.self) { Float($0) }
        case .int8: convert(bytes, as: Int8.self) { Float($0) }
        case .uint16: convert(bytes, as: UInt16.self) { Float($0) }
        default: convert(bytes, as: Int16.self) { Float($0) }
        }
    }

    /// From the front: a Float is written over numbers that were read before. They are read a block at a time, to where no
    /// Float is written.
    private func convert<Stored: BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer, as: Stored.Type, _ float: (Stored) -> Float
    ) {
        let size = MemoryLayout<Stored>.size
        guard let numbers = bytes.baseAddress, let floats = room.baseAddress else { return }
        withUnsafeTemporaryAllocation(of: Stored.self, capacity: 4096) { block in
            guard let block = block.baseAddress else { return }
            for first in stride(from: 0, to: room.count, by: 4096) {
                let count = min(4096, room.count - first)
                UnsafeMutableRawPointer(block).copyMemory(
                    from: numbers + first * size, byteCount: count * size)
                let place = floats + first
                for i in 0..<count { place[i] = float(block[i]) }
            }
        }
    }
}
