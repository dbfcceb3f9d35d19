import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

@Suite("Summaries") struct SummariesTests {
    static let ranks: [Double] = [0.5, 25, 50, 99.5]

    /// The definition, in Float80.
    static func expectPlain(_ found: Summary, _ x: [Float], sourceLocation: SourceLocation = #_sourceLocation)
    {
        let finite = x.filter(\.isFinite)
        let n = Float80(finite.count)
        let mean = finite.reduce(Float80(0)) { $0 + Float80($1) } / n
        func moment(_ power: Int) -> Float80 {
            finite.reduce(Float80(0)) { sum, value in
                sum + (0..<power).reduce(Float80(1)) { product, _ in product * (Float80(value) - mean) }
            } / n
        }
        let m2 = moment(2)
        let skewness = Double(moment(3) / (m2 * m2.squareRoot()))
        let kurtosis = Double(moment(4) / (m2 * m2) - 3)
        func close(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-9 * (1 + abs(b)) }
        let nonzero = finite.count { $0 != 0 }
        let counts = [found.count, found.nonzero, found.nonfinite]
        #expect(counts == [finite.count, nonzero, x.count - finite.count], sourceLocation: sourceLocation)
        #expect(found.min == finite.min().map(Double.init), sourceLocation: sourceLocation)
        #expect(found.max == finite.max().map(Double.init), sourceLocation: sourceLocation)
        #expect(close(found.mean, Double(mean)), sourceLocation: sourceLocation)
        #expect(close(found.variance, Double(m2)), sourceLocation: sourceLocation)
        #expect(close(found.skewness, skewness), sourceLocation: sourceLocation)
        #expect(close(found.excessKurtosis, kurtosis), sourceLocation: sourceLocation)
        let percentiles = PercentilesTests.plain(x, ranks)
        #expect(found.percentiles.map(\.value) == percentiles, sourceLocation: sourceLocation)
        #expect(found.percentiles.map(\.rank) == ranks, sourceLocation: sourceLocation)
    }

    @Test("hold every field of each channel over all samples")
    func reference() {
        let shape = Shape(n: 2, d: 30, h: 33, w: 37, c: 2)
        let values = Tensor.random(shape, seed: 14, mean: 3, spread: 9).values.enumerated().map {
            index, value in
            index % 50 < 2 ? Float.nan : index % 9 == 0 ? 0 : value
        }
        let tensor = Tensor(shape, values)
        let found = tensor.summaries(percentiles: Self.ranks, .one)
        #expect(found.count == 2)
        for c in 0..<2 { Self.expectPlain(found[c], tensor.channel(c) + tensor.channel(c, sample: 1)) }
        for workers in [2, 3] {
            let more = tensor.summaries(percentiles: Self.ranks, Workers(workers))
            #expect(more == found)
        }
        let positive = tensor.summaries(percentiles: Self.ranks, where: .positive, .one)[1]
        let kept = (tensor.channel(1) + tensor.channel(1, sample: 1)).filter { $0 > 0 }
        #expect(positive.count == kept.count && positive.nonzero == kept.count)
        #expect(positive.min == kept.min().map(Double.init))
    }

    @Test("of a constant have variance 0 and no skewness or kurtosis")
    func constant() {
        let found = Tensor(Shape(d: 33, h: 33, w: 33), repeating: 0.1).summaries(percentiles: [50], .one)[0]
        #expect(found.isConstant && found.variance == 0 && found.median == Double(Float(0.1)))
        #expect(found.skewness.isNaN && found.excessKurtosis.isNaN)
    }

    @Test("of no finite value are undefined but for the counts")
    func empty() {
        let found = Tensor(Shape(d: 1, h: 1, w: 2), [.nan, .infinity]).summaries(percentiles: [50], .one)[0]
        #expect(found.count == 0 && found.nonzero == 0 && found.nonfinite == 2 && !found.isConstant)
        let undefined = [found.min, found.max, found.mean, found.variance, found.skewness, found.median]
        #expect(undefined.allSatisfy { $0.isNaN })
    }
}
