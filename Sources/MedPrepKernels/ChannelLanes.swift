/// How interleaved channels are dealt to sums that run side by side.
///
/// Value i of a run goes to lane i mod 8·`rows`, and lane l belongs to channel l mod C: with C = 1, 2, 4 or 8 one
/// row of eight lanes is enough, else `rows` is the smallest number after which the pattern repeats. Lanes are
/// fixed by C alone, so a sum has the same bits on every CPU.
struct ChannelLanes {
    let channels: Int
    let rows: Int

    init(channels: Int) {
        self.channels = channels
        // C / gcd(C, 8).
        rows = channels >> min(channels.trailingZeroBitCount, 3)
    }

    var count: Int { 8 * rows }

    /// A row per eight lanes, holding its channel's value in each.
    func fill(_ lanes: UnsafeMutableBufferPointer<SIMD8<Double>>, with value: (Int) -> Double) {
        for lane in 0..<count { lanes[lane / 8][lane % 8] = value(lane % channels) }
    }

    /// The lanes of one channel added up, from the first to the last.
    func sum(_ lanes: UnsafeMutableBufferPointer<SIMD8<Double>>, channel: Int) -> Double {
        stride(from: channel, to: count, by: channels).reduce(0) { $0 + lanes[$1 / 8][$1 % 8] }
    }

    /// Calls `body` with `sets` buffers of `rows` rows each, all zero.
    func withRows<Result>(
        _ sets: Int, _ body: ([UnsafeMutableBufferPointer<SIMD8<Double>>]) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(of: SIMD8<Double>.self, capacity: rows * sets) { memory in
            memory.initialize(repeating: .zero)
            return body(
                (0..<sets).map { UnsafeMutableBufferPointer(rebasing: memory[$0 * rows..<($0 + 1) * rows]) })
        }
    }
}

extension UnsafeBufferPointer<Float> {
    /// Eight values from `index` on, in Double.
    @inline(__always)
    func eight(_ index: Int) -> SIMD8<Double> {
        SIMD8<Double>(UnsafeRawPointer(baseAddress! + index).loadUnaligned(as: SIMD8<Float>.self))
    }
}

/// Σx in each lane, in index order; what is left after whole patterns goes to the first lanes.
func addUp(_ x: UnsafeBufferPointer<Float>, into sums: UnsafeMutableBufferPointer<SIMD8<Double>>) {
    let (rows, pattern) = (sums.count, 8 * sums.count)
    let whole = x.count / pattern * pattern
    if rows == 1 {
        var lanes = sums[0]
        for i in stride(from: 0, to: whole, by: 8) { lanes += x.eight(i) }
        sums[0] = lanes
    } else {
        for i in stride(from: 0, to: whole, by: pattern) {
            for row in 0..<rows { sums[row] += x.eight(i &+ 8 &* row) }
        }
    }
    for i in whole..<x.count { sums[(i - whole) / 8][(i - whole) % 8] += Double(x[i]) }
}

/// Σ(x − mean)² in each lane, in index order.
func addUpSquares(
    _ x: UnsafeBufferPointer<Float>, around means: UnsafeMutableBufferPointer<SIMD8<Double>>,
    into squares: UnsafeMutableBufferPointer<SIMD8<Double>>
) {
    let (rows, pattern) = (squares.count, 8 * squares.count)
    let whole = x.count / pattern * pattern
    if rows == 1 {
        let mean = means[0]
        var lanes = squares[0]
        for i in stride(from: 0, to: whole, by: 8) {
            let d = x.eight(i) - mean
            lanes += d * d
        }
        squares[0] = lanes
    } else {
        for i in stride(from: 0, to: whole, by: pattern) {
            for row in 0..<rows {
                let d = x.eight(i &+ 8 &* row) - means[row]
                squares[row] += d * d
            }
        }
    }
    for i in whole..<x.count {
        let (row, lane) = ((i - whole) / 8, (i - whole) % 8)
        let d = Double(x[i]) - means[row][lane]
        squares[row][lane] += d * d
    }
}

/// Σ(x − mean)², Σ(x − mean)³ and Σ(x − mean)⁴ in each lane, in index order.
func addUpPowers(
    _ x: UnsafeBufferPointer<Float>, around means: UnsafeMutableBufferPointer<SIMD8<Double>>,
    into squares: UnsafeMutableBufferPointer<SIMD8<Double>>,
    _ cubes: UnsafeMutableBufferPointer<SIMD8<Double>>,
    _ fourths: UnsafeMutableBufferPointer<SIMD8<Double>>
) {
    let (rows, pattern) = (squares.count, 8 * squares.count)
    let whole = x.count / pattern * pattern
    for i in stride(from: 0, to: whole, by: pattern) {
        for row in 0..<rows {
            let d = x.eight(i &+ 8 &* row) - means[row]
            let square = d * d
            squares[row] += square
            cubes[row] += square * d
            fourths[row] += square * square
        }
    }
    for i in whole..<x.count {
        let (row, lane) = ((i - whole) / 8, (i - whole) % 8)
        let d = Double(x[i]) - means[row][lane]
        squares[row][lane] += d * d
        cubes[row][lane] += d * d * d
        fourths[row][lane] += d * d * (d * d)
    }
}
