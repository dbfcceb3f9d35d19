import MedPrepCore
import MedPrepOperators
import Testing

private let grid = Grid(w: 10, h: 9, d: 5, step: SIMD3(1, 1.5, 4), origin: SIMD3(10, 20, 30))

private func text(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "nothing thrown"
    } catch { return "\(error)" }
}

private func step(_ members: JSONValue.Member...) throws -> Resample { try Resample(parameters: members) }

private func run(_ step: some SpatialOperator, _ volume: Volume) throws -> (
    volume: Volume, findings: [Finding]
) {
    var subject = Case(name: "a", images: [.init("x", volume)])
    var context = Context(workers: Workers(2))
    try step.apply(to: &subject, in: &context)
    return (subject.images[0].volume, context.findings)
}

@Suite("Resample") struct ResampleTests {
    @Test("grid center: exact spacing, round(n·s/s') voxels, the centre of the field of view stays")
    func center() throws {
        let after = try step(.init("spacing_ijk", [1.5, 1.5, 1.5])).grid(after: slantedGrid, box: nil)
        let spacing = slantedGrid.spacing
        #expect((after.spacing - SIMD3(1.5, 1.5, 1.5)).max() < 1e-12)
        let sizes = (0..<3).map { Int((Double(slantedGrid.extent[$0]) * spacing[$0] / 1.5).rounded()) }
        #expect([after.extent.x, after.extent.y, after.extent.z] == sizes)
        func middle(_ grid: Grid) -> SIMD3<Double> {
            grid.affine(SIMD3<Double>(grid.extent &- SIMD3(1, 1, 1)) / 2)
        }
        let moved = middle(after) - middle(slantedGrid)
        #expect(max(abs(moved.x), abs(moved.y), abs(moved.z)) < 1e-9)
    }

    @Test("the other grids: first voxel, edges and corners")
    func grids() throws {
        let first = try step(.init("spacing_ijk", 2), .init("grid", "first_voxel")).grid(
            after: grid, box: nil)
        #expect(first.origin == grid.origin)
        #expect(first.extent == SIMD3(5, 7, 10))
        var centers = try step(.init("spacing_ijk", 2), .init("compat", "monai"))
        #expect(centers.sizeRule == .centers && centers.grid == .firstVoxel)
        #expect(try centers.grid(after: grid, box: nil).extent == SIMD3(6, 7, 9))
        centers.sizeRule = .extent
        let edges = try step(.init("spacing_ijk", [3, 3, 3]), .init("grid", "edges")).grid(
            after: grid, box: nil)
        #expect(edges.fieldOfView == grid.fieldOfView)
        let corners = try step(.init("spacing_ijk", [3, 3, 3]), .init("compat", "scipy")).grid(
            after: grid, box: nil)
        let (a, b) = (
            corners.affine(SIMD3<Double>(corners.extent &- SIMD3(1, 1, 1))),
            grid.affine(SIMD3<Double>(grid.extent &- SIMD3(1, 1, 1)))
        )
        #expect(max(abs(a.x - b.x), abs(a.y - b.y), abs(a.z - b.z)) < 1e-9)
    }

    @Test("sizes forgive 1e-6, except under torchio, which also keeps single voxels")
    func rounding() throws {
        let nearly = Grid(w: 20, h: 1, d: 1, step: SIMD3(0.99999999, 1, 1))
        let floor = try step(.init("spacing_ijk", 0.5), .init("size_rounding", "floor"))
        #expect(try floor.grid(after: nearly, box: nil).extent == SIMD3(40, 2, 2))
        let torchio = try step(.init("spacing_ijk", 0.5), .init("compat", "torchio"))
        #expect(try torchio.grid(after: nearly, box: nil).extent == SIMD3(39, 1, 1))
        // n·s/s' is 9.999999999999998, n/(s'/s) would be 10: TorchIO says 9.
        let float = Grid(w: 22, h: 22, d: 22, step: SIMD3(repeating: 0.8999999761581421))
        let twice = try step(.init("spacing_ijk", 1.9799999475479129), .init("compat", "torchio"))
        #expect(try twice.grid(after: float, box: nil).extent == SIMD3(9, 9, 9))
        let ceil = try step(.init("spacing_ijk", 3), .init("size_rounding", "ceil"))
        #expect(try ceil.grid(after: grid, box: nil).extent == SIMD3(4, 5, 7))
    }

    @Test("to its own spacing it returns the volume itself, and null keeps an axis")
    func own() throws {
        let before = spatialVolume(slantedGrid)
        let own = slantedGrid.spacing
        let same = try step(
            .init("spacing_ijk", .numbers([own.x, own.y, own.z])), .init("interpolation", "bspline3"))
        let after = try run(same, before).volume
        #expect(after.tensor.storageAddress == before.tensor.storageAddress)
        #expect(after.grid == slantedGrid)
        let kept = try step(.init("spacing_ijk", [2, nil, nil])).grid(after: slantedGrid, box: nil)
        #expect(kept.affine.y == slantedGrid.affine.y && kept.extent.z == slantedGrid.extent.z)
    }

    @Test("a ramp in world space stays that ramp", arguments: ["linear", "bspline3"])
    func ramp(kind: String) throws {
        let before = rampVolume(slantedGrid, n: 2, c: 2)
        for (rule, spacing) in [("center", 0.8), ("edges", 1.3), ("first_voxel", 0.7), ("corners", 1.4)] {
            let resample = try step(
                .init("spacing_ijk", .number(spacing)), .init("grid", .string(rule)),
                .init("interpolation", .string(kind)))
            let after = try run(resample, before).volume
            // A spline bends near the border, where the mirrored ramp has a corner.
            let distance = distanceFromRamp(after, border: kind == "linear" ? 3 : 5, ignoring: 0)
            #expect(distance < (kind == "linear" ? 2e-3 : 0.6), "\(rule)")
        }
    }

    @Test("onto a reference, oblique, the ramp stays; with a spacing it keeps the reference's field of view")
    func reference() throws {
        let target = Grid(
            extent: SIMD3(6, 7, 5),
            affine: Affine(
                x: SIMD3(0.8, -0.3, 0), y: SIMD3(0.3, 0.8, 0.1), z: SIMD3(0, -0.1, 1),
                origin: SIMD3(-17, 18, 9)))
        let named = try step(.init("reference", "t1"))
        #expect(named.reference == .named("t1"))
        let message = text { _ = try named.grid(after: slantedGrid, box: nil) }
        #expect(message == "the reference \"t1\" was not found among the images of the case")
        let resolved = named.resolved(on: target)
        let after = try run(resolved, rampVolume(slantedGrid)).volume
        #expect(after.grid == target)
        #expect(distanceFromRamp(after, ignoring: 0) < 2e-3)
        var finer = resolved
        finer.spacing = .given(Triplet(target.spacing.x / 2, target.spacing.y / 2, target.spacing.z / 2))
        let fine = try finer.grid(after: slantedGrid, box: nil)
        let difference = fine.fieldOfView - target.fieldOfView
        #expect(fine.extent == SIMD3(12, 14, 10))
        #expect(max(abs(difference.x), abs(difference.y), abs(difference.z)) < 1e-9)
    }

    @Test("a reference needs a known orientation")
    func unknown() throws {
        var lost = slantedGrid
        lost.isOriented = false
        let resolved = try step(.init("reference", "t1")).resolved(on: slantedGrid)
        let message = text { _ = try resolved.grid(after: lost, box: nil) }
        #expect(
            message
                == "the file states no orientation (sform and qform codes are 0), which resample needs; set the codes"
        )
    }

    @Test("flipping before is flipping after")
    func flips() throws {
        var orient = Orient()
        orient.to = "LPI"
        let resample = try step(.init("spacing_ijk", [1.3, 0.9, 1.1]), .init("interpolation", "bspline3"))
        let volume = spatialVolume(Grid(w: 9, h: 8, d: 7))
        let first = try run(resample, try run(orient, volume).volume).volume
        let last = try run(orient, try run(resample, volume).volume).volume
        #expect((first.grid.cornerDistance(to: last.grid) ?? 1) < 1e-9)
        let worst = zip(first.tensor.values, last.tensor.values).map { abs($0 - $1) }.max() ?? 1
        #expect(worst < 2e-3)
    }

    @Test("labels keep their names, with 0 outside, and masks and images stay on one grid")
    func labels() throws {
        let label = spatialVolume(grid, role: .label)
        var subject = Case(
            name: "a", images: [.init("x", spatialVolume(grid, c: 2))], labels: [.init("seg", label)],
            masks: [.init("brain", spatialVolume(grid, role: .mask))])
        var context = Context(workers: Workers(2))
        try step(.init("spacing_ijk", 1.1), .init("grid", "first_voxel"), .init("fill", -5))
            .apply(to: &subject, in: &context)
        let grids = [
            subject.images[0].volume.grid, subject.labels[0].volume.grid, subject.masks[0].volume.grid,
        ]
        #expect(grids[0] == grids[1] && grids[1] == grids[2])
        let values = Set(subject.labels[0].volume.tensor.values)
        #expect(values.isSubset(of: Set(label.tensor.values + [0])))
    }

    @Test("clips to the range of the input where asked")
    func clip() throws {
        var tensor = Tensor(Shape(d: 1, h: 1, w: 8), repeating: 0)
        for w in 4..<8 { tensor[d: 0, h: 0, w: w] = 100 }
        let volume = Volume(tensor: tensor, grid: Grid(w: 8, h: 1, d: 1))
        let free = try step(.init("spacing_ijk", [0.3, nil, nil]), .init("interpolation", "bspline3"))
        var clipped = free
        clipped.clipToInputRange = true
        let overshoot = try run(free, volume).volume.tensor.values.max() ?? 0
        let limited = try run(clipped, volume).volume.tensor.values.max() ?? 0
        #expect(overshoot > 101)
        #expect(limited == 100)
    }

    @Test("warns of aliasing where voxels grow by more than half, but not for nearest")
    func aliasing() throws {
        let coarse = try step(.init("spacing_ijk", [1, 1.5, 8]))
        let findings = try run(coarse, spatialVolume(grid)).findings
        let wanted = Finding(
            .aliasingRisk,
            "voxels grow 2.0 times along k without smoothing, so fine detail aliases; "
                + "set antialias, or choose a finer spacing")
        #expect(findings == [wanted])
        var nearest = coarse
        nearest.interpolation = .nearest
        #expect(try run(nearest, spatialVolume(grid)).findings.isEmpty)
        #expect(try run(step(.init("spacing_ijk", [1.5, 1.5, 4])), spatialVolume(grid)).findings.isEmpty)
    }

    @Test("says which parameters do not go together")
    func conflicts() {
        #expect(text { _ = try step() } == "resample needs spacing_ijk, reference or both; add one")
        let alone = text { _ = try step(.init("grid", "reference"), .init("spacing_ijk", 1)) }
        #expect(alone == "grid \"reference\" needs a reference; add one")
        let both = text { _ = try step(.init("grid", "edges"), .init("reference", "t1")) }
        #expect(both == "grid \"edges\" and a reference exclude each other; keep one")
        let diagonal = text { _ = try step(.init("diagonal", true), .init("reference", "t1")) }
        #expect(diagonal == "a reference brings its own axes; leave diagonal out")
        let negative = text { _ = try step(.init("spacing_ijk", [1, -1, 1])) }
        #expect(negative == "spacing_ijk is -1; expected above 0")
        let antialias = text { _ = try step(.init("spacing_ijk", 1), .init("antialias", "blur")) }
        #expect(antialias == "antialias is \"blur\"; expected \"none\", \"skimage\", \"cardoso\"")
    }

    @Test("refuses a grid no machine holds")
    func tooLarge() throws {
        let fine = try step(.init("spacing_ijk", [1e-300, nil, nil]))
        let message = text { _ = try fine.grid(after: grid, box: nil) }
        #expect(message == "a grid of 9223372036854775807x9x5 voxels is too large")
    }

    @Test("tells its peak: source, result and workspace")
    func peak() throws {
        let linear = try step(.init("spacing_ijk", 1))
        let after = try linear.grid(after: grid, box: nil)
        let shape = Shape(extent: grid.extent, c: 2)
        func bytes(_ step: Resample, _ role: Volume.Role, to after: Grid) -> Int {
            step.peakBytes(of: shape, role: role, from: grid, to: after, nonfinite: .error, workers: .one)
        }
        let labels = 4 * (shape.count + 2 * after.voxelCount)
        #expect(bytes(linear, .label, to: after) == labels)
        #expect(bytes(linear, .image, to: after) > labels)
        #expect(bytes(linear, .image, to: grid) == 4 * shape.count)
        var spline = linear
        spline.interpolation = .bspline3
        #expect(bytes(spline, .image, to: after) == bytes(linear, .image, to: after))
        spline.boundary = .edge
        let padded = 4 * 2 * 34 * 33 * 29
        #expect(bytes(spline, .image, to: after) >= padded + 4 * 2 * after.voxelCount)
    }
}

@Suite("Resize") struct ResizeTests {
    @Test("edges keeps the field of view, corners the outermost voxels")
    func grids() throws {
        let edges = try Resize(parameters: [.init("size_ijk", [5, -1, 10])]).grid(after: grid, box: nil)
        #expect(edges.extent == SIMD3(5, 9, 10))
        #expect(edges.fieldOfView == grid.fieldOfView)
        #expect(edges.origin == SIMD3(10.5, 20, 29))
        let corners = try Resize(parameters: [.init("zoom_ijk", [2, nil, 0.5]), .init("compat", "scipy")])
            .grid(after: grid, box: nil)
        #expect(corners.extent == SIMD3(20, 9, 2))
        #expect(corners.origin == grid.origin)
        #expect(corners.spacing.z == 16)
    }

    @Test("one voxel has no corners: its field of view is shared out")
    func oneVoxel() throws {
        let step = try Resize(parameters: [.init("size_ijk", [4, 1, 1]), .init("grid", "corners")])
        let thin = Grid(w: 1, h: 3, d: 1)
        let after = try step.grid(after: thin, box: nil)
        #expect(after.spacing == SIMD3(0.25, 1, 1))
        #expect(try run(step, spatialVolume(thin)).volume.tensor.values == [1, 1, 1, 1])
    }

    @Test("a ramp in world space stays that ramp")
    func ramp() throws {
        let step = try Resize(parameters: [.init("size_ijk", [17, 9, 21])])
        #expect(distanceFromRamp(try run(step, rampVolume(slantedGrid, c: 2)).volume, border: 2) < 2e-3)
    }

    @Test("needs a size or a zoom, one of them")
    func conflict() {
        let wanted = "resize needs size_ijk or zoom_ijk, one of them"
        #expect(text { _ = try Resize(parameters: []) } == wanted)
        #expect(text { _ = try Resize(parameters: [.init("size_ijk", 3), .init("zoom_ijk", 2)]) } == wanted)
    }
}
