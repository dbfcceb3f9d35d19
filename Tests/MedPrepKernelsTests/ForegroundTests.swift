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

@Suite("FiniteRange") struct FiniteRangeTests {
    private let tensor = Tensor(Shape(d: 1, h: 1, w: 6), [3, -1, .nan, 7, .infinity, 2])

    @Test("leave out what is not finite")
    func values() {
        #expect(tensor.finiteRange(.one) == -1...7)
        #expect(tensor.finiteMean(.one) == 2.75)
        #expect(tensor.finiteMedian() == 2.5)
    }

    @Test("are nil without a finite value")
    func empty() {
        let none = Tensor(Shape(d: 1, h: 1, w: 2), [.nan, .infinity])
        #expect(none.finiteRange(.one) == nil)
        #expect(none.finiteMean(.one) == nil)
        #expect(none.finiteMedian() == nil)
    }

    @Test("the median is that of the sorted values, odd and even")
    func median() {
        for count in [1, 2, 7, 100, 101] {
            let tensor = Tensor(
                Shape(d: 1, h: 1, w: count), noise(Shape(d: 1, h: 1, w: count)).values.map { $0 - 400 })
            let sorted = tensor.values.sorted().map(Double.init)
            let wanted = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
            #expect(tensor.finiteMedian() == wanted)
        }
    }

    @Test("limit values, but not those that equal fill")
    func limit() {
        var tensor = Tensor(Shape(d: 1, h: 1, w: 4), [-9, 0, 5, 12])
        tensor.limit(to: 1...10, except: 0, .one)
        #expect(tensor.values == [1, 0, 5, 10])
    }
}
