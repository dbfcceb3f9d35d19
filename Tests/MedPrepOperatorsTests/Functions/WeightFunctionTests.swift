import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("WeightNorm and WeightStandardization") struct WeightFunctionTests {
    /// (kD, kH, kW, Cin, Cout) = (3, 2, 3, 2, 4).
    static let weights = Tensor.random(Shape(n: 3, d: 2, h: 3, w: 2, c: 4), seed: 1, mean: 0.25)

    @Test("weight_norm gives each output channel the length g, and keeps its direction")
    func lengths() throws {
        var norm = WeightNorm()
        norm.g = [0.5, 1, 2, -3]
        let found = try norm(Self.weights)
        for channel in 0..<4 {
            let places = stride(from: channel, to: Self.weights.shape.count, by: 4)
            let v = places.map { Double(Self.weights.values[$0]) }
            let factor = [0.5, 1, 2, -3][channel] / v.reduce(0) { $0 + $1 * $1 }.squareRoot()
            expectClose(places.map { found.values[$0] }, v.map { $0 * factor })
        }
        #expect(try norm(Self.weights, workers: Workers(3)).values == found.values)
    }

    @Test("weight_norm without g changes nothing")
    func identity() throws {
        #expect(try WeightNorm()(Self.weights).values == Self.weights.values)
    }

    @Test("weight_standardization is the formula, epsilon in the variance or in the std")
    func standardization() throws {
        for epsilonIn in WeightStandardization.EpsilonIn.allCases {
            var standardization = WeightStandardization()
            standardization.epsilonIn = epsilonIn
            standardization.epsilon = 0.01
            let found = try standardization(Self.weights)
            let expected = changed(Self.weights, over: "NDHW") { v in
                let count = Double(v.count)
                let mean = v.reduce(0, +) / count
                let squares = v.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
                let biased = (squares / count + 0.01).squareRoot()
                let original = (squares / (count - 1)).squareRoot() + 0.01
                return v.map { ($0 - mean) / (epsilonIn == .variance ? biased : original) }
            }
            expectClose(found.values, expected)
            #expect(try standardization(Self.weights, workers: Workers(2)).values == found.values)
        }
    }

    @Test(
        "a single or constant weight is standardized to 0",
        arguments: WeightStandardization.EpsilonIn.allCases)
    func constant(epsilonIn: WeightStandardization.EpsilonIn) throws {
        var standardization = WeightStandardization()
        standardization.epsilonIn = epsilonIn
        #expect(try standardization(Tensor(Shape(d: 1, h: 1, w: 1, c: 2), [0.3, 7])).values == [0, 0])
        #expect(try standardization(Tensor(Shape(d: 1, h: 1, w: 2), [0.3, 0.3])).values == [0, 0])
    }

    @Test("refuses zeros, lists of another length and channels without a finite weight")
    func errors() {
        let shape = Shape(d: 1, h: 1, w: 2, c: 2)
        BatchNormErrorTests.expect(
            "the weights of output channel 1 are all 0, so they have no direction; initialize them first"
        ) { _ = try WeightNorm()(Tensor(shape, [1, 0, 2, 0])) }
        BatchNormErrorTests.expect("g has 1 values for 2 channels; give one for each channel") {
            var norm = WeightNorm()
            norm.g = [1]
            _ = try norm(Tensor(shape, [1, 1, 2, 2]))
        }
        BatchNormErrorTests.expect("weight_norm found no finite voxel to take statistics from") {
            _ = try WeightNorm()(Tensor(shape, [1, .nan, 2, .nan]))
        }
        BatchNormErrorTests.expect("weight_standardization found no finite voxel to take statistics from") {
            _ = try WeightStandardization()(Tensor(shape, [1, .nan, 2, .nan]))
        }
    }

    @Test("have cards like steps, stand among the functions, and say what a pipeline uses instead")
    func cards() throws {
        try expectRoundTrip(WeightNorm.self, [.init("axis", "Cout"), .init("g", [1.5, 2.5])])
        try expectRoundTrip(WeightStandardization.self, [.init("axis", "Cout"), .init("epsilon_in", "std")])
        expectFault(WeightNorm.self, ["axis": "Cin"], "axis is \"Cin\"; expected \"Cout\"")
        let names = Catalog.functions.map { $0.name }
        #expect(names.contains("weight_norm") && names.contains("weight_standardization"))
        #expect(
            WeightNorm.useInstead
                == "it works on a layer's weights, not on scans; call WeightNorm from Swift, and for scans use "
                + "instance_norm or rms_norm")
        #expect(
            WeightStandardization.useInstead
                == "it works on a layer's weights, not on scans; call WeightStandardization from Swift, and for scans "
                + "use zscore")
    }
}
