package import MedPrepCore

/// Which values of a tensor share one distribution.
package enum Pooling: Sendable {
    /// Each channel of each sample: result n·C + c.
    case channelOfSample
    /// All channels of a sample: result n.
    case sample
    /// Each channel over all samples: result c.
    case channel
    /// The whole tensor: one result.
    case all
}

/// What the order of the selected finite values tells.
package struct Distribution: Hashable, Sendable {
    /// Finite, selected values.
    package var count: Int
    /// Those of them that are not 0.
    package var nonzero: Int
    /// NaN where there is no value, as are the percentiles.
    package var min: Double
    package var max: Double
    /// In the order of the ranks asked for.
    package var quantiles: [Quantile]

    package var percentiles: [Double] { quantiles.map(\.value) }

    /// A rank between two neighbours in the order of the values.
    package struct Quantile: Hashable, Sendable {
        let lower: Double
        let upper: Double
        let fraction: Double

        package var value: Double { fraction == 0 ? lower : lower + fraction * (upper - lower) }
    }

    /// What becomes of it where every value becomes `map(value)`: a map that never turns the order keeps its places.
    ///
    /// - Parameter nonzero: how many values are then not 0.
    func mapped(nonzero: Int, by map: (Float) -> Float) -> Distribution {
        func mapped(_ value: Double) -> Double { value.isNaN ? value : Double(map(Float(value))) }
        return Distribution(
            count: count, nonzero: nonzero, min: mapped(min), max: mapped(max),
            quantiles: quantiles.map {
                Quantile(lower: mapped($0.lower), upper: mapped($0.upper), fraction: $0.fraction)
            })
    }
}

extension Tensor {
    /// Exact percentiles of the selected finite values: linear interpolation between order statistics, type 7.
    ///
    ///     p = q/100·(m − 1),  v[⌊p⌋] + (p − ⌊p⌋)·(v[⌊p⌋ + 1] − v[⌊p⌋])
    ///
    /// - Parameter ranks: q, each in 0…100.
    /// - Precondition: a mask has one channel and this tensor's samples and extent.
    /// - Cost: one sweep where all are whole numbers of 16 bits, else two radix sweeps, without sorting or a copy of the
    ///   voxels; at most 17 MiB a worker, however many ranks.
    package func distributions(
        _ ranks: [Double], where selection: VoxelSelection = .all, pooling: Pooling = .channelOfSample,
        _ workers: Workers
    ) -> [Distribution] {
        precondition(ranks.allSatisfy { (0...100).contains($0) }, "a rank outside 0…100")
        return sweeps(where: selection, pooling: pooling, workers).flatMap { sweep in
            sweep.countWholeNumbers()?.map { $0.distribution(ranks) } ?? sweep.distributions(ranks)
        }
    }

    /// The sweeps that together see every group, in the order of the groups.
    func sweeps(where selection: VoxelSelection, pooling: Pooling, _ workers: Workers) -> [RadixSweep] {
        precondition(selection.fits(shape), "a mask of another shape than \(shape)")
        let slabs = shape.slabs
        let sets =
            pooling == .channel || pooling == .all
            ? [0..<slabs.count] : (0..<shape.n).map { slabs.indices(ofSample: $0) }
        let isPooled = pooling == .sample || pooling == .all
        let width = isPooled ? shape.c : RadixSweep.channelsAtOnce
        return sets.flatMap { slabs in
            stride(from: 0, to: shape.c, by: width).map { first in
                RadixSweep(
                    tensor: self, slabs: slabs, channels: first..<Swift.min(first + width, shape.c),
                    isPooled: isPooled, selection: selection, workers: workers)
            }
        }
    }
}

extension RadixSweep {
    /// One distribution for each group.
    ///
    /// - Parameter look: is shown each slab while it is at hand.
    func distributions(
        _ ranks: [Double], showing look: (_ slab: Int) -> Void = { _ in }
    ) -> [Distribution] {
        let bins = countBins(showing: look)
        let orders = bins.map { Orders(count: $0.count, ranks: ranks) }
        let values = orderStatistics(orders.map(\.wanted), bins)
        return bins.indices.map { group in
            orders[group].distribution(values[group], nonzero: bins[group].count - bins[group].zeroCount)
        }
    }
}

extension WholeCounts {
    func distribution(_ ranks: [Double]) -> Distribution {
        let orders = Orders(count: count, ranks: ranks)
        return orders.distribution(values(at: orders.wanted), nonzero: nonzero)
    }
}

extension MappedCounts {
    func distribution(_ ranks: [Double]) -> Distribution {
        let orders = Orders(count: count, ranks: ranks)
        return orders.distribution(values(at: orders.wanted), nonzero: nonzero)
    }
}

/// The order statistics, counted from 0, that some ranks of `count` values need.
private struct Orders {
    let count: Int
    /// Where each rank lies among the sorted values.
    let positions: [Double]
    /// Ascending, none twice; empty without values.
    let wanted: [Int]

    init(count: Int, ranks: [Double]) {
        self.count = count
        let last = count - 1
        positions = count == 0 ? [] : ranks.map { $0 / 100 * Double(last) }
        let neighbours = positions.flatMap { [Int($0), Swift.min(Int($0) + 1, last)] }
        wanted = count == 0 ? [] : Set(neighbours + [0, last]).sorted()
        rankCount = ranks.count
    }

    private let rankCount: Int

    /// `values` belong to `wanted`.
    func distribution(_ values: [Float], nonzero: Int) -> Distribution {
        guard let min = values.first, let max = values.last else {
            return Distribution(
                count: 0, nonzero: 0, min: .nan, max: .nan,
                quantiles: Array(repeating: .init(lower: .nan, upper: .nan, fraction: 0), count: rankCount))
        }
        let quantiles = positions.map { position in
            let lower = Int(position)
            let index = wanted.firstIndex(of: lower) ?? 0
            let above = lower == count - 1 ? index : index + 1
            return Distribution.Quantile(
                lower: Double(values[index]), upper: Double(values[above]), fraction: position - Double(lower)
            )
        }
        return Distribution(
            count: count, nonzero: nonzero, min: Double(min), max: Double(max), quantiles: quantiles)
    }
}
