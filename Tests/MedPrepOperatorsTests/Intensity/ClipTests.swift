import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("Clip") struct ClipTests {
    @Test("limits every voxel, keeps NaN and bounds infinity")
    func formula() throws {
        var clip = Clip()
        clip.min = -1
        clip.max = 2.5
        var tensor = Tensor(Shape(d: 1, h: 1, w: 6), [-3, 0, 7, .nan, .infinity, -.infinity])
        var context = Context()
        try clip.apply(to: &tensor, in: &context)
        let values = tensor.values
        #expect(Array(values[0..<3]) == [-1, 0, 2.5] && values[3].isNaN)
        #expect(Array(values[4...]) == [2.5, -1])
        #expect(context.findings.isEmpty)
    }

    @Test("without limits changes nothing, and one limit leaves the other side")
    func limits() throws {
        let x = Tensor.random(Shape(n: 2, d: 3, h: 20, w: 30, c: 3), seed: 1, spread: 5)
        var (tensor, context) = (x, Context())
        try Clip().apply(to: &tensor, in: &context)
        #expect(tensor.values == x.values)
        var clip = Clip()
        clip.max = 0
        try clip.apply(to: &tensor, in: &context)
        #expect(tensor.values == x.values.map { Swift.min($0, 0) })
    }

    @Test("works in place")
    func storage() throws {
        var (tensor, context) = (Tensor(Shape(d: 2, h: 2, w: 2), repeating: 4), Context())
        let address = tensor.storageAddress
        try Clip().apply(to: &tensor, in: &context)
        #expect(tensor.storageAddress == address)
    }

    @Test("refuses limits that cross")
    func crossed() {
        expectFault(Clip.self, ["min": 80, "max": 0], "min 80.0 is above max 0.0")
    }

    @Test("reads back what it writes")
    func json() throws {
        let written: [JSONValue.Member] = [.init("min", .number(-0.1)), .init("max", .null)]
        try expectRoundTrip(Clip.self, written)
        #expect(try Clip(parameters: written).min == -0.1)
    }
}
