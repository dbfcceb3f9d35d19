import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("RescalePercentiles") struct RescalePercentilesTests {
    static let tensor = Tensor.random(Shape(n: 2, d: 5, h: 41, w: 43, c: 2), seed: 5, mean: 10, spread: 70)

    @Test("maps the percentiles of the mask to the output's bounds", arguments: [true, false])
    func formula(clip: Bool) throws {
        var step = RescalePercentiles()
        (step.lower, step.upper, step.outMin, step.outMax) = (5, 90, -1, 3)
        (step.clip, step.mask) = (clip, .positive)
        let found = try applied(step, to: Self.tensor).values
        for n in 0..<2 {
            for c in 0..<2 {
                let x = Self.tensor.channel(c, sample: n)
                let positive = x.filter { $0 > 0 }
                let (a, b) = (RescaleTests.percentile(positive, 5), RescaleTests.percentile(positive, 90))
                let plain = x.map { (Double($0) - a) / (b - a) * 4 - 1 }
                expectClose(
                    found.channel(c, sample: n), clip ? plain.map { Swift.min(Swift.max($0, -1), 3) } : plain)
            }
        }
    }

    @Test("relative takes the same percentages of the output")
    func relative() throws {
        var step = RescalePercentiles()
        (step.lower, step.upper, step.outMax, step.relative) = (20, 70, 10, true)
        let x = Tensor(Shape(d: 1, h: 1, w: 11), (0...10).map { Float($0) })
        expectClose(
            try applied(step, to: x).values.values, (0...10).map { Swift.min(Swift.max(Double($0), 2), 7) })
    }

    @Test("pools the channels of a sample when told")
    func pooled() throws {
        var step = RescalePercentiles()
        (step.lower, step.upper, step.perChannel, step.clip) = (10, 80, false, false)
        let found = try applied(step, to: Self.tensor).values
        let all = Self.tensor.channel(0) + Self.tensor.channel(1)
        let (a, b) = (RescaleTests.percentile(all, 10), RescaleTests.percentile(all, 80))
        expectClose(found.channel(1), Self.tensor.channel(1).map { (Double($0) - a) / (b - a) })
    }

    @Test("equal percentiles take the value off; NaN stays; an empty mask is refused")
    func edges() throws {
        let found = try applied(RescalePercentiles(), to: Tensor(Shape(d: 1, h: 1, w: 3), [4, 4, .nan]))
        expectClose(found.values.values, [0, 0, .nan])
        let message = "both percentiles of channel 0 are equal; the value is taken off and nothing is scaled"
        #expect(found.findings == [Finding(.constantWindow, message)])
        var step = RescalePercentiles()
        step.mask = .positive
        expectRefusal(
            step, of: Tensor(Shape(d: 1, h: 1, w: 3)),
            "the mask \"positive\" holds no voxel; choose another mask, or leave it out to use every voxel")
    }

    @Test("reads back what it writes and refuses what does not go together")
    func json() throws {
        try expectRoundTrip(
            RescalePercentiles.self,
            [
                .init("lower", 1), .init("upper", 98), .init("clip", false), .init("relative", true),
                .init("mask", "mean"),
            ])
        expectFault(RescalePercentiles.self, ["lower": 60, "upper": 40], "lower 60.0 is above upper 40.0")
        expectFault(RescalePercentiles.self, ["out_min": 2], "out_min 2.0 is above out_max 1.0")
    }
}
