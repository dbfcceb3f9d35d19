internal import Glibc

/// Calls `body` with room for `count` values, of any content. Large room comes from the pool, so what is needed again and
/// again finds its pages in place.
package func withScratch<Value: BitwiseCopyable, Result, Failure>(
    of type: Value.Type, count: Int, _ body: (UnsafeMutableBufferPointer<Value>) throws(Failure) -> Result
) throws(Failure) -> Result {
    let bytes = count * MemoryLayout<Value>.stride
    if let memory = BufferPool.shared.take(bytes) {
        defer { BufferPool.shared.release(memory, bytes) }
        return try body(
            UnsafeMutableBufferPointer(start: memory.bindMemory(to: type, capacity: count), count: count))
    }
    let room = UnsafeMutableBufferPointer<Value>.allocate(capacity: count)
    defer { room.deallocate() }
    return try body(room)
}

/// The memory of large tensors: fresh from the system, kept after use for the next tensor.
///
/// Touching fresh memory costs more than the arithmetic of most steps: 2 ns a value in pages of 4 KiB, 0.3 in huge pages,
/// nothing where a buffer is used again. (A virtual machine that returned its free memory to the host gets either back
/// page by page; huge pages are then no slower than small ones.)
final class BufferPool: @unchecked Sendable {
    // Guarded by `mutex`, which is never held while memory is touched, mapped or given back.
    private var pages = IdlePages()
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    /// False under AddressSanitizer, which sees the ends of its own buffers only.
    private let isUsed: Bool

    /// Tensors have no owner that could hand them a pool, so there is one for the process.
    static let shared = BufferPool()

    /// Smaller buffers are the allocator's.
    static let smallest = 1 << 18
    private static let page = 1 << 16
    private static let hugePage = 1 << 21

    private init() {
        pthread_mutex_init(mutex, nil)
        isUsed = dlsym(nil, "__asan_init") == nil
        // A child must not find the mutex held by a thread that it does not have.
        pthread_atfork(
            { pthread_mutex_lock(BufferPool.shared.mutex) },
            { pthread_mutex_unlock(BufferPool.shared.mutex) },
            { pthread_mutex_unlock(BufferPool.shared.mutex) })
    }

    /// Memory for at least `bytes`, with any content; nil where the allocator should answer.
    func take(_ bytes: Int) -> UnsafeMutableRawPointer? {
        guard isUsed, bytes >= Self.smallest, bytes < 1 << 46 else { return nil }
        let size = Self.rounded(bytes)
        let (start, excess) = change { pages in
            let start = pages.take(size)
            return (start, start == nil ? pages.removeExcess() : [])
        }
        giveBack(excess)
        if let start { return UnsafeMutableRawPointer(bitPattern: start) }
        if let fresh = Self.map(size) { return fresh }
        removeAll()
        if let fresh = Self.map(size) { return fresh }
        change { $0.forget(size) }
        return nil
    }

    /// Takes back what `take(bytes)` gave.
    func release(_ memory: UnsafeMutableRawPointer, _ bytes: Int) {
        let start = UInt(bitPattern: memory)
        giveBack(
            change { pages in
                pages.add(start..<start + UInt(Self.rounded(bytes)))
                return pages.removeExcess()
            })
    }

    /// Takes back the end of what `take(before)` gave; `release` will be told of `after` bytes.
    func shrink(_ memory: UnsafeMutableRawPointer, from before: Int, to after: Int) {
        let kept = Self.rounded(after)
        if kept < Self.rounded(before) { release(memory + kept, Self.rounded(before) - kept) }
    }

    /// Gives everything that is not in use back to the system.
    func removeAll() { giveBack(change { $0.removeAll() }) }

    private func giveBack(_ ranges: [Range<UInt>]) {
        for range in ranges
        where munmap(UnsafeMutableRawPointer(bitPattern: range.lowerBound), range.count) != 0 {
            change { $0.keep(range) }
        }
    }

    private func change<Result>(_ body: (inout IdlePages) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&pages)
    }

    private static func rounded(_ bytes: Int) -> Int { (bytes + page - 1) / page * page }

    /// Fresh memory, of huge pages where the system has them; nil where it refuses.
    private static func map(_ size: Int) -> UnsafeMutableRawPointer? {
        // Huge pages begin at multiples of their size: as much more is mapped, and what is beside them given back.
        let slack = size < hugePage ? 0 : hugePage
        let memory = mmap(nil, size + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard memory != MAP_FAILED, let memory else { return nil }
        if slack == 0 { return memory }
        let start = memory.alignedUp(toMultipleOf: hugePage)
        let before = start - memory
        if before > 0 { munmap(memory, before) }
        if before < slack { munmap(start + size, slack - before) }
        madvise(start, size, MADV_HUGEPAGE)
        return start
    }
}
