import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("InstanceNorm") struct InstanceNormTests {
    static func instanceNorm(_ change: (inout InstanceNorm) -> Void = { _ in }) -> InstanceNorm {
        var step = InstanceNorm()
        change(&step)
        return step
    }

    @Test("is the formula over D, H and W of each channel of each sample", arguments: normalizationShapes)
    func formula(shape: Shape) throws {
        let tensor = Tensor.random(shape, seed: 1, mean: 80, spread: 5)
        let step = Self.instanceNorm {
            $0.gamma = (0..<shape.c).map { 2 + Double($0) }
            $0.beta = (0..<shape.c).map { Double($0) }
        }
        let found = try step.applied(to: tensor)
        for n in 0..<shape.n {
            for c in 0..<shape.c {
                let x = tensor.channel(c, sample: n)
                let (mean, variance) = meanAndVariance(x)
                let root = (variance + 1e-5).squareRoot()
                let worst = zip(x, found.channel(c, sample: n)).reduce(0.0) { worst, pair in
                    let expected = (2 + Double(c)) * (Double(pair.0) - mean) / root + Double(c)
                    return max(worst, abs(Double(pair.1) - expected))
                }
                #expect(worst < 5e-5)
            }
        }
    }

    @Test("equals batch norm on one sample", arguments: [1, 2, 5])
    func batchNorm(channels: Int) throws {
        let tensor = Tensor.random(Shape(d: 4, h: 5, w: 6, c: channels), seed: 2, mean: 9)
        let expected = try BatchNorm().applied(to: tensor)
        #expect(try distance(InstanceNorm().applied(to: tensor), expected) < 1e-6)
    }

    @Test("gives the same bits on 1, 2 and 3 workers")
    func workers() throws {
        let tensor = Tensor.random(Shape(n: 2, d: 33, h: 33, w: 34), seed: 3, mean: 30_000, spread: 0.5)
        let one = try InstanceNorm().applied(to: tensor)
        #expect(try InstanceNorm().applied(to: tensor, state: nil, 2).values == one.values)
        #expect(try InstanceNorm().applied(to: tensor, state: nil, 3).values == one.values)
    }

    @Test("the running state takes the mean over samples of means and unbiased variances")
    func running() throws {
        let step = Self.instanceNorm {
            $0.running = true
            $0.momentum = 0.25
        }
        #expect(step.learning == .eachBatch && InstanceNorm().learning == .given)
        let tensor = Tensor(Shape(n: 2, d: 1, h: 1, w: 2), [0, 2, 10, 16])
        let state = try step.learn(from: [step.measured(tensor)], after: nil)
        // Means 1 and 13, unbiased variances 2 and 18.
        #expect(state.mean == [1.75] && state.variance == [0.75 + 2.5])
        let eval = Self.instanceNorm {
            $0.running = true
            $0.mode = .eval
            $0.epsilon = 0.75
        }
        #expect(try eval.applied(to: tensor, state: state).values == [-0.875, 0.125, 4.125, 7.125])
    }

    @Test("a constant channel becomes exactly beta, with a finding that names it")
    func constant() throws {
        var context = Context()
        let tensor = Tensor(Shape(n: 2, d: 1, h: 1, w: 2, c: 2), [0, 5, 1, 5, 3, 4, 3, 4])
        let found = try Self.instanceNorm { $0.beta = [0.5, 0.25] }.applied(to: tensor, in: &context)
        #expect(found.channel(1) == [0.25, 0.25] && found.channel(0, sample: 1) == [0.5, 0.5])
        #expect(
            context.findings.map(\.message) == [
                "channel 1 of sample 0 is constant at 5; beta is what remains",
                "channel 0 of sample 1 is constant at 3; beta is what remains",
                "channel 1 of sample 1 is constant at 4; beta is what remains",
            ])
    }

    @Test("refuses one voxel, no finite voxel, and eval without statistics")
    func errors() {
        BatchNormErrorTests.expect(
            "a variance needs more than one value per channel, found 1; use volumes of more than one voxel"
        ) { _ = try InstanceNorm().applied(to: Tensor(Shape(n: 2, d: 1, h: 1, w: 1))) }
        BatchNormErrorTests.expect("instance_norm found no finite voxel to take statistics from") {
            _ = try InstanceNorm().applied(to: Tensor(Shape(d: 1, h: 1, w: 2), repeating: .nan))
        }
        BatchNormErrorTests.expect(
            "instance_norm in mode \"eval\" needs statistics learned before; give state, or running_mean and running_var"
        ) {
            let step = Self.instanceNorm {
                $0.running = true
                $0.mode = .eval
            }
            _ = try step.applied(to: Tensor(Shape(d: 1, h: 1, w: 2)))
        }
    }

    @Test(
        "parameters that do not go together",
        arguments: [
            ([("mode", "eval")], "mode \"eval\" reads running statistics; set running true"),
            ([("running", true), ("state", "s")], "state is read in mode \"eval\" only; mode is \"train\""),
            ([("running_mean", [1]), ("running_var", [1])], "running_mean needs running true"),
            ([("running", true), ("running_mean", [1])], "give both running_mean and running_var"),
        ] as [([(String, JSONValue)], String)])
    func parameters(members: [(String, JSONValue)], description: String) {
        let error = #expect(throws: ParameterErrors.self) {
            try InstanceNorm(parameters: members.map { .init($0.0, $0.1) })
        }
        #expect(error?.description == description)
    }
}
