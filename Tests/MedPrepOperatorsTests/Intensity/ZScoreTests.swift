import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("ZScore") struct ZScoreTests {
    static let shape = Shape(n: 2, d: 5, h: 41, w: 43, c: 2)
    /// Values with zeros, other units in each channel.
    static let tensor = Tensor(
        shape,
        Tensor.random(shape, seed: 17, mean: 3, spread: 9).values.enumerated().map { index, value in
            index % 5 < 2 ? 0 : index % 2 == 0 ? value : value * 100
        })

    /// (x − mean)/std over `chosen`, in the plain way.
    static func plain(_ x: [Float], _ chosen: (Float) -> Bool, ddof: Int = 0) -> (mean: Double, std: Double) {
        let values = x.filter { $0.isFinite && chosen($0) }.map(Double.init)
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (mean, (squares / Double(values.count - ddof)).squareRoot())
    }

    static func expectFormula(
        _ step: ZScore, onlyChosen: Bool = false, ddof: Int = 0, isPooled: Bool = false, x: Tensor = tensor,
        sourceLocation: SourceLocation = #_sourceLocation, _ chosen: (Float) -> Bool
    ) throws {
        let found = try applied(step, to: x, sourceLocation: sourceLocation).values
        for n in 0..<x.shape.n {
            for c in 0..<x.shape.c {
                let channel = x.channel(c, sample: n)
                let all = isPooled ? x.channel(0, sample: n) + x.channel(1, sample: n) : channel
                let (mean, std) = plain(all, chosen, ddof: ddof)
                let expected = channel.map { value in
                    onlyChosen && !chosen(value) ? Double(value) : (Double(value) - mean) / std
                }
                expectClose(found.channel(c, sample: n), expected, sourceLocation: sourceLocation)
            }
        }
    }

    @Test("standardizes each channel of each sample over the mask")
    func formula() throws {
        var step = ZScore()
        try Self.expectFormula(step) { _ in true }
        step.mask = .nonzero
        try Self.expectFormula(step) { $0 != 0 }
        step.mask = .positive
        step.ddof = 1
        try Self.expectFormula(step, ddof: 1) { $0 > 0 }
        step.perChannel = false
        try Self.expectFormula(step, ddof: 1, isPooled: true) { $0 > 0 }
    }

    @Test("leaves voxels outside the mask alone when told")
    func applyTo() throws {
        var step = ZScore()
        (step.mask, step.applyTo) = (.nonzero, .mask)
        try Self.expectFormula(step, onlyChosen: true) { $0 != 0 }
    }

    @Test("takes the mean mask from the channel, or from all where they are pooled")
    func meanMask() throws {
        for perChannel in [true, false] {
            var step = ZScore()
            (step.mask, step.perChannel) = (.mean, perChannel)
            let found = try applied(step, to: Self.tensor).values
            let (first, second) = (Self.tensor.channel(0), Self.tensor.channel(1))
            let all = perChannel ? first : first + second
            let threshold = Self.plain(all) { _ in true }.mean
            let (mean, std) = Self.plain(all) { Double($0) > threshold }
            expectClose(found.channel(0), first.map { (Double($0) - mean) / std })
        }
    }

    @Test("uses the case's mask, which a mask of each channel needs not be")
    func file() throws {
        let inMask = (0..<5 * 41 * 43).map { $0 % 3 == 0 }
        var context = Context()
        let mask = Tensor(Shape(d: 5, h: 41, w: 43), inMask.map { $0 ? 1 : 0 })
        context.masks = [(name: "brain", tensor: mask, role: .mask)]
        var step = ZScore()
        (step.mask, step.applyTo) = (.file(named: nil), .mask)
        let found = try applied(step, to: Self.tensor, in: context).values
        for n in 0..<2 {
            let x = Self.tensor.channel(1, sample: n)
            let (mean, std) = Self.plain(zip(x, inMask).filter { $0.1 }.map { $0.0 }) { _ in true }
            let expected = zip(x, inMask).map { $1 ? (Double($0) - mean) / std : Double($0) }
            expectClose(found.channel(1, sample: n), expected)
        }
    }

    @Test("leaves NaN and infinity out, and as they are")
    func notFinite() throws {
        let values: [Float] = [1, 2, .nan, 3, .infinity, -.infinity, 6]
        let found = try applied(ZScore(), to: Tensor(Shape(d: 1, h: 1, w: 7), values)).values
        let (mean, std) = Self.plain(values) { _ in true }
        #expect(mean == 3)
        expectClose(found.values, values.map { (Double($0) - mean) / std })
        expectRefusal(
            ZScore(), of: Tensor(Shape(d: 1, h: 1, w: 2), repeating: .nan),
            "zscore found no finite voxel to take statistics from")
    }

    @Test("takes given numbers for all channels or each, and measures what is not given")
    func given() throws {
        var step = ZScore()
        (step.mean, step.std) = (.each([1, -2]), .all(4))
        let found = try applied(step, to: Self.tensor).values
        expectClose(found.channel(0), Self.tensor.channel(0).map { (Double($0) - 1) / 4 })
        expectClose(found.channel(1), Self.tensor.channel(1).map { (Double($0) + 2) / 4 })
        step.std = nil
        let std = Self.plain(Self.tensor.channel(0)) { _ in true }.std
        let half = try applied(step, to: Self.tensor).values
        expectClose(half.channel(0), Self.tensor.channel(0).map { (Double($0) - 1) / std })
        step.mean = .each([1, 2, 3])
        expectRefusal(step, of: Self.tensor, "mean has 3 values for 2 channels; give one for each channel")
        (step.mean, step.std) = (nil, .each([1]))
        expectRefusal(step, of: Self.tensor, "std has 1 values for 2 channels; give one for each channel")
    }

    @Test("does with a constant what zero_std says")
    func constant() throws {
        let x = Tensor(Shape(d: 33, h: 33, w: 33), repeating: 0.1)
        let divided = try applied(ZScore(), to: x)
        #expect(divided.values.values.allSatisfy { $0 == 0 })
        #expect(
            divided.findings == [
                Finding(.zeroStd, "channel 0 has standard deviation 0; it is divided by 1 instead")
            ])
        var step = ZScore()
        step.zeroStd = .floor
        let floored = try applied(step, to: x)
        #expect(floored.values.values.allSatisfy { $0 == 0 })
        #expect(
            floored.findings == [
                Finding(
                    .zeroStd, "channel 0 has a standard deviation below 1e-08; it is divided by that instead")
            ])
        step.zeroStd = .error
        expectRefusal(
            step, of: x,
            "channel 0 is constant, so its standard deviation is 0; zero_std \"divide_by_one\" would only centre it"
        )
        // One value has no deviation with ddof 1 either.
        step.ddof = 1
        expectRefusal(
            step, of: Tensor(Shape(d: 1, h: 1, w: 1), repeating: 7),
            "channel 0 is constant, so its standard deviation is 0; zero_std \"divide_by_one\" would only centre it"
        )
    }

    @Test("refuses an empty mask, which compat monai leaves alone")
    func emptyMask() throws {
        let x = Tensor(Shape(d: 2, h: 2, w: 2))
        var step = ZScore()
        step.mask = .nonzero
        expectRefusal(
            step, of: x,
            "the mask \"nonzero\" holds no voxel; choose another mask, or leave it out to use every voxel")
        let monai = try ZScore(parameters: [.init("compat", "monai"), .init("mask", "nonzero")])
        let found = try applied(monai, to: x)
        #expect(found.values.values == x.values)
        #expect(
            found.findings == [
                Finding(.emptyMask, "the mask \"nonzero\" holds no voxel; the image stays as it is")
            ])
    }

    @Test("presets choose what is not written")
    func presets() throws {
        func step(_ name: String, _ more: JSONValue.Member...) throws -> ZScore {
            try ZScore(parameters: [.init("compat", .string(name))] + more)
        }
        let monai = try step("monai")
        #expect(
            monai.applyTo == .mask && !monai.perChannel && monai.ddof == 0 && monai.zeroStd == .divideByOne)
        let torchio = try step("torchio")
        #expect(
            torchio.applyTo == .all && !torchio.perChannel && torchio.ddof == 1 && torchio.zeroStd == .error)
        let nnunet = try step("nnunet")
        #expect(nnunet.applyTo == .mask && nnunet.perChannel && nnunet.ddof == 0 && nnunet.zeroStd == .floor)
        let jcreinhold = try step("jcreinhold")
        #expect(jcreinhold.mask == .positive && jcreinhold.applyTo == .all && jcreinhold.zeroStd == .error)
        let own = try step(
            "torchio", .init("ddof", 0), .init("zero_std", "floor"), .init("per_channel", true))
        #expect(own.ddof == 0 && own.zeroStd == .floor && own.perChannel)
    }

    @Test("reads back what it writes, under the name zscore")
    func json() throws {
        #expect(ZScore.name == "zscore")
        try expectRoundTrip(
            ZScore.self,
            [
                .init("mask", ["file": "brain"]), .init("apply_to", "mask"), .init("per_channel", false),
                .init("ddof", 1), .init("zero_std", "floor"), .init("epsilon_std_floor", .number(1e-6)),
                .init("mean", .numbers([1.5, 2.5])), .init("std", 4),
            ])
        try expectRoundTrip(ZScore.self, [.init("compat", "nnunet")])
    }

    @Test("refuses what its parameters may not be")
    func faults() {
        expectFault(ZScore.self, ["ddof": 2], "ddof is 2; expected at most 1")
        expectFault(ZScore.self, ["std": .numbers([1, -1])], "std is -1; expected at least 0")
        expectFault(ZScore.self, ["epsilon_std_floor": 0], "epsilon_std_floor is 0; expected above 0")
        expectFault(
            ZScore.self, ["mean": []], "mean is []; expected a number, or a list, each a number or null")
    }

    @Test("works in place")
    func storage() throws {
        var (tensor, context) = (Tensor.random(Shape(d: 3, h: 4, w: 5, c: 2), seed: 1), Context())
        let address = tensor.storageAddress
        for mask in [MaskChoice.none, .nonzero, .mean, .nonzeroRegion] {
            var step = ZScore()
            (step.mask, step.applyTo) = (mask, .mask)
            try step.apply(to: &tensor, in: &context)
            #expect(tensor.storageAddress == address)
        }
    }
}
