package import MedPrepCore

extension Tensor {
    /// The statistics of each channel over all samples (SEMANTICS 9), from the selected finite values.
    ///
    /// - Parameter percentiles: ranks in 0…100, in the order wanted.
    /// - Cost: one sweep for the moments, two for the percentiles.
    package func summaries(
        percentiles ranks: [Double], where selection: VoxelSelection = .all, _ workers: Workers
    ) -> [Summary] {
        let moments = moments(where: selection, order: .fourth, workers)
        let distributions = distributions(ranks, where: selection, pooling: .channel, workers)
        return (0..<shape.c).map { channel in
            Summary(
                Moments(merging: moments.lazy.map { $0[channel] }), distributions[channel], ranks: ranks)
        }
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
