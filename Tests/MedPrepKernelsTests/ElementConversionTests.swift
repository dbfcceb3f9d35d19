import MedPrepCore
import MedPrepKernels
import Testing

@Suite("ElementConversion") struct ElementConversionTests {
    private func decode<Stored: BitwiseCopyable>(_ stored: [Stored], _ conversion: ElementConversion)
        -> [Float]
    {
        var values = [Float](repeating: -7, count: stored.count)
        stored.withUnsafeBytes { bytes in
            values.withUnsafeMutableBufferPointer { conversion.decode(bytes, to: $0) }
        }
        return values
    }

    @Test("converts each type's ends")
    func ends() {
        #expect(decode([UInt8(0), 255], ElementConversion(.uint8)) == [0, 255])
        #expect(decode([Int8(-128), 127], ElementConversion(.int8)) == [-128, 127])
        #expect(decode([UInt16.max], ElementConversion(.uint16)) == [65535])
        #expect(decode([Int16.min, .max], ElementConversion(.int16)) == [-32768, 32767])
        #expect(decode([UInt32.max], ElementConversion(.uint32)) == [Float(4_294_967_296)])
        #expect(decode([Int32.min], ElementConversion(.int32)) == [-2_147_483_648])
        #expect(decode([UInt64.max], ElementConversion(.uint64)) == [Float(0x1p64)])
        #expect(decode([Int64.min], ElementConversion(.int64)) == [Float(-0x1p63)])
        #expect(decode([Float(1.5)], ElementConversion(.float32)) == [1.5])
        #expect(decode([1e300, -2.5], ElementConversion(.float64)) == [.infinity, -2.5])
    }

    @Test("scales in Double", arguments: [1, 7, 64, 1001])
    func scales(count: Int) {
        let stored = (0..<count).map { Int16($0 * 31 % 20011 - 9000) }
        let expected = stored.map { Float(Double($0) * 0.0754 + 3100.8) }
        #expect(decode(stored, ElementConversion(.int16, slope: 0.0754, intercept: 3100.8)) == expected)
    }

    @Test("decodes from an unaligned address")
    func unaligned() {
        let bytes: [UInt8] = [9, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f].map { $0 }
        var values = [Double](repeating: 0, count: 1)
        bytes.withUnsafeBytes { bytes in
            values.withUnsafeMutableBufferPointer {
                ElementConversion(.float64).decode(UnsafeRawBufferPointer(rebasing: bytes[1...]), to: $0)
            }
        }
        #expect(values == [1])
    }

    @Test("counts integers of more than 24 significant bits")
    func rounded() {
        func count<Stored: FixedWidthInteger>(_ type: ElementType, _ stored: [Stored]) -> Int {
            stored.withUnsafeBytes { ElementConversion(type).countRounded($0) }
        }
        let narrow: [Int32] = [0, 1 << 24, -(1 << 24), .min, 1 << 30]
        #expect(count(.int32, narrow) == 0)
        let wide: [Int32] = [(1 << 24) + 1, -(1 << 24) - 1, .max, 5]
        #expect(count(.int32, wide) == 3)
        #expect(count(.uint64, [UInt64.max, 1 << 63]) == 1)
        #expect(count(.int16, [Int16.max]) == 0)
    }

    @Test("turns bytes", arguments: [1, 2, 4, 8])
    func swaps(size: Int) {
        var bytes = (0..<24).map { UInt8($0) }
        let expected = (0..<24).map { UInt8($0 / size * size + size - 1 - $0 % size) }
        bytes.withUnsafeMutableBytes { swapElements($0, size: size) }
        #expect(bytes == expected)
    }

    @Test("encodes every integer type as Swift stores it")
    func encodes() {
        func bytes<Stored: FixedWidthInteger>(_ type: ElementType, _: Stored.Type) -> Bool {
            let range = type.integerRange ?? 0...0
            let values = [Float(range.lowerBound), 7, Float(range.upperBound)]
            var found = [UInt8](repeating: 1, count: 3 * type.size)
            found.withUnsafeMutableBytes { bytes in
                values.withUnsafeBufferPointer { encode($0, as: type, to: bytes) }
            }
            return found == values.map { Stored($0) }.withUnsafeBytes { Array($0) }
        }
        #expect(bytes(.uint8, UInt8.self) && bytes(.int8, Int8.self) && bytes(.uint16, UInt16.self))
        #expect(bytes(.int16, Int16.self) && bytes(.uint32, UInt32.self) && bytes(.int32, Int32.self))
        #expect(bytes(.uint64, UInt64.self) && bytes(.int64, Int64.self))
    }

    @Test("a range of labels ends at the first that is none")
    func range() {
        func range(_ values: [Float]) -> WholeRange {
            var range = WholeRange()
            values.withUnsafeBufferPointer { range.add($0) }
            return range
        }
        let whole = range([3, -2, 16_777_216])
        #expect(whole.smallest == -2 && whole.largest == 16_777_216 && whole.firstBad == nil)
        #expect(range([1, 2.5, 3.5]).firstBad == 2.5)
        #expect(range([16_777_218]).firstBad == 16_777_218)
        let merged = range([1]).merged(with: range([9, 0.5]))
        #expect(merged.smallest == 1 && merged.largest == 9 && merged.firstBad == 0.5)
    }
}
