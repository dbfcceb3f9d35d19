import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("RobustNorm") struct RobustNormTests {
    static func robustNorm(_ change: (inout RobustNorm) -> Void) -> RobustNorm {
        var step = RobustNorm()
        change(&step)
        return step
    }

    /// Type 7.
    static func percentile(_ rank: Double, _ x: [Double]) -> Double {
        let (sorted, position) = (x.sorted(), rank / 100 * Double(x.count - 1))
        let (lower, upper) = (Int(position), min(Int(position) + 1, x.count - 1))
        return sorted[lower] + (position - Double(lower)) * (sorted[upper] - sorted[lower])
    }

    /// The formula; statistics from the values that `isKept`.
    static func scaled(_ x: [Double], _ step: RobustNorm, isKept: (Double) -> Bool = { _ in true })
        -> [Double]
    {
        let kept = x.filter(isKept)
        let (median, mean) = (percentile(50, kept), kept.reduce(0, +) / Double(kept.count))
        let scale: Double
        switch step.scale {
        case .mad: scale = step.madConstant * percentile(50, kept.map { abs($0 - median) })
        case .iqr: scale = percentile(75, kept) - percentile(25, kept)
        case .l1: scale = step.l1Constant * kept.reduce(0) { $0 + abs($1 - mean) } / Double(kept.count)
        }
        let center = step.center == .median ? median : mean
        return x.map { ($0 - center) / (scale + step.epsilon) }
    }

    @Test(
        "is the formula over any axes",
        arguments: ["NDHW", "DHW", "DHWC", "NDHWC", "NHW", "NC", "N", "W", "C"])
    func formula(letters: String) throws {
        let tensor = Tensor.random(Shape(n: 2, d: 3, h: 4, w: 5, c: 2), seed: 1, mean: 40, spread: 20)
        for (center, scale) in [
            (RobustNorm.Center.median, RobustNorm.Scale.mad), (.mean, .iqr), (.mean, .l1),
        ] {
            let step = try RobustNorm(parameters: [
                .init("reduce", .string(letters)), .init("scale", scale.json), .init("center", center.json),
                .init("mad_constant", 1.5), .init("l1_constant", 1.25),
            ])
            let expected = changed(tensor, over: letters) { Self.scaled($0, step) }
            expectClose(try step.applied(to: tensor).values, expected, tolerance: 2e-6)
        }
    }

    @Test(
        "a mask says where statistics are taken from; all voxels are scaled",
        arguments: ["NDHW", "DHWC", "NDHWC", "NHW"])
    func masks(letters: String) throws {
        let shape = Shape(n: 2, d: 2, h: 5, w: 6, c: 2)
        var values = Tensor.random(shape, seed: 2, mean: 1, spread: 3).values
        for i in values.indices where i % 3 == 0 { values[i] = 0 }
        let tensor = Tensor(shape, values)
        for scale in RobustNorm.Scale.allCases {
            var step = Self.robustNorm {
                $0.scale = scale
                $0.mask = .nonzero
            }
            step.reduce = try #require(Reduction(letters))
            let expected = changed(tensor, over: letters) { Self.scaled($0, step) { $0 != 0 } }
            expectClose(try step.applied(to: tensor).values, expected, tolerance: 2e-6)
            step.mask = .positive
            let positive = changed(tensor, over: letters) { Self.scaled($0, step) { $0 > 0 } }
            expectClose(try step.applied(to: tensor).values, positive, tolerance: 2e-6)
        }
    }

    @Test("a mask of the case and the mean of a channel choose voxels too")
    func caseMask() throws {
        var context = Context()
        let tensor = Tensor(Shape(d: 1, h: 1, w: 6), [100, 1, 2, 3, 4, 200])
        let mask = Tensor(tensor.shape, [0, 1, 1, 1, 1, 0])
        context.masks = [("brain", mask, .mask)]
        let step = Self.robustNorm {
            $0.mask = .file(named: nil)
            $0.scale = .iqr
        }
        let found = try MedPrepOperatorsTests.applied(step, to: tensor, in: context)
        expectClose(found.values.values, [100, 1, 2, 3, 4, 200].map { ($0 - 2.5) / 1.5 })
        let above = Self.robustNorm {
            $0.mask = .mean
            $0.scale = .iqr
        }
        expectClose(try above.applied(to: tensor).values, [100, 1, 2, 3, 4, 200].map { ($0 - 150) / 50 })
    }

    @Test("an even count has the mean of the two middle values for a median; outliers do not move it")
    func median() throws {
        let tensor = Tensor(Shape(d: 1, h: 1, w: 4), [1, 2, 4, 1e30])
        let step = Self.robustNorm { $0.madConstant = 1 }
        // Median 3; deviations 2, 1, 1 and 1e30, their median 1.5.
        let found = try step.applied(to: tensor)
        expectClose(Array(found.values.prefix(3)), [-4.0 / 3, -2.0 / 3, 2.0 / 3])
    }

    @Test("NaN stays NaN and disturbs nothing else", arguments: ["NDHW", "W"])
    func nan(letters: String) throws {
        var step = Self.robustNorm { $0.scale = .iqr }
        step.reduce = try #require(Reduction(letters))
        let found = try step.applied(to: Tensor(Shape(d: 1, h: 1, w: 4), [1, 3, .nan, 5]))
        expectClose(found.values, [-1, 0, .nan, 1])
    }

    @Test("works in place over D, H and W")
    func storage() throws {
        var (tensor, context) = (Tensor.random(Shape(n: 2, d: 4, h: 5, w: 6, c: 2), seed: 7), Context())
        let address = tensor.storageAddress
        try RobustNorm().apply(to: &tensor, in: &context)
        #expect(tensor.storageAddress == address)
    }

    @Test("gives the same bits on 1, 2 and 3 workers", arguments: ["NDHW", "NHW", "DHWC"])
    func workers(letters: String) throws {
        let tensor = Tensor.random(Shape(n: 2, d: 3, h: 105, w: 106, c: 2), seed: 3, mean: 300, spread: 50)
        for scale in [RobustNorm.Scale.mad, .l1] {
            var step = Self.robustNorm { $0.scale = scale }
            step.reduce = try #require(Reduction(letters))
            _ = try MedPrepOperatorsTests.applied(step, to: tensor)
        }
    }

    @Test("refuses a scale of 0, naming the mask option; an empty mask; no finite voxel")
    func errors() throws {
        let background = Tensor(Shape(d: 1, h: 1, w: 4, c: 2), [1, 0, 2, 0, 3, 0, 4, 9])
        for letters in ["NDHW", "NHW"] {
            for (scale, name) in [(RobustNorm.Scale.mad, "mad"), (.iqr, "iqr"), (.l1, "l1")] {
                var step = Self.robustNorm { $0.scale = scale }
                step.reduce = try #require(Reduction(letters))
                let tensor = scale == .mad ? background : Tensor(background.shape, [1, 5, 2, 5, 3, 5, 4, 5])
                expectRefusal(
                    step, of: tensor,
                    "the \(name) of channel 1 is 0 (common on a zero background); choose a mask such as \"nonzero\""
                )
            }
            var step = Self.robustNorm { $0.mask = .nonzero }
            step.reduce = try #require(Reduction(letters))
            expectRefusal(
                step, of: Tensor(background.shape),
                "the mask \"nonzero\" holds no voxel; choose another mask, or leave it out to use every voxel"
            )
            step.mask = .none
            expectRefusal(
                step, of: Tensor(background.shape, repeating: .nan),
                "robust_norm found no finite voxel to take statistics from")
        }
    }

    @Test("epsilon is 0, with l1 1e-5, unless it is written")
    func parameters() throws {
        #expect(try RobustNorm(parameters: []).epsilon == 0)
        #expect(try RobustNorm(parameters: [.init("scale", "l1")]).epsilon == 1e-5)
        #expect(try RobustNorm(parameters: [.init("epsilon", 0.5), .init("scale", "l1")]).epsilon == 0.5)
        try expectRoundTrip(
            RobustNorm.self,
            [
                .init("center", "mean"), .init("scale", "l1"), .init("reduce", "NHW"),
                .init("mask", "positive"),
            ])
        expectFault(RobustNorm.self, ["mad_constant": 0], "mad_constant is 0; expected above 0")
        expectFault(RobustNorm.self, ["epsilon": -1], "epsilon is -1; expected at least 0")
    }
}
