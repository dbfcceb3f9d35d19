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

/// The prefilter of one axis, in place, for columns of samples that stand side by side: row i holds sample i of each.
/// Per pole c⁺ upwards, then c downwards.
struct ColumnFilter {
    let size: Int
    private let passes: [Pass]

    private struct Pass {
        let pole: Float
        let gain: Float
        let first: Ends
        let last: Ends
    }

    private struct Ends {
        let rows: [Int32]
        let weights: [Float]

        init(_ terms: [(index: Int, weight: Double)], gain: Double = 1) {
            rows = terms.map { Int32($0.index) }
            weights = terms.map { Float($0.weight * gain) }
        }

        func write(_ out: UnsafeMutablePointer<Float>, from columns: UnsafePointer<Float>, _ lanes: Int) {
            medprep_read_columns(out, lanes, columns, lanes, rows, weights, Int32(rows.count), 1, nil, 0, 0)
        }
    }

    /// Precondition: two samples or more.
    init(size: Int, boundary: Boundary, degree: Int) {
        self.size = size
        passes = FilterPass.passes(degree: degree).map { pass in
            let ends = FilterEnds(size: size, boundary: boundary, pole: pass.pole)
            return Pass(
                pole: Float(pass.pole), gain: Float(pass.gain), first: Ends(ends.first, gain: pass.gain),
                last: Ends(ends.last))
        }
    }

    func callAsFunction(_ columns: UnsafeMutablePointer<Float>, lanes: Int) {
        for pass in passes {
            pass.first.write(columns, from: columns, lanes)
            medprep_filter_forward(columns, size, lanes, pass.pole, pass.gain)
            pass.last.write(columns + (size - 1) * lanes, from: columns, lanes)
            medprep_filter_backward(columns, size, lanes, pass.pole)
        }
    }
}

/// Rows become columns: `columns[i·lanes + row·channels + c] = rows[row·stride + i·channels + c]` for `size` voxels i.
func turnIn(
    _ rows: UnsafePointer<Float>, _ count: Int, stride: Int, size: Int, channels: Int,
    _ columns: UnsafeMutablePointer<Float>
) {
    let lanes = count * channels
    if channels == 1 { return medprep_turn(columns, lanes, rows, stride, count, size) }
    for row in 0..<count {
        let (line, column) = (rows + row * stride, columns + row * channels)
        for i in 0..<size {
            for c in 0..<channels { column[i &* lanes &+ c] = line[i &* channels &+ c] }
        }
    }
}

/// Columns become rows: the reverse.
func turnOut(
    _ columns: UnsafePointer<Float>, _ count: Int, stride: Int, size: Int, channels: Int,
    _ rows: UnsafeMutablePointer<Float>
) {
    let lanes = count * channels
    if channels == 1 { return medprep_turn(rows, stride, columns, lanes, size, count) }
    for row in 0..<count {
        let (line, column) = (rows + row * stride, columns + row * channels)
        for i in 0..<size {
            for c in 0..<channels { line[i &* channels &+ c] = column[i &* lanes &+ c] }
        }
    }
}

extension Tensor {
    /// Turns samples into the coefficients of the B-spline of `degree` through them, along the axes with a boundary
    /// (x, y, z); Float32, in place. Order: x, y, z.
    package mutating func prefilter(_ boundaries: [Boundary?], degree: Int = 3, _ workers: Workers) {
        let shape = shape
        withUnsafeMutableValues { values in
            let base = values.baseAddress!
            if let boundary = boundaries[0], shape.w > 1 {
                let filter = ColumnFilter(size: shape.w, boundary: boundary, degree: degree)
                filter.runAlongRows(base, shape, workers)
            }
            if let boundary = boundaries[1], shape.h > 1 {
                let filter = ColumnFilter(size: shape.h, boundary: boundary, degree: degree)
                filter.runAcross(base, stride: shape.w * shape.c, groups: shape.n * shape.d, workers)
            }
            if let boundary = boundaries[2], shape.d > 1 {
                let filter = ColumnFilter(size: shape.d, boundary: boundary, degree: degree)
                filter.runAcross(base, stride: shape.h * shape.w * shape.c, groups: shape.n, workers)
            }
        }
    }
}

extension ColumnFilter {
    /// Columns whose samples lie `stride` apart, `stride` of them side by side in each group: copied to where the second
    /// cache holds them, and back.
    fileprivate func runAcross(
        _ base: UnsafeMutablePointer<Float>, stride: Int, groups: Int, _ workers: Workers
    ) {
        let (lanes, size) = (64, size)
        let blocks = (stride + lanes - 1) / lanes
        forEachIndex(groups * blocks, workers) { unit in
            let (group, block) = unit.quotientAndRemainder(dividingBy: blocks)
            let first = block * lanes
            let count = min(lanes, stride - first)
            let column = base + group * size * stride + first
            withUnsafeTemporaryAllocation(of: Float.self, capacity: size * lanes) { buffer in
                let buffer = buffer.baseAddress!
                for i in 0..<size { (buffer + i * count).initialize(from: column + i * stride, count: count) }
                self(buffer, lanes: count)
                for i in 0..<size { (column + i * stride).update(from: buffer + i * count, count: count) }
            }
        }
    }

    /// Columns that are rows of the tensor.
    fileprivate func runAlongRows(_ base: UnsafeMutablePointer<Float>, _ shape: Shape, _ workers: Workers) {
        let (c, size) = (shape.c, size)
        let rows = shape.n * shape.d * shape.h
        let together = max(1, 32 / c)
        forEachIndex((rows + together - 1) / together, workers) { unit in
            let first = unit * together
            let count = min(together, rows - first)
            let place = base + first * size * c
            withUnsafeTemporaryAllocation(of: Float.self, capacity: size * together * c) { buffer in
                let buffer = buffer.baseAddress!
                turnIn(place, count, stride: size * c, size: size, channels: c, buffer)
                self(buffer, lanes: count * c)
                turnOut(buffer, count, stride: size * c, size: size, channels: c, place)
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
