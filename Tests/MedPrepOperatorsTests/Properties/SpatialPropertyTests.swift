import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

/// SEMANTICS 13, space: each property on a hundred random volumes.
@Suite("Spatial properties") struct SpatialPropertyTests {
    private func run(_ step: any SpatialOperator, _ volume: Volume) throws -> Volume {
        var (subject, context) = (Case(name: "a", images: [.init("x", volume)]), Context())
        try step.apply(to: &subject, in: &context)
        return subject.images[0].volume
    }

    private func resample(_ spacing: SIMD3<Double>, _ kind: Interpolation = .linear) throws -> Resample {
        try Resample(parameters: [
            .init("spacing_ijk", .numbers([spacing.x, spacing.y, spacing.z])),
            .init("interpolation", .string(kind.rawValue)),
        ])
    }

    /// Between 0.6 and 1.7 times the own spacing.
    private func other(_ seed: UInt64, than spacing: SIMD3<Double>) -> SIMD3<Double> {
        var next = SeededGenerator(seed: seed &+ 99)
        func factor() -> Double { 0.6 + Double(next.index(below: 1100)) / 1000 }
        return spacing * SIMD3(factor(), factor(), factor())
    }

    private static let kinds: [Interpolation] = [.nearest, .linear, .bspline3, .area, .gaussian]

    @Test("the own spacing gives the same bits", arguments: RandomCase.seeds)
    func identity(seed: UInt64) throws {
        let volume = RandomCase(seed).volume
        for kind in Self.kinds {
            let after = try run(resample(volume.grid.spacing, kind), volume)
            #expect(after.tensor.values == volume.tensor.values && after.grid == volume.grid)
        }
    }

    @Test("the centre of the field of view stays; a constant stays constant", arguments: RandomCase.seeds)
    func centre(seed: UInt64) throws {
        let volume = RandomCase(seed).volume
        let even = Volume(tensor: Tensor(volume.tensor.shape, repeating: 321), grid: volume.grid)
        func middle(_ grid: Grid) -> SIMD3<Double> {
            grid.affine((SIMD3<Double>(grid.extent) - SIMD3(repeating: 1)) / 2)
        }
        for kind in Self.kinds {
            let after = try run(resample(other(seed, than: volume.grid.spacing), kind), even)
            let moved = middle(after.grid) - middle(volume.grid)
            #expect(max(abs(moved.x), abs(moved.y), abs(moved.z)) < 1e-9)
            #expect(after.tensor.values.allSatisfy { abs($0 - 321) < 2e-3 })
        }
    }

    @Test("flipping before is flipping after", arguments: RandomCase.seeds)
    func flips(seed: UInt64) throws {
        let volume = RandomCase(seed).volume
        let flip = try Orient(parameters: [.init("to", seed % 2 == 0 ? "LPI" : "LAS")])
        for kind in [Interpolation.linear, .bspline3] {
            let step = try resample(other(seed, than: volume.grid.spacing), kind)
            let first = try run(step, run(flip, volume))
            let last = try run(flip, run(step, volume))
            #expect((first.grid.cornerDistance(to: last.grid) ?? 1) < 1e-9)
            // Taps are added in the other order, on values up to some thousands.
            #expect(distance(first.tensor, last.tensor) < 1e-2)
        }
    }

    @Test("whole factors: center is edges", arguments: RandomCase.seeds)
    func factors(seed: UInt64) throws {
        let drawn = RandomCase(seed, least: 1)
        let extent = drawn.grid.extent &* 2
        let grid = Grid(extent: extent, affine: drawn.grid.affine)
        let volume = Volume(tensor: .random(Shape(extent: extent), seed: seed, spread: 100), grid: grid)
        for kind in Self.kinds {
            var step = try resample(grid.spacing * 2, kind)
            let center = try run(step, volume)
            step.grid = .edges
            let edges = try run(step, volume)
            #expect((center.grid.cornerDistance(to: edges.grid) ?? 1) < 1e-9)
            #expect(distance(center.tensor, edges.tensor) < 1e-2)
        }
    }

    @Test("linear reproduces a ramp in the world", arguments: RandomCase.seeds)
    func ramp(seed: UInt64) throws {
        let grid = RandomCase(seed).grid
        func value(_ place: SIMD3<Double>) -> Double { 2 * place.x - 3 * place.y + place.z }
        var tensor = Tensor(Shape(extent: grid.extent))
        forEachVoxel(tensor.shape) { d, h, w in
            tensor[d: d, h: h, w: w] = Float(value(grid.affine(SIMD3(Double(w), Double(h), Double(d)))))
        }
        let after = try run(resample(other(seed, than: grid.spacing)), Volume(tensor: tensor, grid: grid))
        let map = grid.affine.inverse * after.grid.affine
        let last = SIMD3<Double>(grid.extent &- SIMD3(repeating: 1))
        var isRamp = true
        forEachVoxel(after.tensor.shape) { d, h, w in
            let index = SIMD3(Double(w), Double(h), Double(d))
            let place = map(index)
            guard (0..<3).allSatisfy({ place[$0] >= 0 && place[$0] <= last[$0] }) else { return }
            let expected = value(after.grid.affine(index))
            isRamp = isRamp && abs(Double(after.tensor[d: d, h: h, w: w]) - expected) < 1e-3
        }
        #expect(isRamp)
    }

    @Test("turning there and back gives the same bits and the same affine", arguments: RandomCase.seeds)
    func orient(seed: UInt64) throws {
        let volume = RandomCase(seed).volume
        let codes = ["LPI", "ASR", "PIR", "SRA", "IAL", "RSP", "SPL", "LIA"]
        let there = try Orient(parameters: [.init("to", .string(codes[Int(seed) % codes.count]))])
        let own = try #require(volume.grid.orientation?.code)
        let back = try Orient(parameters: [.init("to", .string(own))])
        let after = try run(back, run(there, volume))
        #expect(after.tensor.values == volume.tensor.values && after.grid == volume.grid)
    }

    @Test("a crop leaves voxels where they are; cropping undoes padding", arguments: RandomCase.seeds)
    func crops(seed: UInt64) throws {
        let volume = RandomCase(seed).volume
        let extent = volume.grid.extent
        let half = (0..<3).map { max(1, extent[$0] / 2) }
        let cropped = try run(CropCenter(parameters: [.init("size_ijk", .integers(half))]), volume)
        let lower = SIMD3(extent.x / 2 - half[0] / 2, extent.y / 2 - half[1] / 2, extent.z / 2 - half[2] / 2)
        let moved = cropped.grid.origin - volume.grid.affine(SIMD3<Double>(lower))
        #expect(max(abs(moved.x), abs(moved.y), abs(moved.z)) < 1e-9)
        #expect(cropped.tensor[d: 0, h: 0, w: 0] == volume.tensor[d: lower.z, h: lower.y, w: lower.x])

        let sizes = (0..<3).map { extent[$0] + 2 * (1 + Int(seed) % 3) }
        let padded = try run(PadTo(parameters: [.init("size_ijk", .integers(sizes))]), volume)
        let own = JSONValue.integers([extent.x, extent.y, extent.z])
        let after = try run(CropCenter(parameters: [.init("size_ijk", own)]), padded)
        #expect(after.tensor.values == volume.tensor.values)
        #expect((after.grid.cornerDistance(to: volume.grid) ?? 1) < 1e-9)
    }

    @Test("labels stay among the labels and 0", arguments: RandomCase.seeds)
    func labels(seed: UInt64) throws {
        let drawn = RandomCase(seed)
        let values = drawn.volume.tensor.values.map { Float(Int(abs($0)) % 5 * 3) }
        let map = Volume(
            tensor: Tensor(Shape(extent: drawn.grid.extent), values), grid: drawn.grid, role: .label)
        for way in ["nearest", "argmax"] {
            var step = try resample(other(seed, than: drawn.grid.spacing))
            step.labels = try #require(LabelInterpolation(rawValue: way))
            var (subject, context) = (
                Case(name: "a", images: [.init("x", drawn.volume)], labels: [.init("seg", map)]), Context()
            )
            try step.apply(to: &subject, in: &context)
            #expect(Set(subject.labels[0].volume.tensor.values).isSubset(of: Set(values + [0])))
        }
    }
}
