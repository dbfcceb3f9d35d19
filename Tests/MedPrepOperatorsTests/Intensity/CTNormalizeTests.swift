import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("CTNormalize") struct CTNormalizeTests {
    static let shape = Shape(d: 3, h: 21, w: 23)

    /// Whole Hounsfield units, and a label map over a third of them.
    static func scan(_ seed: UInt64, step: Float = 1) -> (
        tensor: Tensor, context: Context, foreground: [Float]
    ) {
        let random = Tensor.random(shape, seed: seed, mean: 100, spread: 900).values
        let tensor = Tensor(shape, random.map { ($0 / step).rounded() * step })
        let label = Tensor(shape, (0..<shape.count).map { Float($0 % 3 == 0 ? $0 % 4 : 0) })
        var context = Context()
        context.masks = [
            (name: "seg", tensor: label, role: .label), (name: "brain", tensor: label, role: .mask),
        ]
        let foreground = zip(tensor.values, label.values).filter { $0.1 > 0 }.map(\.0)
        return (tensor, context, foreground)
    }

    static func measured(_ seed: UInt64) throws -> ForegroundMeasure {
        var (tensor, context, _) = scan(seed)
        tensor = Tensor(shape, tensor.values)
        return try CTNormalize().measure(tensor, in: &context)
    }

    @Test("learns exact statistics of all foreground voxels, through JSON")
    func learns() throws {
        let step = CTNormalize()
        #expect(step.learning == .wholeDataset)
        var measures = [ForegroundMeasure]()
        for seed in 1...3 {
            let measure = try Self.measured(UInt64(seed))
            let again = try ForegroundMeasure(json: measure.json)
            #expect(again == measure)
            measures.append(again)
        }
        let all = (1...3).flatMap { Self.scan(UInt64($0)).foreground }
        let state = try step.learn(from: measures, after: nil)
        let (mean, variance) = meanAndVariance(all)
        #expect(abs(state.mean[0] - mean) < 1e-9 * abs(mean))
        #expect(abs(state.std[0] - variance.squareRoot()) < 1e-9 * variance.squareRoot())
        #expect(abs(state.percentile005[0] - RescaleTests.percentile(all, 0.5)) < 1e-9)
        #expect(abs(state.percentile995[0] - RescaleTests.percentile(all, 99.5)) < 1e-9)
        #expect(try ForegroundStatistics(json: state.json) == state)
        let report = try #require(step.report(on: measures, batchSize: 1))
        #expect(report["foreground"] == ["label seg"] && report["percentiles_exact"] == true)
        #expect(report["count"] == .integers([all.count]))
    }

    @Test("clips and standardizes each channel of each sample", arguments: 1...3)
    func applies(workers: Int) throws {
        let tensor = Tensor.random(Shape(n: 2, d: 3, h: 21, w: 23, c: 2), seed: 7, spread: 300)
        let step = try CTNormalize(parameters: [
            .init("mean", [10, 20]), .init("std", [30, 0]), .init("percentile_00_5", -100),
            .init("percentile_99_5", [150, 200]),
        ])
        #expect(step.learning == .given)
        let found = try step.applied(to: tensor, workers)
        for n in 0..<2 {
            for (c, numbers) in [(10.0, 30.0, 150.0), (20, 1e-8, 200)].enumerated() {
                let expected = tensor.channel(c, sample: n).map {
                    (Swift.min(Swift.max(Double($0), -100), numbers.2) - numbers.0) / numbers.1
                }
                expectClose(found.channel(c, sample: n), expected)
            }
        }
    }

    @Test("takes the mask without a label map, and refuses a case with neither or several")
    func foreground() throws {
        var (tensor, context, _) = Self.scan(1)
        let both = context.masks
        context.masks = [both[1]]
        let measure = try CTNormalize().measure(tensor, in: &context)
        #expect(measure.json["foreground"] == "mask brain")
        tensor = Tensor(Self.shape)
        for (masks, message) in [
            (
                [],
                "ct_normalize learns from the foreground, and this case has neither a label map nor a mask; "
                    + "name one under input.labels or input.masks, or give the statistics"
            ),
            (
                [both[0], (name: "other", tensor: both[0].tensor, role: .label)],
                "ct_normalize learns from the foreground, and the case has several: seg, other; "
                    + "keep one label map (or, without label maps, one mask), or give the statistics"
            ),
        ] {
            context.masks = masks
            do throws(OperatorError) {
                _ = try CTNormalize().measure(tensor, in: &context)
                Issue.record("accepted")
            } catch {
                #expect(error.description == message && error.code == "empty_foreground")
            }
        }
    }

    @Test("a case without foreground adds nothing; a data set without any is refused")
    func empty() throws {
        var (tensor, context, _) = Self.scan(1)
        context.masks = [(name: "seg", tensor: Tensor(Self.shape), role: .label)]
        tensor = Tensor(Self.shape, repeating: 3)
        let nothing = try CTNormalize().measure(tensor, in: &context)
        let some = try Self.measured(2)
        let state = try CTNormalize().learn(from: [nothing, some], after: nil)
        #expect(state == (try CTNormalize().learn(from: [some], after: nil)))
        #expect(throws: OperatorError.noFiniteValue(operator: "ct_normalize")) {
            try CTNormalize().learn(from: [nothing], after: nil)
        }
    }

    @Test("reads its own statistics and nnU-Net's fingerprint")
    func states() throws {
        let channel: JSONValue = [
            "max": 9, "mean": 1.5, "std": 2, "percentile_00_5": -3, "percentile_99_5": 4,
        ]
        let fingerprint = try ForegroundStatistics(json: [
            "foreground_intensities_per_channel": ["0": channel]
        ])
        #expect(fingerprint == (try ForegroundStatistics(json: channel)))
        #expect(fingerprint.mean == [1.5] && fingerprint.percentile995 == [4])
        do throws(OperatorError) {
            _ = try ForegroundStatistics(json: ["mean": 3])
            Issue.record("accepted")
        } catch {
            let message =
                "the state for ct_normalize cannot be used: "
                + "expected mean, std, percentile_00_5, percentile_99_5, one number for each channel"
            #expect(error.description == message)
        }
        let step = try CTNormalize(parameters: [.init("statistics", "stats.json")])
        #expect(step.learning == .given)
        #expect(step.stateFile == StateFile(parameter: "statistics", path: "stats.json"))
        #expect(throws: OperatorError.self) { try ForegroundMeasure(json: ["channels": []]) }
    }

    @Test("refuses a measure whose counts do not add up")
    func damaged() throws {
        let good = try Self.measured(1).json.line
        let text = good.contains("\"exact\": true")
        #expect(text)
        let channel: JSONValue = [
            "moments": ["count": 3, "nonfinite": 0, "mean": 1, "m2": 0], "exact": true, "values": [1, 1],
            "counts": [1, 2],
        ]
        do throws(OperatorError) {
            _ = try ForegroundMeasure(json: ["foreground": "label seg", "channels": [channel]])
            Issue.record("accepted")
        } catch {
            let message =
                "the state for ct_normalize cannot be used: "
                + "the values do not ascend, or their counts do not add up to the channel's count"
            #expect(error.description == message)
        }
    }

    @Test("wants all four numbers or none")
    func faults() {
        expectFault(
            CTNormalize.self, ["mean": 1, "std": 2],
            "mean, std without percentile_00_5, percentile_99_5; give all four numbers, or none to learn them"
        )
        expectFault(
            CTNormalize.self, ["mean": 1, "statistics": "a.json"],
            "statistics and mean say the same thing; keep one")
        expectFault(
            CTNormalize.self, ["mean": 1, "std": 2, "percentile_00_5": [1, 9], "percentile_99_5": 5],
            "percentile_00_5 9.0 is above percentile_99_5 5.0")
        expectFault(
            CTNormalize.self, ["mean": 1, "std": -1, "percentile_00_5": 1, "percentile_99_5": 5],
            "std is -1; expected at least 0")
    }
}
