import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("Contract of every spatial step") struct SpatialContractTests {
    static let steps = contractSteps.filter { example in
        ((try? example.type) as? any SpatialOperator.Type) != nil
    }

    /// Axis-aligned, turned and flipped, oblique with shear; even and odd sizes.
    static let grids = [
        Grid(w: 12, h: 9, d: 11, step: SIMD3(1, 1.5, 2), origin: SIMD3(-7, 30, 4)),
        Grid(
            extent: SIMD3(8, 13, 10),
            affine: Affine(
                x: SIMD3(0, 0, -1.25), y: SIMD3(-0.9, 0, 0), z: SIMD3(0, 2, 0), origin: SIMD3(50, -20, 9))),
        slantedGrid,
    ]

    private func spatial(_ example: StepExample) throws -> any SpatialOperator {
        try #require(try example.step as? any SpatialOperator)
    }

    /// An image with its labels and the case's mask "brain", all on one grid.
    private func subject(_ grid: Grid, n: Int = 1, c: Int = 1) -> Case {
        let image = rampVolume(grid, n: n, c: c)
        let single = Shape(n: n, extent: grid.extent)
        let labels = Tensor(single, (0..<single.count).map { [0, 3, 7, 40][$0 * 7 / 3 % 4] })
        return Case(
            name: "a", images: [.init("x", image)],
            labels: [.init("seg", Volume(tensor: labels, grid: grid, role: .label))],
            masks: [.init("brain", Volume(tensor: mask(single), grid: grid, role: .mask))])
    }

    private func mask(_ shape: Shape) -> Tensor {
        Tensor(shape, (0..<shape.count).map { $0 == 0 && shape.count > 1 ? 0 : 1 })
    }

    /// As the run calls it: the case's masks are in the context while the step works.
    private func apply(
        _ step: any SpatialOperator, to subject: inout Case, workers: Int = 1
    ) throws(OperatorError) {
        var context = Context(workers: Workers(workers))
        context.masks = subject.masks.map { (name: $0.name, tensor: $0.volume.tensor, role: .mask) }
        try step.apply(to: &subject, in: &context)
    }

    private func volumes(_ subject: Case) -> [Volume] {
        (subject.images + subject.labels + subject.masks).map(\.volume)
    }

    @Test("makes the grid it planned, or one within the planned bound", arguments: steps)
    func plan(example: StepExample) throws {
        let step = try spatial(example)
        for grid in Self.grids {
            let planned = try step.grid(after: grid, box: nil)
            var subject = subject(grid)
            try apply(step, to: &subject)
            for volume in volumes(subject) {
                #expect(volume.grid == volumes(subject)[0].grid)
                #expect(volume.tensor.shape.extent == volume.grid.extent)
                if step.dependsOnVoxels {
                    #expect((0..<3).allSatisfy { volume.grid.extent[$0] <= planned.extent[$0] })
                } else {
                    #expect(volume.grid == planned)
                }
            }
        }
    }

    @Test("a ramp in world space stays that ramp, away from the border", arguments: steps)
    func ramp(example: StepExample) throws {
        let step = try spatial(example)
        for grid in Self.grids {
            var subject = subject(grid, c: 2)
            let before = subject.images[0].volume
            try apply(step, to: &subject)
            let after = subject.images[0].volume
            let map = before.grid.affine.inverse * after.grid.affine
            let sampling = step.sampling(of: before)
            // A B-spline mirrors the ramp at the border, which is felt some voxels deep; nearest makes steps of it.
            let degree = sampling.interpolation.splineDegree
            let border = degree.map { $0 > 3 ? 6.0 : 4.0 } ?? 0
            let tolerance: Float = degree == nil ? 2e-3 : 0.1
            let last = SIMD3<Double>(before.grid.extent &- SIMD3(repeating: 1))
            var (compared, isRamp) = (0, true)
            forEachVoxel(after.tensor.shape) { d, h, w in
                let place = map(SIMD3(Double(w), Double(h), Double(d)))
                let isInside = (0..<3).allSatisfy {
                    place[$0] >= border - 1e-6 && place[$0] <= last[$0] - border + 1e-6
                }
                guard isInside else { return }
                let offset = place - place.rounded(.toNearestOrEven)
                if sampling.interpolation == .nearest, (0..<3).contains(where: { abs(offset[$0]) > 1e-6 }) {
                    return
                }
                let world = after.grid.affine(SIMD3(Double(w), Double(h), Double(d)))
                for c in 0..<2 {
                    let expected = MedPrepOperatorsTests.ramp(world, c)
                    let found = after.tensor[d: d, h: h, w: w, c: c]
                    isRamp = isRamp && abs(found - expected) <= tolerance
                }
                compared += 1
            }
            #expect(isRamp)
            #expect(compared > 0 || border > 0 || sampling.interpolation == .nearest)
        }
    }

    @Test("a step that moves whole voxels copies them to the bit", arguments: steps)
    func wholeVoxels(example: StepExample) throws {
        let (step, grid) = (try spatial(example), Self.grids[0])
        var subject = subject(grid, n: 2, c: 3)
        let before = subject.images[0].volume
        try apply(step, to: &subject)
        let after = subject.images[0].volume
        let map = before.grid.affine.inverse * after.grid.affine
        guard map.rows.joined().allSatisfy({ abs($0 - $0.rounded()) < 1e-6 }) else { return }
        var isCopy = true
        forEachVoxel(after.tensor.shape) { d, h, w in
            let near = SIMD3<Int>(map(SIMD3(Double(w), Double(h), Double(d))).rounded(.toNearestOrEven))
            guard (0..<3).allSatisfy({ near[$0] >= 0 && near[$0] < before.grid.extent[$0] }) else { return }
            for n in 0..<2 {
                for c in 0..<3 {
                    let source = before.tensor[n: n, d: near.z, h: near.y, w: near.x, c: c]
                    isCopy = isCopy && after.tensor[n: n, d: d, h: h, w: w, c: c] == source
                }
            }
        }
        #expect(isCopy)
    }

    @Test("labels and masks keep their values, with 0 outside", arguments: steps)
    func labels(example: StepExample) throws {
        let step = try spatial(example)
        for grid in Self.grids {
            var subject = subject(grid)
            try apply(step, to: &subject)
            // crop_nonzero marks what lies outside the head.
            let marks = (step as? CropNonzero).map { [Float($0.outsideLabel)] } ?? []
            #expect(Set(subject.labels[0].volume.tensor.values).isSubset(of: [0, 3, 7, 40] + marks))
            #expect(Set(subject.masks[0].volume.tensor.values).isSubset(of: [0, 1]))
            #expect(volumes(subject).map(\.role) == [.image, .label, .mask])
        }
    }

    @Test("gives the same bits on 1, 2 and 3 workers, with N and C above 1", arguments: steps)
    func workers(example: StepExample) throws {
        let step = try spatial(example)
        for grid in Self.grids {
            var results = [[[UInt32]]]()
            for workers in 1...3 {
                var subject = subject(grid, n: 2, c: 3)
                try apply(step, to: &subject, workers: workers)
                results.append(volumes(subject).map { $0.tensor.values.map(\.bitPattern) })
            }
            #expect(results[0] == results[1] && results[0] == results[2])
        }
    }

    @Test("a volume whose grid stays is not touched", arguments: steps)
    func storage(example: StepExample) throws {
        let step = try spatial(example)
        var kept = 0
        for grid in Self.grids {
            var subject = subject(grid)
            try apply(step, to: &subject)
            let before = volumes(subject).map(\.grid)
            let addresses = volumes(subject).map(\.tensor.storageAddress)
            try apply(step, to: &subject)
            guard volumes(subject).map(\.grid) == before else { continue }
            kept += 1
            #expect(volumes(subject).map(\.tensor.storageAddress) == addresses)
        }
        // Growing steps go on growing, turning ones go on turning.
        let keys: Set = ["margin_ijk", "zoom_ijk", "matrix_ijk"]
        let grows = example.members.contains { keys.contains($0.key) }
        #expect(kept > 0 || grows || step.dependsOnVoxels)
    }

    @Test("any shape gives finite values or a typed error", arguments: steps)
    func shapes(example: StepExample) throws {
        let step = try spatial(example)
        for shape in contractShapes {
            let grid = Grid(extent: shape.extent, affine: Self.grids[0].affine)
            var subject = subject(grid, n: shape.n, c: shape.c)
            do throws(OperatorError) {
                try apply(step, to: &subject)
                for volume in volumes(subject) {
                    #expect(volume.tensor.values.allSatisfy { $0.isFinite }, "\(shape)")
                    #expect(volume.tensor.shape.n == shape.n)
                }
                #expect(subject.images[0].volume.tensor.shape.c == shape.c)
            } catch {
                #expect(!error.description.isEmpty && !error.code.isEmpty)
            }
        }
    }

    private func forEachVoxel(_ shape: Shape, _ body: (Int, Int, Int) -> Void) {
        for d in 0..<shape.d {
            for h in 0..<shape.h {
                for w in 0..<shape.w { body(d, h, w) }
            }
        }
    }
}
