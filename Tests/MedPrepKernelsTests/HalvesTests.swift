import MedPrepKernels
import Testing

@Suite("encodeHalves") struct HalvesTests {
    private func encoded(_ values: [Float]) -> [UInt16] {
        var out = [UInt16](repeating: 0, count: values.count)
        out.withUnsafeMutableBytes { bytes in
            values.withUnsafeBufferPointer { encodeHalves($0, to: bytes) }
        }
        return out
    }

    private func loss(_ values: [Float]) -> HalfLoss {
        var loss = HalfLoss()
        values.withUnsafeBufferPointer { loss.add($0) }
        return loss
    }

    /// Sign, exponent and fraction of the standard, by hand; NaN and infinity are not asked for.
    private func value(of bits: UInt16) -> Float {
        let (exponent, fraction) = (Int(bits >> 10 & 31), Float(bits & 1023))
        let power = Float(sign: .plus, exponent: max(exponent, 1) - 25, significand: 1)
        let magnitude = (exponent == 0 ? fraction : fraction + 1024) * power
        return bits >> 15 == 1 ? -magnitude : magnitude
    }

    @Test("every half comes back as it was")
    func exact() {
        let all = (UInt16.min...UInt16.max).filter { $0 >> 10 & 31 != 31 }
        let values = all.map { value(of: $0) }
        let isSame = encoded(values) == all
        #expect(isSame)
        #expect(loss(values) == HalfLoss())
    }

    @Test("takes the nearest, of two the even one")
    func rounding() {
        let values: [Float] = [2049, 2051, 2049.1, 1 + 0x1p-11, 1 + 0x1.8p-10, 0x1p-25, 0x1.8p-24]
        #expect(encoded(values).map { value(of: $0) } == [2048, 2052, 2050, 1, 1 + 0x1p-9, 0, 0x1p-23])
        #expect(loss([2049, 3]).largestError == 1)
        #expect(loss([0x1p-25]).largestError == 0x1p-25)
    }

    @Test("limits what is finite and too large, and counts it; NaN and infinity stay")
    func overflow() {
        let values: [Float] = [65504, 65505, -70000, .greatestFiniteMagnitude, .infinity, -.infinity]
        #expect(encoded(values) == [0x7bff, 0x7bff, 0xfbff, 0x7bff, 0x7c00, 0xfc00])
        #expect(encoded([.nan])[0] & 0x7fff > 0x7c00)
        let found = loss([65504, 65505, -70000, .infinity, .nan])
        #expect(found.overflowCount == 2)
        #expect(found.largestError == 4496)
        let merged = loss([2049]).merged(with: loss([1e5]))
        #expect(merged.overflowCount == 1)
        #expect(merged.largestError == 34496)
    }
}
