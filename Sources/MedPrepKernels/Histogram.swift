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

/// Counts the bins of every `step`-th value of `x`.
///
/// Two tables of `RadixKey.binCount` follow each other in `tables` and take turns: a run of equal values, such as
/// a background, would else wait for its own last store. Their sum is the histogram.
func countBins(_ x: UnsafeBufferPointer<Float>, every step: Int, into tables: UnsafeMutablePointer<UInt32>) {
    let other = tables + RadixKey.binCount
    var i = 0
    if step == 1, let base = x.baseAddress {
        // Eight +0 at a time.
        var zeros: UInt32 = 0
        while i &+ 8 <= x.count {
            if areZero(base + i) {
                zeros &+= 8
            } else {
                for pair in stride(from: i, to: i &+ 8, by: 2) {
                    tables[Int(RadixKey.key(of: base[pair]) >> 16)] &+= 1
                    other[Int(RadixKey.key(of: base[pair &+ 1]) >> 16)] &+= 1
                }
            }
            i &+= 8
        }
        tables[RadixKey.binOfZero] &+= zeros
    }
    while i &+ step < x.count {
        tables[Int(RadixKey.key(of: x[i]) >> 16)] &+= 1
        other[Int(RadixKey.key(of: x[i &+ step]) >> 16)] &+= 1
        i &+= 2 &* step
    }
    if i < x.count { tables[Int(RadixKey.key(of: x[i]) >> 16)] &+= 1 }
}

/// Counts the places within chosen bins: a value in bin b goes to table `slots[b]` of `RadixKey.binCount` places.
/// Slot 0 means "not chosen" and has no table.
func countPlaces(
    _ x: UnsafeBufferPointer<Float>, every step: Int, slots: UnsafePointer<UInt8>,
    into tables: UnsafeMutablePointer<UInt32>
) {
    @inline(__always)
    func slot(_ key: UInt32) -> Int { Int(slots[Int(key >> 16)]) }
    @inline(__always)
    func count(_ key: UInt32, _ slot: Int) {
        if slot > 0 { tables[(slot &- 1) << 16 | Int(key & 0xffff)] &+= 1 }
    }
    // Most values are of no chosen bin: four are turned away at once.
    @inline(__always)
    func countFour(_ i: Int) {
        let keys = (
            RadixKey.key(of: x[i]), RadixKey.key(of: x[i &+ step]), RadixKey.key(of: x[i &+ 2 &* step]),
            RadixKey.key(of: x[i &+ 3 &* step])
        )
        let found = (slot(keys.0), slot(keys.1), slot(keys.2), slot(keys.3))
        if found.0 | found.1 | found.2 | found.3 > 0 {
            count(keys.0, found.0)
            count(keys.1, found.1)
            count(keys.2, found.2)
            count(keys.3, found.3)
        }
    }
    var i = 0
    if step == 1, slots[RadixKey.binOfZero] == 0, let base = x.baseAddress {
        // And eight +0 without asking.
        while i &+ 8 <= x.count {
            if !areZero(base + i) {
                countFour(i)
                countFour(i &+ 4)
            }
            i &+= 8
        }
    }
    while i &+ 3 &* step < x.count {
        countFour(i)
        i &+= 4 &* step
    }
    while i < x.count {
        let key = RadixKey.key(of: x[i])
        count(key, slot(key))
        i &+= step
    }
}

/// How many of every `step`-th value are +0 and how many −0.
func countZeros(_ x: UnsafeBufferPointer<Float>, every step: Int = 1) -> (plus: Int, minus: Int) {
    var (plus, minus, i) = (0, 0, 0)
    // Where a step divides eight, the same lanes of each eight are ours.
    if step <= 4, step != 3, let base = x.baseAddress {
        var (pluses, minuses) = (SIMD8<Int32>.zero, SIMD8<Int32>.zero)
        // As vectors: a comparison with a scalar is a loop over the lanes.
        let (plusZero, minusZero) = (SIMD8<UInt32>.zero, SIMD8<UInt32>(repeating: 0x8000_0000))
        while i &+ 8 <= x.count {
            let bits = UnsafeRawPointer(base + i).loadUnaligned(as: SIMD8<UInt32>.self)
            // A mask is −1 where it is true.
            pluses &-= unsafeBitCast(bits .== plusZero, to: SIMD8<Int32>.self)
            minuses &-= unsafeBitCast(bits .== minusZero, to: SIMD8<Int32>.self)
            i &+= 8
        }
        for lane in stride(from: 0, to: 8, by: step) {
            plus += Int(pluses[lane])
            minus += Int(minuses[lane])
        }
    }
    while i < x.count {
        plus &+= x[i].bitPattern == 0 ? 1 : 0
        minus &+= x[i].bitPattern == 0x8000_0000 ? 1 : 0
        i &+= step
    }
    return (plus, minus)
}
