import MedPrepCore
import MedPrepOperators
import Testing

@Suite("Conform") struct ConformTests {
    @Test("turns the axes, and voxels (n' − 1)/2 and (n − 1)/2, rounded down, share their place")
    func middle() throws {
        var step = try Conform(parameters: [.init("size_ijk", [6, 7, 8]), .init("spacing_ijk", [2, 1, 3])])
        step.orientation = "LPS"
        let after = try step.grid(after: slantedGrid, box: nil)
        #expect(after.extent == SIMD3(6, 7, 8))
        #expect(after.orientation?.code == "LPS")
        let spacing = after.spacing - SIMD3(2, 1, 3)
        #expect(max(abs(spacing.x), abs(spacing.y), abs(spacing.z)) < 1e-12)
        var orient = Orient()
        orient.to = "LPS"
        let turned = try orient.grid(after: slantedGrid, box: nil)
        // 12, 11 and 10 voxels: the middles are 5, 5 and 4.
        let apart = after.affine(SIMD3(2, 3, 3)) - turned.affine(SIMD3(5, 5, 4))
        #expect(max(abs(apart.x), abs(apart.y), abs(apart.z)) < 1e-9)
    }

    @Test("a ramp in world space stays that ramp, with fill beyond the outermost centres")
    func ramp() throws {
        var step = try Conform(parameters: [.init("size_ijk", 14), .init("interpolation", "linear")])
        step.fill = -777
        var subject = Case(name: "a", images: [.init("x", rampVolume(slantedGrid))])
        var context = Context(workers: Workers(2))
        try step.apply(to: &subject, in: &context)
        let after = subject.images[0].volume
        #expect(distanceFromRamp(after, ignoring: -777) < 2e-3)
        #expect(after.tensor.values.contains(-777))
    }

    @Test("needs a known orientation and a code of three letters")
    func errors() {
        var lost = slantedGrid
        lost.isOriented = false
        func text(_ body: () throws -> Void) -> String {
            do {
                try body()
                return "nothing thrown"
            } catch { return "\(error)" }
        }
        let unknown = text { _ = try Conform().grid(after: lost, box: nil) }
        let sentence =
            "the file states no orientation (sform and qform codes are 0), which conform needs; set the codes"
        #expect(unknown == sentence)
        let code = text { _ = try Conform(parameters: [.init("orientation", "RAX")]) }
        let wanted =
            "orientation is \"RAX\"; expected three letters, one each of L or R, P or A, I or S, such as \"RAS\""
        #expect(code == wanted)
    }
}
