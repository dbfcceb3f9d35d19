import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

@Suite("Scaling") struct PointwiseScalingTests {
    static let shapes = [
        Shape(d: 1, h: 1, w: 1), Shape(d: 1, h: 3, w: 7), Shape(n: 2, d: 3, h: 5, w: 7, c: 2),
        Shape(n: 3, d: 3, h: 5, w: 7, c: 3), Shape(d: 2, h: 3, w: 5, c: 4), Shape(d: 5, h: 1, w: 5, c: 5),
        Shape(d: 3, h: 3, w: 3, c: 8), Shape(d: 1, h: 3, w: 3, c: 12), Shape(n: 2, d: 33, h: 33, w: 37, c: 3),
    ]

    @Test("each channel of each sample follows its own formula, rounded once", arguments: shapes)
    func reference(shape: Shape) {
        let tensor = Tensor.random(shape, seed: 2, mean: 30_000, spread: 2)
        let scalings = (0..<shape.n).map { n in
            (0..<shape.c).map {
                Scaling(center: 30_000 + Double($0), factor: 0.3 + Double(n), offset: Double(n * $0))
            }
        }
        for workers in [1, 2, 3] {
            var scaled = tensor
            scaled.scale(by: scalings, Workers(workers))
            for n in 0..<shape.n {
                for c in 0..<shape.c {
                    let s = scalings[n][c]
                    let expected = tensor.channel(c, sample: n).map { x -> Float in
                        let centred = Double(x) - s.center
                        return Float(centred * s.factor + s.offset)
                    }
                    #expect(scaled.channel(c, sample: n) == expected)
                }
            }
        }
    }

    @Test("the centre maps to the offset to the last bit")
    func center() {
        var tensor = Tensor(Shape(d: 1, h: 1, w: 9), repeating: 30_000.1)
        let center = Double(Float(30_000.1))
        tensor.scale(by: [[Scaling(center: center, factor: 316.227766, offset: 0.3)]], .one)
        #expect(tensor.values == Array(repeating: 0.3, count: 9))
    }

    @Test("NaN stays NaN and infinity infinite")
    func nonfinite() {
        var tensor = Tensor(Shape(d: 1, h: 1, w: 9), [.nan, .infinity, -.infinity, 0, 1, 2, 3, 4, .nan])
        tensor.scale(by: [[Scaling(center: 1, factor: 2, offset: 3)]], .one)
        let values = tensor.values
        #expect(values[0].isNaN && values[8].isNaN)
        #expect(values[1] == .infinity && values[2] == -.infinity)
        #expect(Array(values[3..<8]) == [1, 3, 5, 7, 9])
    }

    @Test("works in place")
    func inPlace() {
        var tensor = Tensor(Shape(d: 4, h: 4, w: 4))
        let before = tensor.storageAddress
        tensor.scale(by: [[Scaling(center: 1)]], .one)
        tensor.fill(outside: Tensor(Shape(d: 4, h: 4, w: 4)), with: 3, .one)
        tensor.standardizeVoxels(epsilon: 1, scalings: [Scaling()], .one)
        #expect(tensor.storageAddress == before)
    }

    @Test("fills every channel outside a mask, and nothing inside", arguments: [1, 2, 3])
    func fill(workers: Int) {
        let shape = Shape(n: 2, d: 35, h: 33, w: 31, c: 2)
        let tensor = Tensor.random(shape, seed: 4)
        let mask = Tensor.random(Shape(n: 2, d: 35, h: 33, w: 31), seed: 8)
        var filled = tensor
        filled.fill(outside: mask, with: -7, Workers(workers))
        for n in 0..<2 {
            for c in 0..<2 {
                let pairs = zip(tensor.channel(c, sample: n), mask.channel(0, sample: n))
                #expect(filled.channel(c, sample: n) == pairs.map { $1 > 0 ? $0 : -7 })
            }
        }
    }
}
