/// How many values are NaN or infinite.
package func countNonfinite(_ values: UnsafeBufferPointer<Float>) -> Int {
    // Nearly every run has none, and is found so sixteen lanes at a time.
    let sixteens = values.count / 16 * 16
    var seen = SIMD16<UInt32>.zero
    for i in stride(from: 0, to: sixteens, by: 16) {
        let bits = UnsafeRawPointer(values.baseAddress! + i).loadUnaligned(as: SIMD16<UInt32>.self)
        // One more carries an exponent of all ones, and no other, into the place of the sign.
        seen |= (bits & 0x7fff_ffff) &+ 0x0080_0000
    }
    let isFinite = seen.indices.allSatisfy { seen[$0] >> 31 == 0 }
    var count = 0
    for value in values[(isFinite ? sixteens : 0)...] where isNonfinite(value) { count += 1 }
    return count
}

/// Sets NaN and infinity to 0.
package func zeroNonfinite(_ values: UnsafeMutableBufferPointer<Float>) {
    for i in values.indices where isNonfinite(values[i]) { values[i] = 0 }
}

private func isNonfinite(_ value: Float) -> Bool { value.bitPattern & 0x7f80_0000 == 0x7f80_0000 }
