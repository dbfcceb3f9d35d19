import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

@Suite("Maps of values") struct ValueMapsTests {
    private let ranks: [Double] = [0, 1, 25, 50, 99.5, 100]

    private func expectSame(_ tensor: Tensor, _ before: [ChannelStatistics], _ context: Context) throws {
        let maps = try #require(context.valueMaps)
        let mapped = tensor.statistics(
            percentiles: ranks, mapping: before, by: { channel, x in maps.reduce(x) { $1(channel, $0) } },
            .one)
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

    @Test("a negative factor, and samples that go their own ways, leave nothing known")
    func lost() {
        var context = Context()
        var tensor = Tensor(Shape(n: 2, d: 1, h: 1, w: 1), [1, 2])
        tensor.scale(by: [[Scaling()], [Scaling(factor: 2)]], in: &context)
        #expect(context.valueMaps == nil)
        context.valueMaps = []
        var turned = Tensor(Shape(d: 1, h: 1, w: 1), [1])
        turned.scale(by: [[Scaling(factor: -1)]], in: &context)
        turned.clamp(to: Bounds(0, 1), in: &context)
        #expect(context.valueMaps == nil)
    }
}
