import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

@Suite("ChannelValues") struct ChannelValuesTests {
    /// Two slabs a sample, values that are not finite, and zeros of both signs.
    static let tensor: Tensor = {
        var values = Tensor.random(Shape(n: 2, d: 3, h: 111, w: 113, c: 2), seed: 11, mean: 5, spread: 40)
            .values
        for (place, value) in [(3, Float.nan), (8, .infinity), (21, -.infinity), (30, -0.0), (32, 0)] {
            values[place] = value
        }
        return Tensor(Shape(n: 2, d: 3, h: 111, w: 113, c: 2), values)
    }()

    static func values(_ workers: Int = 1, where selection: VoxelSelection = .positive) -> ChannelValues {
        ChannelValues(tensor, sample: 1, channel: 1, where: selection, Workers(workers))
    }

    static var plain: [Double] {
        tensor.channel(1, sample: 1).filter { $0.isFinite && $0 > 0 }.map { Double($0) }
    }

    @Test("moments and extremes are those of the selected finite values", arguments: 1...3)
    func moments(workers: Int) {
        let (found, x) = (Self.values(workers).moments(), Self.plain)
        let mean = x.reduce(0, +) / Double(x.count)
        let m2 = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        #expect(found.count == x.count)
        #expect(abs(found.mean - mean) < 1e-12 * mean)
        #expect(abs(found.m2 - m2) < 1e-12 * m2)
        #expect(found == Self.values().moments())
        let range = Self.values(workers).extremes()
        #expect(Double(range.min) == x.min() && Double(range.max) == x.max())
    }

    @Test("counts below a bound, strictly")
    func below() {
        let values = ChannelValues(Tensor(Shape(d: 1, h: 1, w: 4), [1, 2, 2, 3]), .one)
        #expect([0, 1, 2, 2.5, 9].map { values.count(below: $0) } == [0, 0, 1, 3, 4])
    }

    @Test("limits take the bound in, or leave both ends out")
    func limits() {
        let x = Tensor(Shape(d: 1, h: 1, w: 6), [0.1, 0.2, 0.3, 0.4, .nan, 0.5])
        let values = ChannelValues(x, .one)
        #expect(values.limited(atMost: Double(Float(0.3))).moments().count == 3)
        // Between two Floats; the Double 0.3 is below the Float 0.3.
        #expect(values.limited(atMost: 0.3).moments().count == 2)
        let inside = values.limited(above: Double(Float(0.1)), below: Double(Float(0.4)))
        #expect(inside.moments().count == 2)
        #expect(inside.limited(atMost: Double(Float(0.2))).moments().count == 1)
        #expect(values.limited(above: 0.3, below: 0.3).moments().count == 0)
        #expect(values.limited(above: 0.4, below: 0.2).extremes().isEmpty)
    }

    @Test("distinct values ascend with their counts, and too many are none")
    func distinct() throws {
        let x = Tensor(Shape(d: 1, h: 2, w: 4), [3, -0.0, 0, 3, .nan, -7, 3, .infinity])
        let found = try #require(ChannelValues(x, .one).distinct())
        #expect(found == ValueCounts(values: [-7, 0, 3], counts: [1, 2, 3]))
        #expect(ChannelValues(x, .one).distinct(limit: 3) == found)
        #expect(ChannelValues(x, .one).distinct(limit: 2) == nil)
        let all = try #require(Self.values().distinct())
        #expect(all.count == Self.plain.count)
        #expect(all.values == Set(Self.plain).sorted())
    }

    @Test("merged counts are those of both, and percentiles are type 7")
    func merge() {
        var counts = ValueCounts(values: [1, 3, 5], counts: [1, 2, 1])
        counts.merge(ValueCounts(values: [0, 3, 9], counts: [2, 1, 1]))
        #expect(counts == ValueCounts(values: [0, 1, 3, 5, 9], counts: [2, 1, 3, 1, 1]))
        let sorted: [Double] = [0, 0, 1, 3, 3, 3, 5, 9]
        for rank in [0, 0.5, 12, 50, 77, 99.5, 100] {
            let position = rank / 100 * 7
            let lower = Int(position)
            let expected =
                sorted[lower] + (position - Double(lower)) * (sorted[min(lower + 1, 7)] - sorted[lower])
            #expect(abs(counts.percentile(rank) - expected) < 1e-12)
        }
        #expect(ValueCounts().percentile(50).isNaN)
        #expect(ValueCounts(values: [4], counts: [1]).percentile(99.5) == 4)
    }

    @Test("coarse bins are within 2⁻¹¹ of the magnitude, for every percentile", arguments: 1...3)
    func coarse(workers: Int) {
        let shape = Shape(d: 5, h: 120, w: 121)
        let tensor = Tensor.random(shape, seed: 3, mean: 10, spread: 900)
        let (found, isExact) = ChannelValues(tensor, Workers(workers)).valueCounts()
        #expect(!isExact && found.count == shape.count)
        let exact = tensor.distributions([0.5, 20, 50, 99.5], .one)[0].percentiles
        for (rank, expected) in zip([0.5, 20, 50, 99.5], exact) {
            #expect(abs(found.percentile(rank) - expected) <= abs(expected) / 2048)
        }
        #expect(found.coarsened() == found)
        let few = Tensor(shape, tensor.values.map { $0.rounded() })
        #expect(ChannelValues(few, .one).valueCounts().isExact)
    }
}
