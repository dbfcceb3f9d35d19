import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

@Suite("Percentiles") struct PercentilesTests {
    static let ranks: [Double] = [0, 0.5, 1, 5, 25, 33.3, 50, 75, 95, 99, 99.5, 100, 50]

    /// The definition: sort, then type 7.
    static func plain(_ x: [Float], _ ranks: [Double]) -> [Double] {
        let sorted = x.filter(\.isFinite).sorted()
        if sorted.isEmpty { return Array(repeating: .nan, count: ranks.count) }
        return ranks.map { rank in
            let position = rank / 100 * Double(sorted.count - 1)
            let lower = Int(position)
            let upper = Swift.min(lower + 1, sorted.count - 1)
            let (a, b) = (Double(sorted[lower]), Double(sorted[upper]))
            return a + (position - Double(lower)) * (b - a)
        }
    }

    static func expectPlain(
        _ found: Distribution, _ x: [Float], _ ranks: [Double] = ranks,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let finite = x.filter(\.isFinite)
        let nonzero = finite.count { $0 != 0 }
        let expected = plain(x, ranks)
        #expect(found.percentiles == expected, sourceLocation: sourceLocation)
        #expect(found.count == finite.count && found.nonzero == nonzero, sourceLocation: sourceLocation)
        if let min = finite.min(), let max = finite.max() {
            #expect(found.min == Double(min) && found.max == Double(max), sourceLocation: sourceLocation)
        }
    }

    /// Every kind of hardship, by name.
    static func values(_ kind: String, _ count: Int) -> [Float] {
        let x = Tensor.random(Shape(d: 1, h: 1, w: count), seed: 5, mean: 20, spread: 300).values
        switch kind {
        case "ties": return x.map { ($0 / 60).rounded() }
        case "zeros of both signs":
            return x.enumerated().map { index, value in
                index % 3 == 0 ? value : index % 3 == 1 ? 0 : -0.0
            }
        case "denormals": return x.map { $0 * .leastNonzeroMagnitude }
        case "huge range": return x.enumerated().map { $1 * ($0 % 2 == 0 ? 1e36 : 1e-36) }
        case "largest magnitudes":
            return x.indices.map { $0 % 2 == 0 ? .greatestFiniteMagnitude : -.greatestFiniteMagnitude }
        case "not finite":
            return x.enumerated().map { index, value in
                [value, .nan, .infinity, -.infinity, value][index % 5]
            }
        case "one bin": return x.map { 1000 + $0 * 1e-4 }
        case "negative": return x.map { -abs($0) }
        default: return x
        }
    }

    @Test(
        "equal those of the sorted values bit for bit",
        arguments: [
            "plain", "ties", "zeros of both signs", "denormals", "huge range", "largest magnitudes",
            "not finite",
            "one bin", "negative",
        ], [1, 2, 3, 1001, 40_000])
    func reference(kind: String, count: Int) {
        let x = Self.values(kind, count)
        let found = Tensor(Shape(d: 1, h: 1, w: count), x).distributions(Self.ranks, .one)
        Self.expectPlain(found[0], x)
    }

    @Test("are taken from each channel of each sample, each channel, all channels of a sample, or all values")
    func pooling() {
        let shape = Shape(n: 2, d: 3, h: 4, w: 5, c: 11)
        let tensor = Tensor.random(shape, seed: 8, mean: 1, spread: 2)
        let each = tensor.distributions(Self.ranks, .one)
        let channels = tensor.distributions(Self.ranks, pooling: .channel, .one)
        let samples = tensor.distributions(Self.ranks, pooling: .sample, .one)
        #expect(each.count == 22 && channels.count == 11 && samples.count == 2)
        for n in 0..<2 {
            for c in 0..<11 { Self.expectPlain(each[n * 11 + c], tensor.channel(c, sample: n)) }
            Self.expectPlain(
                samples[n], Array(tensor.values[n * shape.sampleCount..<(n + 1) * shape.sampleCount]))
        }
        for c in 0..<11 { Self.expectPlain(channels[c], tensor.channel(c) + tensor.channel(c, sample: 1)) }
        let all = tensor.distributions(Self.ranks, pooling: .all, .one)
        #expect(all.count == 1)
        Self.expectPlain(all[0], tensor.values)
    }

    @Test("are taken from the selected values only", arguments: [false, true])
    func selections(isPooled: Bool) {
        let shape = Shape(n: 2, d: 9, h: 31, w: 37, c: 2)
        let values = Tensor.random(shape, seed: 21, mean: 0, spread: 3).values.enumerated().map {
            $0 % 4 == 0 ? 0 : $0 % 101 == 0 ? .nan : $1
        }
        let tensor = Tensor(shape, values)
        let maskShape = Shape(n: 2, d: 9, h: 31, w: 37)
        let mask = Tensor(maskShape, (0..<maskShape.count).map { $0 % 7 < 3 ? 1 : 0 })
        let inMask = mask.values
        let thresholds: [[Double]] = [[0.5, -1], [2, 1e9]]
        func expect(_ selection: VoxelSelection, _ isIn: (Float, _ n: Int, _ voxel: Int, _ c: Int) -> Bool) {
            let pooling = isPooled ? Pooling.sample : .channelOfSample
            let found = tensor.distributions(Self.ranks, where: selection, pooling: pooling, .one)
            for n in 0..<2 {
                let kept = (0..<2).map { c in
                    tensor.channel(c, sample: n).enumerated().filter { isIn($1, n, $0, c) }.map(\.element)
                }
                if isPooled {
                    Self.expectPlainOrEmpty(found[n], kept[0] + kept[1])
                } else {
                    for c in 0..<2 { Self.expectPlainOrEmpty(found[2 * n + c], kept[c]) }
                }
            }
        }
        expect(.all) { _, _, _, _ in true }
        expect(.nonzero) { x, _, _, _ in x != 0 }
        expect(.positive) { x, _, _, _ in x > 0 }
        expect(.mask(mask)) { _, n, voxel, _ in inMask[n * 9 * 31 * 37 + voxel] > 0 }
        expect(.above(thresholds)) { x, n, _, c in Double(x) > thresholds[n][c] }
    }

    static func expectPlainOrEmpty(
        _ found: Distribution, _ x: [Float], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        if x.contains(where: \.isFinite) {
            expectPlain(found, x, sourceLocation: sourceLocation)
        } else {
            let allUndefined = found.percentiles.allSatisfy(\.isNaN)
            #expect(found.count == 0 && found.nonzero == 0 && allUndefined, sourceLocation: sourceLocation)
            #expect(found.min.isNaN && found.max.isNaN, sourceLocation: sourceLocation)
        }
    }

    @Test("of more ranks than one sweep holds need more sweeps and stay exact")
    func manyRanks() {
        let x = Self.values("huge range", 20_000)
        let ranks = (0...500).map { Double($0) / 5 }
        let found = Tensor(Shape(d: 1, h: 1, w: x.count), x).distributions(ranks, .one)
        Self.expectPlain(found[0], x, ranks)
    }

    @Test("have the same bits on 1, 2 and 3 workers")
    func workers() {
        let tensor = Tensor.random(Shape(n: 2, d: 40, h: 41, w: 43, c: 2), seed: 2, mean: 10, spread: 90)
        for pooling in [Pooling.channelOfSample, .sample, .channel, .all] {
            let one = tensor.distributions(Self.ranks, where: .positive, pooling: pooling, .one)
            for count in [2, 3] {
                let more = tensor.distributions(
                    Self.ranks, where: .positive, pooling: pooling, Workers(count))
                #expect(more == one)
            }
        }
        let small = Tensor.random(Shape(d: 1, h: 1, w: 1), seed: 2)
        #expect(small.distributions([50], Workers(3)) == small.distributions([50], .one))
    }

    @Test("of no finite value are NaN")
    func empty() {
        let tensor = Tensor(Shape(d: 1, h: 1, w: 3), [.nan, .infinity, -.infinity])
        Self.expectPlainOrEmpty(tensor.distributions([0, 50], .one)[0], [])
        #expect(tensor.distributions([], .one)[0].percentiles.isEmpty)
    }
}
