import Dispatch
package import MedPrepCore

/// Calls `body` once for each index, on at most `workers` threads at one time. Which thread takes an index never
/// shows in a result: bodies write to places of their own, and sums are joined by index afterwards.
package func forEachIndex(_ count: Int, _ workers: Workers, _ body: (Int) -> Void) {
    let threads = min(workers.count, count)
    if threads <= 1 {
        for index in 0..<max(count, 0) { body(index) }
        return
    }
    // concurrentPerform returns before `body` ends its life, and each index is taken by one thread.
    nonisolated(unsafe) let body = body
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
        for index in stride(from: thread, to: count, by: threads) { body(index) }
    }
}

extension Tensor {
    /// Changes the values in place, slab by slab.
    package mutating func forEachSlab(_ workers: Workers, _ body: (UnsafeMutableBufferPointer<Float>) -> Void)
    {
        forEachIndexedSlab(workers) { _, slab in body(slab) }
    }

    /// The same; `body` is told which slab it is.
    mutating func forEachIndexedSlab(
        _ workers: Workers, _ body: (_ index: Int, UnsafeMutableBufferPointer<Float>) -> Void
    ) {
        let slabs = shape.slabs
        withUnsafeMutableValues { values in
            // Slabs do not overlap, so threads never share a value.
            nonisolated(unsafe) let values = values
            forEachIndex(slabs.count, workers) { index in
                body(index, UnsafeMutableBufferPointer(rebasing: values[slabs[index]]))
            }
        }
    }

    /// One result for each slab, in slab order.
    package func mapSlabs<Result>(
        _ workers: Workers, _ body: (Int, UnsafeBufferPointer<Float>) -> Result
    ) -> [Result] {
        withUnsafeValues { MedPrepKernels.mapSlabs(of: $0, shape, workers, body) }
    }
}

/// The same for values of any type.
func mapSlabs<Element, Result>(
    of values: UnsafeBufferPointer<Element>, _ shape: Shape, _ workers: Workers,
    _ body: (Int, UnsafeBufferPointer<Element>) -> Result
) -> [Result] {
    let slabs = shape.slabs
    return Array(unsafeUninitializedCapacity: slabs.count) { results, initialized in
        // Each index is written once.
        nonisolated(unsafe) let (results, values) = (results, values)
        forEachIndex(slabs.count, workers) { index in
            let slab = UnsafeBufferPointer(rebasing: values[slabs[index]])
            (results.baseAddress! + index).initialize(to: body(index, slab))
        }
        initialized = slabs.count
    }
}

extension Slabs {
    /// Which slabs one sample is cut into.
    func indices(ofSample sample: Int) -> Range<Int> { sample * perSample..<(sample + 1) * perSample }
}
