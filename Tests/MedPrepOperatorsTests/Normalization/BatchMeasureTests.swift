import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("BatchMeasure") struct BatchMeasureTests {
    @Test("comes back from its JSON to the last bit")
    func roundTrip() throws {
        let tensor = Tensor.random(Shape(n: 2, d: 3, h: 3, w: 3, c: 3), seed: 3, mean: 1e4, spread: 0.3)
        let measure = try BatchNorm().measured(tensor)
        #expect(try BatchMeasure(json: measure.json) == measure)
        let second = try BatchNormTests.batchNorm { $0.mode = .global }.measured(tensor)
        #expect(try BatchMeasure(json: second.json) == second)
    }

    static func json(_ shape: [Int], _ channel: JSONValue) -> JSONValue {
        ["shape_ndhwc": .integers(shape), "samples": [[channel]]]
    }

    @Test(
        "refuses JSON that is no measure",
        arguments: [
            ([:], "expected shape_ndhwc and samples"),
            (json([1, 0, 1, 1, 1], [:]), "expected shape_ndhwc and samples"),
            (json([1, 2, 1, 1], [:]), "expected shape_ndhwc and samples"),
            (json([1, 1 << 62, 2, 2, 1], [:]), "expected shape_ndhwc and samples"),
            (json([1, 1, 1, 1, 1], [:]), "found {}, expected count, mean and m2 of one channel"),
            (
                json(
                    [1, 1, 1, 1, 1], ["count": 4_611_686_018_427_387_904, "nonfinite": 0, "mean": 0, "m2": 0]),
                "found {\"count\": 4611686018427387904, \"nonfinite\": 0, \"mean\": 0, \"m2\": 0}, "
                    + "expected count, mean and m2 of one channel"
            ),
            (
                json([1, 1, 1, 1, 1], ["count": 1, "nonfinite": 0, "mean": 0, "m2": -1]),
                "found {\"count\": 1, \"nonfinite\": 0, \"mean\": 0, \"m2\": -1}, "
                    + "expected count, mean and m2 of one channel"
            ),
            (
                json([2, 1, 1, 1, 1], ["count": 1, "nonfinite": 0, "mean": 0, "m2": 0]),
                "the samples and channels are not those of 2x1x1x1x1"
            ),
        ] as [(JSONValue, String)])
    func hostile(json: JSONValue, reason: String) {
        let error = #expect(throws: OperatorError.self) { try BatchMeasure(json: json) }
        #expect(error?.description == "the state for batch statistics cannot be used: \(reason)")
    }
}
