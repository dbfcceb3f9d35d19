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

    func run(_ workers: Workers) {
        let rows = shape.h * shape.d
        let block = 8
        let kernels = anyKernels
        let blocks = (rows + block - 1) / block
        forEachIndex(shape.n * blocks, workers) { unit in
            let (sample, first) = (unit / blocks, unit % blocks * block)
            let from = source + sample * sourceShape.sampleCount
            for row in first..<min(first + block, rows) {
                let (k, j) = row.quotientAndRemainder(dividingBy: shape.h)
                let line = Line(map, j, k)
                let to = result + shape.offset(n: sample, d: k, h: j, w: 0)
                if let kernels {
                    combine(kernels, line, from, to)
                    continue
                }
                let inside = interior(of: line)
                for i in 0..<inside.lowerBound { value(at: line(i), from, to + i * shape.c) }
                if !inside.isEmpty { interior(line, inside, from, to) }
                for i in inside.upperBound..<shape.w { value(at: line(i), from, to + i * shape.c) }
            }
        }
    }

    var strides: [Int] {
        [sourceShape.c, sourceShape.w * sourceShape.c, sourceShape.h * sourceShape.w * sourceShape.c]
    }

    /// The outputs of a row whose neighbours are all voxels.
    private func interior(of line: Line) -> Range<Int> {
        let bounds = lattices.map { lattice -> (low: Double, high: Double) in
            let last = Double(lattice.voxels - 1)
            let allowed = sampling.inside(lattice.voxels)
            let (low, high): (Double, Double) =
                switch sampling.interpolation {
                case .nearest: (-0.5, last + 0.5 - 2e-6)
                case .linear: (0, last * (1 - 1e-12) - 1e-12)
                case .bspline3 where lattice.padding > 0: (-0.5, last + 0.5)
                case .bspline3: (1, (last - 1) * (1 - 1e-12))
                default: (1, 0)
                }
            return (max(low, allowed.lowerBound), min(high, allowed.upperBound))
        }
        return line.range(within: bounds, count: shape.w)
    }

    private func interior(
        _ line: Line, _ range: Range<Int>, _ from: UnsafePointer<Float>, _ to: UnsafeMutablePointer<Float>
    ) {
        let c = shape.c
        switch sampling.interpolation {
        case .linear:
            medprep_trilinear_row(
                to + range.lowerBound * c, from, line.start.list, line.step.list, range.lowerBound,
                range.count,
                strides, c)
        case .nearest:
            let (dx, dy, dz) = (strides[0], strides[1], strides[2])
            for i in range {
                let p = line(i) + SIMD3(repeating: 0.5 + 1e-6)
                let voxel = from + (Int(p.x) &* dx &+ Int(p.y) &* dy &+ Int(p.z) &* dz)
                for channel in 0..<c { to[i &* c &+ channel] = voxel[channel] }
            }
        case .bspline3:
            let padding = SIMD3(lattices[0].padding, lattices[1].padding, lattices[2].padding)
            let (dy, dz) = (strides[1], strides[2])
            let ramp = SIMD4(0, 1, 2, 3)
            for i in range {
                let p = line(i) + SIMD3<Double>(padding)
                let (x, y, z) = (Int(p.x), Int(p.y), Int(p.z))
                let weights = (
                    SIMD4<Float>(cubicWeights(p.x - Double(x))), SIMD4<Float>(cubicWeights(p.y - Double(y))),
                    SIMD4<Float>(cubicWeights(p.z - Double(z)))
                )
                if c == 1 {
                    to[i] = spline(from + ((x - 1) &+ (y - 1) &* dy &+ (z - 1) &* dz), dy, dz, weights)
                } else {
                    spline(
                        from, (ramp &+ (x - 1)) &* c, (ramp &+ (y - 1)) &* dy, (ramp &+ (z - 1)) &* dz,
                        weights,
                        to + i * c)
                }
            }
        default: break
        }
    }

    /// One voxel anywhere.
    private func value(at p: SIMD3<Double>, _ from: UnsafePointer<Float>, _ to: UnsafeMutablePointer<Float>) {
        let c = shape.c
        guard (0..<3).allSatisfy({ sampling.inside(lattices[$0].voxels).contains(p[$0]) }) else {
            for channel in 0..<c { to[channel] = sampling.fill }
            return
        }
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

    /// 64 coefficients: x in four lanes, over y and z in order, the lanes joined last.
    @inline(__always)
    private func spline(
        _ from: UnsafePointer<Float>, _ x: SIMD4<Int>, _ y: SIMD4<Int>, _ z: SIMD4<Int>,
        _ weights: (SIMD4<Float>, SIMD4<Float>, SIMD4<Float>), _ to: UnsafeMutablePointer<Float>
    ) {
        for channel in 0..<shape.c {
            var sum = SIMD4<Float>.zero
            for k in 0..<4 {
                for j in 0..<4 {
                    let row = from + (z[k] &+ y[j] &+ channel)
                    sum += SIMD4(row[x[0]], row[x[1]], row[x[2]], row[x[3]]) * (weights.1[j] * weights.2[k])
                }
            }
            sum *= weights.0
            to[channel] = ((sum[0] + sum[1]) + sum[2]) + sum[3]
        }
    }

    /// The same for one channel where x runs on from `corner`: same order, same bits.
    @inline(__always)
    private func spline(
        _ corner: UnsafePointer<Float>, _ dy: Int, _ dz: Int,
        _ weights: (SIMD4<Float>, SIMD4<Float>, SIMD4<Float>)
    ) -> Float {
        var sum = SIMD4<Float>.zero
        let y = (weights.1[0], weights.1[1], weights.1[2], weights.1[3])
        var plane = corner
        for k in 0..<4 {
            let z = weights.2[k]
            func row(_ j: Int, _ weight: Float) -> SIMD4<Float> {
                UnsafeRawPointer(plane + j &* dy).loadUnaligned(as: SIMD4<Float>.self) * (weight * z)
            }
            sum += row(0, y.0)
            sum += row(1, y.1)
            sum += row(2, y.2)
            sum += row(3, y.3)
            plane += dz
        }
        sum *= weights.0
        return ((sum[0] + sum[1]) + sum[2]) + sum[3]
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

    /// The outputs 0..<count that lie between the bounds of every axis.
    func range(within bounds: [(low: Double, high: Double)], count: Int) -> Range<Int> {
        var (first, last) = (0.0, Double(count - 1))
        for a in 0..<3 where step[a] != 0 {
            let (p, q) = ((bounds[a].low - start[a]) / step[a], (bounds[a].high - start[a]) / step[a])
            (first, last) = (max(first, min(p, q)), min(last, max(p, q)))
        }
        guard first <= last else { return 0..<0 }
        var (low, high) = (Int(first.rounded(.up)), Int(last.rounded(.down)) + 1)
        // The quotients are rounded: ask the positions themselves.
        func holds(_ i: Int) -> Bool {
            let p = self(i)
            return (0..<3).allSatisfy { bounds[$0].low <= p[$0] && p[$0] <= bounds[$0].high }
        }
        while low < high, !holds(low) { low += 1 }
        while low < high, !holds(high - 1) { high -= 1 }
        return low < high ? low..<high : 0..<0
    }
}

extension SIMD3<Double> {
    fileprivate var list: [Double] { [x, y, z] }
}
