import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

/// SEMANTICS 13, the normalizations: each property on a hundred random tensors.
@Suite("Normalization properties") struct NormalizationPropertyTests {
    @Test(
        "batch norm of one sample is instance norm; groups of one channel are it too",
        arguments: RandomCase.seeds)
    func instance(seed: UInt64) throws {
        let x = RandomCase(seed, samples: 1).tensor
        let instance = try InstanceNorm().applied(to: x)
        #expect(distance(try BatchNorm().applied(to: x), instance) <= 1e-6)
        var group = GroupNorm()
        group.groups = x.shape.c
        #expect(distance(try group.applied(to: x), instance) <= 1e-6)
    }

    @Test("one group is layer norm; normalize_over NDHW is batch norm", arguments: RandomCase.seeds)
    func layer(seed: UInt64) throws {
        let x = RandomCase(seed).tensor
        var group = GroupNorm()
        group.groups = 1
        #expect(distance(try group.applied(to: x), try LayerNorm().applied(to: x)) <= 1e-6)
        #expect(distance(try NormalizeOver().applied(to: x), try BatchNorm().applied(to: x)) <= 1e-6)
    }

    @Test("the output has mean 0 and the biased variance var/(var + epsilon)", arguments: RandomCase.seeds)
    func standardized(seed: UInt64) throws {
        let x = RandomCase(seed).tensor
        let y = try BatchNorm().applied(to: x)
        for channel in 0..<x.shape.c {
            let before = meanAndVariance(all(x, channel))
            let after = meanAndVariance(all(y, channel))
            #expect(abs(after.mean) < 1e-5)
            // y is rounded to Float once.
            #expect(abs(after.variance - before.variance / (before.variance + 1e-5)) < 1e-5)
        }
    }

    @Test("statistics do not depend on the order of voxels along D, H and W", arguments: RandomCase.seeds)
    func order(seed: UInt64) throws {
        let volume = RandomCase(seed).volume
        let codes = ["LPI", "ASR", "PIR", "SRA", "IAL"]
        var orient = Orient()
        orient.to = codes[Int(seed) % codes.count]
        var (subject, context) = (Case(name: "a", images: [.init("x", volume)]), Context())
        try orient.apply(to: &subject, in: &context)
        let (a, b) = (moments(volume.tensor), moments(subject.images[0].volume.tensor))
        #expect(abs(a.mean - b.mean) <= 1e-12 * (1 + abs(a.mean)))
        #expect(abs(a.variance - b.variance) <= 1e-12 * (1 + a.variance) * 10)
    }

    @Test(
        "a shift by 10,000 costs the variance nothing but the rounding of the input",
        arguments: RandomCase.seeds)
    func shift(seed: UInt64) throws {
        let volume = RandomCase(seed).volume
        let shifted = Tensor(volume.tensor.shape, volume.tensor.values.map { $0 + 10_000 })
        let expected = meanAndVariance(shifted.values).variance
        #expect(abs(moments(shifted).variance - expected) <= 1e-6 * expected)
    }

    @Test(
        "a constant channel becomes beta; copies change the unbiased factor only", arguments: RandomCase.seeds
    )
    func copies(seed: UInt64) throws {
        let x = RandomCase(seed, samples: 1).tensor
        var norm = BatchNorm()
        norm.beta = (0..<x.shape.c).map { Double($0) - 1.5 }
        let flat = try norm.applied(to: Tensor(x.shape, repeating: Float(seed) * 37 + 0.1))
        for (index, value) in flat.values.enumerated() { #expect(value == Float(index % x.shape.c) - 1.5) }

        let copies = 2 + Int(seed % 3)
        var shape = x.shape
        shape.n = copies
        let all = Tensor(shape, (0..<copies).flatMap { _ in x.values })
        norm = BatchNorm()
        norm.momentum = nil
        let one = try norm.learn(from: [norm.measured(x)], after: nil)
        let many = try norm.learn(from: [norm.measured(all)], after: nil)
        let m = Double(x.shape.voxelCount)
        let factor = (m * Double(copies) / (m * Double(copies) - 1)) / (m / (m - 1))
        for channel in 0..<x.shape.c {
            #expect(abs(one.mean[channel] - many.mean[channel]) <= 1e-9 * (1 + abs(one.mean[channel])))
            #expect(
                abs(one.variance[channel] * factor - many.variance[channel]) <= 1e-9
                    * (1 + one.variance[channel]))
        }
    }

    @Test(
        "momentum null is the plain mean of the batches; torch m and Keras 1 − m share the mean",
        arguments: RandomCase.seeds)
    func momentum(seed: UInt64) throws {
        let batches = (0..<3).map { RandomCase(seed &+ 500 &* $0, samples: 1).volume.tensor }
        func state(_ norm: BatchNorm) throws -> RunningStatistics? {
            try batches.reduce(nil as RunningStatistics?) {
                try norm.learn(from: [norm.measured($1)], after: $0)
            }
        }
        var plain = BatchNorm()
        plain.momentum = nil
        let each = batches.map { meanAndVariance($0.values) }
        let unbiased = zip(batches, each).map {
            Double($0.shape.count) / Double($0.shape.count - 1) * $1.variance
        }
        let plainState = try state(plain)
        let average = try #require(plainState)
        #expect(abs(average.mean[0] - each.map(\.mean).reduce(0, +) / 3) <= 1e-9 * (1 + abs(average.mean[0])))
        #expect(abs(average.variance[0] - unbiased.reduce(0, +) / 3) <= 1e-9 * (1 + average.variance[0]))

        var (torch, keras) = (BatchNorm(), BatchNorm())
        keras.convention = .keras
        (torch.momentum, keras.momentum) = (0.3, 0.7)
        let (torchState, kerasState) = (try state(torch), try state(keras))
        let (a, b) = (try #require(torchState), try #require(kerasState))
        #expect(abs(a.mean[0] - b.mean[0]) <= 1e-9 * (1 + abs(a.mean[0])))
    }

    @Test("renormalization held at r = 1, d = 0 is batch norm", arguments: RandomCase.seeds)
    func renorm(seed: UInt64) throws {
        let x = RandomCase(seed).tensor
        var held = BatchRenorm()
        (held.schedule, held.rMax, held.dMax) = (nil, 1, 0)
        #expect(distance(try held.applied(to: x), try BatchNorm().applied(to: x)) <= 1e-6)
    }

    @Test(
        "renormalization without limits is normalization by the moving statistics",
        arguments: RandomCase.seeds)
    func unlimited(seed: UInt64) throws {
        let x = RandomCase(seed).tensor
        var free = BatchRenorm()
        (free.schedule, free.rMax, free.dMax, free.alpha) = (nil, nil, nil, 0.5)
        let state = try free.learn(from: [free.measured(x)], after: nil)
        let y = try free.applied(to: x, state: state)
        func list(_ key: String) -> [Double] { (state.json[key]?.array ?? []).compactMap(\.double) }
        let (means, deviations) = (list("running_mean"), list("running_std"))
        #expect(means.count == x.shape.c && deviations.count == x.shape.c)
        for (index, value) in y.values.enumerated() {
            let channel = index % x.shape.c
            let expected = (Double(x.values[index]) - means[channel]) / deviations[channel]
            guard abs(Double(value) - expected) > 1e-4 * (1 + abs(expected)) else { continue }
            Issue.record("\(value) at \(index), expected \(expected)")
            return
        }
    }

    private func all(_ tensor: Tensor, _ channel: Int) -> [Float] {
        (0..<tensor.shape.n).flatMap { tensor.channel(channel, sample: $0) }
    }

    /// As batch norm takes them.
    private func moments(_ tensor: Tensor) -> (mean: Double, variance: Double) {
        var norm = BatchNorm()
        (norm.convention, norm.momentum) = (.keras, 0)
        guard let state = try? norm.learn(from: [norm.measured(tensor)], after: nil) else {
            return (.nan, .nan)
        }
        return (state.mean[0], state.variance[0])
    }
}
