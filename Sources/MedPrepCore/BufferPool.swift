internal import Glibc

/// The memory of large tensors and work buffers: fresh from the system, kept after use for the next tensor.
///
/// Touching fresh memory costs more than the arithmetic of most steps: 2 ns a value in pages of 4 KiB, 0.3 in huge pages,
/// nothing where a buffer is used again. So memory is mapped as whole huge pages, and what a buffer leaves of its last one is
/// there for the next buffer. (A virtual machine that returned its free memory to the host gets either back page by page; huge
/// pages are then no slower than small ones.)
final class BufferPool: @unchecked Sendable {
    // Guarded by `mutex`, which is never held while memory is touched, mapped or given back.
    private var pages = IdlePages(slack: 2 * hugePage)
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
        if let fresh = mapped(size) { return fresh }
        removeAll()
        if let fresh = mapped(size) { return fresh }
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

    /// Takes back the whole pages of `memory` that lie before `place`.
    ///
    /// - Returns: the memory that is left, for `release` with as many bytes fewer.
    func releaseBeginning(
        of memory: UnsafeMutableRawPointer, before place: UnsafeMutableRawPointer
    ) -> UnsafeMutableRawPointer {
        let bytes = (place - memory) / Self.page * Self.page
        if bytes > 0 { release(memory, bytes) }
        return memory + bytes
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

    private static func rounded(_ bytes: Int, to unit: Int = page) -> Int { (bytes + unit - 1) / unit * unit }

    /// The end of fresh memory, whose beginning is kept; nil where the system refuses.
    private func mapped(_ size: Int) -> UnsafeMutableRawPointer? {
        let whole = Self.rounded(size, to: Self.hugePage)
        guard let fresh = Self.map(whole) else { return nil }
        let start = UInt(bitPattern: fresh)
        if size < whole {
            giveBack(
                change { pages in
                    pages.keep(start..<start + UInt(whole - size))
                    return pages.removeExcess()
                })
        }
        return fresh + (whole - size)
    }

    /// Fresh memory, of huge pages where the system has them; nil where it refuses.
    ///
    /// - Parameter size: a multiple of a huge page's.
    private static func map(_ size: Int) -> UnsafeMutableRawPointer? {
        // Huge pages begin at multiples of their size: as much more is mapped, and what is beside them given back.
        let memory = mmap(nil, size + hugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard memory != MAP_FAILED, let memory else { return nil }
        let start = memory.alignedUp(toMultipleOf: hugePage)
        let before = start - memory
        if before > 0 { munmap(memory, before) }
        if before < hugePage { munmap(start + size, hugePage - before) }
        madvise(start, size, MADV_HUGEPAGE)
        return start
    }
}
