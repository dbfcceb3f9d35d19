import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("NormalizeOver") struct NormalizeOverTests {
    static func normalizeOver(_ letters: String, epsilon: Double = 1e-5) throws -> NormalizeOver {
        var step = NormalizeOver()
        step.reduce = try #require(Reduction(letters))
        step.epsilon = epsilon
        return step
    }

    static func standardized(_ x: [Double]) -> [Double] {
        let mean = x.reduce(0, +) / Double(x.count)
        let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
        return x.map { ($0 - mean) / (variance + 1e-5).squareRoot() }
    }

    @Test("is the formula over any choice of axes", arguments: allReductions)
    func formula(letters: String) throws {
        for shape in [Shape(n: 3, d: 4, h: 3, w: 5, c: 2), Shape(n: 1, d: 3, h: 1, w: 7, c: 3)] {
            let tensor = Tensor.random(shape, seed: 1, mean: 50, spread: 8)
            let found = try Self.normalizeOver(letters).applied(to: tensor)
            expectClose(found.values, changed(tensor, over: letters, Self.standardized), tolerance: 1e-6)
        }
    }

    @Test("over NDHW is batch norm, DHW instance norm, DHWC and C layer norm", arguments: normalizationShapes)
    func siblings(shape: Shape) throws {
        let tensor = Tensor.random(shape, seed: 2, mean: -3, spread: 6)
        let batch = try BatchNorm().applied(to: tensor)
        #expect(try Self.normalizeOver("NDHW").applied(to: tensor).values == batch.values)
        let instance = try InstanceNorm().applied(to: tensor)
        #expect(try Self.normalizeOver("DHW").applied(to: tensor).values == instance.values)
        for (axes, letters) in [(LayerNorm.Axes.dhwc, "DHWC"), (.c, "C")] {
            let layer = try LayerNormTests.layerNorm { $0.axes = axes }.applied(to: tensor)
            #expect(try Self.normalizeOver(letters).applied(to: tensor).values == layer.values)
        }
    }

    @Test("the samples of several files count as those of one", arguments: ["NDHW", "NHW", "NHWC", "NDHWC"])
    func gathered(letters: String) throws {
        let step = try Self.normalizeOver(letters)
        let whole = Tensor.random(Shape(n: 3, d: 2, h: 3, w: 4, c: 2), seed: 3, mean: 9)
        let expected = try step.applied(to: whole)
        let size = whole.shape.sampleCount
        let files = (0..<3).map {
            Tensor(Shape(d: 2, h: 3, w: 4, c: 2), Array(whole.values[$0 * size..<($0 + 1) * size]))
        }
        var context = Context()
        var measures = [JSONValue]()
        for file in files { measures.append(try step.measureJSON(file, in: &context)) }
        var found = [Float]()
        for file in files {
            var tensor = file
            try step.applyJSON(to: &tensor, measures: measures, state: nil, in: &context)
            found += tensor.values
        }
        #expect(found == expected.values)
        #expect(try step.learnJSON(from: measures, after: nil) == ["batches_seen": 1])
        #expect(try step.learnJSON(from: measures, after: ["batches_seen": 1]) == ["batches_seen": 2])
        #expect(step.learning == .eachBatch)
    }

    @Test(
        "refuses several files where statistics are finer than slices", arguments: ["N", "NC", "ND", "NDH"])
    func ungathered(letters: String) throws {
        let step = try Self.normalizeOver(letters)
        let tensor = Tensor.random(Shape(d: 2, h: 2, w: 2), seed: 4)
        let measures = [try step.measured(tensor), try step.measured(tensor)]
        let text =
            "normalize_over over \(letters) keeps a statistic for too many places to gather it from 2 files; set "
            + "batch.size 1, read the samples from one file (fourth_axis \"batch\"), or average over H and W too"
        BatchNormErrorTests.expect(text) { _ = try step.learn(from: measures, after: nil) }
        BatchNormErrorTests.expect(text) {
            var (changed, context) = (tensor, Context())
            try step.apply(to: &changed, measures: measures, state: nil, in: &context)
        }
    }

    @Test("one value in each set becomes 0, with a finding", arguments: ["N", "NC", "D", "NHW", "C"])
    func degenerate(letters: String) throws {
        let tensor = Tensor.random(
            letters == "NHW" ? Shape(d: 3, h: 1, w: 1) : Shape(d: 1, h: 2, w: 3), seed: 5, mean: 4)
        var context = Context()
        let found = try Self.normalizeOver(letters).applied(to: tensor, in: &context)
        #expect(found.values.allSatisfy { $0 == 0 })
        let text = "normalize_over over \(letters) takes statistics from one value, so every value becomes 0"
        #expect(context.findings == [Finding(.degenerateReduction, text)])
        #expect(try Self.normalizeOver("DHW").learning == .given)
    }

    @Test("constants become exactly 0 and are counted")
    func constants() throws {
        var context = Context()
        let tensor = Tensor(Shape(n: 2, d: 2, h: 1, w: 2), [0.1, 0.1, 5, 7, 0.1, 0.1, 9, 5])
        let found = try Self.normalizeOver("NHW").applied(to: tensor, in: &context)
        let values = found.values
        #expect([values[0], values[1], values[4], values[5]] == [0, 0, 0, 0])
        let text = "2 of 4 slices and channels are constant over NHW and become 0"
        #expect(context.findings == [Finding(.constantChannel, text)])
    }

    @Test(
        "gives the same bits on 1, 2 and 3 workers",
        arguments: ["NDHW", "NHW", "N", "NC", "DH", "W", "NDHWC"])
    func workers(letters: String) throws {
        let step = try Self.normalizeOver(letters)
        let tensor = Tensor.random(Shape(n: 2, d: 9, h: 61, w: 62, c: 2), seed: 6, mean: 30_000, spread: 0.5)
        let one = try step.applied(to: tensor)
        for workers in 2...3 {
            #expect(try step.applied(to: tensor, state: nil, workers).values == one.values)
        }
    }

    @Test("works in place", arguments: ["NDHW", "NHW", "DHWC", "NC", "C"])
    func storage(letters: String) throws {
        let step = try Self.normalizeOver(letters)
        var (tensor, context) = (Tensor.random(Shape(n: 2, d: 4, h: 5, w: 6, c: 2), seed: 7), Context())
        let address = tensor.storageAddress
        try step.apply(to: &tensor, measures: [], state: nil, in: &context)
        #expect(tensor.storageAddress == address)
    }

    @Test("NaN stays NaN and disturbs nothing else", arguments: ["NDHW", "NHW", "DW", "C"])
    func nan(letters: String) throws {
        let shape = Shape(d: 1, h: 1, w: letters == "C" ? 1 : 3, c: letters == "C" ? 3 : 1)
        let found = try Self.normalizeOver(letters, epsilon: 1e-12).applied(to: Tensor(shape, [1, .nan, 3]))
        #expect(distance(found, Tensor(shape, [-1, .nan, 1])) < 1e-6)
    }

    @Test("a slice without a finite voxel stays, a channel without one is refused")
    func nonfinite() throws {
        let tensor = Tensor(Shape(d: 2, h: 1, w: 2), [.infinity, .nan, 1, 3])
        let found = try Self.normalizeOver("NHW").applied(to: tensor)
        #expect(found.values[0] == .infinity && found.values[1].isNaN && abs(found.values[3] - 1) < 1e-4)
        for letters in ["NDHW", "DHWC", "NHW"] {
            BatchNormErrorTests.expect("normalize_over found no finite voxel to take statistics from") {
                _ = try Self.normalizeOver(letters).applied(to: Tensor(tensor.shape, repeating: .nan))
            }
        }
    }

    @Test("refuses a batch of unequal shapes and measures of other axes")
    func batches() throws {
        let pair = Tensor(Shape(d: 1, h: 1, w: 2), [1, 2])
        let slices = Tensor(Shape(d: 2, h: 1, w: 1), [1, 2])
        let step = NormalizeOver()
        BatchNormErrorTests.expect(
            "the volumes of a batch have unequal sizes 1x1x1x3x1, 1x1x1x2x1; put crop_or_pad before this step"
        ) {
            var (tensor, context) = (pair, Context())
            let other = try step.measured(Tensor(Shape(d: 1, h: 1, w: 3)))
            try step.apply(to: &tensor, measures: [other], state: nil, in: &context)
        }
        BatchNormErrorTests.expect(
            "the state for normalize_over cannot be used: it was measured over other axes than NDHW"
        ) {
            var (tensor, context) = (slices, Context())
            let other = try Self.normalizeOver("NHW").measured(slices)
            try step.apply(to: &tensor, measures: [other], state: nil, in: &context)
        }
    }

    @Test("refuses measures and states that it did not write")
    func hostile() {
        func refuse(_ json: JSONValue, _ reason: String) {
            BatchNormErrorTests.expect("the state for batch statistics cannot be used: \(reason)") {
                _ = try ReductionMeasure(json: json)
            }
        }
        refuse([:], "expected shape_ndhwc and samples")
        refuse(["shape_ndhwc": [1, 1, 1, 0, 1], "samples": []], "expected shape_ndhwc and samples")
        refuse(["shape_ndhwc": [1, 1, 1, 1, 1], "samples": [[3]]], "found 3, expected count, mean and m2")
        refuse(
            ["shape_ndhwc": [2, 1, 1, 1, 1], "samples": [[]]],
            "the samples, slices and channels are not those of 2x1x1x1x1")
        BatchNormErrorTests.expect(
            "the state for a batch step cannot be used: expected batches_seen, a count"
        ) { _ = try BatchCount(json: ["batches_seen": -1]) }
    }

    @Test("reduce is letters of NDHWC in that order, each once")
    func parameters() throws {
        for letters in allReductions {
            try expectRoundTrip(
                NormalizeOver.self, [.init("reduce", .string(letters)), .init("epsilon", 0.5)])
        }
        #expect(NormalizeOver().reduce.letters == "NDHW")
        for wrong in ["", "CN", "NN", "X", "ndhw"] { #expect(Reduction(wrong) == nil) }
        let error = #expect(throws: ParameterErrors.self) {
            try NormalizeOver(parameters: [.init("reduce", "NHWD")])
        }
        let start =
            "reduce is \"NHWD\"; expected \"NDHW\", \"NHW\", \"NC\", \"N\", \"DHW\", \"DHWC\", \"C\", \"NDHWC\", "
        #expect(error?.description.hasPrefix(start) == true)
        expectFault(NormalizeOver.self, ["epsilon": 0], "epsilon is 0; expected above 0")
    }
}
