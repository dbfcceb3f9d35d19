import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

/// SEMANTICS 13, on grids and values that depend on a seed.
@Suite("Resampling properties") struct ResamplingPropertyTests {
    static let seeds: [UInt64] = [1, 2, 3]

    private func grid(_ seed: UInt64) -> Grid {
        let r = Tensor.random(Shape(d: 1, h: 1, w: 12), seed: seed).values.map(Double.init)
        return Grid(
            extent: SIMD3(7 + Int(seed), 9, 8 + Int(seed % 2)),
            affine: Affine(
                x: SIMD3(1 + r[0] / 4, r[1] / 5, r[2] / 5), y: SIMD3(r[3] / 5, 1.2 + r[4] / 4, r[5] / 5),
                z: SIMD3(r[6] / 5, r[7] / 5, 1.5 + r[8] / 4), origin: SIMD3(r[9], r[10], r[11]) * 50))
    }

    private func run(_ step: some SpatialOperator, _ volume: Volume) throws -> Volume {
        var subject = Case(name: "a", images: [.init("x", volume)])
        var context = Context(workers: Workers(2))
        try step.apply(to: &subject, in: &context)
        return subject.images[0].volume
    }

    private func resample(_ kind: Interpolation, _ spacing: Double) -> Resample {
        var step = Resample()
        step.spacing = .given(Triplet(spacing, spacing * 1.1, spacing * 0.9))
        step.interpolation = kind
        return step
    }

    @Test("a constant volume stays constant", arguments: seeds, Interpolation.allCases)
    func constant(seed: UInt64, kind: Interpolation) throws {
        let grid = grid(seed)
        let even = Volume(tensor: Tensor(Shape(extent: grid.extent), repeating: 321), grid: grid)
        for (spacing, antialias) in [(0.8, Antialias.none), (2.3, .none), (2.3, .skimage), (2.3, .cardoso)] {
            var step = resample(kind, spacing)
            step.antialias = antialias
            step.normalizeWeights = true
            let worst = try run(step, even).tensor.values.map { abs($0 - 321) }.max() ?? 1
            #expect(worst < 2e-3)
        }
    }

    @Test("the own spacing gives the same bits", arguments: seeds, Interpolation.allCases)
    func identity(seed: UInt64, kind: Interpolation) throws {
        let grid = grid(seed)
        let volume = Volume(tensor: .random(Shape(extent: grid.extent), seed: seed, spread: 100), grid: grid)
        var step = resample(kind, 1)
        step.spacing = .given(Triplet(grid.spacing.x, grid.spacing.y, grid.spacing.z))
        let after = try run(step, volume)
        #expect(after.tensor.values == volume.tensor.values && after.grid == grid)
    }

    @Test(
        "flipping before is flipping after", arguments: seeds,
        Interpolation.allCases.filter { !$0.isNearest })
    func flips(seed: UInt64, kind: Interpolation) throws {
        let grid = grid(seed)
        let volume = Volume(tensor: .random(Shape(extent: grid.extent), seed: seed, spread: 100), grid: grid)
        var step = resample(kind, 1.3)
        step.antialias = .cardoso
        var orient = Orient()
        orient.to = "LPI"
        let first = try run(step, try run(orient, volume))
        let last = try run(orient, try run(step, volume))
        #expect((first.grid.cornerDistance(to: last.grid) ?? 1) < 1e-9)
        let worst = zip(first.tensor.values, last.tensor.values).map { abs($0 - $1) }.max() ?? 1
        #expect(worst < 1e-2)
    }

    @Test("by whole factors, center is edges", arguments: seeds, Interpolation.allCases)
    func wholeFactors(seed: UInt64, kind: Interpolation) throws {
        let grid = Grid(w: 6, h: 8, d: 4, step: SIMD3(1, 0.5, 2), origin: SIMD3(Double(seed), 2, 3))
        let volume = Volume(tensor: .random(Shape(extent: grid.extent), seed: seed, spread: 100), grid: grid)
        var step = Resample()
        step.spacing = .given(Triplet(2, 1, 1))
        step.interpolation = kind
        let center = try run(step, volume)
        step.grid = .edges
        let edges = try run(step, volume)
        #expect((center.grid.cornerDistance(to: edges.grid) ?? 1) < 1e-9)
        #expect(center.tensor.values == edges.tensor.values)
    }

    @Test(
        "a ramp is reproduced away from the border", arguments: seeds,
        [Interpolation.linear, .bspline2, .bspline3, .bspline4, .bspline5])
    func ramps(seed: UInt64, kind: Interpolation) throws {
        var wide = grid(seed)
        wide.extent = SIMD3(26, 25, 24)
        // The spline of degree K forgets the border by its largest pole, 0.43 for K = 5, a voxel.
        let after = try run(resample(kind, 1.1), rampVolume(wide))
        #expect(distanceFromRamp(after, border: kind == .linear ? 2 : 9) < 0.1)
    }

    @Test("compat skimage: edges, clipped, smoothed; what is written wins")
    func skimage() throws {
        let resize = try Resize(parameters: [.init("size_ijk", 4), .init("compat", "skimage")])
        #expect(resize.antialias == .skimage && resize.clipToInputRange && resize.grid == .edges)
        let resample = try Resample(
            parameters: [.init("spacing_ijk", 4), .init("compat", "skimage"), .init("antialias", "none")])
        #expect(resample.grid == .edges && resample.clipToInputRange && resample.antialias == .none)
    }

    @Test("labels are never smoothed, and antialias takes the warning away")
    func labels() throws {
        let grid = Grid(w: 12, h: 12, d: 12)
        var step = resample(.linear, 3)
        step.antialias = .cardoso
        var subject = Case(
            name: "a", images: [.init("x", spatialVolume(grid))],
            labels: [.init("l", spatialVolume(grid, role: .label))])
        let before = Set(subject.labels[0].volume.tensor.values)
        var context = Context()
        try step.apply(to: &subject, in: &context)
        #expect(Set(subject.labels[0].volume.tensor.values).isSubset(of: before.union([0])))
        #expect(context.findings.isEmpty)
    }
}
