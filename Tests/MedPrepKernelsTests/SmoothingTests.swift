import Glibc
import MedPrepCore
import MedPrepKernels
import Testing

@Suite("Antialias") struct SmoothingTests {
    /// SEMANTICS 7.1, one axis after the other, one voxel at a time.
    private func plain(_ source: Tensor, _ sigmas: [Double], _ boundary: Boundary) -> Tensor {
        var result = source
        for (axis, sigma) in sigmas.enumerated() where sigma > 0 {
            let before = result
            let radius = Int((4 * sigma + 0.5).rounded(.down))
            let weights = (-radius...radius).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
            let total = weights.reduce(0, +)
            let s = source.shape
            for n in 0..<s.n {
                for d in 0..<s.d {
                    for h in 0..<s.h {
                        for w in 0..<s.w {
                            for c in 0..<s.c {
                                var sum = 0.0
                                for (place, weight) in weights.enumerated() {
                                    var at = [w, h, d]
                                    at[axis] += place - radius
                                    at[axis] = naiveFold(at[axis], s.extent[axis], boundary) ?? 0
                                    let x = before[n: n, d: at[2], h: at[1], w: at[0], c: c]
                                    sum += weight * Double(x)
                                }
                                result[n: n, d: d, h: h, w: w, c: c] = Float(sum / total)
                            }
                        }
                    }
                }
            }
        }
        return result
    }

    private let ratios = SIMD3(2.5, 1, 3.75)
    private let map = Affine(scale: SIMD3(2.5, -1, 3.75), origin: SIMD3(0.75, 4, 1.375))
    private let extent = SIMD3(4, 5, 2)

    private func sigma(_ rule: Antialias, _ ratio: Double) -> Double {
        rule == .skimage ? (ratio - 1) / 2 : ((ratio * ratio - 1) / (8 * log(2))).squareRoot()
    }

    @Test(
        "smooths where voxels grow, then reads as without", arguments: [Antialias.skimage, .cardoso],
        [Boundary.edge, .mirror, .reflect, .wrap, .constant])
    func agrees(rule: Antialias, boundary: Boundary) {
        for shape in [Shape(n: 2, d: 20, h: 5, w: 31, c: 2), Shape(d: 7, h: 5, w: 10)] {
            let source = noise(shape)
            let sigmas = (0..<3).map { ratios[$0] > 1 ? sigma(rule, ratios[$0]) : 0 }
            let smooth = plain(source, sigmas, boundary == .constant ? .edge : boundary)
            for kind in [Interpolation.nearest, .linear, .bspline3] {
                var sampling = Sampling(kind, boundary: boundary, fill: 7)
                let wanted = resample(smooth, map: map, to: extent, sampling: sampling, workers: .one)
                sampling.antialias = rule
                let got = resample(source, map: map, to: extent, sampling: sampling, workers: Workers(2))
                #expect(largestDifference(got.values, wanted.values.map(Double.init)) < 2e-3)
            }
        }
    }

    @Test("sums wider than the axis fold onto it")
    func wide() {
        let source = noise(Shape(d: 1, h: 3, w: 5))
        let sampling = Sampling(.linear, antialias: .skimage)
        let coarse = Affine(scale: SIMD3(5, 1, 1), origin: SIMD3(2, 0, 0))
        let got = resample(source, map: coarse, to: SIMD3(1, 3, 1), sampling: sampling, workers: .one)
        let smooth = plain(source, [2, 0, 0], .edge)
        let wanted = (0..<3).map { Double(smooth[d: 0, h: $0, w: 2]) }
        #expect(largestDifference(got.values, wanted) < 1e-3)
    }

    @Test("leaves a volume alone whose voxels do not grow")
    func fine() {
        let source = noise(Shape(d: 6, h: 7, w: 8))
        let half = Affine(scale: SIMD3(0.5, 0.7, 1))
        let plain = resample(
            source, map: half, to: SIMD3(9, 9, 6), sampling: Sampling(.linear), workers: .one)
        let smooth = Sampling(.linear, antialias: .cardoso)
        let got = resample(source, map: half, to: SIMD3(9, 9, 6), sampling: smooth, workers: .one)
        #expect(got.values == plain.values)
    }

    @Test("keeps constants and gives the same bits on 1, 2 and 3 workers, oblique or not")
    func workers() {
        let oblique = Affine(
            x: SIMD3(2, 0.3, -0.1), y: SIMD3(-0.25, 1.9, 0.2), z: SIMD3(0.1, -0.2, 2.7),
            origin: SIMD3(2, 3, 2))
        let sampling = Sampling(.linear, antialias: .cardoso)
        for map in [map, oblique] {
            let source = noise(Shape(d: 17, h: 18, w: 39, c: 2))
            let bits = [1, 2, 3].map {
                resample(source, map: map, to: extent, sampling: sampling, workers: Workers($0))
                    .values.map(\.bitPattern)
            }
            #expect(bits[0] == bits[1] && bits[0] == bits[2])
            let even = Tensor(source.shape, repeating: 321)
            let got = resample(even, map: map, to: SIMD3(4, 3, 2), sampling: sampling, workers: .one)
            #expect(got.values.allSatisfy { abs($0 - 321) < 1e-3 })
        }
    }

    @Test("hides non-finite voxels: nothing spreads")
    func nonfinite() {
        var source = noise(Shape(d: 8, h: 5, w: 12))
        source[d: 4, h: 2, w: 6] = .nan
        let sampling = Sampling(.linear, fill: 500, antialias: .skimage)
        let got = resample(
            source, map: map, to: extent, sampling: sampling, nonfinite: .ignore, workers: .one)
        let nearest = resample(
            source, map: map, to: extent, sampling: Sampling(.nearest, fill: 500), nonfinite: .ignore,
            workers: .one)
        #expect(got.values.map(\.isNaN) == nearest.values.map(\.isNaN))
    }

    @Test("survives scales no scan has")
    func hostile() {
        let source = noise(Shape(d: 3, h: 3, w: 3))
        for scale in [1e6, 1e30, .infinity] {
            let map = Affine(scale: SIMD3(scale, 1, 1), origin: SIMD3(1, 0, 0))
            for kind in Interpolation.allCases {
                let sampling = Sampling(kind, antialias: .skimage)
                let got = resample(source, map: map, to: SIMD3(1, 3, 3), sampling: sampling, workers: .one)
                #expect(got.shape.count == 9)
            }
        }
    }
}
