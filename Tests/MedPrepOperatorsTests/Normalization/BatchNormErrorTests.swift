import MedPrepCore
import MedPrepOperators
import Testing

@Suite("BatchNorm refuses") struct BatchNormErrorTests {
    static let pair = Tensor(Shape(d: 1, h: 1, w: 2, c: 2), [1, 2, 3, 4])

    static func expect(
        _ description: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
    ) {
        let error = #expect(throws: OperatorError.self, sourceLocation: sourceLocation) { try body() }
        #expect(error?.description == description, sourceLocation: sourceLocation)
    }

    @Test("eval and global without statistics")
    func noState() {
        let eval = BatchNormTests.batchNorm { $0.mode = .eval }
        Self.expect(
            "batch_norm in mode \"eval\" needs statistics learned before; "
                + "give state, or running_mean and running_var"
        ) { _ = try eval.applied(to: Self.pair) }
        let global = BatchNormTests.batchNorm { $0.mode = .global }
        Self.expect("batch_norm in mode \"global\" needs statistics learned before; give statistics") {
            _ = try global.applied(to: Self.pair)
        }
    }

    @Test("gamma, beta and running statistics of another length")
    func channelCounts() {
        let gamma = BatchNormTests.batchNorm { $0.gamma = [1] }
        Self.expect("gamma has 1 values for 2 channels; give one for each channel") {
            _ = try gamma.applied(to: Self.pair)
        }
        let beta = BatchNormTests.batchNorm { $0.beta = [1, 2, 3] }
        Self.expect("beta has 3 values for 2 channels; give one for each channel") {
            _ = try beta.applied(to: Self.pair)
        }
        let running = BatchNormTests.batchNorm {
            $0.mode = .eval
            $0.runningMean = [1]
            $0.runningVar = [1]
        }
        Self.expect("running_mean has 1 values for 2 channels; give one for each channel") {
            _ = try running.applied(to: Self.pair)
        }
        let state = RunningStatistics(mean: [1, 2], variance: [1], momentum: nil)
        Self.expect("running_var has 1 values for 2 channels; give one for each channel") {
            _ = try BatchNorm().learn(from: [BatchNorm().measured(Self.pair)], after: state)
        }
    }

    @Test("a batch of unequal shapes, naming the sizes and what mends it")
    func unequalShapes() {
        Self.expect(
            "the volumes of a batch have unequal sizes 1x1x1x2x2, 1x1x1x3x2; put crop_or_pad before this step"
        ) {
            var (tensor, context) = (Self.pair, Context())
            let other = Tensor(Shape(d: 1, h: 1, w: 3, c: 2), repeating: 1)
            let measures = [try BatchNorm().measured(tensor), try BatchNorm().measured(other)]
            try BatchNorm().apply(to: &tensor, measures: measures, state: nil, in: &context)
        }
    }

    @Test("a batch with other channels")
    func otherChannels() throws {
        let one = try BatchNorm().measured(Tensor(Shape(d: 1, h: 1, w: 2), [1, 2]))
        Self.expect("a batch has 1 values for 2 channels; give one for each channel") {
            _ = try BatchNorm().learn(from: [BatchNorm().measured(Self.pair), one], after: nil)
        }
        Self.expect("a batch has 1 values for 2 channels; give one for each channel") {
            var (tensor, context) = (Self.pair, Context())
            try BatchNorm().apply(to: &tensor, measures: [one], state: nil, in: &context)
        }
    }

    @Test("a channel without a finite value")
    func nothingFinite() {
        let tensor = Tensor(Shape(d: 1, h: 1, w: 2), repeating: .nan)
        let text = "batch_norm found no finite voxel to take statistics from"
        Self.expect(text) { _ = try BatchNorm().applied(to: tensor) }
        Self.expect(text) { _ = try BatchNorm().learn(from: [BatchNorm().measured(tensor)], after: nil) }
        Self.expect(text) { _ = try BatchNorm().learn(from: [], after: nil) }
    }

    @Test("an empty mask, no mask, an unclear one and one on another grid")
    func masks() {
        let step = BatchNormTests.batchNorm { $0.mask = .statsOnly }
        func measure(_ masks: [(name: String, tensor: Tensor, role: Volume.Role)]) throws {
            var context = Context()
            context.masks = masks
            _ = try step.measure(Self.pair, in: &context)
        }
        let (empty, other) = (Tensor(Shape(d: 1, h: 1, w: 2)), Tensor(Shape(d: 1, h: 1, w: 3)))
        Self.expect(
            "the mask \"brain\" holds no voxel; choose another mask, or leave it out to use every voxel"
        ) {
            try measure([(name: "brain", tensor: empty, role: .mask)])
        }
        Self.expect(
            "mask \"stats_only\" needs a mask, and this case has none; name one under input.masks"
        ) {
            try measure([(name: "seg", tensor: empty, role: .label)])
        }
        Self.expect(
            "mask \"stats_only\" is not clear: the case has a, b; keep one of them under input.masks"
        ) {
            try measure([(name: "a", tensor: empty, role: .mask), (name: "b", tensor: empty, role: .mask)])
        }
        Self.expect(
            "the mask \"a\" has the shape 1x1x1x3x1, expected 1x1x1x2x1; give a mask on the image's grid"
        ) { try measure([(name: "a", tensor: other, role: .mask)]) }
    }

    @Test(
        "parameters that do not go together",
        arguments: [
            (
                [("convention", "keras"), ("momentum", .null)],
                "convention \"keras\" has no plain average; give a momentum"
            ),
            ([("state", "s.json")], "state is read in mode \"eval\" only; mode is \"train\""),
            ([("statistics", "s.json")], "statistics are read in mode \"global\" only; mode is \"train\""),
            ([("running_mean", [1])], "give both running_mean and running_var"),
            (
                [("running_mean", [1]), ("running_var", [1, 2])],
                "running_mean has 1 values and running_var 2; both are per channel"
            ),
            (
                [("mode", "eval"), ("state", "s"), ("running_mean", [1]), ("running_var", [1])],
                "state and running_mean say the same thing; keep one"
            ),
            (
                [("mode", "global"), ("running_mean", [1]), ("running_var", [1])],
                "mode \"global\" learns mean and variance; leave running_mean out"
            ),
            ([("epsilon", 0)], "epsilon is 0; expected above 0"),
            ([("momentum", 1.5)], "momentum is 1.5; expected at most 1"),
            ([("running_mean", [0]), ("running_var", [-1])], "running_var is -1; expected at least 0"),
        ] as [([(String, JSONValue)], String)])
    func parameters(members: [(String, JSONValue)], description: String) {
        let error = #expect(throws: ParameterErrors.self) {
            try BatchNorm(parameters: members.map { .init($0.0, $0.1) })
        }
        #expect(error?.description == description)
    }
}
