/// Calls `body` with room for `count` values, of any content. Large room comes from the pool, so what is needed again and
/// again finds its pages in place.
package func withScratch<Value: BitwiseCopyable, Result, Failure>(
    of type: Value.Type, count: Int, _ body: (UnsafeMutableBufferPointer<Value>) throws(Failure) -> Result
) throws(Failure) -> Result {
    let memory = PooledMemory(count * MemoryLayout<Value>.stride)
    return try body(memory.bytes.bindMemory(to: type))
}

/// Bytes of any content, at a multiple of 64; large ones come from the pool. They go with their owner.
package struct PooledMemory: ~Copyable {
    package private(set) var bytes: UnsafeMutableRawBufferPointer
    private let isPooled: Bool

    package init(_ count: Int) {
        if let memory = BufferPool.shared.take(count) {
            (bytes, isPooled) = (UnsafeMutableRawBufferPointer(start: memory, count: count), true)
        } else {
            (bytes, isPooled) = (.allocate(byteCount: count, alignment: 64), false)
        }
    }

    deinit {
        if isPooled, let memory = bytes.baseAddress {
            BufferPool.shared.release(memory, bytes.count)
        } else {
            bytes.deallocate()
        }
    }

    /// Gives back what the pool can use of the bytes before `place`, which lies within.
    mutating func releaseBeginning(before place: UnsafeMutableRawPointer) {
        guard isPooled, let memory = bytes.baseAddress else { return }
        let left = BufferPool.shared.releaseBeginning(of: memory, before: place)
        bytes = UnsafeMutableRawBufferPointer(rebasing: bytes[(left - memory)...])
    }
}
