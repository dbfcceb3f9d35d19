import CMedPrepKernels

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
    func fill(_ lanes: LaneRows, with value: (Int) -> Double) {
        for lane in 0..<count { lanes[lane / 8][lane % 8] = value(lane % channels) }
    }

    /// The lanes of one channel added up, from the first to the last.
    func sum(_ lanes: LaneRows, channel: Int) -> Double {
        stride(from: channel, to: count, by: channels).reduce(0) { $0 + lanes[$1 / 8][$1 % 8] }
    }

    /// Calls `body` with `sets` buffers of `rows` rows each, all zero.
    func withRows<Result>(
        _ sets: Int, _ body: ([LaneRows]) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(of: SIMD8<Double>.self, capacity: rows * sets) { memory in
            memory.initialize(repeating: .zero)
            return body(
                (0..<sets).map { UnsafeMutableBufferPointer(rebasing: memory[$0 * rows..<($0 + 1) * rows]) })
        }
    }
}

/// A row per eight lanes, as C sees them.
typealias LaneRows = UnsafeMutableBufferPointer<SIMD8<Double>>

extension LaneRows {
    var lanes: UnsafeMutablePointer<Double> {
        UnsafeMutableRawPointer(baseAddress!).assumingMemoryBound(to: Double.self)
    }
}

/// Σx in each lane, in index order; what is left after whole patterns goes to the first lanes.
func addUp(_ x: UnsafeBufferPointer<Float>, into sums: LaneRows) {
    let (pattern, lanes) = (8 * sums.count, sums.lanes)
    let patterns = x.count / pattern
    medprep_add_up(lanes, x.baseAddress, patterns, pattern)
    for i in patterns * pattern..<x.count { lanes[i - patterns * pattern] += Double(x[i]) }
}

/// Σ(x − mean)² in each lane, in index order.
func addUpSquares(_ x: UnsafeBufferPointer<Float>, around means: LaneRows, into squares: LaneRows) {
    let (pattern, lanes) = (8 * squares.count, squares.lanes)
    let patterns = x.count / pattern
    medprep_add_up_squares(lanes, means.lanes, x.baseAddress, patterns, pattern)
    for i in patterns * pattern..<x.count {
        let lane = i - patterns * pattern
        let d = Double(x[i]) - means.lanes[lane]
        lanes[lane] += d * d
    }
}

/// Σ(x − mean)², Σ(x − mean)³ and Σ(x − mean)⁴ in each lane, in index order.
func addUpPowers(
    _ x: UnsafeBufferPointer<Float>, around means: LaneRows, into squares: LaneRows, _ cubes: LaneRows,
    _ fourths: LaneRows
) {
    let pattern = 8 * squares.count
    let patterns = x.count / pattern
    medprep_add_up_powers(
        squares.lanes, cubes.lanes, fourths.lanes, means.lanes, x.baseAddress, patterns, pattern)
    for i in patterns * pattern..<x.count {
        let lane = i - patterns * pattern
        let d = Double(x[i]) - means.lanes[lane]
        squares.lanes[lane] += d * d
        cubes.lanes[lane] += d * d * d
        fourths.lanes[lane] += d * d * (d * d)
    }
}
