/// The statistics of one channel (SEMANTICS 9): Double sums over the finite values, population variance.
public struct Summary: Hashable, Sendable {
    /// Finite values.
    public var count = 0
    /// Finite values that are not 0.
    public var nonzero = 0
    public var nonfinite = 0
    /// NaN without a finite value, as are all numbers below.
    public var min = Double.nan
    public var max = Double.nan
    public var mean = Double.nan
    /// Σ(x − mean)²/count.
    public var variance = Double.nan
    /// m3/m2^1.5 and m4/m2² − 3 of the central moments; NaN for a constant.
    public var skewness = Double.nan
    public var excessKurtosis = Double.nan
    /// (rank 0…100, value) in the order asked for; linear interpolation, type 7.
    public var percentiles: [Percentile] = []

    public struct Percentile: Hashable, Sendable {
        public let rank: Double
        public let value: Double
        public init(rank: Double, value: Double) { (self.rank, self.value) = (rank, value) }
    }

    public init() {}

    public var standardDeviation: Double { variance.squareRoot() }
    /// Σ(x − mean)²/(count − 1); NaN below two values.
    public var unbiasedVariance: Double { count > 1 ? variance * Double(count) / Double(count - 1) : .nan }
    /// All finite values are equal.
    public var isConstant: Bool { count > 0 && min == max }
    public var median: Double { percentiles.first { $0.rank == 50 }?.value ?? .nan }
}
