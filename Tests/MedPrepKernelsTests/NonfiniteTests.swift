import MedPrepKernels
import Testing

@Suite("Nonfinite") struct NonfiniteTests {
    static let finite: [Float] = [
        0, -0, 1, -1, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude, 0x1p-140,
        3e38,
    ]
    static let nonfinite: [Float] = [
        .nan, -.nan, .signalingNaN, .infinity, -.infinity, Float(bitPattern: 0x7fff_ffff),
        Float(bitPattern: 0xff80_0001),
    ]

    @Test(
        "counts and zeroes each at every place of short and long runs", arguments: [0, 1, 15, 16, 17, 33, 70])
    func places(count: Int) {
        let values = (0..<count).map { Self.finite[$0 % Self.finite.count] }
        #expect(values.withUnsafeBufferPointer { countNonfinite($0) } == 0)
        for place in values.indices {
            for bad in Self.nonfinite {
                var changed = values
                changed[place] = bad
                #expect(changed.withUnsafeBufferPointer { countNonfinite($0) } == 1)
                changed.withUnsafeMutableBufferPointer { zeroNonfinite($0) }
                var expected = values
                expected[place] = 0
                #expect(changed == expected)
            }
        }
        let all = (0..<count).map { Self.nonfinite[$0 % Self.nonfinite.count] }
        #expect(all.withUnsafeBufferPointer { countNonfinite($0) } == count)
    }
}
