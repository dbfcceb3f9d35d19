/// Values in half precision (IEEE 754 binary16), the nearest, ties to even, in this machine's byte order, one after
/// another. A finite value beyond ±65504 is limited to it: an infinity would spoil every sum it enters.
package func encodeHalves(_ values: UnsafeBufferPointer<Float>, to bytes: UnsafeMutableRawBufferPointer) {
    guard let target = bytes.baseAddress else { return }
    for i in values.indices {
        target.storeBytes(of: half(values[i]).bitPattern, toByteOffset: 2 * i, as: UInt16.self)
    }
}

/// What half precision costs: NaN and infinity, which stay what they are, do not count.
package struct HalfLoss: Hashable, Sendable {
    /// The largest |x − written|, in Double.
    package private(set) var largestError = 0.0
    /// Finite values beyond ±65504.
    package private(set) var overflowCount = 0

    package init() {}

    package mutating func add(_ values: UnsafeBufferPointer<Float>) {
        for value in values where value.isFinite {
            largestError = max(largestError, abs(Double(half(value)) - Double(value)))
            if value.magnitude > 65504 { overflowCount += 1 }
        }
    }

    package func merged(with other: HalfLoss) -> HalfLoss {
        var result = self
        result.largestError = max(largestError, other.largestError)
        result.overflowCount += other.overflowCount
        return result
    }
}

private func half(_ value: Float) -> Float16 {
    Float16(value.isFinite ? max(-65504, min(value, 65504)) : value)
}
