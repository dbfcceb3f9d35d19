/// Runs of zeros, such as air: looked at several values at a time, they need not be looked at one by one.

/// True where 32 bytes have none of these bits: eight Floats, or sixteen numbers of 16 bits.
@inline(__always)
func areZero(_ place: UnsafeRawPointer, _ bits: UInt64 = .max) -> Bool {
    let words = place.loadUnaligned(as: SIMD4<UInt64>.self)
    let pairs = words.lowHalf | words.highHalf
    return (pairs[0] | pairs[1]) & bits == 0
}

/// True where 16 bytes have none of these bits.
@inline(__always)
func areHalfZero(_ place: UnsafeRawPointer, _ bits: UInt64 = .max) -> Bool {
    let pair = place.loadUnaligned(as: SIMD2<UInt64>.self)
    return (pair[0] | pair[1]) & bits == 0
}
