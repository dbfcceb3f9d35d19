import MedPrepCore
import RealModule

/// A Gaussian kernel density on equally spaced points, not scaled to area 1.
///
///     p(g) = Σ_j exp(−½((g − x_j)/h)²)
package struct Density: Hashable, Sendable {
    package let points: [Double]
    package let values: [Double]

    package init(points: [Double], values: [Double]) { (self.points, self.values) = (points, values) }

    /// Which point stands for the population.
    package enum Mode: Sendable { case highest, firstMaximum, lastMaximum }

    /// The point chosen: strict local maxima, not the two ends; where there is none, the highest point.
    package func mode(_ choice: Mode) -> Double {
        let maxima = values.indices.dropFirst().dropLast().filter {
            values[$0] > values[$0 - 1] && values[$0] > values[$0 + 1]
        }
        let chosen: Int? =
            switch choice {
            case .highest: nil
            case .firstMaximum: maxima.first
            case .lastMaximum: maxima.last
            }
        // The first of equal ones.
        let highest = values.indices.max { (values[$0], $1) < (values[$1], $0) }
        return points[chosen ?? highest ?? 0]
    }
}

extension ChannelValues {
    /// The density on `pointCount` points from the smallest to the largest value.
    ///
    /// Up to 65,536 distinct values (every 8- and 16-bit scan, every small one) are summed exactly. More are first
    /// shared out linearly between the edges of 2¹⁴ to 2²⁰ equal bins of at most h/256, in whole 2⁻²⁰ parts: p is
    /// then wrong by at most (width/h)²/8 of the count, below 2·10⁻⁶ of it unless the range is over 4096·h. Either
    /// way the same bits on any number of workers.
    ///
    /// - Precondition: bandwidth h is above 0, at least two points, at least two values that differ.
    package func density(pointCount: Int, bandwidth: Double) -> Density {
        precondition(bandwidth > 0 && pointCount >= 2, "\(pointCount) points, bandwidth \(bandwidth)")
        let range = extremes()
        let (lower, upper) = (Double(range.min), Double(range.max))
        let step = (upper - lower) / Double(pointCount - 1)
        let points = (0..<pointCount).map { $0 == pointCount - 1 ? upper : lower + Double($0) * step }
        let weighted =
            distinct().map { WeightedValues(values: $0.values, weights: $0.counts.map { Double($0) }) }
            ?? shared(lower, upper, bandwidth)
        return Density(points: points, values: weighted.kernelSums(at: points, bandwidth, workers))
    }

    /// The values shared out between the edges of equal bins.
    private func shared(_ lower: Double, _ upper: Double, _ bandwidth: Double) -> WeightedValues {
        var bins = 1 << 14
        while bins < 1 << 20, (upper - lower) / Double(bins) > bandwidth / 256 { bins *= 2 }
        let width = (upper - lower) / Double(bins)
        let parts = Double(1 << 20)
        let counts = counts(bins + 1) { values, table in
            for value in values {
                let position = min(max((Double(value) - lower) / width, 0), Double(bins))
                let bin = min(Int(position), bins - 1)
                let upperPart = UInt64(((position - Double(bin)) * parts).rounded())
                table[bin] &+= 1 << 20 &- upperPart
                table[bin + 1] &+= upperPart
            }
        }
        return WeightedValues(
            values: counts.indices.map { lower + Double($0) * width },
            weights: counts.map { Double($0) / parts })
    }
}

/// Values in ascending order, each with a weight.
private struct WeightedValues {
    let values: [Double]
    let weights: [Double]

    /// Σ w·exp(−½((g − x)/h)²) for each g, in the order of the values; beyond 40·h the exponential is 0 in Double.
    func kernelSums(at points: [Double], _ bandwidth: Double, _ workers: Workers) -> [Double] {
        Array(unsafeUninitializedCapacity: points.count) { sums, initialized in
            // Each index is written once.
            nonisolated(unsafe) let sums = sums
            forEachIndex(points.count, workers) { index in
                let point = points[index]
                var place = firstIndex(from: point - 40 * bandwidth)
                var sum = 0.0
                while place < values.count, values[place] <= point + 40 * bandwidth {
                    let t = (point - values[place]) / bandwidth
                    sum += weights[place] * Double.exp(-0.5 * t * t)
                    place += 1
                }
                (sums.baseAddress! + index).initialize(to: sum)
            }
            initialized = points.count
        }
    }

    /// The first value that is not below `bound`.
    private func firstIndex(from bound: Double) -> Int {
        var (first, rest) = (0, values.count)
        while rest > 0 {
            let half = rest / 2
            if values[first + half] < bound {
                first += half + 1
                rest -= half + 1
            } else {
                rest = half
            }
        }
        return first
    }
}
