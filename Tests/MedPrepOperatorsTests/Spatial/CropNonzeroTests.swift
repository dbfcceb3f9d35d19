import MedPrepCore
import MedPrepOperators
import Testing

@Suite("CropNonzero") struct CropNonzeroTests {
    private let grid = Grid(w: 9, h: 8, d: 7, step: SIMD3(2, 3, 4), origin: SIMD3(10, 20, 30))

    /// A hollow box of voxels 2..<6 on each axis in channel 0, one voxel more in channel 1.
    private func volume() -> Volume {
        var tensor = Tensor(Shape(extent: grid.extent, c: 2))
        for d in 2..<6 {
            for h in 2..<6 {
                for w in 2..<6 {
                    let isShell = [d, h, w].contains(2) || [d, h, w].contains(5)
                    tensor[d: d, h: h, w: w] = isShell ? -3 : 0
                }
            }
        }
        tensor[d: 2, h: 2, w: 7, c: 1] = 1
        return Volume(tensor: tensor, grid: grid)
    }

    private func run(_ step: CropNonzero, _ volume: Volume) throws -> (subject: Case, findings: [Finding]) {
        var label = Tensor(Shape(extent: grid.extent))
        label[d: 2, h: 2, w: 6] = 4
        var subject = Case(
            name: "a", images: [.init("x", volume)],
            labels: [.init("seg", Volume(tensor: label, grid: grid, role: .label))],
            masks: [.init("m", Volume(tensor: label, grid: grid, role: .mask))])
        var context = Context(workers: Workers(2))
        try step.apply(to: &subject, in: &context)
        return (subject, context.findings)
    }

    @Test("keeps the box of any channel; labels of 0 outside the filled mask are named")
    func box() throws {
        let (subject, findings) = try run(CropNonzero(), volume())
        let image = subject.images[0].volume
        #expect(image.grid.extent == SIMD3(6, 4, 4))
        #expect(image.grid.origin == SIMD3(14, 26, 38))
        #expect(findings.isEmpty)
        let label = subject.labels[0].volume.tensor
        for d in 0..<4 {
            for h in 0..<4 {
                for w in 0..<6 {
                    let isInside = w < 4 || (d == 0 && h == 0 && w == 5)
                    let wanted: Float = d == 0 && h == 0 && w == 4 ? 4 : isInside ? 0 : -1
                    #expect(label[d: d, h: h, w: w] == wanted)
                }
            }
        }
        #expect(Set(subject.masks[0].volume.tensor.values) == [0, 4])
    }

    @Test("holes stay outside where asked, and all channels may be needed")
    func options() throws {
        var step = CropNonzero()
        step.fillHoles = false
        step.outsideLabel = 9
        let label = try run(step, volume()).subject.labels[0].volume.tensor
        #expect(label[d: 1, h: 1, w: 1] == 9)
        #expect(label[d: 0, h: 1, w: 1] == 0)
        step.anyChannel = false
        var both = volume()
        both.tensor[d: 3, h: 2, w: 3, c: 1] = 1
        let image = try run(step, both).subject.images[0].volume
        #expect(image.grid.extent == SIMD3(1, 1, 1))
        #expect(image.tensor.values == [-3, 1])
    }

    @Test("an empty volume stays whole, with a finding")
    func empty() throws {
        let nothing = Volume(tensor: Tensor(Shape(extent: grid.extent)), grid: grid)
        let (subject, findings) = try run(CropNonzero(), nothing)
        #expect(subject.images[0].volume.grid == grid)
        #expect(findings == [Finding(.emptyForeground, "no voxel is nonzero, so the volume stays whole")])
        #expect(Set(subject.labels[0].volume.tensor.values) == [-1, 4])
    }

    @Test("plans the region that labels need")
    func peak() {
        func bytes(_ role: Volume.Role) -> Int {
            CropNonzero().peakBytes(
                of: Shape(extent: grid.extent), role: role, from: grid, to: grid, nonfinite: .error,
                workers: .one)
        }
        // The box may be a little smaller than the whole, which is a copy; the region of 8 bytes a voxel goes before.
        #expect(bytes(.image) == 8 * grid.voxelCount)
        #expect(bytes(.label) == 12 * grid.voxelCount)
    }
}
