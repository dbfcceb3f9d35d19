import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

private let grid = Grid(w: 10, h: 9, d: 5, step: SIMD3(1, 1.5, 4), origin: SIMD3(10, 20, 30))

private func step(_ members: JSONValue.Member...) throws -> Resample {
    try Resample(parameters: [.init("compat", "nnunet")] + members)
}

private func message(_ members: JSONValue.Member...) -> String {
    do {
        _ = try Resample(parameters: members)
        return "accepted"
    } catch { return "\(error)" }
}

@Suite("Resample, compat nnunet") struct ResampleNNUNetTests {
    @Test("keeps the field of view, tells the true spacing, and records nnU-Net's in z, y, x")
    func geometry() throws {
        let resample = try step(.init("spacing_dhw", [2.5, 1.2, 0.7]))
        let after = try resample.grid(after: grid, box: nil)
        #expect(after.extent == SIMD3(14, 11, 8))
        let field = after.fieldOfView - grid.fieldOfView
        #expect(max(abs(field.x), abs(field.y), abs(field.z)) < 1e-12)
        #expect(abs(after.spacing.z - 4.0 * 5 / 8) < 1e-12)
        var subject = Case(name: "a", images: [.init("x", rampVolume(grid))])
        var context = Context()
        try resample.apply(to: &subject, in: &context)
        #expect(context.record == [.init("nnunet_spacing", [2.5, 1.2, 0.7])])
        #expect(subject.images[0].volume.grid == after)
    }

    @Test("sizes that stay leave the volume alone; null keeps an axis")
    func kept() throws {
        let near = try step(.init("spacing_ijk", [1.01, nil, 4.2]))
        #expect(try near.grid(after: grid, box: nil) == grid)
        let half = try step(.init("spacing_ijk", [2, nil, nil])).grid(after: grid, box: nil)
        #expect(half.extent == SIMD3(5, 9, 5))
    }

    @Test("sets all that the peer chooses, and labels go by vote unless nearest is written")
    func preset() throws {
        let resample = try step(.init("spacing_ijk", 2))
        #expect(resample.grid == .edges && resample.interpolation == .bspline3 && resample.boundary == .edge)
        #expect(resample.labels == .argmax)
        #expect(resample.labelSampling(on: grid).tiebreak == .nearest)
        let nearest = try step(.init("spacing_ijk", 2), .init("labels", "nearest"))
        #expect(nearest.labelSampling(on: grid) == .label)
        let lowest = try step(.init("spacing_ijk", 2), .init("tiebreak", "lowest"))
        #expect(lowest.labelSampling(on: grid).tiebreak == .lowest)
    }

    @Test("separates the axis of largest spacing, of the scan or else of the target")
    func separation() throws {
        func axis(_ now: SIMD3<Double>, _ members: JSONValue.Member...) throws -> Int? {
            let resample = try Resample(parameters: [.init("compat", "nnunet")] + members)
            let volume = Volume(
                tensor: Tensor(Shape(d: 1, h: 1, w: 1)),
                grid: Grid(w: 1, h: 1, d: 1, step: now))
            return resample.sampling(of: volume).zoom?.apart?.axis
        }
        let fine = JSONValue.Member("spacing_ijk", 1)
        #expect(try axis(SIMD3(1, 1, 4), fine) == 2)
        #expect(try axis(SIMD3(5, 1, 1), fine) == 0)
        #expect(try axis(SIMD3(1, 1, 3), fine) == nil)
        #expect(try axis(SIMD3(1, 1, 3), fine, .init("anisotropy_threshold", 2)) == 2)
        #expect(try axis(SIMD3(4, 1, 4.0000001), fine) == nil)
        #expect(try axis(SIMD3(1, 1, 2), .init("spacing_ijk", [1, 6, 1])) == 1)
        #expect(try axis(SIMD3(1, 1, 2), fine, .init("separate_z", "force")) == 2)
        #expect(try axis(SIMD3(2, 2, 2), fine, .init("separate_z", "force")) == nil)
        #expect(try axis(SIMD3(1, 1, 9), fine, .init("separate_z", "never")) == nil)
    }

    @Test("argmax serves every grid, and resize too")
    func argmax() throws {
        let labels = Tensor(Shape(d: 1, h: 1, w: 4), [1, 1, 2, 2])
        let line = Grid(w: 4, h: 1, d: 1)
        func moved(_ step: some SpatialOperator) throws -> [Float] {
            var subject = Case(
                name: "a", images: [.init("x", spatialVolume(line))],
                labels: [.init("seg", Volume(tensor: labels, grid: line, role: .label))])
            var context = Context()
            try step.apply(to: &subject, in: &context)
            return subject.labels[0].volume.tensor.values
        }
        let center = try Resample(parameters: [
            .init("spacing_ijk", [0.5, nil, nil]), .init("labels", "argmax"), .init("tiebreak", "highest"),
        ])
        #expect(try moved(center) == [1, 1, 1, 1, 2, 2, 2, 2])
        let two = try Resize(parameters: [.init("size_ijk", [1, nil, nil]), .init("labels", "argmax")])
        #expect(try moved(two) == [2])
    }

    @Test("each error says what to do")
    func errors() {
        #expect(
            message(.init("spacing_ijk", 1), .init("order", 1))
                == "order belongs to compat \"nnunet\"; set that, or leave order out")
        #expect(
            message(.init("compat", "nnunet"), .init("spacing_ijk", 1), .init("interpolation", "linear"))
                == "compat \"nnunet\" chooses interpolation itself (order and order_z say how); leave interpolation out"
        )
        #expect(
            message(.init("compat", "nnunet"), .init("spacing_ijk", 1), .init("order", 2))
                == "order is 2; expected 0, 1 or 3")
        #expect(
            message(.init("compat", "nnunet"), .init("spacing_ijk", "mean"))
                == "spacing_ijk is \"mean\"; expected three values (x, y, z), each a number or null, or one for all "
                + "three, or \"median\" or null")
    }

    @Test("median is learned from the grids of the data set, and asked for before that is an error")
    func median() throws {
        let resample = try Resample(parameters: [.init("spacing_ijk", "median")])
        #expect(resample.learnsGrids)
        #expect(Resample.card.parameters[1].keys == ["spacing_ijk", "spacing_dhw"])
        var text = ""
        do { _ = try resample.grid(after: grid, box: nil) } catch { text = "\(error.code): \(error)" }
        let expected =
            "unresolved_spacing: resample takes its spacing from the whole data set (\"median\"), of which no case is "
            + "known; give spacing_ijk in millimetres"
        #expect(text == expected)
        #expect(throws: OperatorError.unresolvedSpacing(operator: "resample")) {
            try resample.resolved(onAll: [])
        }
        let grids = [1, 2, 4].map { Grid(w: 9, h: 9, d: 9, step: SIMD3(0.5, 1, Double($0))) }
        let resolved = try resample.resolved(onAll: grids)
        #expect(resolved.spacing == .given(Triplet(0.5, 1, 2)) && !resolved.learnsGrids)
        #expect(!Resize().learnsGrids)
        let fixed = try step(.init("spacing_ijk", 1))
        #expect(try fixed.resolved(onAll: []).spacing == 1)
    }

    @Test("the plan counts the workspace by the spacing of the scan")
    func bytes() throws {
        let resample = try step(.init("spacing_ijk", [0.7, 0.7, 2]))
        let thick = Grid(w: 64, h: 64, d: 20, step: SIMD3(1, 1, 4))
        let cubic = Grid(w: 64, h: 64, d: 20, step: SIMD3(1, 1, 2.5))
        func peak(_ grid: Grid, _ role: Volume.Role) throws -> Int {
            let after = try resample.grid(after: grid, box: nil)
            let volumes = 4 * (grid.voxelCount + after.voxelCount)
            return resample.peakBytes(
                of: Shape(extent: grid.extent), role: role, from: grid, to: after, nonfinite: .error,
                workers: .one) - volumes
        }
        let waiting = 8 * 91 * 91 * 20
        #expect(try peak(thick, .image) < waiting / 4)
        #expect(try peak(cubic, .image) >= waiting)
        #expect(try peak(thick, .label) < 4096)
    }
}
