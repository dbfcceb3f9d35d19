/// How many values are NaN or infinite.
package func countNonfinite(_ values: UnsafeBufferPointer<Float>) -> Int {
    var count = 0
    for value in values where value.bitPattern & 0x7f80_0000 == 0x7f80_0000 { count += 1 }
    return count
}

/// Sets NaN and infinity to 0.
package func zeroNonfinite(_ values: UnsafeMutableBufferPointer<Float>) {
    for i in values.indices where values[i].bitPattern & 0x7f80_0000 == 0x7f80_0000 { values[i] = 0 }
}
