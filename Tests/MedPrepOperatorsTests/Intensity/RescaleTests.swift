import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("Rescale") struct RescaleTests {
    static let tensor = Tensor.random(Shape(n: 2, d: 5, h: 41, w: 43, c: 2), seed: 5, mean: 10, spread: 70)

    /// Type 7 on the sorted values.
    static func percentile(_ x: [Float], _ rank: Double) -> Double {
        let sorted = x.sorted()
        let position = rank / 100 * Double(sorted.count - 1)
        let lower = Int(position)
        let (a, b) = (Double(sorted[lower]), Double(sorted[Swift.min(lower + 1, sorted.count - 1)]))
        return a + (position - Double(lower)) * (b - a)
    }

    static func plain(_ x: [Float], range: [Float], to low: Double, _ high: Double) -> [Double] {
        let (a, b) = (Double(range.min() ?? 0), Double(range.max() ?? 0))
        return x.map { (Double($0) - a) / (b - a) * (high - low) + low }
    }

    @Test("maps the range of each channel, or of all", arguments: [true, false])
    func formula(perChannel: Bool) throws {
        var step = Rescale()
        (step.outMin, step.outMax, step.perChannel) = (-1, 3, perChannel)
        let found = try applied(step, to: Self.tensor).values
        for n in 0..<2 {
            let both = Self.tensor.channel(0, sample: n) + Self.tensor.channel(1, sample: n)
            for c in 0..<2 {
                let x = Self.tensor.channel(c, sample: n)
                let result = found.channel(c, sample: n)
                expectClose(result, Self.plain(x, range: perChannel ? x : both, to: -1, 3))
                if perChannel { #expect(result.min() == -1 && result.max() == 3) }
            }
        }
    }

    @Test("clips to percentiles of the mask first, then takes the range of the whole clipped image")
    func percentiles() throws {
        var step = Rescale()
        (step.percentiles, step.mask) = ([5, 90], .positive)
        let found = try applied(step, to: Self.tensor).values
        for c in 0..<2 {
            let x = Self.tensor.channel(c)
            let positive = x.filter { $0 > 0 }
            let (lower, upper) = (Self.percentile(positive, 5), Self.percentile(positive, 90))
            let clipped = x.map { Float(Swift.min(Swift.max(Double($0), lower), upper)) }
            expectClose(found.channel(c), Self.plain(clipped, range: clipped, to: 0, 1))
        }
    }

    @Test("pools percentiles over the channels when told")
    func pooled() throws {
        var step = Rescale()
        (step.percentiles, step.perChannel) = ([10, 80], false)
        let found = try applied(step, to: Self.tensor).values
        let all = Self.tensor.channel(0) + Self.tensor.channel(1)
        let (lower, upper) = (Self.percentile(all, 10), Self.percentile(all, 80))
        let clipped = Self.tensor.channel(1).map { Float(Swift.min(Swift.max(Double($0), lower), upper)) }
        expectClose(found.channel(1), Self.plain(clipped, range: [Float(lower), Float(upper)], to: 0, 1))
    }

    @Test("leaves NaN and infinity out of the range; percentiles clip infinity")
    func notFinite() throws {
        let x = Tensor(Shape(d: 1, h: 1, w: 5), [2, .nan, 4, .infinity, -.infinity])
        var step = Rescale()
        expectClose(try applied(step, to: x).values.values, [0, .nan, 1, .infinity, -.infinity])
        step.percentiles = [0, 100]
        expectClose(try applied(step, to: x).values.values, [0, .nan, 1, 1, 0])
        expectRefusal(
            step, of: Tensor(Shape(d: 1, h: 1, w: 2), repeating: .nan),
            "rescale found no finite voxel to take statistics from")
        step.percentiles = nil
        expectRefusal(
            step, of: Tensor(Shape(d: 1, h: 1, w: 2), repeating: .nan),
            "rescale found no finite voxel to take statistics from")
    }

    @Test(
        "does with a constant what constant says",
        arguments: [
            (Rescale.Constant.outMin, Float(-2), "becomes out_min"), (.unchanged, 3.5, "stays as it is"),
            (.timesOutMin, -7, "is multiplied by out_min"),
        ])
    func constant(choice: Rescale.Constant, value: Float, becomes: String) throws {
        var step = Rescale()
        (step.constant, step.outMin) = (choice, -2)
        for percentiles: [Double]? in [nil, [1, 99]] {
            step.percentiles = percentiles
            let found = try applied(step, to: Tensor(Shape(d: 2, h: 2, w: 2), repeating: 3.5))
            #expect(found.values.values.allSatisfy { $0 == value })
            let message = "channel 0 holds one value and cannot be stretched; it \(becomes)"
            #expect(found.findings == [Finding(.constantChannel, message)])
        }
    }

    @Test("a constant that becomes out_min takes infinity along")
    func constantInfinity() throws {
        let x = Tensor(Shape(d: 1, h: 1, w: 3), [3, .infinity, .nan])
        expectClose(try applied(Rescale(), to: x).values.values, [0, 0, .nan])
    }

    @Test("compat nnunet floors the range")
    func floor() throws {
        let step = try Rescale(parameters: [.init("compat", "nnunet")])
        let found = try applied(step, to: Tensor(Shape(d: 1, h: 1, w: 2), [0, 1e-10])).values
        expectClose(found.values, [0, Double(Float(1e-10)) / 1e-8])
    }

    @Test("refuses an empty mask")
    func emptyMask() {
        var step = Rescale()
        (step.percentiles, step.mask) = ([1, 99], .positive)
        expectRefusal(
            step, of: Tensor(Shape(d: 2, h: 2, w: 2)),
            "the mask \"positive\" holds no voxel; choose another mask, or leave it out to use every voxel")
    }

    @Test("presets choose what is not written")
    func presets() throws {
        let monai = try Rescale(parameters: [.init("compat", "monai")])
        #expect(!monai.perChannel && monai.constant == .timesOutMin && monai.percentiles == nil)
        let torchio = try Rescale(parameters: [.init("compat", "torchio"), .init("mask", "mean")])
        #expect(!torchio.perChannel && torchio.constant == .unchanged && torchio.percentiles == [0, 100])
        let own = try Rescale(parameters: [.init("compat", "torchio"), .init("percentiles", [1, 99])])
        #expect(own.percentiles == [1, 99])
    }

    @Test("reads back what it writes")
    func json() throws {
        try expectRoundTrip(
            Rescale.self,
            [
                .init("out_min", -1), .init("out_max", .number(2.5)),
                .init("percentiles", .numbers([0.5, 99.5])),
                .init("mask", "positive"), .init("per_channel", false), .init("constant", "times_out_min"),
            ])
    }

    @Test("refuses what does not go together")
    func faults() {
        expectFault(Rescale.self, ["out_min": 2, "out_max": 1], "out_min 2.0 is above out_max 1.0")
        expectFault(
            Rescale.self, ["percentiles": [99, 1]], "percentiles is [99, 1]; expected two, the lower first")
        expectFault(Rescale.self, ["percentiles": [5]], "percentiles is [5]; expected two, the lower first")
        expectFault(Rescale.self, ["percentiles": [0, 101]], "percentiles is 101; expected at most 100")
        expectFault(
            Rescale.self, ["mask": "nonzero"],
            "mask \"nonzero\" is read by percentiles only; set percentiles, such as [0, 100]")
    }
}
