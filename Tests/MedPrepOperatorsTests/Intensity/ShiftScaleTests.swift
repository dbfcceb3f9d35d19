import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("ShiftScale") struct ShiftScaleTests {
    @Test("adds, then multiplies, as SimpleITK does")
    func formula() throws {
        let step = try ShiftScale(parameters: [.init("shift", -1024), .init("scale", 0.5)])
        var tensor = Tensor(Shape(d: 1, h: 1, w: 5), [0, 1024, 1025.5, .nan, .infinity])
        var context = Context()
        try step.apply(to: &tensor, in: &context)
        #expect(Array(tensor.values[..<3]) == [-512, 0, 0.75])
        #expect(tensor.values[3].isNaN && tensor.values[4] == .infinity)
    }

    @Test("gives each channel its own numbers, and without any changes nothing")
    func channels() throws {
        let x = Tensor(Shape(n: 2, d: 1, h: 1, w: 1, c: 2), [1, 2, 3, 4])
        var (tensor, context) = (x, Context())
        try ShiftScale().apply(to: &tensor, in: &context)
        #expect(tensor.values == x.values)
        let step = try ShiftScale(parameters: [.init("shift", [1, 0]), .init("scale", [1, -2])])
        try step.apply(to: &tensor, in: &context)
        #expect(tensor.values == [2, -4, 4, -8])
    }

    @Test("says how many numbers a list must have")
    func count() throws {
        let step = try ShiftScale(parameters: [.init("scale", [1, 2])])
        var (tensor, context) = (Tensor(Shape(d: 1, h: 1, w: 1, c: 3), [1, 2, 3]), Context())
        let error = #expect(throws: OperatorError.self) { try step.apply(to: &tensor, in: &context) }
        #expect(error?.description.contains("scale") == true && error?.description.contains("3") == true)
        #expect(tensor.values == [1, 2, 3])
    }
}
