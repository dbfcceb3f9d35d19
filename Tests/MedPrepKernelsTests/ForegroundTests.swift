import MedPrepCore
import MedPrepKernels
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

    @Test("never selects what is not finite")
    func nonfinite() {
        let tensor = Tensor(Shape(d: 1, h: 1, w: 3), [.nan, .infinity, -.infinity])
        #expect(tensor.boundingBox(of: .nonzero, .one) == nil)
        #expect(tensor.boundingBox(of: .above(-5), .one) == nil)
    }
}
