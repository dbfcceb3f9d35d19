import CMedPrepKernels
package import MedPrepCore

/// One pass of a B-spline's prefilter: c⁺[i] = gain·x[i] + z·c⁺[i−1], c[i] = z·(c[i+1] − c⁺[i]).
struct FilterPass {
    let pole: Double
    /// (1 − z)(1 − 1/z).
    let gain: Double

    private init(_ pole: Double, gain: Double? = nil) {
        (self.pole, self.gain) = (pole, gain ?? (1 - pole) * (1 - 1 / pole))
    }

    /// One pass for each pole of the B-spline of a degree (SEMANTICS 7).
    static func passes(degree: Int) -> [FilterPass] {
        switch degree {
        case 2: [FilterPass(8.0.squareRoot() - 3, gain: 8)]
        case 3: [FilterPass(3.0.squareRoot() - 2, gain: 6)]
        case 4:
            [
                FilterPass((664 - 438_976.0.squareRoot()).squareRoot() + 304.0.squareRoot() - 19),
                FilterPass((664 + 438_976.0.squareRoot()).squareRoot() - 304.0.squareRoot() - 19),
            ]
        default:
            [
                FilterPass((67.5 - 4436.25.squareRoot()).squareRoot() + 26.25.squareRoot() - 6.5),
                FilterPass((67.5 + 4436.25.squareRoot()).squareRoot() - 26.25.squareRoot() - 6.5),
            ]
        }
    }
}

/// The two ends of the recursion along an axis of `size` samples: sums that stand for the endless lattice.
struct FilterEnds {
    /// (sample, weight) of c⁺[0] = Σ w·x, without the gain.
    let first: [(index: Int, weight: Double)]
    /// (sample, weight) of c[n−1] = Σ w·c⁺.
    let last: [(index: Int, weight: Double)]

    /// The exact sums of SEMANTICS 7; terms below 1e-12 are left out.
    init(size n: Int, boundary: Boundary, pole z: Double) {
        var powers = [1.0]
        for _ in 0..<2 * n { powers.append(powers[powers.count - 1] * z) }
        var first = [Double](repeating: 0, count: n)
        var last = [Double](repeating: 0, count: n)
        switch boundary {
        case .reflect:
            for i in 0..<n { first[i] = z / (1 - powers[2 * n]) * (powers[i] + powers[2 * n - 1 - i]) }
            first[0] += 1
            last[n - 1] = z / (z - 1)
        case .wrap:
            for i in 0..<n {
                first[(n - i) % n] = powers[i] / (1 - powers[n])
                last[(n - 1 + i) % n] = -z * powers[i] / (1 - powers[n])
            }
        default:
            let whole = 1 - powers[2 * n - 2]
            for i in 1..<n - 1 { first[i] = (powers[i] + powers[2 * n - 2 - i]) / whole }
            first[0] = 1 / whole
            first[n - 1] = powers[n - 1] / whole
            last[n - 2] = z * z / (z * z - 1)
            last[n - 1] = z / (z * z - 1)
        }
        func large(_ weights: [Double]) -> [(index: Int, weight: Double)] {
            weights.enumerated().filter { abs($0.element) > 1e-12 }.map { ($0.offset, $0.element) }
        }
        (self.first, self.last) = (large(first), large(last))
    }
}

extension Tensor {
    /// Turns samples into the coefficients of the B-spline of `degree` through them, along the axes with a boundary
    /// (x, y, z); Float32, in place. Order: x, y, z; per axis and pole c⁺ upwards, then c downwards.
    package mutating func prefilter(_ boundaries: [Boundary?], degree: Int = 3, _ workers: Workers) {
        let shape = shape
        let passes = FilterPass.passes(degree: degree)
        withUnsafeMutableValues { values in
            let base = values.baseAddress!
            if let boundary = boundaries[0], shape.w > 1 {
                let rows = shape.n * shape.d * shape.h
                let together = max(1, 32 / shape.c)
                let columns = Columns(
                    size: shape.w, lanes: together * shape.c, boundary: boundary, passes: passes)
                forEachIndex((rows + together - 1) / together, workers) { unit in
                    let first = unit * together
                    columns.filterRows(
                        base + first * shape.w * shape.c, rows: min(together, rows - first), channels: shape.c
                    )
                }
            }
            if let boundary = boundaries[1], shape.h > 1 {
                Columns(size: shape.h, lanes: 64, boundary: boundary, passes: passes).filterAll(
                    base, stride: shape.w * shape.c, groups: shape.n * shape.d, workers)
            }
            if let boundary = boundaries[2], shape.d > 1 {
                Columns(size: shape.d, lanes: 64, boundary: boundary, passes: passes).filterAll(
                    base, stride: shape.h * shape.w * shape.c, groups: shape.n, workers)
            }
        }
    }
}

extension Tensor {
    /// A copy with what a B-spline's prefilter needs around it.
    func padded(_ lattices: [Lattice], _ sampling: Sampling, _ workers: Workers) -> Tensor {
        let strides = [shape.c, shape.w * shape.c, shape.h * shape.w * shape.c]
        let isConstant = sampling.resolvedBoundary == .constant
        let around = Sampling(.nearest, boundary: isConstant ? .constant : .edge, continues: true)
        let tables = (0..<3).map { a in
            let motion = AxisMotion(shifting: a, by: -lattices[a].padding, count: lattices[a].size)
            let lattice = Lattice(shape.extent[a], sampling: around, isFiltered: false)
            return AxisOffsets(Taps(motion, lattice: lattice, sampling: around), axis: a, stride: strides[a])
        }
        let extent = SIMD3(lattices[0].size, lattices[1].size, lattices[2].size)
        return gathered(tables, to: extent, fill: sampling.fill, workers)
    }
}

/// Columns of `size` samples, filtered `lanes` at a time in a buffer that the second cache holds.
private struct Columns {
    let size: Int
    let lanes: Int
    let passes: [(filter: FilterPass, ends: FilterEnds)]

    init(size: Int, lanes: Int, boundary: Boundary, passes: [FilterPass]) {
        (self.size, self.lanes) = (size, lanes)
        self.passes = passes.map { ($0, FilterEnds(size: size, boundary: boundary, pole: $0.pole)) }
    }

    /// Columns whose samples lie `stride` apart; `stride` of them side by side in each group.
    func filterAll(_ base: UnsafeMutablePointer<Float>, stride: Int, groups: Int, _ workers: Workers) {
        let blocks = (stride + lanes - 1) / lanes
        forEachIndex(groups * blocks, workers) { unit in
            let (group, block) = unit.quotientAndRemainder(dividingBy: blocks)
            let first = block * lanes
            let count = min(lanes, stride - first)
            let column = base + group * size * stride + first
            withUnsafeTemporaryAllocation(of: Float.self, capacity: (size + 1) * lanes) { buffer in
                let buffer = buffer.baseAddress!
                for i in 0..<size { (buffer + i * count).initialize(from: column + i * stride, count: count) }
                filter(buffer, lanes: count)
                for i in 0..<size { (column + i * stride).update(from: buffer + i * count, count: count) }
            }
        }
    }

    /// Columns that are rows of the tensor: turned into the buffer and back.
    func filterRows(_ base: UnsafeMutablePointer<Float>, rows: Int, channels: Int) {
        let (count, size) = (rows * channels, size)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: (size + 1) * lanes) { buffer in
            let buffer = buffer.baseAddress!
            for begin in stride(from: 0, to: size, by: 16) {
                for row in 0..<rows {
                    for c in 0..<channels {
                        let (line, column) = (
                            base + (row * size * channels + c), buffer + (row * channels + c)
                        )
                        for i in begin..<min(begin &+ 16, size) { column[i &* count] = line[i &* channels] }
                    }
                }
            }
            filter(buffer, lanes: count)
            for begin in stride(from: 0, to: size, by: 16) {
                for row in 0..<rows {
                    for c in 0..<channels {
                        let (line, column) = (
                            base + (row * size * channels + c), buffer + (row * channels + c)
                        )
                        for i in begin..<min(begin &+ 16, size) { line[i &* channels] = column[i &* count] }
                    }
                }
            }
        }
    }

    /// `size` rows of `lanes` values, and room for one more.
    private func filter(_ rows: UnsafeMutablePointer<Float>, lanes: Int) {
        let spare = rows + size * lanes
        for (filter, ends) in passes {
            let pole = Float(filter.pole)
            combine(spare, ends.first, gain: filter.gain, rows, lanes)
            rows.update(from: spare, count: lanes)
            medprep_filter_forward(rows, size, lanes, pole, Float(filter.gain))
            combine(spare, ends.last, gain: 1, rows, lanes)
            (rows + (size - 1) * lanes).update(from: spare, count: lanes)
            medprep_filter_backward(rows, size, lanes, pole)
        }
    }

    private func combine(
        _ out: UnsafeMutablePointer<Float>, _ terms: [(index: Int, weight: Double)], gain: Double,
        _ rows: UnsafeMutablePointer<Float>, _ lanes: Int
    ) {
        let pointers: [UnsafePointer<Float>?] = terms.map { UnsafePointer(rows + $0.index * lanes) }
        let weights = terms.map { Float($0.weight * gain) }
        medprep_combine_rows(out, pointers, weights, Int32(terms.count), lanes)
    }
}
