import Glibc
import MedPrepCore

/// The resampler as SEMANTICS 6 and 7 word it: one voxel at a time, in Double, nothing shared with the kernels.
struct NaiveResampling {
    let source: Tensor
    let sampling: Sampling
    private let coefficients: [Double]
    /// Samples before the first voxel.
    private let padding: Int

    init(_ source: Tensor, _ sampling: Sampling) {
        (self.source, self.sampling) = (source, sampling)
        let boundary = sampling.resolvedBoundary
        let isPadded =
            sampling.interpolation.splineDegree != nil && (boundary == .edge || boundary == .constant)
        padding = isPadded ? 12 : 0
        guard let degree = sampling.interpolation.splineDegree else {
            coefficients = source.values.map(Double.init)
            return
        }
        let (s, p) = (source.shape, padding)
        let shape = Shape(n: s.n, d: s.d + 2 * p, h: s.h + 2 * p, w: s.w + 2 * p, c: s.c)
        var values = [Double](repeating: 0, count: shape.count)
        for n in 0..<s.n {
            for k in 0..<shape.d {
                for j in 0..<shape.h {
                    for i in 0..<shape.w {
                        for c in 0..<s.c {
                            let place = [i - p, j - p, k - p]
                            let inside = (0..<3).allSatisfy { place[$0] >= 0 && place[$0] < s.extent[$0] }
                            let q = (0..<3).map { min(max(place[$0], 0), s.extent[$0] - 1) }
                            let value = source[n: n, d: q[2], h: q[1], w: q[0], c: c]
                            values[shape.offset(n: n, d: k, h: j, w: i, c: c)] =
                                boundary == .constant && !inside ? Double(sampling.fill) : Double(value)
                        }
                    }
                }
            }
        }
        let ends: Boundary = isPadded ? .reflect : boundary == .constantSharp ? .mirror : boundary
        for (axis, stride) in [shape.c, shape.w * shape.c, shape.h * shape.w * shape.c].enumerated() {
            let size = shape.extent[axis]
            let matrix = Self.solver(size, ends, degree)
            for first in 0..<shape.count where first / stride % size == 0 {
                let line = (0..<size).map { values[first + $0 * stride] }
                for i in 0..<size {
                    var sum = 0.0
                    for (weight, sample) in zip(matrix[i], line) { sum += weight * sample }
                    values[first + i * stride] = sum
                }
            }
        }
        coefficients = values
    }

    /// The matrix from samples to the coefficients whose B-spline passes through them, the inverse of
    /// Σ_k B(k)·c[i+k] = x[i], by elimination.
    private static func solver(_ n: Int, _ boundary: Boundary, _ degree: Int) -> [[Double]] {
        if n == 1 { return [[1]] }
        var rows = (0..<n).map { i -> [Double] in
            var row = [Double](repeating: 0, count: 2 * n)
            row[n + i] = 1
            for offset in -3...3 {
                row[naiveFold(i + offset, n, boundary) ?? 0] += centredSpline(degree, Double(offset))
            }
            return row
        }
        for i in 0..<n {
            for r in 0..<n where r != i && rows[r][i] != 0 {
                let factor = rows[r][i] / rows[i][i]
                for c in i..<2 * n { rows[r][c] -= factor * rows[i][c] }
            }
        }
        return (0..<n).map { i in (0..<n).map { rows[i][n + $0] / rows[i][i] } }
    }

    /// The value at one continuous index.
    func value(
        at c: SIMD3<Double>, ratios: SIMD3<Double> = SIMD3(1, 1, 1), n: Int = 0, channel: Int = 0
    ) -> Double {
        let extent = source.shape.extent
        let boundary = sampling.resolvedBoundary
        var taps = [[(index: Int?, weight: Double)]]()
        for a in 0..<3 {
            let size = extent[a]
            let low = boundary == .constantSharp ? 0 : -0.5 - 1e-6
            let isBeyond =
                boundary == .constantSharp
                ? c[a] > Double(size) - 1 + 1e-9 : c[a] + 1e-6 >= Double(size) - 0.5
            if !sampling.continues && (c[a] < low - 1e-9 || isBeyond) {
                return Double(sampling.fill)
            }
            let clamps = sampling.interpolation == .linear && boundary == .edge
            let x = clamps ? min(max(c[a], 0), Double(size - 1)) : c[a]
            let floor = x.rounded(.down)
            let t = x - floor
            // Every lattice point near c, with its weight; most weights are 0.
            var weights = [(index: Int, weight: Double)]()
            let r = ratios[a]
            switch sampling.interpolation {
            case .nearest: weights = [(Int((x + 0.5 + 1e-6).rounded(.down)), 1)]
            case .nearestFloor: weights = [(max(Int((x + 0.5 - r / 2 + 1e-6).rounded(.down)), 0), 1)]
            case .linear: weights = [(Int(floor), 1 - t), (Int(floor) + 1, t)]
            case .bspline2, .bspline3, .bspline4, .bspline5:
                let degree = sampling.interpolation.splineDegree ?? 0
                weights = (-4...4).map { (Int(floor) + $0, centredSpline(degree, t - Double($0))) }
            case .lanczos5, .hamming5:
                weights = (-4...5).map { (Int(floor) + $0, windowedSinc(t - Double($0))) }
                if sampling.normalizesWeights { weights = normalized(weights) }
            case .gaussian:
                let low = Int((x + 0.5 - 3.2 + 1e-6).rounded(.down))
                let high = Int((x + 0.5 + 3.2 - 1e-6).rounded(.up))
                let scale = 0.8 * 2.0.squareRoot()
                weights = normalized(
                    (max(low, 0)..<min(high, size)).map {
                        let d = Double($0) - x
                        return ($0, erf((d + 0.5) / scale) - erf((d - 0.5) / scale))
                    })
            case .area:
                let low = max(Int((x + 0.5 - r / 2 + 1e-6).rounded(.down)), 0)
                let high = min(Int((x + 0.5 + r / 2 - 1e-6).rounded(.up)), size)
                weights = normalized((min(low, size - 1)..<max(high, 1)).map { ($0, 1) })
            }
            let folding: Boundary =
                padding > 0
                ? .edge
                : boundary == .constantSharp && sampling.interpolation.splineDegree != nil
                    ? .mirror : boundary
            // One entry a voxel, so that the sum below is short.
            var merged = [(index: Int?, weight: Double)]()
            for (index, weight) in weights where weight != 0 {
                let voxel = naiveFold(index + padding, size + 2 * padding, folding)
                if let place = merged.firstIndex(where: { $0.index == voxel }) {
                    merged[place].weight += weight
                } else {
                    merged.append((voxel, weight))
                }
            }
            taps.append(merged)
        }
        let s = source.shape
        let shape = Shape(
            n: s.n, d: s.d + 2 * padding, h: s.h + 2 * padding, w: s.w + 2 * padding, c: s.c)
        var sum = 0.0
        for z in taps[2] {
            for y in taps[1] {
                for x in taps[0] {
                    var value = Double(sampling.fill)
                    if let i = x.index, let j = y.index, let k = z.index {
                        value = coefficients[shape.offset(n: n, d: k, h: j, w: i, c: channel)]
                    }
                    sum += x.weight * y.weight * z.weight * value
                }
            }
        }
        return sum
    }

    private func windowedSinc(_ t: Double) -> Double {
        func sinc(_ t: Double) -> Double { t == 0 ? 1 : sin(.pi * t) / (.pi * t) }
        if t == t.rounded() { return t == 0 ? 1 : 0 }
        return sinc(t) * (sampling.interpolation == .lanczos5 ? sinc(t / 5) : 0.54 + 0.46 * cos(.pi * t / 5))
    }

    private func normalized(_ weights: [(index: Int, weight: Double)]) -> [(index: Int, weight: Double)] {
        let sum = weights.reduce(0) { $0 + $1.weight }
        return weights.map { ($0.index, $0.weight / sum) }
    }

    func resampled(_ map: Affine, to extent: SIMD3<Int>) -> [Double] {
        let ratios = (map.x * map.x + map.y * map.y + map.z * map.z).squareRoot()
        let shape = Shape(n: source.shape.n, extent: extent, c: source.shape.c)
        var result = [Double](repeating: 0, count: shape.count)
        for n in 0..<shape.n {
            for k in 0..<shape.d {
                for j in 0..<shape.h {
                    for i in 0..<shape.w {
                        var c = map(SIMD3(Double(i), Double(j), Double(k)))
                        for a in 0..<3 where abs(c[a] - c[a].rounded()) < 1e-9 { c[a] = c[a].rounded() }
                        for channel in 0..<shape.c {
                            result[shape.offset(n: n, d: k, h: j, w: i, c: channel)] =
                                value(at: c, ratios: ratios, n: n, channel: channel)
                        }
                    }
                }
            }
        }
        return result
    }
}

/// The B-spline of a degree around 0: Σ_j (−1)^j·C(K+1, j)·(x + (K+1)/2 − j)₊^K / K!.
func centredSpline(_ degree: Int, _ x: Double) -> Double {
    var (sum, binomial, factorial) = (0.0, 1.0, 1.0)
    for j in 0...degree + 1 {
        let place = max(x + Double(degree + 1) / 2 - Double(j), 0)
        var power = binomial
        for _ in 0..<degree { power *= place }
        sum += j.isMultiple(of: 2) ? power : -power
        binomial *= Double(degree + 1 - j) / Double(j + 1)
        if j > 0 && j <= degree { factorial *= Double(j) }
    }
    return sum / factorial
}

/// Steps from the edge inwards, one voxel at a time, as the drawings of SEMANTICS 6 show.
func naiveFold(_ index: Int, _ size: Int, _ boundary: Boundary) -> Int? {
    var i = index
    while i < 0 || i >= size {
        switch boundary {
        case .constant: return nil
        case .edge, .constantSharp: return i < 0 ? 0 : size - 1
        case .wrap: i += i < 0 ? size : -size
        case .reflect: i = i < 0 ? -1 - i : 2 * size - 1 - i
        case .mirror:
            if size == 1 { return 0 }
            i = i < 0 ? -i : 2 * size - 2 - i
        }
    }
    return i
}

/// Values that look random and never repeat in a pattern of the sizes used here.
func noise(_ shape: Shape, scale: Float = 1000) -> Tensor {
    var state: UInt64 = 0x9e37_79b9_7f4a_7c15
    return Tensor(
        shape,
        (0..<shape.count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 24) * scale
        })
}

/// The largest difference; infinity where one is no number or the counts differ.
func largestDifference(_ values: [Float], _ wanted: [Double]) -> Double {
    guard values.count == wanted.count else { return .infinity }
    return zip(values, wanted).reduce(0) { worst, pair in
        let difference = abs(Double(pair.0) - pair.1)
        return difference.isNaN ? .infinity : max(worst, difference)
    }
}
