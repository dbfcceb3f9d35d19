package import MedPrepCore

/// The statistics of one channel, and the order statistics behind its percentiles.
package struct ChannelStatistics: Sendable {
    package let summary: Summary
    package let distribution: Distribution

    /// Of whole numbers that were counted.
    ///
    /// - Parameters:
    ///   - ranks: of the percentiles, in 0…100, in the order wanted.
    ///   - nonfinite: values that were passed over.
    package init(_ counts: WholeCounts, percentiles ranks: [Double], nonfinite: Int = 0) {
        var moments = counts.moments
        moments.nonfinite = nonfinite
        self.init(moments, counts.distribution(ranks), ranks: ranks)
    }

    fileprivate init(_ moments: Moments, _ distribution: Distribution, ranks: [Double]) {
        summary = Summary(moments, distribution, ranks: ranks)
        self.distribution = distribution
    }
}

extension Tensor {
    /// The statistics of each channel over all samples (SEMANTICS 9), from the selected finite values.
    ///
    /// - Parameter percentiles: ranks in 0…100, in the order wanted.
    package func summaries(
        percentiles ranks: [Double], where selection: VoxelSelection = .all, _ workers: Workers
    ) -> [Summary] {
        statistics(percentiles: ranks, where: selection, workers).map(\.summary)
    }

    /// The same, with the order statistics.
    ///
    /// - Cost: one sweep where all are selected and whole numbers of 16 bits; else one for moments and bins and one more
    ///   for the percentiles.
    package func statistics(
        percentiles ranks: [Double], where selection: VoxelSelection = .all, _ workers: Workers
    ) -> [ChannelStatistics] {
        if case .all = selection, let found = wholeNumberStatistics(ranks, workers) { return found }
        var distributions = [Distribution]()
        let parts = [[Moments]](unsafeUninitializedCapacity: shape.slabs.count) { parts, count in
            // Each slab is shown once.
            nonisolated(unsafe) let places = parts
            for (index, sweep) in sweeps(where: selection, pooling: .channel, workers).enumerated() {
                distributions += sweep.distributions(ranks) { slab in
                    if index > 0 { return }
                    withUnsafeValues { values in
                        let values = UnsafeBufferPointer(rebasing: values[shape.slabs[slab]])
                        let moments = slabMoments(slab, values, where: selection, order: .fourth)
                        (places.baseAddress! + slab).initialize(to: moments)
                    }
                }
            }
            count = shape.slabs.count
        }
        let moments = joined(parts)
        return (0..<shape.c).map { channel in
            let moments = Moments(merging: moments.lazy.map { $0[channel] })
            return ChannelStatistics(moments, distributions[channel], ranks: ranks)
        }
    }

    /// The same of all values, which were `earlier` before every value of a channel became `map(channel, value)`.
    ///
    /// - Cost: one sweep for the moments; percentiles are taken over, unless the map turns the order of values.
    package func statistics(
        percentiles ranks: [Double], mapping earlier: [ChannelStatistics], by map: [ValueMap],
        _ workers: Workers
    ) -> [ChannelStatistics] {
        precondition(earlier.count == shape.c, "statistics of \(earlier.count) channels for \(shape)")
        guard map.allSatisfy(\.keepsOrder) else { return statistics(percentiles: ranks, workers) }
        if let found = wholeNumberStatistics(ranks, workers) { return found }
        return momentsAndZeros(workers).enumerated().map { channel, found in
            let (moments, zeros) = found
            let distribution = earlier[channel].distribution
            // A value that left the Float range is no longer one of the finite ones.
            guard moments.count == distribution.count else {
                return statistics(percentiles: ranks, workers)[channel]
            }
            let mapped = distribution.mapped(nonzero: moments.count - zeros) { map(channel, $0) }
            return ChannelStatistics(moments, mapped, ranks: ranks)
        }
    }

    /// The same where all values were counted before they became others.
    ///
    /// - Cost: one sweep for the moments.
    package func statistics(
        percentiles ranks: [Double], counted: [MappedCounts], _ workers: Workers
    ) -> [ChannelStatistics] {
        precondition(counted.count == shape.c, "counts of \(counted.count) channels for \(shape)")
        let moments = moments(order: .fourth, workers)
        return counted.enumerated().map { channel, counts in
            ChannelStatistics(
                Moments(merging: moments.lazy.map { $0[channel] }), counts.distribution(ranks), ranks: ranks)
        }
    }

    /// nil where a value is no whole number of 16 bits.
    private func wholeNumberStatistics(_ ranks: [Double], _ workers: Workers) -> [ChannelStatistics]? {
        var found = [ChannelStatistics]()
        for sweep in sweeps(where: .all, pooling: .channel, workers) {
            guard let groups = sweep.countWholeNumbers() else { return nil }
            found += groups.map { group in
                ChannelStatistics(
                    group, percentiles: ranks, nonfinite: shape.n * shape.voxelCount - group.count)
            }
        }
        return found
    }
}

extension Summary {
    fileprivate init(_ moments: Moments, _ distribution: Distribution, ranks: [Double]) {
        self.init()
        (count, nonzero, nonfinite) = (moments.count, distribution.nonzero, moments.nonfinite)
        percentiles = zip(ranks, distribution.percentiles).map { Percentile(rank: $0, value: $1) }
        guard count > 0 else { return }
        (min, max, mean) = (distribution.min, distribution.max, moments.mean)
        variance = moments.variance
        guard let higher = moments.higher, variance > 0 else { return }
        skewness = higher.m3 / Double(count) / (variance * variance.squareRoot())
        excessKurtosis = higher.m4 / Double(count) / (variance * variance) - 3
    }
}
