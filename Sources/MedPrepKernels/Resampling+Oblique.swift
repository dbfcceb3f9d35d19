import CMedPrepKernels
import MedPrepCore

/// Interpolation where axes mix: each output row is a line through the source. The part of it whose neighbours are
/// all voxels is worked out beforehand and runs without questions; its ends ask.
struct Oblique {
    let source: UnsafePointer<Float>
    let sourceShape: Shape
    let result: UnsafeMutablePointer<Float>
    let shape: Shape
    let map: Affine
    let sampling: Sampling
    /// For x, y and z of the source.
    let lattices: [Lattice]

    /// Rows and planes that are read one after the other, so that what they read stays in the second cache.
    private static let (rowsPerBlock, planesPerBlock) = (16, 8)

    func run(_ workers: Workers) {
        let kernels = anyKernels
        let (allowed, interior, strides) = (allowed, interior, strides)
        let strips = (shape.h + Self.rowsPerBlock - 1) / Self.rowsPerBlock
        let blocks = (shape.d + Self.planesPerBlock - 1) / Self.planesPerBlock
        forEachIndex(shape.n * blocks * strips, workers) { unit in
            let (rest, strip) = unit.quotientAndRemainder(dividingBy: strips)
            let (sample, block) = rest.quotientAndRemainder(dividingBy: blocks)
            let (row, plane) = (strip * Self.rowsPerBlock, block * Self.planesPerBlock)
            let from = source + sample * sourceShape.sampleCount
            withUnsafeTemporaryAllocation(of: Double.self, capacity: 6) { numbers in
                for k in plane..<min(plane + Self.planesPerBlock, shape.d) {
                    for j in row..<min(row + Self.rowsPerBlock, shape.h) {
                        let line = Line(map, j, k)
                        let to = result + shape.offset(n: sample, d: k, h: j, w: 0)
                        let inside = line.range(within: allowed, count: shape.w)
                        fillOutside(inside, to)
                        if let kernels {
                            combine(kernels, line, inside, from, to)
                            continue
                        }
                        let middle = line.range(within: interior, count: shape.w)
                        // An empty range may lie outside the other.
                        let (first, end) =
                            middle.isEmpty
                            ? (inside.upperBound, inside.upperBound) : (middle.lowerBound, middle.upperBound)
                        for i in inside.lowerBound..<first { value(at: line(i), from, to + i * shape.c) }
                        if !middle.isEmpty { read(line, middle, from, strides, numbers.baseAddress!, to) }
                        for i in end..<inside.upperBound { value(at: line(i), from, to + i * shape.c) }
                    }
                }
            }
        }
    }

    var strides: [Int] {
        [sourceShape.c, sourceShape.w * sourceShape.c, sourceShape.h * sourceShape.w * sourceShape.c]
    }

    /// The places that are not `fill`.
    private var allowed: Line.Bounds {
        let ranges = lattices.map { sampling.inside($0.voxels) }
        return Line.Bounds(
            low: SIMD3(ranges[0].lowerBound, ranges[1].lowerBound, ranges[2].lowerBound),
            high: SIMD3(ranges[0].upperBound, ranges[1].upperBound, ranges[2].upperBound))
    }

    /// Those whose neighbours are all voxels.
    private var interior: Line.Bounds {
        var bounds = allowed
        for a in 0..<3 {
            let last = Double(lattices[a].voxels - 1)
            let (low, high): (Double, Double) =
                switch sampling.interpolation {
                case .nearest: (-0.5, last + 0.5 - 2e-6)
                case .linear: (0, last * (1 - 1e-12) - 1e-12)
                case .bspline3 where lattices[a].padding > 0: (-0.5, last + 0.5)
                case .bspline3: (1, (last - 1) * (1 - 1e-12))
                default: (1, 0)
                }
            (bounds.low[a], bounds.high[a]) = (max(low, bounds.low[a]), min(high, bounds.high[a]))
        }
        return bounds
    }

    private func fillOutside(_ inside: Range<Int>, _ to: UnsafeMutablePointer<Float>) {
        let (first, end) = (inside.lowerBound * shape.c, inside.upperBound * shape.c)
        to.initialize(repeating: sampling.fill, count: first)
        (to + end).initialize(repeating: sampling.fill, count: shape.w * shape.c - end)
    }

    /// The outputs of a row whose neighbours are all voxels. `numbers` has room for a line.
    private func read(
        _ line: Line, _ range: Range<Int>, _ from: UnsafePointer<Float>, _ strides: [Int],
        _ numbers: UnsafeMutablePointer<Double>, _ to: UnsafeMutablePointer<Float>
    ) {
        let c = shape.c
        let (dx, dy, dz) = (strides[0], strides[1], strides[2])
        let place = to + range.lowerBound * c
        for a in 0..<3 {
            numbers[a] = line.start[a] + Double(lattices[a].padding)
            numbers[3 + a] = line.step[a]
        }
        switch sampling.interpolation {
        case .linear:
            medprep_trilinear_row(
                place, from, numbers, numbers + 3, range.lowerBound, range.count, strides, c)
        case .nearest:
            for i in range {
                let p = line(i) + SIMD3(repeating: 0.5 + 1e-6)
                let voxel = from + (Int(p.x) &* dx &+ Int(p.y) &* dy &+ Int(p.z) &* dz)
                for channel in 0..<c { to[i &* c &+ channel] = voxel[channel] }
            }
        case .bspline3 where c == 1:
            medprep_cubic_row(place, from, numbers, numbers + 3, range.lowerBound, range.count, strides)
        case .bspline3:
            let ramp = SIMD4(-1, 0, 1, 2)
            for i in range {
                let p = SIMD3(
                    numbers[0] + numbers[3] * Double(i), numbers[1] + numbers[4] * Double(i),
                    numbers[2] + numbers[5] * Double(i))
                let (x, y, z) = (Int(p.x), Int(p.y), Int(p.z))
                let weights = (
                    SIMD4<Float>(cubicWeights(p.x - Double(x))), SIMD4<Float>(cubicWeights(p.y - Double(y))),
                    SIMD4<Float>(cubicWeights(p.z - Double(z)))
                )
                spline(from, (ramp &+ x) &* c, (ramp &+ y) &* dy, (ramp &+ z) &* dz, weights, to + i * c)
            }
        default: break
        }
    }

    /// One output inside the field of view.
    private func value(at p: SIMD3<Double>, _ from: UnsafePointer<Float>, _ to: UnsafeMutablePointer<Float>) {
        let c = shape.c
        switch sampling.interpolation {
        case .nearest:
            let offsets = (0..<3).map { fold(nearestIndex(p[$0]), $0) }
            for channel in 0..<c { to[channel] = read(from, offsets[0], offsets[1], offsets[2], channel) }
        case .linear:
            var low = [Int?](repeating: nil, count: 3)
            var high = low
            var part = [Float](repeating: 0, count: 3)
            for a in 0..<3 {
                let size = Double(lattices[a].voxels - 1)
                let q = lattices[a].boundary == .edge ? min(max(p[a], 0), size) : p[a]
                let floor = q.rounded(.down)
                (low[a], high[a], part[a]) = (fold(Int(floor), a), fold(Int(floor) + 1, a), Float(q - floor))
            }
            for channel in 0..<c {
                func row(_ y: Int?, _ z: Int?) -> Float {
                    let first = read(from, low[0], y, z, channel)
                    return first + part[0] * (read(from, high[0], y, z, channel) - first)
                }
                let (a, b, d, e) = (
                    row(low[1], low[2]), row(high[1], low[2]), row(low[1], high[2]), row(high[1], high[2])
                )
                let (f, g) = (a + part[1] * (b - a), d + part[1] * (e - d))
                to[channel] = f + part[2] * (g - f)
            }
        case .bspline3:
            var offsets = [SIMD4<Int>](repeating: .zero, count: 3)
            var weights = [SIMD4<Float>](repeating: .zero, count: 3)
            for a in 0..<3 {
                let floor = p[a].rounded(.down)
                weights[a] = SIMD4<Float>(cubicWeights(p[a] - floor))
                for tap in 0..<4 {
                    offsets[a][tap] = fold(Int(floor) - 1 + tap + lattices[a].padding, a) ?? 0
                }
            }
            spline(from, offsets[0], offsets[1], offsets[2], (weights[0], weights[1], weights[2]), to)
        default: break
        }
    }

    /// 64 coefficients: x in four lanes, Σ_k z_k·Σ_j y_j·c[k][j], the lanes joined last.
    @inline(__always)
    private func spline(
        _ from: UnsafePointer<Float>, _ x: SIMD4<Int>, _ y: SIMD4<Int>, _ z: SIMD4<Int>,
        _ weights: (SIMD4<Float>, SIMD4<Float>, SIMD4<Float>), _ to: UnsafeMutablePointer<Float>
    ) {
        for channel in 0..<shape.c {
            var sum = SIMD4<Float>.zero
            for k in 0..<4 {
                var plane = SIMD4<Float>.zero
                for j in 0..<4 {
                    let row = from + (z[k] &+ y[j] &+ channel)
                    plane += SIMD4(row[x[0]], row[x[1]], row[x[2]], row[x[3]]) * weights.1[j]
                }
                sum += plane * weights.2[k]
            }
            sum *= weights.0
            to[channel] = ((sum[0] + sum[1]) + sum[2]) + sum[3]
        }
    }

    /// The value offset of an index along an axis; nil: the fill value.
    private func fold(_ index: Int, _ axis: Int) -> Int? {
        lattices[axis].boundary.fold(index, lattices[axis].size).map { $0 * strides[axis] }
    }

    private func read(_ from: UnsafePointer<Float>, _ x: Int?, _ y: Int?, _ z: Int?, _ channel: Int) -> Float
    {
        guard let x, let y, let z else { return sampling.fill }
        return from[x + y + z + channel]
    }
}

/// An output row in index space of the source.
struct Line {
    let start: SIMD3<Double>
    let step: SIMD3<Double>

    init(_ map: Affine, _ j: Int, _ k: Int) {
        start = map(SIMD3(0, Double(j), Double(k)))
        step = map.x
    }

    func callAsFunction(_ i: Int) -> SIMD3<Double> { start + step * Double(i) }

    /// The smallest and largest index along each axis.
    struct Bounds {
        var low: SIMD3<Double>
        var high: SIMD3<Double>

        func contains(_ p: SIMD3<Double>) -> Bool {
            low.x <= p.x && p.x <= high.x && low.y <= p.y && p.y <= high.y && low.z <= p.z && p.z <= high.z
        }
    }

    /// The outputs 0..<count that lie between the bounds of every axis.
    func range(within bounds: Bounds, count: Int) -> Range<Int> {
        var (first, last) = (0.0, Double(count - 1))
        for a in 0..<3 where step[a] != 0 {
            let (p, q) = ((bounds.low[a] - start[a]) / step[a], (bounds.high[a] - start[a]) / step[a])
            (first, last) = (max(first, min(p, q)), min(last, max(p, q)))
        }
        guard first <= last + 1 else { return 0..<0 }
        // The quotients are rounded: one output more at either end, then the positions themselves are asked.
        var low = max(Int(first.rounded(.up)) - 1, 0)
        var high = min(Int(last.rounded(.down)) + 2, count)
        while low < high, !bounds.contains(self(low)) { low += 1 }
        while low < high, !bounds.contains(self(high - 1)) { high -= 1 }
        return low < high ? low..<high : 0..<0
    }
}
