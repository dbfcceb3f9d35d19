import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite("ClipPercentiles") struct ClipPercentilesTests {
    static let tensor = Tensor.random(Shape(n: 2, d: 5, h: 41, w: 43, c: 2), seed: 23, mean: 10, spread: 70)

    @Test("clips each channel, or all together, to the percentiles of the mask", arguments: [true, false])
    func hard(perChannel: Bool) throws {
        var step = ClipPercentiles()
        (step.lower, step.upper, step.perChannel, step.mask) = (5, 80, perChannel, .positive)
        let found = try applied(step, to: Self.tensor).values
        for n in 0..<2 {
            let both = Self.tensor.channel(0, sample: n) + Self.tensor.channel(1, sample: n)
            for c in 0..<2 {
                let x = Self.tensor.channel(c, sample: n)
                let chosen = (perChannel ? x : both).filter { $0 > 0 }
                let lower = Float(RescaleTests.percentile(chosen, 5))
                let upper = Float(RescaleTests.percentile(chosen, 80))
                #expect(found.channel(c, sample: n) == x.map { Swift.min(Swift.max($0, lower), upper) })
            }
        }
    }

    @Test("leaves the side alone whose rank is null")
    func oneSide() throws {
        var step = ClipPercentiles()
        step.lower = nil
        let x = Self.tensor.channel(0)
        let upper = Float(RescaleTests.percentile(x, 99.5))
        #expect(try applied(step, to: Self.tensor).values.channel(0) == x.map { Swift.min($0, upper) })
        step.upper = nil
        #expect(try applied(step, to: Self.tensor).values.values == Self.tensor.values)
    }

    @Test("rounds the corners with a sharpness", arguments: [0.05, 10])
    func soft(sharpness: Double) throws {
        var step = ClipPercentiles()
        (step.lower, step.upper, step.sharpness) = (10, 90, sharpness)
        let found = try applied(step, to: Self.tensor).values.channel(1)
        let x = Self.tensor.channel(1)
        let lower = Double(Float(RescaleTests.percentile(x, 10)))
        let upper = Double(Float(RescaleTests.percentile(x, 90)))
        let expected = x.map { value -> Double in
            let value = Double(value)
            let low = log1p(exp(-sharpness * (value - lower))) / sharpness
            let high = log1p(exp(sharpness * (value - upper))) / sharpness
            return value + low - high
        }
        expectClose(found, expected, tolerance: 1e-6)
    }

    @Test("keeps NaN, clips infinity and leaves both out of the percentiles")
    func notFinite() throws {
        let x = Tensor(Shape(d: 1, h: 1, w: 6), [1, 2, .nan, 3, .infinity, -.infinity])
        var step = ClipPercentiles()
        (step.lower, step.upper) = (0, 100)
        expectClose(try applied(step, to: x).values.values, [1, 2, .nan, 3, 3, 1])
        expectRefusal(
            step, of: Tensor(Shape(d: 1, h: 1, w: 2), repeating: .nan),
            "clip_percentiles found no finite voxel to take statistics from")
    }

    @Test("refuses an empty mask and ranks that cross")
    func faults() {
        var step = ClipPercentiles()
        step.mask = .nonzero
        expectRefusal(
            step, of: Tensor(Shape(d: 2, h: 2, w: 2)),
            "the mask \"nonzero\" holds no voxel; choose another mask, or leave it out to use every voxel")
        expectFault(ClipPercentiles.self, ["lower": 90, "upper": 10], "lower 90.0 is above upper 10.0")
        expectFault(ClipPercentiles.self, ["upper": 100.5], "upper is 100.5; expected at most 100")
        expectFault(ClipPercentiles.self, ["sharpness": 0], "sharpness is 0; expected above 0")
    }

    @Test("reads back what it writes")
    func json() throws {
        try expectRoundTrip(
            ClipPercentiles.self,
            [
                .init("lower", nil), .init("upper", .number(97.5)), .init("sharpness", 10),
                .init("per_channel", false), .init("mask", "nonzero_region"),
            ])
    }
}
