/// Count, extremes, mean and squared deviations of values that stream by in pieces: two passes within a piece, then
/// the merge rule of SEMANTICS 1, in the order of the pieces. NaN and infinity are counted and left out.
package struct RunningMoments: Hashable, Sendable {
    /// Finite values.
    package private(set) var count = 0
    package private(set) var nanCount = 0
    package private(set) var infiniteCount = 0
    /// NaN while no finite value was seen, as are all numbers below.
    package private(set) var min = Double.nan
    package private(set) var max = Double.nan
    package private(set) var mean = Double.nan
    private var squares = 0.0

    package init() {}

    /// Σ(x − mean)²/count.
    package var variance: Double { count > 0 ? squares / Double(count) : .nan }

    package mutating func add(_ values: UnsafeBufferPointer<Double>) {
        var (finite, sum, lowest, highest) = (0, 0.0, Double.infinity, -Double.infinity)
        for value in values {
            if value.isFinite {
                finite += 1
                sum += value
                lowest = value < lowest ? value : lowest
                highest = value > highest ? value : highest
            } else if value.isNaN {
                nanCount += 1
            } else {
                infiniteCount += 1
            }
        }
        if finite == 0 { return }
        let pieceMean = sum / Double(finite)
        var pieceSquares = 0.0
        for value in values where value.isFinite { pieceSquares += (value - pieceMean) * (value - pieceMean) }
        if count == 0 {
            (count, mean, squares, min, max) = (finite, pieceMean, pieceSquares, lowest, highest)
            return
        }
        let total = Double(count + finite)
        let difference = pieceMean - mean
        mean += difference * Double(finite) / total
        squares += pieceSquares + difference * difference * Double(count) * Double(finite) / total
        count += finite
        min = Swift.min(min, lowest)
        max = Swift.max(max, highest)
    }
}
