import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

@Suite("Compacting") struct CompactingTests {
    private func crop(_ source: consuming Tensor, to box: Box, workers: Int = 1) -> Tensor {
        let origin = SIMD3<Double>(box.lower)
        return resample(
            consume source, map: Affine(scale: SIMD3(1, 1, 1), origin: origin), to: box.extent,
            sampling: .label, workers: Workers(workers))
    }

    @Test("a box of a tensor that nobody shares lies in its memory, with the values of a copy")
    func boxes() {
        var generator = SeededGenerator(seed: 3)
        for round in 0..<60 {
            let extent = SIMD3(1 + round % 9, 1 + round % 7, 1 + round % 5)
            let shape = Shape(n: 1 + round % 2, extent: extent, c: 1 + round % 3)
            var box = Box(lower: .zero, upper: extent)
            for axis in 0..<3 {
                box.lower[axis] = generator.index(below: extent[axis])
                box.upper[axis] = box.lower[axis] + 1 + generator.index(below: extent[axis] - box.lower[axis])
            }
            let shared = Tensor.random(shape, seed: UInt64(round))
            let before = shared.values
            let copied = crop(shared, to: box)
            #expect(shared.values == before)
            let alone = Tensor(shape, before)
            let memory = alone.storageAddress.map { $0..<$0 + 4 * shape.count + 64 }
            let compacted = crop(consume alone, to: box, workers: 1 + round % 3)
            let isWithin = compacted.storageAddress.flatMap { memory?.contains($0) }
            #expect(isWithin == true && compacted.shape == copied.shape)
            #expect(compacted.values == copied.values)
            for k in box.lower.z..<box.upper.z {
                let found = compacted[d: k - box.lower.z, h: 0, w: 0]
                #expect(found == shared[d: k, h: box.lower.y, w: box.lower.x])
            }
        }
    }

    @Test("boxes of boxes keep to the end of the memory, each value in its place")
    func again() {
        let row = Tensor(Shape(d: 1, h: 1, w: 1000), (0..<1000).map { Float($0) })
        var tensor = consume row
        for (first, width) in [(3, 991), (0, 990), (2, 988), (1, 100), (99, 1)] {
            let before = tensor.values
            tensor = crop(
                consume tensor,
                to: Box(lower: SIMD3(first, 0, 0), upper: SIMD3(first + width, 1, 1)))
            #expect(tensor.values == Array(before[first..<first + width]))
        }
    }

    @Test("a large one gives the rest of its memory back and stays whole")
    func large() {
        let shape = Shape(d: 100, h: 120, w: 130)
        let alone = Tensor(shape) { values in
            for index in values.indices { values.initializeElement(at: index, to: Float(index % 4099)) }
        }
        let box = Box(lower: SIMD3(3, 50, 40), upper: SIMD3(130, 60, 45))
        let compacted = crop(consume alone, to: box)
        let others = (0..<8).map { Tensor(Shape(d: 1, h: 600, w: 600), repeating: Float($0)) }
        #expect(others.allSatisfy { $0[d: 0, h: 599, w: 599] < 8 })
        var isEqual = true
        for (k, j) in (40..<45).flatMap({ k in (50..<60).map { (k, $0) } }) {
            for i in 3..<130 {
                let expected = Float(((k * 120 + j) * 130 + i) % 4099)
                isEqual = isEqual && compacted[d: k - 40, h: j - 50, w: i - 3] == expected
            }
        }
        #expect(isEqual)
    }

    @Test("a B-spline leaves a tensor that somebody else holds as it was", arguments: Boundary.allCases)
    func splines(boundary: Boundary) {
        let shape = Shape(d: 7, h: 8, w: 9, c: 2)
        let shared = Tensor.random(shape, seed: 5)
        let before = shared.values
        let map = Affine(scale: SIMD3(0.7, 1.3, 0.9), origin: SIMD3(0.2, 0.1, 0.3))
        func resampled(_ source: consuming Tensor) -> [UInt32] {
            let result = resample(
                consume source, map: map, to: SIMD3(10, 6, 7),
                sampling: Sampling(.bspline3, boundary: boundary),
                workers: .one)
            return result.values.map(\.bitPattern)
        }
        let copied = resampled(shared)
        #expect(shared.values == before)
        #expect(resampled(Tensor(shape, before)) == copied)
    }
}
