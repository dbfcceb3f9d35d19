/// Centre and spread of a set of finite values.
///
///     medianDeviation = median|x − median|,  quartileRange = p75 − p25,  meanDeviation = Σ|x − mean|/m
///
/// The median of an even count is the mean of the two middle values; percentiles are type 7. Deviations are rounded to
/// Float before their median and mean are taken.
package struct RobustStatistics: Hashable, Sendable {
    /// Finite values; without one the numbers mean nothing.
    package var count: Int
    package var center: Double
    package var spread: Double

    package enum Center: Sendable { case median, mean }
    package enum Spread: Sendable { case medianDeviation, quartileRange, meanDeviation }
}

extension RobustStatistics {
    /// Of a few values, by sorting them where they lie.
    init(
        sorting unsorted: UnsafeMutableBufferPointer<Float>, center: Center, spread: Spread
    ) {
        var values = unsorted
        count = values.count
        (self.center, self.spread) = (0, 0)
        if values.isEmpty { return }
        let sum = values.reduce(0) { $0 + Double($1) }
        let mean = sum / Double(count)
        values.sort()
        let median = values.percentile(50)
        self.center = center == .median ? median : mean
        switch spread {
        case .quartileRange: self.spread = values.percentile(75) - values.percentile(25)
        case .medianDeviation:
            for i in values.indices { values[i] = Float(abs(Double(values[i]) - median)) }
            values.sort()
            self.spread = values.percentile(50)
        case .meanDeviation:
            for i in values.indices { values[i] = Float(abs(Double(values[i]) - mean)) }
            self.spread = values.reduce(0) { $0 + Double($1) } / Double(count)
        }
    }
}

extension UnsafeMutableBufferPointer<Float> {
    /// Type 7, of sorted values.
    fileprivate func percentile(_ rank: Double) -> Double {
        let position = rank / 100 * Double(count - 1)
        let lower = Int(position)
        let value = Double(self[lower])
        if lower == count - 1 { return value }
        return value + (position - Double(lower)) * (Double(self[lower + 1]) - value)
    }
}
