import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

@Suite("Foreground box") struct ForegroundTests {
    @Test("finds the first and the last selected voxel on each axis, over samples and channels")
    func box() {
        var tensor = Tensor(Shape(n: 2, d: 5, h: 6, w: 7, c: 2), repeating: 0)
        #expect(tensor.boundingBox(of: .above(0), .one) == nil)
        tensor[n: 0, d: 1, h: 2, w: 5, c: 0] = 1
        tensor[n: 1, d: 3, h: 4, w: 2, c: 1] = -1
        let both = Box(lower: SIMD3(2, 2, 1), upper: SIMD3(6, 5, 4))
        let first = Box(lower: SIMD3(5, 2, 1), upper: SIMD3(6, 3, 2))
        #expect(tensor.boundingBox(of: .nonzero, Workers(3)) == both)
        #expect(tensor.boundingBox(of: .above(0), .one) == first)
        #expect(tensor.boundingBox(of: .nonzero, channels: [0], .one) == first)
    }

    @Test("is that of a plain search, whatever the sizes, channels and what lies outside")
    func plainSearch() {
        var generator = SeededGenerator(seed: 31)
        for round in 0..<120 {
            let extent = SIMD3(1 + generator.index(below: 70), 1 + round % 6, 1 + round % 4)
            let shape = Shape(n: 1 + round % 2, extent: extent, c: 1 + round % 3)
            // Zeros of both signs and what is not finite, then some voxels.
            var tensor = Tensor(
                shape, (0..<shape.count).map { [0, -0.0, .nan, .infinity][$0 % 50 < 46 ? $0 % 2 : $0 % 4] })
            var (lower, upper) = (SIMD3(Int.max, Int.max, Int.max), SIMD3(-1, -1, -1))
            let channel = generator.index(below: shape.c)
            for _ in 0..<generator.index(below: 5) {
                let place = SIMD3(
                    generator.index(below: extent.x), generator.index(below: extent.y),
                    generator.index(below: extent.z))
                tensor[n: generator.index(below: shape.n), d: place.z, h: place.y, w: place.x, c: channel] =
                    round % 5 == 0 ? 0x1p-149 : 3
                (lower, upper) = (pointwiseMin(lower, place), pointwiseMax(upper, place))
            }
            let expected = upper.x < 0 ? nil : Box(lower: lower, upper: upper &+ 1)
            #expect(tensor.boundingBox(of: .nonzero, Workers(1 + round % 3)) == expected)
            #expect(tensor.boundingBox(of: .nonzero, channels: [channel], .one) == expected)
            #expect(tensor.boundingBox(of: .above(0), .one) == expected)
        }
    }

    @Test("never selects what is not finite")
    func nonfinite() {
        let tensor = Tensor(Shape(d: 1, h: 1, w: 3), [.nan, .infinity, -.infinity])
        #expect(tensor.boundingBox(of: .nonzero, .one) == nil)
        #expect(tensor.boundingBox(of: .above(-5), .one) == nil)
    }
}
