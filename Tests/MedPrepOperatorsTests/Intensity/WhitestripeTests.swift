import MedPrepCore
import MedPrepKernels
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("Whitestripe") struct WhitestripeTests {
    static let tensor = syntheticHead(Shape(n: 2, d: 3, h: 31, w: 33, c: 2), seed: 5)

    @Test("standardizes by the voxels around the mode")
    func formula() throws {
        let step = Whitestripe()
        let stripes = try step.stripes(of: Self.tensor, in: Context())
        let found = try applied(step, to: Self.tensor).values
        for n in 0..<2 {
            for c in 0..<2 {
                let (x, stripe) = (Self.tensor.channel(c, sample: n), stripes[n][c])
                let positive = x.filter { $0 > 0 }
                #expect(abs(stripe.mean - 180) < 8)
                // A tenth of the mask, whatever the mode.
                #expect(abs(Double(stripe.count) / Double(positive.count) - 0.1) < 0.01)
                expectClose(
                    found.channel(c, sample: n),
                    x.map { (Double($0) - stripe.mean) / stripe.standardDeviation }, tolerance: 1e-6)
            }
        }
    }

    @Test("the stripe leaves its ends out and is cut off at the mask's")
    func ends() throws {
        // The mode is at 1, the least value: the stripe is p(0) < x < p(98) = 3.88, that is 2 and 3.
        let values = [Float](repeating: 1, count: 200) + [2, 3, 4, 5, 6, 7, 8]
        var step = Whitestripe()
        (step.modality, step.width) = (.t2, 0.98)
        let stripe = try step.stripes(of: Tensor(Shape(d: 1, h: 1, w: 207), values), in: Context())[0][0]
        #expect(stripe.count == 2 && stripe.mean == 2.5)
    }

    @Test("a stripe without spread is refused")
    func edges() {
        expectRefusal(
            Whitestripe(), of: Tensor(Shape(d: 1, h: 1, w: 3), repeating: 5),
            "the white stripe of channel 0 holds no voxel; choose a larger width, or another mask")
        var step = Whitestripe()
        (step.modality, step.width, step.gridPoints) = (.t2, 0.75, 3)
        expectRefusal(
            step, of: Tensor(Shape(d: 1, h: 1, w: 5), [1, 2, 2, 2, 3]),
            "the 3 voxels in the white stripe of channel 0 are equal, so it has no spread; "
                + "choose a larger width, or another mask")
    }

    @Test("reads back what it writes and refuses values out of range")
    func json() throws {
        try expectRoundTrip(Whitestripe.self, [.init("modality", "flair"), .init("width", .number(0.1))])
        expectFault(Whitestripe.self, ["width": 0], "width is 0; expected above 0")
    }
}
