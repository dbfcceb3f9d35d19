import MedPrepCore
import Testing

@Suite("Shape") struct ShapeTests {
    @Test("counts voxels and values, and lists its sizes")
    func counts() {
        let shape = Shape(n: 2, d: 3, h: 4, w: 5, c: 6)
        #expect(shape.voxelCount == 60)
        #expect(shape.sampleCount == 360)
        #expect(shape.count == 720)
        #expect(shape.extent == SIMD3(5, 4, 3))
        #expect(shape.sizes == [2, 3, 4, 5, 6])
        #expect(shape.description == "2x3x4x5x6")
        #expect(Shape(n: 2, extent: SIMD3(5, 4, 3), c: 6) == shape)
    }

    @Test("offsets count every value once, channels fastest, samples slowest")
    func offsets() {
        let shape = Shape(n: 2, d: 3, h: 4, w: 5, c: 6)
        var next = 0
        for n in 0..<2 {
            for d in 0..<3 {
                for h in 0..<4 {
                    for w in 0..<5 {
                        for c in 0..<6 {
                            #expect(shape.offset(n: n, d: d, h: h, w: w, c: c) == next)
                            next += 1
                        }
                    }
                }
            }
        }
        #expect(next == shape.count)
    }

    @Test("a count that is not above 0, or overflows, is nil")
    func hostile() {
        #expect(Shape.count(of: [2, 3, 4]) == 24)
        #expect(Shape.count(of: []) == 1)
        #expect(Shape.count(of: [2, 0]) == nil)
        #expect(Shape.count(of: [2, -3]) == nil)
        #expect(Shape.count(of: [.max, 2]) == nil)
        #expect(Shape.count(of: [.max, .max, 0]) == nil)
        #expect(Shape.count(of: [.max]) == .max)
    }
}
