import MedPrepCore
import MedPrepOperators
import Testing

private let grid = Grid(w: 9, h: 8, d: 3, step: SIMD3(2, 3, 4), origin: SIMD3(10, 20, 30))

private func text(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "nothing thrown"
    } catch { return "\(error)" }
}

@Suite("PadToMultiple") struct PadToMultipleTests {
    @Test("raises each size, the odd voxel behind; pad modes are those of pad_to")
    func sizes() throws {
        var step = try PadToMultiple(parameters: [.init("multiple", 4), .init("mode", "edge")])
        let after = try step.grid(after: grid, box: nil)
        #expect(after.extent == SIMD3(12, 8, 4))
        #expect(after.origin == SIMD3(8, 20, 30))
        var subject = Case(name: "a", images: [.init("x", spatialVolume(grid))])
        var context = Context()
        try step.apply(to: &subject, in: &context)
        let moved = subject.images[0].volume.tensor
        #expect(moved[d: 3, h: 7, w: 0] == Float(2 * 72 + 7 * 9 + 1))
        step.method = .end
        #expect(try step.grid(after: grid, box: nil).origin == grid.origin)
    }

    @Test("needs a multiple of at least 1")
    func missing() {
        #expect(
            text { _ = try PadToMultiple(parameters: []) } == "\"multiple\" is missing; it has no default")
        let zero = text { _ = try PadToMultiple(parameters: [.init("multiple", 0)]) }
        #expect(zero == "multiple is 0; expected at least 1")
    }

    @Test("refuses a grid no machine holds")
    func tooLarge() throws {
        let step = try PadToMultiple(parameters: [.init("multiple", 1_000_000_000)])
        let message = text { _ = try step.grid(after: grid, box: nil) }
        #expect(message == "a grid of 1000000000x1000000000x1000000000 voxels is too large")
    }
}

@Suite("EnsureMultiple") struct EnsureMultipleTests {
    @Test("pads or crops both sides, the odd voxel in front; a short axis is cropped to 1")
    func sizes() throws {
        var step = try EnsureMultiple(parameters: [.init("multiple", 4)])
        let padded = try step.grid(after: grid, box: nil)
        #expect(padded.extent == SIMD3(12, 8, 4))
        #expect(padded.origin == SIMD3(6, 20, 26))
        step.method = .crop
        let cropped = try step.grid(after: grid, box: nil)
        #expect(cropped.extent == SIMD3(8, 8, 1))
        #expect(cropped.origin == SIMD3(12, 20, 34))
        step.convention = .monai
        #expect(try step.grid(after: grid, box: nil).origin == SIMD3(10, 20, 34))
    }
}
