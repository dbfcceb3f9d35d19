import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("Window") struct WindowTests {
    static let tensor = Tensor.random(Shape(n: 2, d: 5, h: 21, w: 23, c: 2), seed: 3, mean: 40, spread: 500)

    static func step(_ parameters: JSONValue) throws -> Window {
        try Window(parameters: parameters.members ?? [])
    }

    @Test("maps the window, given by its ends or its middle, and clips")
    func formula() throws {
        let ends = try Self.step(["in_min": -160, "in_max": 240, "out_min": -1, "out_max": 2])
        let middle = try Self.step(["center": 40, "width": 400, "out_min": -1, "out_max": 2])
        let found = try applied(ends, to: Self.tensor).values.values
        #expect(try applied(middle, to: Self.tensor).values.values == found)
        let unclipped = Self.tensor.values.map { (Double($0) + 160) / 400 * 3 - 1 }
        expectClose(found, unclipped.map { Swift.min(Swift.max($0, -1), 2) })
        var open = ends
        open.clip = false
        expectClose(try applied(open, to: Self.tensor).values.values, unclipped)
    }

    @Test("without output bounds only shifts and scales, and clips on the side that has one")
    func noBounds() throws {
        let plain = Self.tensor.values.map { (Double($0) - 10) / 90 }
        let none = try Self.step(["in_min": 10, "in_max": 100, "out_min": nil, "out_max": nil])
        expectClose(try applied(none, to: Self.tensor).values.values, plain)
        let upper = try Self.step(["in_min": 10, "in_max": 100, "out_min": nil, "out_max": 1])
        expectClose(try applied(upper, to: Self.tensor).values.values, plain.map { Swift.min($0, 1) })
    }

    @Test("one value wide takes that value off and says so")
    func constantWindow() throws {
        let step = try Self.step(["in_min": 7, "in_max": 7, "out_min": 2, "out_max": 3])
        let found = try applied(step, to: Tensor(Shape(d: 1, h: 1, w: 3), [7, 9, -100]))
        #expect(found.values.values == [2, 4, -105])
        let message = "the window is one value wide; its value is taken off and nothing is scaled"
        #expect(found.findings == [Finding(.constantWindow, message)])
    }

    @Test("keeps NaN, and clips infinity")
    func notFinite() throws {
        let x = Tensor(Shape(d: 1, h: 1, w: 4), [.nan, .infinity, -.infinity, 5])
        let step = try Self.step(["in_min": 0, "in_max": 10])
        expectClose(try applied(step, to: x).values.values, [.nan, 1, 0, 0.5])
    }

    @Test("refuses values outside the window when told")
    func range() throws {
        let step = try Self.step(["in_min": 0, "in_max": 255, "require_in_range": true])
        let inside = Tensor(Shape(d: 1, h: 1, w: 4), [0, 255, 51, .nan])
        expectClose(try applied(step, to: inside).values.values, [0, 1, 0.2, .nan])
        expectRefusal(
            step, of: Tensor(Shape(d: 1, h: 1, w: 2), [0, 255.5]),
            "found the value 255.5, expected 0 to 255; set require_in_range false to accept it")
        expectRefusal(
            step, of: Tensor(Shape(d: 1, h: 1, w: 2, c: 1), [-1, 3]),
            "found the value -1.0, expected 0 to 255; set require_in_range false to accept it")
    }

    @Test("needs one whole pair, and only one")
    func faults() {
        expectFault(Window.self, [:], "\"in_min\" or \"center\" is missing; it has no default")
        expectFault(Window.self, ["in_min": 1], "\"in_max\" is missing; it has no default")
        expectFault(Window.self, ["width": 1], "\"center\" is missing; it has no default")
        expectFault(
            Window.self, ["in_min": 1, "in_max": 2, "center": 1],
            "in_min and in_max and center do not go together; give in_min and in_max, or center and width")
        expectFault(Window.self, ["in_min": 3, "in_max": 2], "in_min 3.0 is above in_max 2.0")
        expectFault(Window.self, ["center": 3, "width": -2], "width is -2; expected at least 0")
        expectFault(
            Window.self, ["in_min": 1, "in_max": 2, "out_min": 5], "out_min 5.0 is above out_max 1.0")
    }

    @Test("reads back what it writes")
    func json() throws {
        try expectRoundTrip(
            Window.self,
            [
                .init("center", 40), .init("width", .number(400.5)), .init("out_min", -1),
                .init("out_max", nil),
                .init("clip", false), .init("require_in_range", true),
            ])
        try expectRoundTrip(Window.self, [.init("in_min", 0), .init("in_max", 255)])
    }
}
