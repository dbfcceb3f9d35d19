import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

@Suite("Maps of values") struct ValueMapsTests {
    private let ranks: [Double] = [0, 1, 25, 50, 99.5, 100]

    private func expectSame(_ tensor: Tensor, _ before: [ChannelStatistics], _ context: Context) throws {
        let maps = try #require(context.valueMaps)
        let mapped = tensor.statistics(percentiles: ranks, mapping: before, by: maps, .one)
        let seen = tensor.statistics(percentiles: ranks, .one)
        for (mapped, seen) in zip(mapped, seen) { #expect(mapped.summary == seen.summary) }
    }

    @Test("statistics that are carried through scaling and clamping are those of the values")
    func carried() throws {
        let shape = Shape(d: 9, h: 61, w: 83, c: 2)
        var tensor = Tensor.random(shape, seed: 3, mean: 20, spread: 60)
        let before = tensor.statistics(percentiles: ranks, .one)
        var context = Context(workers: Workers(2))
        tensor.clamp(to: [[Bounds(-10, 90), Bounds(0, 30)]], in: &context)
        try expectSame(tensor, before, context)
        let scalings = [Scaling(center: 3, factor: 0.7, offset: 1), Scaling(center: 9, factor: 0.01)]
        tensor.scale(by: [scalings], in: &context)
        try expectSame(tensor, before, context)
        tensor.clamp(to: Bounds(-0.05, .infinity), in: &context)
        try expectSame(tensor, before, context)
    }

    @Test("a clamp that makes an infinite value finite is seen")
    func infinite() throws {
        var tensor = Tensor(Shape(d: 1, h: 1, w: 4), [.infinity, 0.5, 2.5, .nan])
        let before = tensor.statistics(percentiles: ranks, .one)
        var context = Context()
        tensor.clamp(to: Bounds(-1, 7.5), in: &context)
        try expectSame(tensor, before, context)
        #expect(tensor.statistics(percentiles: ranks, .one)[0].summary.max == 7.5)
    }

    @Test("samples that go their own ways, and a mask, leave nothing known")
    func lost() {
        var context = Context()
        var tensor = Tensor(Shape(n: 2, d: 1, h: 1, w: 1), [1, 2])
        tensor.scale(by: [[Scaling()], [Scaling(factor: 2)]], in: &context)
        tensor.clamp(to: Bounds(0, 1), in: &context)
        #expect(context.valueMaps == nil)
        context.valueMaps = []
        var masked = Tensor(Shape(d: 1, h: 1, w: 1), [1])
        masked.scale(by: [[Scaling(factor: 3)]], where: .mask(masked), in: &context)
        #expect(context.valueMaps == nil)
    }

    /// Whole numbers of two channels, zeros among them, and how often each occurs.
    private func counted() -> (tensor: Tensor, counts: [WholeCounts]) {
        var tensor = Tensor.random(Shape(d: 9, h: 61, w: 83, c: 2), seed: 5, mean: 40, spread: 60)
        tensor.withUnsafeMutableValues { values in
            for i in values.indices { values[i] = values[i] < 0 ? 0 : values[i].rounded() }
        }
        let values = tensor.values
        let counts = (0..<2).map { channel in
            var counts = [Int](repeating: 0, count: WholeCounts.size)
            for i in stride(from: channel, to: values.count, by: 2) {
                counts[Int(values[i]) - WholeCounts.lowest] += 1
            }
            return WholeCounts(counts)
        }
        return (tensor, counts)
    }

    @Test(
        "statistics of counted numbers are carried through every map",
        arguments: [VoxelSelection.nonzero, .positive, .above([[20, 55.5]]), .all])
    func counts(selection: VoxelSelection) throws {
        var (tensor, counts) = counted()
        let before = tensor.statistics(percentiles: ranks, .one)
        var context = Context(workers: Workers(2))
        tensor.clamp(to: [[Bounds(0, 90), Bounds(3, 77)]], in: &context)
        let scalings = [Scaling(center: 50, factor: 0.7, offset: 1), Scaling(center: 9, factor: -0.01)]
        tensor.scale(by: [scalings], where: selection, in: &context)
        let maps = try #require(context.valueMaps)
        let mapped = tensor.statistics(percentiles: ranks, counted: counts.mapped(by: maps), .one)
        #expect(counts.mapped(by: maps).contains { $0.wholeNumbers == nil })
        let seen = tensor.statistics(percentiles: ranks, .one)
        for (mapped, seen) in zip(mapped, seen) { #expect(mapped.summary == seen.summary) }
        try expectSame(tensor, before, context)
    }

    @Test("numbers that stay whole stay counted; what leaves the Float range is counted no more")
    func stillCounted() throws {
        var (tensor, counts) = counted()
        var context = Context()
        tensor.clamp(to: Bounds(10, 70), in: &context)
        var maps = try #require(context.valueMaps)
        let known = counts.mapped(by: maps).compactMap(\.wholeNumbers)
        let seen = tensor.statistics(percentiles: ranks, .one)
        #expect(
            known.map { ChannelStatistics($0, percentiles: ranks).summary } == seen.map(\.summary))
        tensor.scale(by: [[Scaling(factor: 1e37), Scaling(factor: 0.5)]], in: &context)
        maps = try #require(context.valueMaps)
        let far = tensor.statistics(percentiles: ranks, counted: counts.mapped(by: maps), .one)
        #expect(counts.mapped(by: maps).contains { $0.wholeNumbers == nil })
        let lost = tensor.statistics(percentiles: ranks, .one)
        #expect(lost[0].summary.nonfinite > 0)
        for (far, lost) in zip(far, lost) { #expect(far.summary == lost.summary) }
    }
}
