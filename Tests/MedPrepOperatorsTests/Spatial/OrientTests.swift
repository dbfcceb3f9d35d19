import MedPrepCore
import MedPrepOperators
import Testing

@Suite("Orient") struct OrientTests {
    private let grid = Grid(
        extent: SIMD3(4, 5, 6),
        affine: Affine(
            x: SIMD3(0.1, -0.9, 0.05), y: SIMD3(-1.1, -0.12, 0.3), z: SIMD3(0.2, 0.06, 2.3),
            origin: SIMD3(-90.5, 126.25, -72)))

    private func orient(_ to: String) -> Orient {
        var step = Orient()
        step.to = to
        return step
    }

    @Test("names its axes after the target, and keeps them oblique")
    func axes() throws {
        let after = try Orient().grid(after: grid, box: nil)
        #expect(grid.orientation?.code == "PLS")
        #expect(after.orientation?.code == "RAS")
        #expect(after.extent == SIMD3(5, 4, 6))
        #expect(after.affine.x == -grid.affine.y)
    }

    @Test("there and back is the same to the bit, grid and voxels")
    func back() throws {
        var subject = Case(name: "a", images: [.init("x", spatialVolume(grid))])
        let before = subject.images[0].volume
        var context = Context()
        for code in ["RAS", "IPL", "SRP", "LAI", "PLS"] { try orient(code).apply(to: &subject, in: &context) }
        #expect(subject.images[0].volume.grid == before.grid)
        #expect(subject.images[0].volume.tensor.values == before.tensor.values)
    }

    @Test("twice is once")
    func twice() throws {
        let once = try orient("LPS").grid(after: grid, box: nil)
        #expect(try orient("LPS").grid(after: once, box: nil) == once)
    }

    @Test("refuses a scan of unknown orientation, or keeps it with a finding")
    func unknown() throws {
        var lost = grid
        lost.isOriented = false
        #expect {
            try Orient().grid(after: lost, box: nil)
        } throws: {
            "\($0)"
                == "the file states no orientation (sform and qform codes are 0), which orient needs; "
                + "set the codes, or on_unknown \"keep\""
        }
        var step = Orient()
        step.onUnknown = .keep
        var subject = Case(name: "a", images: [.init("x", spatialVolume(lost))])
        var context = Context()
        try step.apply(to: &subject, in: &context)
        #expect(subject.images[0].volume.grid == lost)
        #expect(context.findings.map { $0.code } == [.unknownOrientation])
    }

    @Test("refuses letters that do not name three axes")
    func letters() {
        #expect {
            try Orient(parameters: [.init("to", "RAR")])
        } throws: {
            "\($0)"
                == "to is \"RAR\"; expected three letters, one each of L or R, P or A, I or S, such as \"RAS\""
        }
    }
}
