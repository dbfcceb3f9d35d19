import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("FCM") struct FCMTests {
    static let tensor = syntheticHead(Shape(n: 2, d: 3, h: 31, w: 33, c: 2), seed: 1)

    @Test(
        "divides by the mean of the tissue asked for",
        arguments: [(FCM.Tissue.csf, 50.0), (.gm, 120), (.wm, 180)])
    func tissues(tissue: FCM.Tissue, level: Double) throws {
        var (step, context) = (FCM(), Context())
        step.tissue = tissue
        let means = try step.tissueMeans(of: Self.tensor, in: &context)
        #expect(means.joined().allSatisfy { abs($0 - level) < 4 })
        let found = try applied(step, to: Self.tensor).values
        for n in 0..<2 {
            for c in 0..<2 {
                let expected = Self.tensor.channel(c, sample: n).map { Double($0) / means[n][c] }
                expectClose(found.channel(c, sample: n), expected)
            }
        }
    }

    @Test("centres that start equal are set apart")
    func equalStart() throws {
        // Nine of ten voxels have one value: the percentiles 1/6, 1/2 and 5/6 agree.
        let values = (0..<200).map { Float($0 % 10 == 0 ? ($0 % 20 == 0 ? 10 : 300) : 100) }
        let tensor = Tensor(Shape(d: 1, h: 1, w: 200), values)
        var (step, context) = (FCM(), Context())
        for (tissue, level) in [(FCM.Tissue.csf, 10.0), (.gm, 100), (.wm, 300)] {
            step.tissue = tissue
            #expect(abs(try step.tissueMeans(of: tensor, in: &context)[0][0] - level) < 1)
        }
    }

    @Test("a constant is its own mean; what cannot be divided is refused")
    func edges() throws {
        let constant = try applied(FCM(), to: Tensor(Shape(d: 1, h: 1, w: 3), [7, 0, .nan]))
        expectClose(constant.values.values, [1, 0, .nan])
        let message = "channel 0 holds one value; it is the mean of every tissue"
        #expect(constant.findings == [Finding(.constantChannel, message)])
        expectRefusal(
            FCM(), of: Tensor(Shape(d: 1, h: 1, w: 3)),
            "the mask \"positive\" holds no voxel; choose another mask, or leave it out to use every voxel")
        var step = FCM()
        step.mask = .none
        expectRefusal(
            step, of: Tensor(Shape(d: 1, h: 1, w: 3)),
            "the mean of wm of channel 0 is 0 (common on a zero background); choose a mask such as \"nonzero\""
        )
    }

    @Test("reads back what it writes and refuses values out of range")
    func json() throws {
        try expectRoundTrip(
            FCM.self,
            [
                .init("clusters", 4), .init("tissue", "gm"), .init("fuzziness", .number(1.5)),
                .init("mask", "none"),
            ])
        expectFault(FCM.self, ["fuzziness": 1], "fuzziness is 1; expected above 1")
        expectFault(FCM.self, ["clusters": 1], "clusters is 1; expected at least 2")
    }
}
