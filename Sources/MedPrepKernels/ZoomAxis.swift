import MedPrepCore

/// One axis of a zoom: samples of a line in, values of a longer or shorter line out, all in Double.
///
///     c(o) = (o + ½)·n/n' − ½
///
/// Lines stand side by side, eight to a vector: row i of a buffer holds sample i of `lanes` vectors of lines. A cubic
/// line gets 12 samples of its edge value on either side, is filtered to coefficients with the ends of a lattice that
/// repeats by half-sample reflection, and is read four at a time: scipy's `zoom(order=3, mode="nearest",
/// grid_mode=True)` axis by axis. Coefficients lack the filter's gain of 6; the weights have it.
struct ZoomAxis: Sendable {
    /// Samples in, n.
    let count: Int
    /// Values out, n'.
    let size: Int
    /// Rows in front of the first sample of a buffer, and behind the last.
    let padding: Int
    /// Samples that each value is made of.
    let width: Int
    /// The first of these rows, for each value.
    let starts: [Int]
    /// `width` weights for each value.
    let weights: [Double]
    /// c⁺[0] = Σ ends[i]·x[i] of the padded line.
    private let ends: [Double]

    private static let pole = 3.0.squareRoot() - 2

    /// A size that stays leaves the axis alone; a single sample is read everywhere.
    init(from count: Int, to size: Int, order: SplineOrder) {
        (self.count, self.size) = (count, size)
        let ratio = Double(count) / Double(size)
        let order = count == 1 || count == size ? .nearest : order
        padding = order == .cubic ? 12 : 0
        var (starts, weights) = ([Int](), [Double]())
        starts.reserveCapacity(size)
        for output in 0..<size {
            let c = (Double(output) + 0.5) * ratio - 0.5
            switch order {
            case .nearest:
                starts.append(count == size ? output : min(max(Int((c + 0.5).rounded(.down)), 0), count - 1))
                weights.append(1)
            case .linear:
                let inside = min(max(c, 0), Double(count - 1))
                let first = min(Int(inside), count - 2)
                let low = 1 - (inside - Double(first))
                starts.append(first)
                weights += [low, 1 - low]
            case .cubic:
                let floor = c.rounded(.down)
                starts.append(Int(floor) - 1 + padding)
                let four = cubicWeights(c - floor) * 6
                weights += [four[0], four[1], four[2], four[3]]
            }
        }
        width = order == .nearest ? 1 : order == .linear ? 2 : 4
        (self.starts, self.weights) = (starts, weights)
        ends = order == .cubic ? Self.ends(of: count + 2 * padding) : []
    }

    /// True where values are samples.
    var isKept: Bool { count == size }

    /// Rows of a buffer.
    var rows: Int { count + 2 * padding }

    /// c⁺[0] = x₀ + z/(1 − z²ᵐ)·Σ(zⁱ + z²ᵐ⁻¹⁻ⁱ)·xᵢ; weights below 1e-18 are left out.
    private static func ends(of count: Int) -> [Double] {
        var powers = [1.0]
        for _ in 0..<2 * count { powers.append(powers[powers.count - 1] * pole) }
        let scale = pole / (1 - powers[2 * count])
        var ends = (0..<count).map { scale * (powers[$0] + powers[2 * count - 1 - $0]) }
        ends[0] += 1
        while let last = ends.last, abs(last) < 1e-18 { ends.removeLast() }
        return ends
    }
}

/// Loops over a buffer of lines, in the order first row to last and back.
extension ZoomAxis {
    /// Turns samples, which lie behind the padding, into what `value` reads.
    func filter(_ rows: UnsafeMutablePointer<SIMD8<Double>>, lanes: Int) {
        guard padding > 0 else { return }
        let (last, z) = (self.rows - 1, Self.pole)
        let (first, final) = (rows + padding * lanes, rows + (padding + count - 1) * lanes)
        for row in 0..<padding {
            for lane in 0..<lanes {
                rows[row &* lanes &+ lane] = first[lane]
                final[(row &+ 1) &* lanes &+ lane] = final[lane]
            }
        }
        ends.withUnsafeBufferPointer { ends in
            for lane in 0..<lanes {
                var sum = SIMD8<Double>.zero
                for row in 0..<ends.count { sum += ends[row] * rows[row &* lanes &+ lane] }
                rows[lane] = sum
            }
        }
        for row in 1...last {
            let (before, here) = (rows + (row &- 1) &* lanes, rows + row &* lanes)
            for lane in 0..<lanes { here[lane] += z * before[lane] }
        }
        let end = rows + last * lanes
        for lane in 0..<lanes { end[lane] *= z / (z - 1) }
        for row in stride(from: last - 1, through: 0, by: -1) {
            let (here, after) = (rows + row &* lanes, rows + (row &+ 1) &* lanes)
            for lane in 0..<lanes { here[lane] = z * (after[lane] - here[lane]) }
        }
    }

    /// Value `output` of each line.
    func value(
        _ output: Int, of rows: UnsafeMutablePointer<SIMD8<Double>>, lanes: Int,
        into values: UnsafeMutablePointer<SIMD8<Double>>
    ) {
        let first = rows + starts[output] &* lanes
        switch width {
        case 1:
            for lane in 0..<lanes { values[lane] = first[lane] }
        case 2:
            let (a, b) = (weights[2 &* output], weights[2 &* output &+ 1])
            for lane in 0..<lanes { values[lane] = a * first[lane] + b * first[lanes &+ lane] }
        default:
            let (a, b) = (weights[4 &* output], weights[4 &* output &+ 1])
            let (c, d) = (weights[4 &* output &+ 2], weights[4 &* output &+ 3])
            for lane in 0..<lanes {
                let low = a * first[lane] + b * first[lanes &+ lane]
                values[lane] = low + c * first[2 &* lanes &+ lane] + d * first[3 &* lanes &+ lane]
            }
        }
    }
}
