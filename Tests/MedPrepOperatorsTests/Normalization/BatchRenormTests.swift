import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("BatchRenorm") struct BatchRenormTests {
    static let shape = Shape(n: 2, d: 2, h: 3, w: 3, c: 2)
    static let batches = (0..<4).map { Tensor.random(shape, seed: $0, mean: 0.4 * Double($0), spread: 1.5) }

    static func renorm(_ change: (inout BatchRenorm) -> Void = { _ in }) -> BatchRenorm {
        var step = BatchRenorm()
        change(&step)
        return step
    }

    /// Trains on all batches; the outputs and the last state.
    static func trained(_ step: BatchRenorm) throws -> (outputs: [Tensor], state: RenormState) {
        var (outputs, state) = ([Tensor](), RenormState?.none)
        for batch in batches {
            outputs.append(try step.applied(to: batch, state: state))
            state = try step.learn(from: [step.measured(batch)], after: state)
        }
        return (outputs, try #require(state))
    }

    @Test("r_max 1 and d_max 0 are batch norm, and so are the first 5000 steps of the paper")
    func batchNorm() throws {
        let expected = try Self.batches.map { try BatchNorm().applied(to: $0) }
        let limited = try Self.trained(
            Self.renorm {
                $0.rMax = 1
                $0.dMax = 0
            }
        ).outputs
        let early = try Self.trained(BatchRenorm()).outputs
        for index in expected.indices {
            #expect(distance(limited[index], expected[index]) < 1e-6)
            #expect(distance(early[index], expected[index]) < 1e-6)
        }
    }

    @Test("without limits it is normalization by the moving statistics")
    func unlimited() throws {
        let step = Self.renorm {
            $0.schedule = nil
            $0.alpha = 0.3
            $0.gamma = [2, 3]
            $0.beta = [1, -1]
        }
        let outputs = try Self.trained(step).outputs
        var (mean, deviation) = ([0.0, 0.0], [1.0, 1.0])
        for (batch, output) in zip(Self.batches, outputs) {
            for c in 0..<2 {
                let x = batch.channel(c) + batch.channel(c, sample: 1)
                let y = output.channel(c) + output.channel(c, sample: 1)
                let (gamma, beta) = (c == 0 ? 2.0 : 3, c == 0 ? 1.0 : -1)
                let worst = zip(x, y).reduce(0.0) { worst, pair in
                    let expected = gamma * (Double(pair.0) - mean[c]) / deviation[c] + beta
                    return max(worst, abs(Double(pair.1) - expected))
                }
                #expect(worst < 1e-5)
                let found = meanAndVariance(x)
                mean[c] += 0.3 * (found.mean - mean[c])
                deviation[c] += 0.3 * ((found.variance + 1e-5).squareRoot() - deviation[c])
            }
        }
    }

    @Test("limits hold r and d on both sides")
    func limits() throws {
        let step = Self.renorm {
            $0.rMax = 2
            $0.dMax = 0.5
            $0.schedule = nil
            $0.epsilon = 1e-12
        }
        // σB 8 and μB 3 against the start values 1 and 0: r = 2, d = 0.5; then −x, where d = −0.5.
        let tensor = Tensor(Shape(d: 1, h: 1, w: 2), [-5, 11])
        #expect(try distance(step.applied(to: tensor), Tensor(tensor.shape, [-1.5, 2.5])) < 1e-6)
        let negative = Tensor(tensor.shape, [5, -11])
        #expect(try distance(step.applied(to: negative), Tensor(tensor.shape, [1.5, -2.5])) < 1e-6)
        // σB 0.125: r = 1/2.
        let narrow = Tensor(tensor.shape, [-0.125, 0.125])
        #expect(try distance(step.applied(to: narrow), Tensor(tensor.shape, [-0.5, 0.5])) < 1e-6)
    }

    @Test("keras has no lower limit unless r_min says so")
    func kerasLimits() throws {
        let narrow = Tensor(Shape(d: 1, h: 1, w: 2), [-0.125, 0.125])
        let open = Self.renorm {
            $0.convention = .keras
            $0.adoptPreset()
            $0.epsilon = 1e-12
            $0.rMax = 2
        }
        #expect(try distance(open.applied(to: narrow), narrow) < 1e-6)
        let closed = Self.renorm {
            $0.convention = .keras
            $0.adoptPreset()
            $0.epsilon = 1e-12
            $0.rMin = 0.5
        }
        #expect(try distance(closed.applied(to: narrow), Tensor(narrow.shape, [-0.5, 0.5])) < 1e-6)
    }

    @Test("keras divides by no less than sqrt(epsilon)")
    func kerasFloor() throws {
        var state = RenormState(channels: 1)
        state.renormDeviation = [1e-6]
        let step = Self.renorm {
            $0.convention = .keras
            $0.adoptPreset()
            $0.epsilon = 1e-4
        }
        let tensor = Tensor(Shape(d: 1, h: 1, w: 2), [-1, 1])
        let found = try step.applied(to: tensor, state: state)
        #expect(distance(found, Tensor(tensor.shape, [-100, 100])) < 1e-3)
    }

    @Test("eval normalizes by the moving statistics, with epsilon where the convention has it")
    func eval() throws {
        var state = RenormState(channels: 1)
        (state.runningMean, state.runningDeviation) = ([3], [2])
        let tensor = Tensor(Shape(d: 1, h: 1, w: 1), [7])
        let paper = Self.renorm { $0.mode = .eval }
        #expect(try paper.applied(to: tensor, state: state).values == [2])
        let keras = Self.renorm {
            $0.mode = .eval
            $0.convention = .keras
            $0.adoptPreset()
        }
        #expect(try abs(keras.applied(to: tensor, state: state).values[0] - 2) < 1e-6)
        #expect(state.runningVariance(epsilon: 1) == [3])
        #expect(state.runningVariance(epsilon: 5) == [0])
    }

    @Test("keras moves its two pairs at two speeds")
    func speeds() throws {
        let step = Self.renorm {
            $0.convention = .keras
            $0.momentum = 0.5
            $0.renormMomentum = 0.9
            $0.epsilon = 1e-3
        }
        let tensor = Tensor(Shape(d: 1, h: 1, w: 2), [0, 4])
        let state = try step.learn(from: [step.measured(tensor)], after: nil)
        let deviation = 4.001.squareRoot()
        #expect(abs(state.renormMean[0] - 0.2) < 1e-12 && abs(state.runningMean[0] - 1) < 1e-12)
        #expect(abs(state.renormDeviation[0] - (0.9 + 0.1 * deviation)) < 1e-12)
        #expect(abs(state.runningDeviation[0] - (0.5 + 0.5 * deviation)) < 1e-12)
        #expect(state.batchesSeen == 1)
    }

    @Test("the schedule is piecewise linear in the step and counts from it")
    func schedule() throws {
        // At step 25000 r_max is 1 + 2·20/35 and d_max 5.
        let step = Self.renorm {
            $0.step = 24_999
            $0.epsilon = 1e-12
        }
        var state = RenormState(channels: 1)
        state.batchesSeen = 1
        let tensor = Tensor(Shape(d: 1, h: 1, w: 2), [2, 18])
        let r = Float(1 + 40.0 / 35)
        #expect(
            distance(try step.applied(to: tensor, state: state), Tensor(tensor.shape, [5 - r, 5 + r])) < 1e-5)
        state.batchesSeen = 1_000_000
        #expect(try distance(step.applied(to: tensor, state: state), Tensor(tensor.shape, [2, 8])) < 1e-5)
    }

    @Test("state and schedule come back from their JSON")
    func roundTrip() throws {
        let state = try Self.trained(BatchRenorm()).state
        #expect(try RenormState(json: state.json) == state)
        #expect(RenormSchedule(json: RenormSchedule.paper.json) == .paper)
        #expect(try BatchRenorm(parameters: BatchRenorm().parameters).schedule == .paper)
    }

    @Test(
        "constant input stays finite and the batch is judged",
        arguments: [BatchRenorm.Convention.paper, .keras])
    func constant(convention: BatchRenorm.Convention) throws {
        var context = Context()
        let step = Self.renorm {
            $0.convention = convention
            $0.adoptPreset()
        }
        let tensor = Tensor(Shape(d: 2, h: 2, w: 2), repeating: 5)
        let found = try step.applied(to: tensor, in: &context)
        #expect(found.values.allSatisfy { $0.isFinite })
        #expect(context.findings.map(\.code) == [.smallBatchSevere, .constantChannel])
    }

    @Test("refuses what it cannot do")
    func errors() {
        let pair = Tensor(Shape(d: 1, h: 1, w: 2, c: 2), [1, 2, 3, 4])
        BatchNormErrorTests.expect(
            "batch_renorm in mode \"eval\" needs statistics learned before; give state"
        ) { _ = try Self.renorm { $0.mode = .eval }.applied(to: pair) }
        BatchNormErrorTests.expect("state has 1 values for 2 channels; give one for each channel") {
            _ = try BatchRenorm().applied(to: pair, state: RenormState(channels: 1))
        }
        BatchNormErrorTests.expect("batch_renorm found no finite voxel to take statistics from") {
            _ = try BatchRenorm().applied(to: Tensor(pair.shape, repeating: .nan))
        }
        BatchNormErrorTests.expect(
            "a variance needs more than one value per channel, found 1; use volumes of more than one voxel"
        ) { _ = try BatchRenorm().applied(to: Tensor(Shape(d: 1, h: 1, w: 1))) }
    }

    @Test(
        "refuses a hostile state",
        arguments: [
            (
                [:],
                "expected renorm_mean, renorm_std, running_mean, running_std and batches_seen"
            ),
            (
                [
                    "renorm_mean": [0], "renorm_std": [1, 1], "running_mean": [0], "running_std": [1],
                    "batches_seen": 0,
                ], "its lists have 1, 2, 1, 1 values"
            ),
            (
                [
                    "renorm_mean": [0], "renorm_std": [0], "running_mean": [0], "running_std": [1],
                    "batches_seen": 0,
                ], "a standard deviation is not above 0"
            ),
        ] as [(JSONValue, String)])
    func hostileState(json: JSONValue, reason: String) {
        let error = #expect(throws: OperatorError.self) { try RenormState(json: json) }
        #expect(error?.description == "the state for batch_renorm cannot be used: \(reason)")
    }

    @Test(
        "parameters that do not go together",
        arguments: [
            ([("r_min", 2), ("r_max", 1.5)], "r_min 2.0 is above r_max 1.5"),
            ([("r_max", 0.5)], "r_max 0.5 is below its counterpart 1/r_max; it is at least 1"),
            ([("state", "s.json")], "state is read in mode \"eval\" only; mode is \"train\""),
            (
                [("schedule", ["r_max": [[5, 1], [5, 2]], "d_max": [[0, 0]]])],
                "schedule is {\"r_max\": [[5, 1], [5, 2]], \"d_max\": [[0, 0]]}; expected {\"r_max\": a list, each "
                    + "a list, each a number, \"d_max\": a list, each a list, each a number} or null"
            ),
        ] as [([(String, JSONValue)], String)])
    func parameters(members: [(String, JSONValue)], description: String) {
        let error = #expect(throws: ParameterErrors.self) {
            try BatchRenorm(parameters: members.map { .init($0.0, $0.1) })
        }
        #expect(error?.description == description)
    }
}
