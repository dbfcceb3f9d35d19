import MedPrepCore
import MedPrepKernels
import Testing

@Suite("Resampling") struct ResamplingTests {
    static let shapes = [
        Shape(d: 1, h: 1, w: 1), Shape(d: 3, h: 5, w: 6), Shape(d: 1, h: 4, w: 3),
        Shape(n: 2, d: 2, h: 1, w: 3, c: 2),
    ]
    /// All pairs of the common kernels, and of the others one boundary of each sort.
    static let kinds = Interpolation.allCases.flatMap { kind in
        let isCommon = [.nearest, .linear, .bspline3].contains(kind)
        let few: [Boundary] =
            kind.splineDegree == nil ? [.edge, .constant, .constantSharp] : [.edge, .mirror]
        return (isCommon ? Boundary.allCases : few).map { (kind, $0) }
    }
    private let rotated = Affine(
        x: SIMD3(0.8, 0.3, -0.1), y: SIMD3(-0.25, 0.9, 0.2), z: SIMD3(0.1, -0.2, 0.7),
        origin: SIMD3(0.4, -0.9, 0.3))

    /// Both fields of view share their centre.
    private func scaled(_ from: SIMD3<Int>, _ to: SIMD3<Int>, _ ratio: SIMD3<Double>) -> Affine {
        let half = SIMD3(repeating: 0.5)
        let (n, m) = (SIMD3<Double>(from) * half - half, SIMD3<Double>(to) * half - half)
        return Affine(scale: ratio, origin: n - m * ratio)
    }

    private func check(
        _ source: Tensor, _ map: Affine, _ extent: SIMD3<Int>, _ sampling: Sampling, _ what: String
    ) {
        let got = resample(source, map: map, to: extent, sampling: sampling, workers: .one)
        let wanted = NaiveResampling(source, sampling).resampled(map, to: extent)
        let tolerance = sampling.interpolation.isNearest ? 0 : 2e-3
        #expect(largestDifference(got.values, wanted) <= tolerance, "\(what) \(sampling) \(source.shape)")
    }

    @Test("along the axes agrees with the definition, up and down", arguments: kinds)
    func separable(kind: (Interpolation, Boundary)) {
        let sampling = Sampling(kind.0, boundary: kind.1, fill: 100)
        for shape in Self.shapes {
            let source = noise(shape)
            let up = SIMD3(shape.w * 2 + 1, shape.h * 2 + 3, shape.d * 3)
            check(source, scaled(shape.extent, up, SIMD3(0.47, 0.41, 0.37)), up, sampling, "up")
            let down = SIMD3(max(1, shape.w / 2), max(1, shape.h / 2), max(1, shape.d / 2))
            check(source, scaled(shape.extent, down, SIMD3(1.7, -1.9, 2.1)), down, sampling, "down")
            let mixed = SIMD3(shape.w, shape.h + 4, max(1, shape.d / 2))
            check(source, scaled(shape.extent, mixed, SIMD3(1, 0.6, -1.3)), mixed, sampling, "mixed")
        }
    }

    @Test("along permuted axes agrees with the definition", arguments: Interpolation.allCases)
    func permuted(kind: Interpolation) {
        let source = noise(Shape(d: 5, h: 7, w: 9, c: 2))
        let map = Affine(
            x: SIMD3(0, 0, 0.7), y: SIMD3(-1.2, 0, 0), z: SIMD3(0, 1, 0), origin: SIMD3(8.1, -1, -0.3))
        check(source, map, SIMD3(8, 7, 9), Sampling(kind, fill: -3), "permuted")
    }

    @Test("along oblique axes agrees with the definition", arguments: kinds)
    func oblique(kind: (Interpolation, Boundary)) {
        let sampling = Sampling(kind.0, boundary: kind.1, fill: 100)
        for shape in Self.shapes + [Shape(d: 4, h: 5, w: 40)] {
            check(noise(shape), rotated, SIMD3(shape.w + 5, shape.h + 3, shape.d + 2), sampling, "oblique")
        }
    }

    @Test("works in strips and blocks of planes that join without a seam", arguments: [false, true])
    func strips(up: Bool) {
        // Rows long enough that a strip holds a few of them, planes enough for three blocks.
        let source = noise(up ? Shape(d: 18, h: 6, w: 2000, c: 2) : Shape(d: 60, h: 11, w: 6000))
        let shape = source.shape
        let extent = up ? SIMD3(4001, 9, 35) : SIMD3(3001, 9, 35)
        let ratio = SIMD3<Double>(shape.extent) / SIMD3<Double>(extent)
        let map = Affine(scale: ratio, origin: ratio * 0.5 - 0.5)
        let got = resample(source, map: map, to: extent, sampling: Sampling(.linear), workers: Workers(2))
        let naive = NaiveResampling(source, Sampling(.linear))
        var worst = 0.0
        for k in 0..<extent.z {
            for j in 0..<extent.y {
                for i in stride(from: k % 7, to: extent.x, by: 97) {
                    let wanted = naive.value(at: map(SIMD3(Double(i), Double(j), Double(k))))
                    worst = max(worst, abs(wanted - Double(got[d: k, h: j, w: i])))
                }
            }
        }
        #expect(worst <= 2e-3)
    }

    @Test("puts planes of a spline that wait for z where they do not meet", arguments: [7, 40, 90])
    func waitingPlanes(depth: Int) {
        let source = noise(Shape(n: 2, d: 40, h: 7, w: 50, c: 2))
        let map = scaled(source.shape.extent, SIMD3(41, 9, depth), SIMD3(1.3, 0.9, 37.0 / Double(depth)))
        check(source, map, SIMD3(41, 9, depth), Sampling(.bspline3, fill: 100), "waiting planes")
    }

    @Test(
        "works in strips and blocks of oblique rows that join without a seam",
        arguments: [Interpolation.linear, .bspline3])
    func obliqueBlocks(kind: Interpolation) {
        let source = noise(Shape(d: 12, h: 30, w: 45))
        let extent = SIMD3(70, 41, 19)
        let map = scaled(source.shape.extent, extent, SIMD3(1, 1, 1))
        let turn = Affine(
            x: SIMD3(0.6, 0.2, -0.1), y: SIMD3(-0.15, 0.7, 0.2), z: SIMD3(0.1, -0.2, 0.5), origin: map.origin)
        check(source, turn, extent, Sampling(kind, fill: 100), "blocks")
    }

    @Test("gives the same bits on 1, 2 and 3 workers", arguments: Interpolation.allCases)
    func workers(kind: Interpolation) {
        let source = noise(Shape(n: 2, d: 19, h: 18, w: 40, c: 2))
        let maps = [scaled(SIMD3(40, 18, 19), SIMD3(33, 37, 40), SIMD3(1.2, 0.5, 0.45)), rotated]
        for map in maps {
            let results = [1, 2, 3].map {
                resample(
                    source, map: map, to: SIMD3(33, 37, 40), sampling: Sampling(kind), workers: Workers($0)
                ).values.map(\.bitPattern)
            }
            #expect(results[0] == results[1] && results[0] == results[2])
        }
    }

    @Test(
        "keeps a constant volume constant, but for ITK's windowed sincs, which ripple by 1 %",
        arguments: Interpolation.allCases)
    func constant(kind: Interpolation) {
        let source = Tensor(Shape(d: 5, h: 6, w: 7), repeating: 321)
        let map = scaled(SIMD3(7, 6, 5), SIMD3(9, 5, 11), SIMD3(0.7, 1.15, 0.42))
        let got = resample(source, map: map, to: SIMD3(9, 5, 11), sampling: Sampling(kind), workers: .one)
        let isSinc = kind == .lanczos5 || kind == .hamming5
        let worst = got.values.map { abs($0 - 321) }.max() ?? 0
        #expect(isSinc ? worst > 0.01 && worst < 13 : worst < 1e-3)
        if !isSinc { return }
        let normalized = Sampling(kind, normalizesWeights: true)
        let even = resample(source, map: map, to: SIMD3(9, 5, 11), sampling: normalized, workers: .one)
        #expect(even.values.allSatisfy { abs($0 - 321) < 1e-3 })
    }

    @Test("fills what lies outside the field of view: the lower border is in it, the upper is not")
    func outside() {
        let source = Tensor(Shape(d: 1, h: 1, w: 2), [10, 20])
        let map = Affine(scale: SIMD3(0.5, 1, 1), origin: SIMD3(-1, 0, 0))
        let got = resample(
            source, map: map, to: SIMD3(7, 1, 1), sampling: Sampling(.linear, fill: -1), workers: .one)
        #expect(got.values == [-1, 10, 10, 15, 20, -1, -1])
        let sharp = Sampling(.linear, boundary: .constantSharp, fill: -1)
        let hard = resample(source, map: map, to: SIMD3(7, 1, 1), sampling: sharp, workers: .one)
        #expect(hard.values == [-1, -1, 10, 15, 20, -1, -1])
    }

    @Test("fills everything where a map leads nowhere")
    func nowhere() {
        let source = noise(Shape(d: 2, h: 2, w: 2))
        for origin in [1e300, -1e17, .nan] {
            let map = Affine(scale: SIMD3(1, 1, 1), origin: SIMD3(origin, 0, 0))
            for kind in Interpolation.allCases {
                let got = resample(
                    source, map: map, to: SIMD3(2, 2, 3), sampling: Sampling(kind, fill: 4), workers: .one)
                #expect(got.values.allSatisfy { $0 == 4 })
            }
        }
    }

    @Test("ties of nearest go up")
    func ties() {
        let source = Tensor(Shape(d: 1, h: 1, w: 4), [0, 1, 2, 3])
        let map = Affine(scale: SIMD3(2, 1, 1), origin: SIMD3(0.5 - 1e-8, 0, 0))
        let got = resample(source, map: map, to: SIMD3(2, 1, 1), sampling: .label, workers: .one)
        #expect(got.values == [1, 3])
    }
}

@Suite("Resampling with non-finite voxels") struct NonfiniteResamplingTests {
    @Test(
        "marks only the voxels nearest to them, the rest read fill",
        arguments: Interpolation.allCases.filter { !$0.isNearest })
    func ignore(kind: Interpolation) {
        var source = noise(Shape(d: 6, h: 7, w: 8))
        source[d: 3, h: 3, w: 4] = .infinity
        source[d: 0, h: 0, w: 0] = .nan
        var cleaned = source
        cleaned[d: 3, h: 3, w: 4] = 50
        cleaned[d: 0, h: 0, w: 0] = 50
        let sampling = Sampling(kind, fill: 50)
        let extent = SIMD3(13, 12, 11)
        let straight = Affine(scale: SIMD3(0.6, 0.55, 0.5), origin: SIMD3(-0.2, 0.1, 0))
        let oblique = Affine(
            x: SIMD3(0.6, 0.1, 0), y: SIMD3(-0.1, 0.5, 0.05), z: SIMD3(0, -0.05, 0.5),
            origin: SIMD3(0.2, 0.3, -0.2))
        for map in [straight, oblique] {
            let got = resample(
                source, map: map, to: extent, sampling: sampling, nonfinite: .ignore, workers: Workers(2))
            let plain = resample(cleaned, map: map, to: extent, sampling: sampling, workers: .one)
            let nearest = resample(
                source, map: map, to: extent, sampling: Sampling(.nearest, fill: 50), nonfinite: .ignore,
                workers: .one)
            var marked = 0
            for (index, value) in got.values.enumerated() {
                let hides = !nearest.values[index].isFinite
                marked += hides ? 1 : 0
                let expected = hides ? value.isNaN : value == plain.values[index]
                #expect(expected)
            }
            #expect(marked > 0)
        }
    }

    @Test("read by nearest, infinity becomes NaN")
    func nearest() {
        let source = Tensor(Shape(d: 1, h: 1, w: 3), [1, .infinity, 3])
        let map = Affine(scale: SIMD3(0.5, 1, 1))
        let got = resample(
            source, map: map, to: SIMD3(5, 1, 1), sampling: .label, nonfinite: .ignore, workers: .one)
        let marked = got.values.map(\.isNaN)
        #expect(marked == [false, true, true, false, false])
    }
}

@Suite("workspaceBytes") struct WorkspaceTests {
    private let shape = Shape(d: 40, h: 50, w: 60)
    private let half = Affine(scale: SIMD3(0.5, 0.5, 0.5))

    private func bytes(_ map: Affine, _ sampling: Sampling, _ nonfinite: Nonfinite = .error, workers: Int = 1)
        -> Int
    {
        workspaceBytes(
            from: shape, map: map, to: SIMD3(60, 50, 40), sampling: sampling, nonfinite: nonfinite,
            workers: Workers(workers))
    }

    @Test("asks for nothing where voxels are only copied")
    func copies() {
        #expect(bytes(.identity, Sampling(.bspline3)) == 0)
        #expect(bytes(half, .label) == 0)
        #expect(bytes(half.shifted(by: .zero), Sampling(.nearest)) == 0)
    }

    @Test("counts the padding of a B-spline where axes mix, and hidden voxels' copy")
    func coefficients() {
        var turned = half
        turned.x.y = 0.1
        let linear = bytes(turned, Sampling(.linear))
        let mirrored = bytes(turned, Sampling(.bspline3)) - linear
        let padded = bytes(turned, Sampling(.bspline3, boundary: .edge)) - linear
        let hidden = bytes(turned, Sampling(.linear), .ignore) - linear
        #expect(mirrored == 0)
        #expect(padded == 4 * (84 * 74 * 64 - shape.count))
        #expect(hidden == 4 * shape.count)
    }

    @Test("counts for a B-spline along the axes only the planes that the result has no room for")
    func planes() {
        func spline(_ depth: Int, workers: Int) -> Int {
            workspaceBytes(
                from: shape, map: half, to: SIMD3(30, 20, depth), sampling: Sampling(.bspline3),
                workers: Workers(workers))
        }
        let none = spline(40, workers: 1)
        #expect(none == spline(80, workers: 1))
        #expect(spline(33, workers: 1) - none == 4 * 7 * 30 * 20)
        #expect(spline(40, workers: 3) == 3 * none)
        #expect(none < 4 * shape.count)
    }

    @Test("counts the copies of antialias beyond a result that is smaller than they are")
    func antialias() {
        let twice = Affine(scale: SIMD3(2, 2, 2))
        func coarse(_ antialias: Antialias, _ kind: Interpolation, _ nonfinite: Nonfinite = .error) -> Int {
            workspaceBytes(
                from: shape, map: twice, to: SIMD3(30, 25, 20),
                sampling: Sampling(kind, antialias: antialias),
                nonfinite: nonfinite, workers: .one)
        }
        let copy = 4 * shape.count
        #expect(coarse(.cardoso, .linear) >= coarse(.none, .linear) / 2 + copy * 7 / 8)
        #expect(coarse(.cardoso, .linear, .ignore) == coarse(.cardoso, .linear) + copy)
        #expect(coarse(.skimage, .nearest) >= copy * 7 / 8)
    }

    @Test("counts the copy whose axes change places, beside the source")
    func turned() {
        let map = Affine(x: SIMD3(0, 2, 0), y: SIMD3(2, 0, 0), z: SIMD3(0, 0, 2), origin: .zero)
        let bytes = workspaceBytes(
            from: shape, map: map, to: SIMD3(25, 30, 20), sampling: Sampling(.linear), workers: .one)
        #expect(bytes >= 4 * shape.count * 7 / 8)
    }

    @Test("does not trap on sizes no machine holds")
    func hostile() {
        let huge = Shape(d: 1 << 20, h: 1 << 20, w: 1 << 20, c: 32_767)
        let maps = [half, Affine(rows: [[1, 0.5, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]])]
        let bytes = maps.map {
            workspaceBytes(
                from: huge, map: $0, to: SIMD3(2, 2, 2), sampling: Sampling(.bspline3, boundary: .edge),
                workers: .one)
        }
        #expect(bytes[0] > 0 && bytes[1] == 1 << 62)
    }

    @Test("grows with the workers")
    func workers() {
        #expect(bytes(half, Sampling(.linear), workers: 3) == 3 * bytes(half, Sampling(.linear)))
    }
}
