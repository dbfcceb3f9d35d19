package import MedPrepCore

/// The finite, selected values of one channel of one sample, swept slab by slab without a copy of them.
///
/// It shares the tensor's storage: let it go before the tensor is changed in place.
package struct ChannelValues: Sendable {
    private let tensor: Tensor
    private let sample: Int
    private let channel: Int
    private let selection: VoxelSelection
    let workers: Workers
    /// Values outside do not count.
    package var limits = -Float.greatestFiniteMagnitude...Float.greatestFiniteMagnitude

    /// - Precondition: a mask has one channel and this tensor's samples and extent.
    package init(
        _ tensor: Tensor, sample: Int = 0, channel: Int = 0, where selection: VoxelSelection = .all,
        _ workers: Workers
    ) {
        precondition(selection.fits(tensor.shape), "a mask of another shape than \(tensor.shape)")
        (self.tensor, self.sample, self.channel) = (tensor, sample, channel)
        (self.selection, self.workers) = (selection, workers)
    }

    /// How many slabs the sample has; the index of `onSlab` runs below it.
    var slabCount: Int { tensor.shape.slabs.perSample }

    /// Calls `body` with the values of one slab, in index order.
    func onSlab<Result>(_ index: Int, _ body: (UnsafeMutableBufferPointer<Float>) -> Result) -> Result {
        let shape = tensor.shape
        let slab = sample * shape.slabs.perSample + index
        return tensor.withUnsafeValues { values in
            selection.onSlab(slab, of: shape) { selection in
                let values = UnsafeBufferPointer(rebasing: values[shape.slabs[slab]])
                let capacity = values.count / shape.c
                return withUnsafeTemporaryAllocation(of: Float.self, capacity: capacity) { kept in
                    var count = gather(values, channel: channel, of: shape.c, where: selection, into: kept)
                        .kept
                    count = keep(kept, count)
                    return body(UnsafeMutableBufferPointer(rebasing: kept[..<count]))
                }
            }
        }
    }

    /// Moves the values within the limits to the front; without limits there is nothing to do.
    private func keep(_ values: UnsafeMutableBufferPointer<Float>, _ count: Int) -> Int {
        let (lower, upper) = (limits.lowerBound, limits.upperBound)
        if lower == -.greatestFiniteMagnitude, upper == .greatestFiniteMagnitude { return count }
        var kept = 0
        for i in 0..<count {
            let x = values[i]
            values[kept] = x
            kept &+= x >= lower && x <= upper ? 1 : 0
        }
        return kept
    }

    /// One result for each slab, in slab order.
    func mapSlabs<Result>(_ body: (UnsafeMutableBufferPointer<Float>) -> Result) -> [Result] {
        Array(unsafeUninitializedCapacity: slabCount) { results, initialized in
            // Each index is written once.
            nonisolated(unsafe) let (results, body) = (results, body)
            forEachIndex(slabCount, workers) { index in
                (results.baseAddress! + index).initialize(to: onSlab(index, body))
            }
            initialized = slabCount
        }
    }

    /// Counts into tables of `entries` zeros, one for each task, and adds these up. Whole numbers only, so that the
    /// sum is the same for any number of workers.
    func counts(
        _ entries: Int, _ count: (UnsafeMutableBufferPointer<Float>, UnsafeMutablePointer<UInt64>) -> Void
    )
        -> [UInt64]
    {
        let tasks = max(1, min(workers.count, slabCount))
        let tables = UnsafeMutablePointer<UInt64>.allocate(capacity: tasks * entries)
        tables.initialize(repeating: 0, count: tasks * entries)
        defer { tables.deallocate() }
        // Each task writes to its own table.
        nonisolated(unsafe) let (ours, count) = (tables, count)
        forEachIndex(tasks, workers) { task in
            for slab in stride(from: task, to: slabCount, by: tasks) {
                onSlab(slab) { count($0, ours + task * entries) }
            }
        }
        return (0..<entries).map { entry in
            (0..<tasks).reduce(0) { $0 &+ tables[$1 * entries + entry] }
        }
    }
}

extension ChannelValues {
    /// Count, mean and Σ(x − mean)²: two passes over each slab, slabs merged in order.
    package func moments() -> Moments {
        Moments(
            merging: mapSlabs { values in
                if values.isEmpty { return Moments() }
                let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
                let squares = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
                return Moments(count: values.count, mean: mean, m2: squares)
            })
    }

    package func extremes() -> Extremes {
        mapSlabs { values in
            values.reduce(into: Extremes()) { $0.merge(Extremes(min: $1, max: $1)) }
        }.reduce(into: Extremes()) { $0.merge($1) }
    }

    /// How many values lie below `bound`.
    package func count(below bound: Double) -> Int {
        mapSlabs { values in values.reduce(0) { $0 + (Double($1) < bound ? 1 : 0) } }.reduce(0, +)
    }
}

extension ChannelValues {
    /// Those at or below `bound`.
    package func limited(atMost bound: Double) -> ChannelValues {
        let upper = Float(bound)
        return limited(limits.lowerBound, Double(upper) > bound ? upper.nextDown : upper)
    }

    /// Those above `lower` and below `upper`, neither of them included.
    package func limited(above lower: Double, below upper: Double) -> ChannelValues {
        let (first, last) = (Float(lower), Float(upper))
        return limited(
            Double(first) <= lower ? first.nextUp : first, Double(last) >= upper ? last.nextDown : last)
    }

    /// Nothing where the lower limit is above the upper.
    private func limited(_ lower: Float, _ upper: Float) -> ChannelValues {
        var result = self
        let (lower, upper) = (max(lower, limits.lowerBound), min(upper, limits.upperBound))
        if lower <= upper {
            result.limits = lower...upper
        } else {
            // No finite value is in there.
            result.limits = .infinity...(.infinity)
        }
        return result
    }
}
