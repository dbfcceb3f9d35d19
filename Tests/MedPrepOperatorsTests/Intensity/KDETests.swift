import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("KDE") struct KDETests {
    static let tensor = syntheticHead(Shape(n: 2, d: 3, h: 31, w: 33, c: 2), seed: 3)

    @Test(
        "divides by the mode that the modality looks for",
        arguments: [(Modality.t1, 180.0), (.t2, 180), (.flair, 180), (.pd, 50)])
    func modes(modality: Modality, level: Double) throws {
        var (step, context) = (KDE(), Context())
        step.modality = modality
        let modes = try step.modes(of: Self.tensor, in: &context)
        #expect(modes.joined().allSatisfy { abs($0 - level) < 8 })
        let found = try applied(step, to: Self.tensor).values
        for n in 0..<2 {
            for c in 0..<2 {
                expectClose(
                    found.channel(c, sample: n),
                    Self.tensor.channel(c, sample: n).map { Double($0) / modes[n][c] })
            }
        }
    }

    @Test("compat jcreinhold3 smooths far more")
    func compat() throws {
        var (step, context) = (KDE(), Context())
        step.compat = .jcreinhold3
        let smoothed = try step.modes(of: Self.tensor, in: &context)[0][0]
        step.compat = nil
        let sharp = try step.modes(of: Self.tensor, in: &context)[0][0]
        #expect(smoothed < sharp - 20)
    }

    @Test("a constant is its own mode; what cannot be divided is refused")
    func edges() throws {
        let constant = try applied(KDE(), to: Tensor(Shape(d: 1, h: 1, w: 3), [7, 0, .nan]))
        expectClose(constant.values.values, [1, 0, .nan])
        #expect(
            constant.findings == [Finding(.constantChannel, "channel 0 holds one value; it is its own mode")])
        var step = KDE()
        step.mask = .none
        expectRefusal(
            step, of: Tensor(Shape(d: 1, h: 1, w: 3)),
            "the mode of channel 0 is 0 (common on a zero background); choose a mask such as \"nonzero\"")
    }

    @Test("reads back what it writes and refuses values out of range")
    func json() throws {
        try expectRoundTrip(
            KDE.self, [.init("modality", "pd"), .init("grid_points", 40), .init("compat", "jcreinhold3")])
        expectFault(KDE.self, ["grid_points": 2], "grid_points is 2; expected at least 3")
    }
}
