import MedPrepCore
import Testing

@Suite("ElementType") struct ElementTypeTests {
    @Test("knows size, kind and the whole numbers it shares with Float32")
    func facts() {
        let expected: [(ElementType, Int, ClosedRange<Double>?)] = [
            (.uint8, 1, 0...255), (.int8, 1, -128...127), (.uint16, 2, 0...65535),
            (.int16, 2, -32768...32767), (.uint32, 4, 0...16_777_216),
            (.int32, 4, -16_777_216...16_777_216), (.uint64, 8, 0...16_777_216),
            (.int64, 8, -16_777_216...16_777_216), (.float32, 4, nil), (.float64, 8, nil),
        ]
        #expect(expected.map(\.0) == ElementType.allCases)
        for (type, size, range) in expected {
            #expect(type.size == size)
            #expect(type.integerRange == range)
            #expect(type.isInteger == (range != nil))
        }
    }

    @Test("every whole number in its range is a Float32 of its own at the ends")
    func ends() {
        for range in ElementType.allCases.compactMap(\.integerRange) {
            #expect(Double(Float(range.upperBound)) == range.upperBound)
            #expect(Float(range.upperBound - 1) != Float(range.upperBound))
        }
    }
}
