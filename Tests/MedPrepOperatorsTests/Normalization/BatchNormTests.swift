import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("BatchNorm") struct BatchNormTests {
    static func batchNorm(_ change: (inout BatchNorm) -> Void = { _ in }) -> BatchNorm {
        var step = BatchNorm()
        change(&step)
        return step
    }

    @Test("train is the formula over N, D, H and W", arguments: normalizationShapes)
    func formula(shape: Shape) throws {
        let tensor = Tensor.random(shape, seed: 1, mean: 300, spread: 20)
        let step = Self.batchNorm {
            $0.gamma = (0..<shape.c).map { 0.5 + Double($0) }
            $0.beta = (0..<shape.c).map { Double($0) - 1 }
        }
        let found = try step.applied(to: tensor)
        for c in 0..<shape.c {
            let x = (0..<shape.n).flatMap { tensor.channel(c, sample: $0) }
            let (mean, variance) = meanAndVariance(x)
            let root = (variance + 1e-5).squareRoot()
            let y = (0..<shape.n).flatMap { found.channel(c, sample: $0) }
            let worst = zip(x, y).reduce(0.0) { worst, pair in
                let standard = (Double(pair.0) - mean) / root
                let expected = (0.5 + Double(c)) * standard + Double(c) - 1
                return max(worst, abs(Double(pair.1) - expected))
            }
            #expect(worst < 2e-5)
        }
    }

    @Test("a batch of several tensors equals one tensor with their samples")
    func gathered() throws {
        let whole = Tensor.random(Shape(n: 3, d: 4, h: 5, w: 6, c: 2), seed: 2, mean: 40, spread: 9)
        let single = Shape(d: 4, h: 5, w: 6, c: 2)
        let parts = (0..<3).map { Tensor(single, Array(whole.values[$0 * 240..<($0 + 1) * 240])) }
        let step = BatchNorm()
        let measures = try parts.map { try step.measured($0) }
        var context = Context()
        let together = try step.applied(to: whole)
        for (index, part) in parts.enumerated() {
            var result = part
            try step.apply(to: &result, measures: measures, state: nil, in: &context)
            #expect(result.values == Array(together.values[index * 240..<(index + 1) * 240]))
        }
        let split = try step.learn(from: measures, after: nil)
        #expect(try step.learn(from: [step.measured(whole)], after: nil) == split)
    }

    @Test("gives the same bits on 1, 2 and 3 workers")
    func workers() throws {
        let tensor = Tensor.random(Shape(n: 2, d: 33, h: 33, w: 34, c: 3), seed: 3, mean: 30_000, spread: 0.5)
        let one = try BatchNorm().applied(to: tensor)
        #expect(try BatchNorm().applied(to: tensor, 2).values == one.values)
        #expect(try BatchNorm().applied(to: tensor, 3).values == one.values)
    }

    @Test("the output has mean 0 and variance var/(var + epsilon)", arguments: normalizationShapes)
    func standardized(shape: Shape) throws {
        let tensor = Tensor.random(shape, seed: 4, mean: -700, spread: 0.02)
        let found = try BatchNorm().applied(to: tensor)
        for c in 0..<shape.c {
            let x = meanAndVariance((0..<shape.n).flatMap { tensor.channel(c, sample: $0) })
            let y = meanAndVariance((0..<shape.n).flatMap { found.channel(c, sample: $0) })
            let expected = x.variance / (x.variance + 1e-5)
            #expect(abs(y.mean) < 1e-5 && abs(y.variance - expected) < 1e-5)
        }
    }

    @Test("statistics do not change when the image is flipped, and shift with its values")
    func invariance() throws {
        let shape = Shape(d: 5, h: 6, w: 7)
        let tensor = Tensor.random(shape, seed: 5, mean: 3, spread: 2)
        let step = BatchNorm()
        let plain = try step.learn(from: [step.measured(tensor)], after: nil)
        let flipped = try step.learn(
            from: [step.measured(Tensor(shape, tensor.values.reversed()))], after: nil)
        #expect(abs(plain.mean[0] - flipped.mean[0]) < 1e-12)
        #expect(abs(plain.variance[0] - flipped.variance[0]) < 1e-12)
        // Whole numbers, so that adding 10,000 rounds nothing.
        let whole = Tensor(shape, tensor.values.map { ($0 * 16).rounded() })
        let shifted = Tensor(shape, whole.values.map { $0 + 10_000 })
        let (a, b) = (meanAndVariance(whole.values).variance, try step.measured(shifted))
        let found = try #require(b.json["samples"]?.array?[0].array?[0]["m2"]?.double) / Double(shape.count)
        #expect(abs(found - a) < 1e-6 * a)
    }

    @Test("copies of one sample have its mean and biased variance, but their own unbiased factor")
    func copies() throws {
        let shape = Shape(d: 2, h: 3, w: 2)
        let tensor = Tensor.random(shape, seed: 6)
        let step = Self.batchNorm { $0.momentum = nil }
        let measure = try step.measured(tensor)
        let one = try step.learn(from: [measure], after: nil)
        let four = try step.learn(from: [measure, measure, measure, measure], after: nil)
        let (mean, variance) = meanAndVariance(tensor.values)
        #expect(abs(one.mean[0] - mean) < 1e-14 && abs(four.mean[0] - mean) < 1e-14)
        #expect(abs(one.variance[0] - variance * 12 / 11) < 1e-14)
        #expect(abs(four.variance[0] - variance * 48 / 47) < 1e-14)
    }

    @Test(
        "a constant channel becomes exactly beta, with a finding", arguments: [Float(0.1), 30_000.1, -1e30])
    func constant(value: Float) throws {
        let tensor = Tensor(Shape(d: 33, h: 33, w: 34), repeating: value)
        var context = Context()
        let step = Self.batchNorm {
            $0.beta = [0.25]
            $0.gamma = [9]
        }
        let found = try step.applied(to: tensor, in: &context)
        #expect(found.values.allSatisfy { $0 == 0.25 })
        #expect(context.findings.map(\.code) == [.smallBatchSevere, .constantChannel])
    }

    @Test("NaN stays NaN and disturbs nothing else")
    func nan() throws {
        let shape = Shape(d: 2, h: 3, w: 4)
        var values = Tensor.random(shape, seed: 7).values
        let without = try BatchNorm().applied(to: Tensor(Shape(d: 1, h: 1, w: 23), Array(values.dropFirst())))
        values[0] = .nan
        let found = try BatchNorm().applied(to: Tensor(shape, values))
        #expect(found.values[0].isNaN)
        let rest = Tensor(without.shape, Array(found.values.dropFirst()))
        #expect(distance(rest, without) < 1e-6)
    }

    @Test("keras sets its epsilon and momentum, and a written key wins")
    func presets() throws {
        let keras = try BatchNorm(parameters: [.init("convention", "keras")])
        #expect(keras.epsilon == 1e-3 && keras.momentum == 0.99)
        let written = try BatchNorm(parameters: [.init("epsilon", 0.5), .init("convention", "keras")])
        #expect(written.epsilon == 0.5 && written.momentum == 0.99)
        #expect(try BatchNorm(parameters: []).epsilon == 1e-5)
    }

    @Test("the case's mask limits statistics, and with stats_and_output the output")
    func mask() throws {
        let shape = Shape(n: 2, d: 3, h: 4, w: 5, c: 2)
        let tensor = Tensor.random(shape, seed: 8, mean: 20, spread: 4)
        let mask = Tensor.random(Shape(n: 2, d: 3, h: 4, w: 5), seed: 9)
        var context = Context()
        context.masks = [
            (name: "brain", tensor: mask, role: .mask), (name: "parts", tensor: mask, role: .label),
        ]
        let inside = mask.values.map { $0 > 0 }
        let all = try Self.batchNorm { $0.mask = .statsOnly }.applied(to: tensor, in: &context)
        let some = try Self.batchNorm {
            $0.mask = .statsAndOutput
            $0.outside = -3
        }.applied(to: tensor, in: &context)
        for c in 0..<2 {
            let x = tensor.channel(c) + tensor.channel(c, sample: 1)
            let (mean, variance) = meanAndVariance(zip(x, inside).filter { $1 }.map { $0.0 })
            let expected = x.map { Float((Double($0) - mean) / (variance + 1e-5).squareRoot()) }
            let y = all.channel(c) + all.channel(c, sample: 1)
            let worst = zip(y, expected).map { abs($0 - $1) }.max() ?? 0
            #expect(worst < 1e-5)
            let limited = some.channel(c) + some.channel(c, sample: 1)
            #expect(limited == zip(y, inside).map { $1 ? $0 : -3 })
        }
    }

    @Test("a mask of one sample holds for every sample")
    func maskRepeated() throws {
        let mask = Tensor(Shape(d: 1, h: 1, w: 3), [1, 1, 0])
        var context = Context()
        context.masks = [(name: "brain", tensor: mask, role: .mask)]
        let tensor = Tensor(Shape(n: 2, d: 1, h: 1, w: 3), [1, 3, 100, 5, 7, 200])
        let measure = try Self.batchNorm { $0.mask = .statsOnly }.measure(tensor, in: &context)
        let means = measure.json["samples"]?.array?.map { $0.array?[0]["mean"]?.double }
        #expect(means == [2, 6])
    }

    @Test(
        "findings tell how small the batch is",
        arguments: [(1, "small_batch_severe"), (9, "small_batch"), (32, "")])
    func smallBatch(size: Int, code: String) throws {
        var context = Context()
        let tensor = Tensor.random(Shape(n: size, d: 1, h: 2, w: 2), seed: 1)
        _ = try BatchNorm().applied(to: tensor, in: &context)
        #expect(context.findings.map { $0.code.rawValue } == (code.isEmpty ? [] : [code]))
        if size == 1 {
            let text =
                "batches of 1 scan make statistics that vary strongly from batch to batch; consider batch "
                + "renormalization, instance, group or layer normalization, weight normalization, or global "
                + "statistics of the training set"
            #expect(context.findings.first?.message == text)
        }
    }

    @Test("one value per channel is refused, or beta when allowed")
    func oneValue() throws {
        let tensor = Tensor(Shape(d: 1, h: 1, w: 1, c: 2), [4, 5])
        let error = #expect(throws: OperatorError.self) { try BatchNorm().applied(to: tensor) }
        #expect(
            error?.description
                == "a variance needs more than one value per channel, found 1; set allow_single_value to accept y = beta"
        )
        var context = Context()
        let found = try Self.batchNorm {
            $0.allowSingleValue = true
            $0.beta = [1, 2]
        }
        .applied(to: tensor, in: &context)
        #expect(found.values == [1, 2])
        #expect(context.findings.map(\.code) == [.oneValuePerChannel, .smallBatchSevere])
    }

    @Test("eval uses given or learned statistics and accepts one value")
    func eval() throws {
        let step = Self.batchNorm {
            $0.mode = .eval
            $0.runningMean = [2]
            $0.runningVar = [4]
            $0.epsilon = 1e-12
        }
        let tensor = Tensor(Shape(d: 1, h: 1, w: 1), [6])
        #expect(try step.applied(to: tensor).values == [2])
        let state = RunningStatistics(mean: [4], variance: [1], momentum: 0.1)
        #expect(try step.applied(to: tensor, state: state).values == [2])
        #expect(step.learning == .given)
        let file = Self.batchNorm {
            $0.mode = .eval
            $0.state = "a/state.json"
        }.stateFile
        #expect(file == StateFile(parameter: "state", path: "a/state.json"))
    }

    @Test(
        "global normalizes by the exact pooled statistics and reports the mean of batch variances beside them"
    )
    func global() throws {
        let shape = Shape(d: 1, h: 2, w: 2)
        let tensors = (0..<5).map { Tensor.random(shape, seed: $0, mean: Double($0) * 3, spread: 1) }
        let step = Self.batchNorm { $0.mode = .global }
        let measures = try tensors.map { try step.measured($0) }
        let (mean, variance) = meanAndVariance(tensors.flatMap(\.values))
        let biased = try step.learn(from: measures, after: nil)
        let unbiased = try Self.batchNorm {
            $0.mode = .global
            $0.estimator = .unbiased
        }
        .learn(from: measures, after: nil)
        #expect(abs(biased.mean[0] - mean) < 1e-12 && abs(biased.variance[0] - variance) < 1e-12)
        #expect(abs(unbiased.variance[0] - variance * 20 / 19) < 1e-12)
        let found = try step.applied(to: tensors[0], state: biased)
        let expected = Tensor(
            shape, tensors[0].values.map { Float((Double($0) - mean) / (variance + 1e-5).squareRoot()) })
        #expect(distance(found, expected) < 1e-6)
        let report = try #require(step.report(on: measures, batchSize: 2))
        let pairs = [[0, 1], [2, 3], [4]].map { batch in
            meanAndVariance(batch.flatMap { tensors[$0].values }).variance
        }
        let ofBatches = try #require(report["mean_of_batch_vars"]?.array?[0].double)
        #expect(abs(ofBatches - pairs.reduce(0, +) / 3) < 1e-12)
        let pooled = try #require(report["var"]?.array?[0].double)
        #expect(abs(pooled - variance) < 1e-12)
        #expect(step.learning == .wholeDataset)
        #expect(
            Self.batchNorm {
                $0.mode = .global
                $0.statistics = "s.json"
            }.learning == .given)
    }
}
