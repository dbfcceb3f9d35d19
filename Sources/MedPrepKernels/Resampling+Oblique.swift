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
        let (allowed, interior, strides, ahead) = (allowed, interior, strides, ahead)
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
                        if !middle.isEmpty {
                            read(line, middle, from, (strides, ahead), numbers.baseAddress!, to)
                        }
                        for i in end..<inside.upperBound { value(at: line(i), from, to + i * shape.c) }
                    }
                }
            }
        }
    }

    var strides: [Int] {
        [sourceShape.c, sourceShape.w * sourceShape.c, sourceShape.h * sourceShape.w * sourceShape.c]
    }

    /// From what an output reads to what the same output of the next plane reads first: a place in memory that may be
    /// fetched early.
    private var ahead: Int {
        let step = map.z
        let main = (0..<3).max { abs(step[$0]) < abs(step[$1]) } ?? 2
        let reach = sampling.interpolation == .bspline3 ? (-1, 2) : (0, 1)
        var sum = strides[main] * (step[main] < 0 ? reach.0 : reach.1)
        for a in 0..<3 where abs(step[a]) < 64 { sum += strides[a] * Int(step[a].rounded()) }
        return sum
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
        _ line: Line, _ range: Range<Int>, _ from: UnsafePointer<Float>,
        _ steps: (strides: [Int], ahead: Int), _ numbers: UnsafeMutablePointer<Double>,
        _ to: UnsafeMutablePointer<Float>
    ) {
        let c = shape.c
        let (strides, ahead) = steps
        let (dx, dy, dz) = (strides[0], strides[1], strides[2])
        let place = to + range.lowerBound * c
        for a in 0..<3 {
            numbers[a] = line.start[a] + Double(lattices[a].padding)
            numbers[3 + a] = line.step[a]
        }
        switch sampling.interpolation {
        case .linear:
            medprep_trilinear_row(
                place, from, numbers, numbers + 3, range.lowerBound, range.count, strides, c, ahead)
        case .nearest:
            for i in range {
                let p = line(i) + SIMD3(repeating: 0.5 + 1e-6)
                let voxel = from + (Int(p.x) &* dx &+ Int(p.y) &* dy &+ Int(p.z) &* dz)
                for channel in 0..<c { to[i &* c &+ channel] = voxel[channel] }
            }
        case .bspline3 where c == 1:
            medprep_cubic_row(
                place, from, numbers, numbers + 3, range.lowerBound, range.count, strides, ahead)
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
            let x = fold(nearestIndex(p.x), 0)
            let (y, z) = (fold(nearestIndex(p.y), 1), fold(nearestIndex(p.z), 2))
            for channel in 0..<c { to[channel] = read(from, x, y, z, channel) }
        case .linear:
            let (x, y, z) = (neighbours(p.x, 0), neighbours(p.y, 1), neighbours(p.z, 2))
            for channel in 0..<c {
                func row(_ y: Int?, _ z: Int?) -> Float {
                    let first = read(from, x.low, y, z, channel)
                    return first + x.part * (read(from, x.high, y, z, channel) - first)
                }
                let (a, b, d, e) = (
                    row(y.low, z.low), row(y.high, z.low), row(y.low, z.high), row(y.high, z.high)
                )
                let (f, g) = (a + y.part * (b - a), d + y.part * (e - d))
                to[channel] = f + z.part * (g - f)
            }
        case .bspline3:
            let (x, y, z) = (coefficients(p.x, 0), coefficients(p.y, 1), coefficients(p.z, 2))
            spline(from, x.offsets, y.offsets, z.offsets, (x.weights, y.weights, z.weights), to)
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

    /// The two voxels around a place, and how far behind the first it is.
    private func neighbours(_ c: Double, _ axis: Int) -> (low: Int?, high: Int?, part: Float) {
        let last = Double(lattices[axis].voxels - 1)
        let place = lattices[axis].boundary == .edge ? min(max(c, 0), last) : c
        let floor = place.rounded(.down)
        return (fold(Int(floor), axis), fold(Int(floor) + 1, axis), Float(place - floor))
    }

    /// The four coefficients around a place.
    private func coefficients(_ c: Double, _ axis: Int) -> (offsets: SIMD4<Int>, weights: SIMD4<Float>) {
        let floor = c.rounded(.down)
        let first = Int(floor) - 1 + lattices[axis].padding
        var offsets = SIMD4<Int>.zero
        for tap in 0..<4 { offsets[tap] = fold(first + tap, axis) ?? 0 }
        return (offsets, SIMD4<Float>(cubicWeights(c - floor)))
    }

    /// The value offset of an index along an axis; nil: the fill value.
    private func fold(_ index: Int, _ axis: Int) -> Int? {
        let stride =
            axis == 0
            ? shape.c : axis == 1 ? sourceShape.w * shape.c : sourceShape.h * sourceShape.w * shape.c
        return lattices[axis].boundary.fold(index, lattices[axis].size).map { $0 * stride }
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
