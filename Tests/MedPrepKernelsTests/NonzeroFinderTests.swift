import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

@Suite("Box found while a scan is read") struct NonzeroFinderTests {
    @Test("is that of a plain search, wherever pieces are cut and whoever looks at them")
    func plainSearch() {
        var generator = SeededGenerator(seed: 53)
        for round in 0..<300 {
            let extent = SIMD3(1 + generator.index(below: 80), 1 + round % 7, 1 + round % 5)
            let count = extent.x * extent.y * extent.z
            var numbers = [Int16](repeating: 0, count: count)
            for _ in 0..<generator.index(below: 9) {
                numbers[generator.index(below: count)] = round % 2 == 0 ? 1 : -256
            }
            // Zeros of both signs, and what is not finite, are no foreground.
            let values = numbers.enumerated().map { index, number in
                number != 0
                    ? Float(number) : [0, -0.0, .nan, .infinity][index % 40 < 37 ? index % 2 : index % 4]
            }
            let tensor = Tensor(Shape(extent: extent), values)
            let wanted = tensor.boundingBox(of: .nonzero, .one)
            let slots = 1 + round % 3
            let (stored, floats) = (
                NonzeroFinder(in: extent, slots: slots), NonzeroFinder(in: extent, slots: slots)
            )
            var (start, piece) = (0, 0)
            var ranges = [Range<Int>]()
            while start < count {
                let end = min(
                    count, start + 1 + generator.index(below: round % 4 == 0 ? 3 : 2 * extent.x * extent.y))
                ranges.append(start..<end)
                start = end
            }
            // Who takes a piece is chance.
            for range in round % 2 == 0 ? ranges : ranges.reversed() {
                numbers.withUnsafeBytes { bytes in
                    let bytes = UnsafeRawBufferPointer(
                        rebasing: bytes[2 * range.lowerBound..<2 * range.upperBound])
                    stored.add(bytes, of: .int16, at: range.lowerBound, slot: piece % slots)
                }
                values.withUnsafeBufferPointer { values in
                    floats.add(
                        UnsafeBufferPointer(rebasing: values[range]), at: range.lowerBound,
                        slot: piece % slots)
                }
                piece += 1
            }
            #expect(stored.box == wanted && floats.box == wanted, "round \(round)")
        }
    }

    @Test("a tensor that knows it is not searched, until a value changes")
    func known() {
        let shape = Shape(d: 3, h: 4, w: 5)
        var tensor = Tensor(shape, repeating: 0)
        tensor[d: 1, h: 2, w: 3] = 4
        let found = Box(lower: SIMD3(3, 2, 1), upper: SIMD3(4, 3, 2))
        // One that a search would not give, so it shows who answers.
        let told = Box(lower: SIMD3(0, 1, 0), upper: SIMD3(2, 2, 2))
        tensor.nonzeroBox = .init(told, hasNegative: true)
        #expect(tensor.boundingBox(of: .nonzero, .one) == told)
        #expect(tensor.boundingBox(of: .nonzero, channels: [0], .one) == told)
        #expect(tensor.boundingBox(of: .above(0), .one) == found)
        #expect(tensor.handedOver().boundingBox(of: .nonzero, .one) == told)
        tensor = Tensor(shape, repeating: 0)
        tensor.nonzeroBox = .init(told, hasNegative: false)
        #expect(tensor.boundingBox(of: .above(0), .one) == told)
        #expect(tensor.boundingBox(of: .above(1), .one) == nil)
        #expect(tensor.reshaped(to: Shape(d: 3, h: 5, w: 4)).boundingBox(of: .nonzero, .one) == nil)
        var changed = tensor
        changed[d: 1, h: 2, w: 3] = 4
        #expect(changed.boundingBox(of: .nonzero, .one) == found && tensor.nonzeroBox != nil)
        tensor.forEachSlab(.one) { slab in for i in slab.indices { slab[i] = 2 } }
        #expect(tensor.boundingBox(of: .nonzero, .one) == Box(lower: .zero, upper: shape.extent))
    }
}
