import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

@Suite("Moments") struct MomentsTests {
    /// The definition, in Float80.
    static func plain(_ x: [Float]) -> Moments {
        let n = Float80(x.count)
        let mean = x.reduce(Float80(0)) { $0 + Float80($1) } / n
        var (m2, m3, m4) = (Float80(0), Float80(0), Float80(0))
        for value in x {
            let d = Float80(value) - mean
            m2 += d * d
            m3 += d * d * d
            m4 += d * d * d * d
        }
        let higher = Moments.Higher(m3: Double(m3), m4: Double(m4))
        return Moments(count: x.count, mean: Double(mean), m2: Double(m2), higher: higher)
    }

    static func expectClose(
        _ found: Moments, _ expected: Moments, relative: Double = 1e-12,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let deviation = (expected.m2 / Double(max(expected.count, 1))).squareRoot()
        let size = abs(expected.mean) + deviation
        #expect(found.count == expected.count, sourceLocation: sourceLocation)
        let meanError = abs(found.mean - expected.mean)
        #expect(meanError <= relative * size, sourceLocation: sourceLocation)
        let m2Error = abs(found.m2 - expected.m2)
        #expect(m2Error <= 10 * relative * expected.m2, sourceLocation: sourceLocation)
        guard let higher = found.higher, let want = expected.higher else { return }
        // A third moment may cancel to nearly nothing; its natural size is n·σ³.
        let cube = expected.m2 * deviation
        let m3Error = abs(higher.m3 - want.m3)
        #expect(m3Error <= 10 * relative * cube, sourceLocation: sourceLocation)
        let m4Error = abs(higher.m4 - want.m4)
        #expect(m4Error <= 10 * relative * want.m4, sourceLocation: sourceLocation)
    }

    @Test(
        "equal the plain sums for every channel count, odd sizes and tails",
        arguments: [
            Shape(d: 1, h: 1, w: 1), Shape(d: 1, h: 1, w: 7), Shape(d: 3, h: 5, w: 7, c: 2),
            Shape(n: 2, d: 3, h: 5, w: 7, c: 3), Shape(d: 2, h: 3, w: 5, c: 4), Shape(d: 5, h: 1, w: 5, c: 5),
            Shape(n: 3, d: 2, h: 3, w: 3, c: 6), Shape(d: 3, h: 3, w: 3, c: 8),
            Shape(d: 1, h: 3, w: 3, c: 12),
            Shape(d: 1, h: 1, w: 3, c: 16), Shape(d: 1, h: 1, w: 1, c: 11), Shape(d: 33, h: 33, w: 37, c: 3),
            Shape(n: 2, d: 33, h: 33, w: 37),
        ])
    func reference(shape: Shape) {
        let tensor = Tensor.random(shape, seed: 11, mean: 100, spread: 40)
        let (second, fourth) = (tensor.moments(.one), tensor.moments(order: .fourth, .one))
        #expect(second.count == shape.n && second.allSatisfy { $0.count == shape.c })
        for n in 0..<shape.n {
            for c in 0..<shape.c {
                let expected = Self.plain(tensor.channel(c, sample: n))
                Self.expectClose(second[n][c], expected)
                Self.expectClose(fourth[n][c], expected)
                #expect(second[n][c].higher == nil && fourth[n][c].higher != nil)
            }
        }
    }

    @Test("keep the variance of values far from 0", arguments: [1, 2, 3])
    func offset(channels: Int) {
        let tensor = Tensor.random(
            Shape(d: 40, h: 40, w: 41, c: channels), seed: 3, mean: 30_000, spread: 0.5)
        let found = tensor.moments(order: .fourth, .one)[0]
        for c in 0..<channels { Self.expectClose(found[c], Self.plain(tensor.channel(c)), relative: 1e-10) }
    }

    @Test("a constant has exactly its own mean and no deviation, over many slabs")
    func constant() {
        let tensor = Tensor(Shape(d: 41, h: 43, w: 47, c: 3), repeating: 0.1)
        for moments in tensor.moments(order: .fourth, .one)[0] {
            #expect(moments.mean == Double(Float(0.1)))
            #expect(moments.m2 == 0)
            #expect(moments.higher == Moments.Higher(m3: 0, m4: 0))
        }
    }

    @Test("1, 2 and 3 workers give the same bits", arguments: [1, 3, 4])
    func workers(channels: Int) {
        let tensor = Tensor.random(Shape(n: 2, d: 37, h: 41, w: 43, c: channels), seed: 5, mean: 7, spread: 3)
        for selection in [VoxelSelection.all, .nonzero, .positive] {
            let one = tensor.moments(where: selection, order: .fourth, .one)
            #expect(one == tensor.moments(where: selection, order: .fourth, Workers(2)))
            #expect(one == tensor.moments(where: selection, order: .fourth, Workers(3)))
        }
    }

    @Test("merging parts equals the whole, however it is cut", arguments: [1, 2, 5, 99, 100])
    func merging(cut: Int) {
        let values = Tensor.random(Shape(d: 1, h: 1, w: 101), seed: 9, mean: -40, spread: 2).values
        var merged = Self.plain(Array(values[..<cut]))
        merged.merge(Self.plain(Array(values[cut...])))
        Self.expectClose(merged, Self.plain(values))
    }

    @Test("merging with an empty set changes nothing but the count of values left out")
    func mergingEmpty() {
        let some = Self.plain([1, 2, 4])
        var left = Moments(nonfinite: 2)
        left.merge(some)
        var right = some
        right.merge(Moments(nonfinite: 2))
        var expected = some
        expected.nonfinite = 2
        #expect(left == expected)
        #expect(right == expected)
        #expect(Moments(merging: []) == Moments())
    }

    @Test("merging drops higher moments where one side has none")
    func mergingOrders() {
        var some = Self.plain([1, 2, 4])
        some.merge(Moments(count: 1, mean: 3, m2: 0))
        #expect(some.higher == nil)
    }

    @Test("leave out and count what is not finite, in one channel of several")
    func nonfinite() {
        let shape = Shape(d: 3, h: 4, w: 5, c: 2)
        var values = Tensor.random(shape, seed: 21).values
        (values[1], values[7], values[119]) = (.nan, .infinity, -.infinity)
        let found = Tensor(shape, values).moments(order: .fourth, .one)[0]
        let first = stride(from: 0, to: 120, by: 2).map { values[$0] }
        let second = stride(from: 1, to: 120, by: 2).map { values[$0] }.filter(\.isFinite)
        Self.expectClose(found[0], Self.plain(first))
        Self.expectClose(found[1], Self.plain(second))
        #expect(found[0].nonfinite == 0 && found[1].nonfinite == 3)
    }

    @Test("a channel without a finite value is empty")
    func nothingFinite() {
        let found = Tensor(Shape(d: 1, h: 2, w: 3), repeating: .nan).moments(.one)[0][0]
        #expect(found == Moments(nonfinite: 6))
        #expect(found.variance.isNaN && found.unbiasedVariance.isNaN)
    }

    @Test("the largest finite values do not overflow the sums")
    func extremes() {
        let tensor = Tensor(
            Shape(d: 1, h: 2, w: 2), [.greatestFiniteMagnitude, -.greatestFiniteMagnitude, 0, 1])
        let found = tensor.moments(order: .fourth, .one)[0][0]
        #expect(found.count == 4 && found.nonfinite == 0)
        #expect(found.m2.isFinite && found.higher!.m4.isFinite)
    }

    @Test("biased and unbiased variance differ by n/(n − 1)")
    func variances() {
        let moments = Self.plain([1, 3])
        #expect(moments.variance == 1)
        #expect(moments.unbiasedVariance == 2)
        #expect(moments.standardDeviation == 1)
    }
}
