package import MedPrepCore

extension Tensor {
    /// Centre and spread over depth, height and width, and over `axes` of samples and channels: by sample, then by
    /// channel, each telling what its group told.
    ///
    /// Order statistics come from radix sweeps, sums from moments; deviations take a tensor of this size.
    package func robustStatistics(
        over axes: TensorAxes, _ center: RobustStatistics.Center, _ spread: RobustStatistics.Spread,
        _ workers: Workers
    ) -> [[RobustStatistics]] {
        let needsMean = center == .mean || spread == .meanDeviation
        let needsOrder = center == .median || spread != .meanDeviation
        let means = needsMean ? means(over: axes, workers) : []
        let orders = needsOrder ? percentiles([25, 50, 75], over: axes, workers) : []
        var deviations: [[Double]] = []
        if spread != .quartileRange {
            var distances = self
            let centers =
                spread == .meanDeviation
                ? means.map { $0.map(\.mean) } : orders.map { $0.map { $0.percentiles[1] } }
            distances.becomeDistances(from: centers, workers)
            deviations =
                spread == .meanDeviation
                ? distances.means(over: axes, workers).map { $0.map(\.mean) }
                : distances.percentiles([50], over: axes, workers).map { $0.map { $0.percentiles[0] } }
        }
        return (0..<shape.n).map { n in
            (0..<shape.c).map { c in
                let quartiles = needsOrder ? orders[n][c].percentiles : []
                return RobustStatistics(
                    count: needsOrder ? orders[n][c].count : means[n][c].count,
                    center: center == .median ? quartiles[1] : means[n][c].mean,
                    spread: spread == .quartileRange ? quartiles[2] - quartiles[0] : deviations[n][c])
            }
        }
    }

    /// NaN at what is not selected, so that no statistic counts it.
    package func keepingOnly(_ selection: VoxelSelection, _ workers: Workers) -> Tensor {
        if case .all = selection { return self }
        precondition(selection.fits(shape), "a mask of another shape than \(shape)")
        let (shape, slabs) = (shape, shape.slabs)
        var result = self
        result.withUnsafeMutableValues { values in
            // Slabs do not overlap, so threads never share a value.
            nonisolated(unsafe) let values = values
            forEachIndex(slabs.count, workers) { index in
                let slab = UnsafeMutableBufferPointer(rebasing: values[slabs[index]])
                selection.onSlab(index, of: shape) { selection in
                    for channel in 0..<shape.c {
                        blank(slab, channel: channel, of: shape.c, outside: selection)
                    }
                }
            }
        }
        return result
    }

    private func means(over axes: TensorAxes, _ workers: Workers) -> [[Moments]] {
        moments(workers).merged(over: axes, channels: shape.c)
    }

    private func percentiles(
        _ ranks: [Double], over axes: TensorAxes, _ workers: Workers
    ) -> [[Distribution]] {
        let (shape, poolsChannels) = (shape, axes.contains(.c))
        let found: [Distribution]
        if axes.contains(.n) {
            // Samples are one long depth where their channels are pooled too.
            let whole = Shape(d: shape.n * shape.d, h: shape.h, w: shape.w, c: shape.c)
            found =
                poolsChannels
                ? reshaped(to: whole).distributions(ranks, pooling: .sample, workers)
                : distributions(ranks, pooling: .channel, workers)
        } else {
            found = distributions(ranks, pooling: poolsChannels ? .sample : .channelOfSample, workers)
        }
        let (perSample, perChannel) = (
            axes.contains(.n) ? 0 : poolsChannels ? 1 : shape.c, poolsChannels ? 0 : 1
        )
        return (0..<shape.n).map { n in (0..<shape.c).map { c in found[n * perSample + c * perChannel] } }
    }

    /// x ← |x − center| for each channel of each sample, rounded to Float; NaN stays NaN.
    private mutating func becomeDistances(from centers: [[Double]], _ workers: Workers) {
        scale(by: centers.map { $0.map { Scaling(center: $0) } }, workers)
        forEachSlab(workers) { slab in
            for i in slab.indices { slab[i] = slab[i].magnitude }
        }
    }
}

extension [[Moments]] {
    /// Samples merged with samples and channels with channels, where `axes` says so: channels first, then samples, each
    /// in order. The result has the same places, each holding what its group holds.
    ///
    /// - Parameter channels: how many neighbours in a sample are the channels of one place.
    package func merged(over axes: TensorAxes, channels: Int) -> [[Moments]] {
        var result = self
        if axes.contains(.c) {
            result = result.map { sample in
                stride(from: 0, to: sample.count, by: channels).flatMap { first in
                    let group = Moments(merging: sample[first..<first + channels])
                    return [Moments](repeating: group, count: channels)
                }
            }
        }
        if axes.contains(.n), let first = result.first {
            let pooled = first.indices.map { place in Moments(merging: result.lazy.map { $0[place] }) }
            result = Array(repeating: pooled, count: result.count)
        }
        return result
    }
}

/// NaN at the values of one channel that are not selected.
private func blank(
    _ x: UnsafeMutableBufferPointer<Float>, channel: Int, of channels: Int,
    outside selection: VoxelSelection.OnSlab
) {
    let places = stride(from: channel, to: x.count, by: channels)
    switch selection {
    case .all: return
    case .nonzero: for i in places where x[i] == 0 { x[i] = .nan }
    case .positive: for i in places where !(x[i] > 0) { x[i] = .nan }
    case .above(let thresholds):
        let threshold = thresholds[channel]
        for i in places where !(Double(x[i]) > threshold) { x[i] = .nan }
    case .mask(let mask):
        for voxel in mask.indices where !(mask[voxel] > 0) { x[voxel &* channels &+ channel] = .nan }
    }
}
