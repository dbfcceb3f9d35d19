import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("RunningStatistics") struct RunningStatisticsTests {
    static let batches = (0..<5).map {
        Tensor.random(Shape(d: 2, h: 2, w: 3), seed: $0, mean: Double($0), spread: 2)
    }

    static func trained(_ step: BatchNorm) throws -> RunningStatistics {
        var state: RunningStatistics?
        for batch in batches { state = try step.learn(from: [step.measured(batch)], after: state) }
        return try #require(state)
    }

    @Test("without momentum they are the plain mean of means and unbiased variances")
    func cumulative() throws {
        let state = try Self.trained(BatchNormTests.batchNorm { $0.momentum = nil })
        let each = Self.batches.map { meanAndVariance($0.values) }
        let mean = each.map(\.mean).reduce(0, +) / 5
        let variance = each.map { $0.variance * 12 / 11 }.reduce(0, +) / 5
        #expect(abs(state.mean[0] - mean) < 1e-12 && abs(state.variance[0] - variance) < 1e-12)
        #expect(state.batchesSeen == 5)
    }

    @Test("torch m and keras 1 − m agree but for the unbiased factor")
    func conventions() throws {
        let torch = try Self.trained(BatchNormTests.batchNorm { $0.momentum = 0.25 })
        let keras = try Self.trained(
            BatchNormTests.batchNorm {
                $0.convention = .keras
                $0.momentum = 0.75
            })
        #expect(abs(torch.mean[0] - keras.mean[0]) < 1e-12)
        let start = 0.2373046875  // 0.75⁵: what is left of the start value 1.
        let expected = (keras.variance[0] - start) * 12 / 11 + start
        #expect(abs(torch.variance[0] - expected) < 1e-12)
    }

    @Test("start from given values")
    func given() throws {
        let step = BatchNormTests.batchNorm {
            $0.runningMean = [8]
            $0.runningVar = [3]
            $0.momentum = 0
        }
        let state = try Self.trained(step)
        #expect(state.mean == [8] && state.variance == [3])
    }

    @Test("come back from their JSON to the last bit", arguments: [0.1, nil] as [Double?])
    func roundTrip(momentum: Double?) throws {
        let state = RunningStatistics(
            mean: [0.1 + 0.2, -1e-300, 3], variance: [1 / 3, 0, 1e22], batchesSeen: 7, convention: .keras,
            momentum: momentum)
        #expect(try RunningStatistics(json: state.json) == state)
        let keys = state.json.members?.map(\.key)
        #expect(keys == ["running_mean", "running_var", "batches_seen", "convention", "momentum"])
    }

    @Test(
        "refuse JSON that is no state",
        arguments: [
            (.null, "expected running_mean and running_var, lists of numbers"),
            (
                ["running_mean": [1], "running_var": ["a"]],
                "expected running_mean and running_var, lists of numbers"
            ),
            (["running_mean": [1, 2], "running_var": [1]], "running_mean has 2 values, running_var 1"),
            (["running_mean": [], "running_var": []], "running_mean has 0 values, running_var 0"),
            (["running_mean": [1], "running_var": [-1]], "a variance in running_var is below 0"),
            (["running_mean": [1], "running_var": [1], "convention": "jax"], "convention is \"jax\""),
            (["running_mean": [1], "running_var": [1], "batches_seen": -1], "batches_seen is -1"),
            (["running_mean": [1], "running_var": [1], "momentum": "x"], "momentum is \"x\""),
        ] as [(JSONValue, String)])
    func hostile(json: JSONValue, reason: String) {
        let error = #expect(throws: OperatorError.self) { try RunningStatistics(json: json) }
        #expect(error?.description == "the state for running statistics cannot be used: \(reason)")
    }
}
