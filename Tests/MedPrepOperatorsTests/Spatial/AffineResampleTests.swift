import MedPrepCore
import MedPrepOperators
import Testing

private func text(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "nothing thrown"
    } catch { return "\(error)" }
}

private func step(_ members: JSONValue.Member...) throws -> AffineResample {
    try AffineResample(parameters: members)
}

@Suite("AffineResample") struct AffineResampleTests {
    private let matrix: JSONValue = [[0.9, 0.1, 0], [-0.1, 1.1, 0.05], [0, 0.2, 1.2]]

    private func run(_ step: AffineResample, _ volume: Volume) throws -> Volume {
        var subject = Case(name: "a", images: [.init("x", volume)])
        var context = Context(workers: Workers(2))
        try step.apply(to: &subject, in: &context)
        return subject.images[0].volume
    }

    @Test("reads at M·o + t, and the ramp stays where it was in the world")
    func ramp() throws {
        let step = try step(
            .init("matrix_ijk", matrix), .init("offset_ijk", [0.5, 1, -0.25]), .init("fill", -777))
        let after = try run(step, rampVolume(slantedGrid, c: 2))
        #expect(after.grid.extent == slantedGrid.extent)
        let place = after.grid.affine(SIMD3(1, 2, 3)) - slantedGrid.affine(SIMD3(1.6, 3.25, 3.75))
        #expect(max(abs(place.x), abs(place.y), abs(place.z)) < 1e-9)
        #expect(distanceFromRamp(after, border: 3, ignoring: -777) < 2e-3)
        #expect(after.tensor.values.contains(-777))
    }

    @Test("matrix_dhw is the same matrix, rows and columns in the other order")
    func spelling() throws {
        let ijk = try step(.init("matrix_ijk", matrix))
        let dhw = try step(.init("matrix_dhw", [[1.2, 0.2, 0], [0.05, 1.1, -0.1], [0, 0.1, 0.9]]))
        #expect(ijk.matrix == dhw.matrix)
    }

    @Test("theta of the identity moves nothing; its shift counts half sizes, or half of n − 1")
    func theta() throws {
        func shift(_ aligned: Bool) throws -> SIMD3<Double> {
            let step = try step(
                .init("theta", [[1, 0, 0, 0.5], [0, 1, 0, 0], [0, 0, 1, 0]]),
                .init("align_corners", .bool(aligned)))
            let after = try step.grid(after: Grid(w: 9, h: 8, d: 1), box: nil)
            #expect(after.affine.x == SIMD3(1, 0, 0))
            return after.origin
        }
        #expect(try shift(false) == SIMD3(2.25, 0, 0))
        #expect(try shift(true) == SIMD3(2, 0, 0))
    }

    @Test("a boundary that is written holds everywhere, for labels too; without one, outside is fill")
    func boundaries() throws {
        let line = Volume(tensor: Tensor(Shape(d: 1, h: 1, w: 3), [1, 2, 3]), grid: Grid(w: 3, h: 1, d: 1))
        func values(_ boundary: JSONValue) throws -> [[Float]] {
            let step = try step(
                .init("matrix_ijk", [[1, 0, 0], [0, 1, 0], [0, 0, 1]]), .init("offset_ijk", [1.5, 0, 0]),
                .init("boundary", boundary), .init("fill", 9))
            var label = line
            label.role = .label
            var subject = Case(name: "a", images: [.init("x", line)], labels: [.init("l", label)])
            var context = Context()
            try step.apply(to: &subject, in: &context)
            return [subject.images[0].volume.tensor.values, subject.labels[0].volume.tensor.values]
        }
        #expect(try values(.null) == [[2.5, 9, 9], [3, 0, 0]])
        #expect(try values("edge") == [[2.5, 3, 3], [3, 3, 3]])
        #expect(try values("constant") == [[2.5, 6, 9], [3, 0, 0]])
        #expect(try values("constant_sharp") == [[2.5, 9, 9], [3, 0, 0]])
        #expect(try values("mirror") == [[2.5, 2.5, 1.5], [3, 2, 1]])
    }

    @Test("says what does not go together")
    func errors() {
        let neither = "affine_resample needs matrix_ijk or theta, one of them"
        #expect(text { _ = try step() } == neither)
        let identity: JSONValue = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]
        #expect(text { _ = try step(.init("matrix_ijk", matrix), .init("theta", identity)) } == neither)
        let offset = text { _ = try step(.init("theta", identity), .init("offset_ijk", [1, 0, 0])) }
        #expect(offset == "theta brings its own offset; leave offset_ijk out")
        let flat = text { _ = try step(.init("matrix_ijk", [[1, 0, 0], [2, 0, 0], [0, 0, 1]])) }
        #expect(flat == "matrix_ijk has no inverse: it maps the volume onto a plane")
        let short = text { _ = try step(.init("theta", [[1, 0, 0], [0, 1, 0], [0, 0, 1]])) }
        #expect(short == "theta is [[1, 0, 0], [0, 1, 0], [0, 0, 1]]; expected three rows of four numbers")
    }
}
