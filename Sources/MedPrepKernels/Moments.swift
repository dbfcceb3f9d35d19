/// Count, mean and central moments of a set of values, in Double; two sets are merged without the values.
///
///     mean = Σx/n,  m2 = Σ(x − mean)²,  m3 = Σ(x − mean)³,  m4 = Σ(x − mean)⁴
///
/// Only finite values count. Sums, not averages: divide by `count` for a population moment.
package struct Moments: Hashable, Sendable {
    /// Finite values.
    package var count: Int
    /// Values left out because they are NaN or infinite.
    package var nonfinite: Int
    /// 0 for an empty set.
    package var mean: Double
    package var m2: Double
    /// nil where only mean and variance were asked for.
    package var higher: Higher?

    package struct Higher: Hashable, Sendable {
        package var m3: Double
        package var m4: Double
        package init(m3: Double, m4: Double) { (self.m3, self.m4) = (m3, m4) }
    }

    /// How far a pass over the values goes.
    package enum Order: Sendable {
        /// Mean and variance.
        case second
        /// Skewness and kurtosis too.
        case fourth
    }

    package init(count: Int = 0, nonfinite: Int = 0, mean: Double = 0, m2: Double = 0, higher: Higher? = nil)
    {
        (self.count, self.nonfinite, self.mean, self.m2, self.higher) = (count, nonfinite, mean, m2, higher)
    }

    /// m2/n, the population variance; NaN for an empty set.
    package var variance: Double { count > 0 ? m2 / Double(count) : .nan }
    /// m2/(n − 1); NaN below two values.
    package var unbiasedVariance: Double { count > 1 ? m2 / Double(count - 1) : .nan }
    package var standardDeviation: Double { variance.squareRoot() }
}

extension Moments {
    /// The moments of both sets together: Chan, Golub and LeVeque 1979; Pébay, SAND2008-6212, for m3 and m4.
    ///
    ///     δ = μb − μa,  μ = μa + δ·b/n,  m2 = m2a + m2b + δ²·ab/n
    ///     m3 = m3a + m3b + δ³·ab(a − b)/n² + 3δ(a·m2b − b·m2a)/n
    ///     m4 = m4a + m4b + δ⁴·ab(a² − ab + b²)/n³ + 6δ²(a²·m2b + b²·m2a)/n² + 4δ(a·m3b − b·m3a)/n
    ///
    /// The last bit depends on the order of merging: callers merge by index, never by arrival.
    package mutating func merge(_ other: Moments) {
        let nonfinite = nonfinite + other.nonfinite
        defer { self.nonfinite = nonfinite }
        if other.count == 0 { return }
        if count == 0 {
            self = other
            return
        }
        let (a, b) = (Double(count), Double(other.count))
        let n = a + b
        let delta = other.mean - mean
        let step = delta / n
        if let left = higher, let right = other.higher {
            let m3Cross = delta * step * step * a * b * (a - b)
            let m3 = left.m3 + right.m3 + m3Cross + 3 * step * (a * other.m2 - b * m2)
            let m4Cross = delta * step * step * step * a * b * (a * a - a * b + b * b)
            let m4Square = 6 * step * step * (a * a * other.m2 + b * b * m2)
            let m4 = left.m4 + right.m4 + m4Cross + m4Square + 4 * step * (a * right.m3 - b * left.m3)
            higher = Higher(m3: m3, m4: m4)
        } else {
            higher = nil
        }
        mean += step * b
        m2 += other.m2 + delta * step * a * b
        count += other.count
    }

    /// All of them together, merged from first to last.
    package init(merging parts: some Sequence<Moments>) {
        self.init()
        for part in parts { merge(part) }
    }
}
