import MedPrepCore
import Testing

@Suite("Tensors of stored numbers") struct StoredTensorTests {
    /// Small in the allocator's memory, large in the pool's; not a multiple of the block that is turned at a time.
    private static let widths = [7, 300_001]

    private func tensor<Stored: FixedWidthInteger & BitwiseCopyable>(
        _ type: ElementType, _ width: Int, _ number: (Int) -> Stored
    ) -> Tensor {
        Tensor(Shape(d: 1, h: 1, w: width), storing: type) { bytes in
            for i in 0..<width {
                bytes.storeBytes(of: number(i), toByteOffset: i * MemoryLayout<Stored>.size, as: Stored.self)
            }
        }
    }

    private func expect<Stored: FixedWidthInteger & BitwiseCopyable>(
        _ type: ElementType, _ width: Int, _ number: @escaping (Int) -> Stored
    ) {
        let tensor = tensor(type, width, number)
        let shared = tensor
        #expect(tensor.isStored)
        var lent: ElementType?
        tensor.withStoredBytes { found, bytes in
            lent = found
            let isSame = (0..<width).allSatisfy {
                bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Stored>.size, as: Stored.self)
                    == number($0)
            }
            #expect(isSame)
        }
        #expect(lent == type && shared.isStored)
        let isSame = tensor.withUnsafeValues { values in
            (0..<width).allSatisfy { values[$0] == Float(number($0)) }
        }
        #expect(isSame && !tensor.isStored && !shared.isStored)
        tensor.withStoredBytes { _, _ in Issue.record("Floats are no stored numbers") }
    }

    @Test("numbers wait as they are, and become their Floats in place", arguments: widths)
    func floats(width: Int) {
        expect(.uint8, width) { UInt8(truncatingIfNeeded: $0 &* 37) }
        expect(.int8, width) { Int8(truncatingIfNeeded: $0 &* 37) }
        expect(.uint16, width) { UInt16(truncatingIfNeeded: $0 &* 8191) }
        expect(.int16, width) { Int16(truncatingIfNeeded: $0 &* 8191) }
    }

    @Test("a copy that is changed leaves the other as it was")
    func copies() {
        let first = tensor(.int16, 9) { Int16($0) }
        var second = first
        second[d: 0, h: 0, w: 3] = -5
        #expect(first.values == (0..<9).map { Float($0) } && second.values[3] == -5)
    }

    @Test("many threads that ask at once see the same Floats")
    func threads() async {
        for _ in 0..<20 {
            let tensor = tensor(.int16, 300_001) { Int16(truncatingIfNeeded: $0) }
            let sums = await withTaskGroup(of: Float.self) { group in
                for _ in 0..<4 { group.addTask { tensor.withUnsafeValues { $0[300_000] + $0[70_000] } } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let wanted = Float(Int16(truncatingIfNeeded: 300_000)) + Float(Int16(truncatingIfNeeded: 70_000))
            #expect(sums == [wanted, wanted, wanted, wanted])
        }
    }

    @Test("shrinks as it is", arguments: widths)
    func shrinks(width: Int) {
        for type in [ElementType.uint8, .int16] {
            var tensor =
                type == .uint8
                ? tensor(type, width) { UInt8(truncatingIfNeeded: $0) }
                : tensor(type, width) { Int16(truncatingIfNeeded: $0) }
            let (first, count) = (width / 3, width / 2)
            let isDone = tensor.shrinkInPlace(to: Shape(d: 1, h: 1, w: count)) { from, to, size in
                #expect(size == type.size && from <= UnsafeRawPointer(to))
                to.copyMemory(from: from + first * size, byteCount: count * size)
            }
            #expect(isDone && tensor.isStored)
            let wanted = (first..<first + count).map {
                type == .uint8 ? Float(UInt8(truncatingIfNeeded: $0)) : Float(Int16(truncatingIfNeeded: $0))
            }
            let isSame = tensor.withUnsafeValues { $0.elementsEqual(wanted) }
            #expect(isSame)
        }
    }
}
