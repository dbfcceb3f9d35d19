import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

@Suite("Whole numbers") struct WholeCountsTests {
    /// Air, tissue, and both ends of the range that is counted.
    private let values: [Float] = Tensor.random(Shape(d: 1, h: 1, w: 150_001), seed: 8, mean: 0, spread: 900)
        .values.enumerated().map { index, value in
            index < 60_000 ? 0 : index == 70_000 ? -32_768 : index == 70_001 ? 65_535 : value.rounded()
        }

    @Test("have the statistics that any values have")
    func same() {
        for channels in [1, 2, 3] {
            let count = values.count / channels
            let shape = Shape(d: 1, h: 1, w: count, c: channels)
            let tensor = Tensor(shape, Array(values[..<(count * channels)]))
            let found = tensor.summaries(percentiles: SummariesTests.ranks, .one)
            for channel in 0..<channels {
                SummariesTests.expectPlain(found[channel], tensor.channel(channel))
            }
            #expect(tensor.summaries(percentiles: SummariesTests.ranks, Workers(3)) == found)
        }
    }

    @Test("with more zeros, or fewer, are those of the values with them", arguments: [-60_000, -1, 0, 1, 77])
    func zeros(more: Int) {
        func counts(_ values: [Float]) -> WholeCounts {
            var all = [Int](repeating: 0, count: 98_304)
            for value in values { all[Int(value) + 32_768] += 1 }
            return WholeCounts(all)
        }
        func statistics(_ counts: WholeCounts) -> Summary {
            ChannelStatistics(counts, percentiles: SummariesTests.ranks).summary
        }
        let air = values[..<60_000]
        for rest in [Array(values[60_000...]), [3, 4, 4], [-5, 7], [0], []] as [[Float]] {
            let changed = rest + [Float](repeating: 0, count: 60_000 + more)
            // NaN, where a moment is not defined, equals NaN.
            let found = statistics(counts(rest + air).adding(zeros: more))
            #expect("\(found)" == "\(statistics(counts(changed)))")
        }
    }

    @Test(
        "one value that is none of them is not lost",
        arguments: [
            0.5, -32_769, 65_536, 0x1p22, 0x1p23 + 1, -0x1p30, .greatestFiniteMagnitude, .infinity, .nan,
        ]
            as [Float])
    func odd(_ value: Float) {
        for place in [0, 4095, 100_003, values.count - 1] {
            var values = values
            values[place] = value
            let tensor = Tensor(Shape(d: 1, h: 1, w: values.count), values)
            let found = tensor.summaries(percentiles: SummariesTests.ranks, Workers(2))[0]
            #expect(found.nonfinite == (value.isFinite ? 0 : 1))
            #expect(found.percentiles.map(\.value) == PercentilesTests.plain(values, SummariesTests.ranks))
            if value.isFinite { #expect(found.min == Double(values.min() ?? 0)) }
        }
    }
}
