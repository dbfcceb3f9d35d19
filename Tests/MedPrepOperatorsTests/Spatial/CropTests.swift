import MedPrepCore
import MedPrepOperators
import Testing

private let grid = Grid(w: 8, h: 7, d: 6, step: SIMD3(2, 3, 4), origin: SIMD3(10, 20, 30))

private func text(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "nothing thrown"
    } catch { return "\(error)" }
}

@Suite("CropForeground") struct CropForegroundTests {
    private func volume(_ grid: Grid = grid) -> Volume {
        var tensor = Tensor(Shape(extent: grid.extent), repeating: -1)
        tensor[d: 2, h: 3, w: 4] = 5
        tensor[d: 3, h: 3, w: 6] = 6
        return Volume(tensor: tensor, grid: grid)
    }

    private func cropped(_ step: CropForeground) throws -> Volume {
        var subject = Case(name: "a", images: [.init("x", volume())])
        var context = Context()
        try step.apply(to: &subject, in: &context)
        return subject.images[0].volume
    }

    @Test("moves the origin by the removed border")
    func origin() throws {
        let after = try cropped(CropForeground())
        #expect(after.grid.extent == SIMD3(3, 1, 2))
        #expect(after.grid.origin == SIMD3(18, 29, 38))
        #expect(after.tensor.values == [5, -1, -1, -1, -1, 6])
    }

    @Test("pads beyond the border, or ends there with allow_smaller")
    func margin() throws {
        var step = CropForeground()
        step.margin = Triplet(3, 0, 0)
        step.padValue = 9
        let padded = try cropped(step)
        #expect(padded.grid.extent == SIMD3(9, 1, 2))
        #expect(padded.tensor[d: 0, h: 0, w: 8] == 9)
        step.allowSmaller = true
        #expect(try cropped(step).grid.extent == SIMD3(7, 1, 2))
    }

    @Test("raises sizes to a multiple; the plan's upper bound is the volume with its margin")
    func divisible() throws {
        var step = CropForeground()
        step.kDivisible = 4
        #expect(try cropped(step).grid.extent == SIMD3(4, 4, 4))
        #expect(try step.grid(after: grid, box: nil).extent == SIMD3(8, 8, 8))
    }

    @Test("without foreground it fails, or keeps the volume with a finding")
    func empty() throws {
        var step = CropForeground()
        step.select = .above(100)
        let message = text { _ = try cropped(step) }
        #expect(
            message
                == "no voxel is above 100.0; choose another select, or on_empty \"keep\" to leave such volumes whole"
        )
        step.onEmpty = .keep
        step.margin = Triplet(2)
        var subject = Case(name: "a", images: [.init("x", volume())])
        var context = Context()
        try step.apply(to: &subject, in: &context)
        #expect(subject.images[0].volume.grid == grid)
        #expect(context.findings.map { $0.code } == [.emptyForeground])
    }

    @Test("refuses a channel that is not there")
    func channels() throws {
        let step = try CropForeground(parameters: [.init("channels", [0, 3])])
        let message = text { _ = try cropped(step) }
        #expect(message == "channels names 3, but the volume has 1; they count from 0")
    }

    @Test("reads select as a word or a bound")
    func select() throws {
        let step = try CropForeground(parameters: [.init("select", ["above": -500])])
        #expect(step.select == .above(-500))
        let message = text { _ = try CropForeground(parameters: [.init("select", "bright")]) }
        #expect(
            message == "select is \"bright\"; expected \"positive\", \"nonzero\", or {\"above\": a number}")
    }
}

@Suite("CropCenter") struct CropCenterTests {
    @Test("starts at ⌊n/2⌋ − ⌊m/2⌋, under torchio at ⌈δ/2⌉, and leaves smaller axes")
    func start() throws {
        var step = try CropCenter(parameters: [.init("size_ijk", [5, 4, 9])])
        let monai = try step.grid(after: grid, box: nil)
        #expect(monai.extent == SIMD3(5, 4, 6))
        #expect(monai.origin == SIMD3(14, 23, 30))
        step.convention = .torchio
        #expect(try step.grid(after: grid, box: nil).origin == SIMD3(14, 26, 30))
    }

    @Test("keeps an axis at null or −1 and refuses 0")
    func sizes() throws {
        let step = try CropCenter(parameters: [.init("size_dhw", [nil, -1, 2])])
        #expect(try step.grid(after: grid, box: nil).extent == SIMD3(2, 7, 6))
        let message = text { _ = try CropCenter(parameters: [.init("size_ijk", [2, 0, 2])]) }
        #expect(message == "size_ijk is 0; expected at least 1, or -1 or null to keep the axis")
        let missing = text { _ = try CropCenter(parameters: []) }
        #expect(missing == "\"size_ijk\" or \"size_dhw\" is missing; it has no default")
    }
}

@Suite("CropOrPad") struct CropOrPadTests {
    @Test("puts the odd voxel at the end under monai, at the start under torchio")
    func conventions() throws {
        var step = try CropOrPad(parameters: [.init("size_ijk", [11, 4, 6])])
        let monai = try step.grid(after: grid, box: nil)
        #expect(monai.extent == SIMD3(11, 4, 6))
        #expect(monai.origin == SIMD3(8, 23, 30))
        step.convention = .torchio
        let torchio = try step.grid(after: grid, box: nil)
        #expect(torchio.origin == SIMD3(6, 26, 30))
    }

    @Test("centres on the box of the only mask")
    func mask() throws {
        var step = try CropOrPad(parameters: [.init("size_ijk", [4, 3, 3]), .init("center", "mask")])
        step.value = -7
        var mask = Tensor(Shape(extent: grid.extent))
        mask[d: 0, h: 3, w: 6] = 1
        mask[d: 0, h: 3, w: 7] = 1
        var context = Context()
        context.masks = [(name: "brain", tensor: mask, role: .mask)]
        var subject = Case(name: "a", images: [.init("x", spatialVolume(grid))])
        try step.apply(to: &subject, in: &context)
        let after = subject.images[0].volume
        #expect(after.grid.origin == SIMD3(20, 26, 26))
        #expect(after.tensor[d: 0, h: 0, w: 0] == -7)
        #expect(after.tensor[d: 1, h: 1, w: 1] == Float(6 + 3 * 8 + 1))
    }

    @Test("says what is wrong with the masks")
    func masks() throws {
        let step = try CropOrPad(parameters: [.init("size_ijk", 4), .init("center", "mask")])
        var context = Context()
        var subject = Case(name: "a", images: [.init("x", spatialVolume(grid))])
        let none = text { try step.apply(to: &subject, in: &context) }
        #expect(none == "center \"mask\" needs a mask, and this case has none; name one under input.masks")
        context.masks = [(name: "brain", tensor: Tensor(Shape(extent: grid.extent)), role: .mask)]
        let empty = text { try step.apply(to: &subject, in: &context) }
        #expect(
            empty
                == "the mask \"brain\" holds no voxel; choose another mask, or leave it out to use every voxel"
        )
    }

    @Test("refuses sizes no machine holds")
    func tooLarge() throws {
        let huge = try CropOrPad(parameters: [.init("size_ijk", 4_000_000_000_000_000_000)])
        let message = text { _ = try huge.grid(after: grid, box: nil) }
        let size = "4000000000000000000"
        #expect(message == "a grid of \(size)x\(size)x\(size) voxels is too large")
        let large = try CropOrPad(parameters: [.init("size_ijk", 20000)])
        let second = text { _ = try large.grid(after: grid, box: nil) }
        #expect(second == "a grid of 20000x20000x20000 voxels is too large")
    }
}

@Suite("PadTo") struct PadToTests {
    private func padded(_ step: PadTo) throws -> Volume {
        let grid = Grid(w: 3, h: 1, d: 1)
        var subject = Case(
            name: "a",
            images: [.init("x", Volume(tensor: Tensor(Shape(d: 1, h: 1, w: 3), [1, 2, 6]), grid: grid))])
        var context = Context()
        try step.apply(to: &subject, in: &context)
        return subject.images[0].volume
    }

    @Test(
        "fills as numpy.pad does, also beyond one repetition",
        arguments: [
            (PadTo.Mode.constant, [-5, -5, -5, 1, 2, 6, -5, -5, -5, -5] as [Float]),
            (.edge, [1, 1, 1, 1, 2, 6, 6, 6, 6, 6]), (.reflect, [2, 6, 2, 1, 2, 6, 2, 1, 2, 6]),
            (.symmetric, [6, 2, 1, 1, 2, 6, 6, 2, 1, 1]), (.wrap, [1, 2, 6, 1, 2, 6, 1, 2, 6, 1]),
            (.mean, [3, 3, 3, 1, 2, 6, 3, 3, 3, 3]), (.median, [2, 2, 2, 1, 2, 6, 2, 2, 2, 2]),
            (.minimum, [1, 1, 1, 1, 2, 6, 1, 1, 1, 1]), (.maximum, [6, 6, 6, 1, 2, 6, 6, 6, 6, 6]),
        ])
    func modes(mode: PadTo.Mode, wanted: [Float]) throws {
        var step = try PadTo(parameters: [.init("size_ijk", [10, -1, 1])])
        step.mode = mode
        step.value = -5
        let after = try padded(step)
        #expect(after.tensor.values == wanted)
        #expect(after.grid.origin == SIMD3(-3, 0, 0))
    }

    @Test("pads at the end, and labels with 0 where images get a value")
    func labels() throws {
        var step = try PadTo(parameters: [.init("size_ijk", [5, nil, nil]), .init("method", "end")])
        step.value = 9
        #expect(try padded(step).tensor.values == [1, 2, 6, 9, 9])
        #expect(try padded(step).grid.origin == .zero)
        #expect(step.labelSampling == .label)
        step.mode = .edge
        #expect(step.labelSampling.continues)
    }

    @Test("takes the value from all samples and channels, and 0 where none is finite")
    func wholeTensor() throws {
        let shape = Shape(n: 2, d: 1, h: 1, w: 1, c: 2)
        func fill(_ mode: PadTo.Mode, _ values: [Float]) -> Float {
            var step = PadTo()
            step.mode = mode
            let volume = Volume(tensor: Tensor(shape, values), grid: Grid(w: 1, h: 1, d: 1))
            return step.sampling(of: volume).fill
        }
        for (mode, wanted) in [(PadTo.Mode.mean, 3), (.minimum, -1), (.maximum, 8), (.median, 2)] {
            #expect(fill(mode, [-1, 2, .nan, 8]) == Float(wanted))
            #expect(fill(mode, [.nan, .infinity, -.infinity, .nan]) == 0)
        }
    }

    @Test("then cropping gives the volume back")
    func back() throws {
        var subject = Case(name: "a", images: [.init("x", spatialVolume(grid))])
        let before = subject.images[0].volume
        var context = Context()
        try PadTo(parameters: [.init("size_ijk", [11, 11, 9]), .init("mode", "reflect")]).apply(
            to: &subject, in: &context)
        try CropOrPad(parameters: [.init("size_ijk", [8, 7, 6])]).apply(to: &subject, in: &context)
        let after = subject.images[0].volume
        #expect(after.tensor.values == before.tensor.values)
        #expect(after.grid.cornerDistance(to: grid) ?? 1 < 1e-9)
    }
}
