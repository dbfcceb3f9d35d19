/// How the radix kernels see Float32 values: as keys whose order is the order of the values.
///
/// Negative values have all bits turned, the others the sign bit, so that unsigned comparison of keys is comparison
/// of values, with −0 just below +0. The upper 16 bits of a key pick a bin, the lower 16 a place in it.
enum RadixKey {
    static let binCount = 65_536
    /// Bins of finite values; NaN and infinity, whose exponent bits are all 1, lie outside.
    static let finiteBins = 0x0080..<0xff80
    static let binOfZero = 0x8000
    static let binOfMinusZero = 0x7fff

    @inline(__always)
    static func key(of value: Float) -> UInt32 {
        let bits = value.bitPattern
        return bits ^ (UInt32(bitPattern: Int32(bitPattern: bits) >> 31) | 0x8000_0000)
    }

    static func value(of key: UInt32) -> Float {
        Float(bitPattern: key & 0x8000_0000 == 0 ? ~key : key ^ 0x8000_0000)
    }
}

/// Counts the bins of `x`.
///
/// Two tables of `RadixKey.binCount` follow each other in `tables` and take turns: a run of equal values, such as
/// a background, would else wait for its own last store. Their sum is the histogram.
func countBins(_ x: UnsafeBufferPointer<Float>, into tables: UnsafeMutablePointer<UInt32>) {
    let other = tables + RadixKey.binCount
    let even = x.count & ~1
    for i in stride(from: 0, to: even, by: 2) {
        tables[Int(RadixKey.key(of: x[i]) >> 16)] &+= 1
        other[Int(RadixKey.key(of: x[i + 1]) >> 16)] &+= 1
    }
    if even < x.count { tables[Int(RadixKey.key(of: x[even]) >> 16)] &+= 1 }
}

/// Counts the places within chosen bins: a value in bin b goes to table `slots[b]` of `RadixKey.binCount` places.
/// Slot 0 means "not chosen" and has no table.
func countPlaces(
    _ x: UnsafeBufferPointer<Float>, slots: UnsafePointer<UInt8>, into tables: UnsafeMutablePointer<UInt32>
) {
    for value in x {
        let key = RadixKey.key(of: value)
        let slot = Int(slots[Int(key >> 16)])
        if slot > 0 { tables[(slot &- 1) << 16 | Int(key & 0xffff)] &+= 1 }
    }
}

/// How many values are +0 and how many −0.
func countZeros(_ x: UnsafeBufferPointer<Float>) -> (plus: Int, minus: Int) {
    var (plus, minus): (Int32, Int32) = (0, 0)
    for value in x {
        plus &+= value.bitPattern == 0 ? 1 : 0
        minus &+= value.bitPattern == 0x8000_0000 ? 1 : 0
    }
    return (Int(plus), Int(minus))
}
