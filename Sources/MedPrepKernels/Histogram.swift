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
///
/// - Returns: how many of these values are +0 and how many −0.
func countBins(
    _ x: UnsafeBufferPointer<Float>, every step: Int, into tables: UnsafeMutablePointer<UInt32>
) -> (plus: Int, minus: Int) {
    let other = tables + RadixKey.binCount
    var i = 0
    var zeros = (plus: 0, minus: 0)
    if step == 1 {
        var lanes = ZeroLanes()
        i = forEachEight(x) { values, bins in
            for pair in stride(from: 0, to: 8, by: 2) {
                tables[Int(bins[pair])] &+= 1
                other[Int(bins[pair &+ 1])] &+= 1
            }
            lanes.add(values)
        } whenZero: {
            zeros.plus &+= 8
        }
        tables[RadixKey.binOfZero] &+= UInt32(zeros.plus)
        lanes.add(to: &zeros, every: 1)
    }
    let rest = countZeros(UnsafeBufferPointer(rebasing: x[i...]), every: step)
    zeros = (zeros.plus + rest.plus, zeros.minus + rest.minus)
    while i &+ step < x.count {
        tables[Int(RadixKey.key(of: x[i]) >> 16)] &+= 1
        other[Int(RadixKey.key(of: x[i &+ step]) >> 16)] &+= 1
        i &+= 2 &* step
    }
    if i < x.count { tables[Int(RadixKey.key(of: x[i]) >> 16)] &+= 1 }
    return zeros
}

/// Counts the places within chosen bins: a value in bin b goes to table `slots[b]` − 128 of `RadixKey.binCount` places.
/// Slots below 128 mean "not chosen".
func countPlaces(
    _ x: UnsafeBufferPointer<Float>, every step: Int, slots: UnsafePointer<UInt8>,
    into tables: UnsafeMutablePointer<UInt32>
) {
    // Values of chosen bins are put together first: which they are is hard to foretell, and a wrong guess costs more than
    // all the rest.
    withUnsafeTemporaryAllocation(of: Float.self, capacity: (x.count + step - 1) / step) { kept in
        guard let kept = kept.baseAddress else { return }
        var (count, i) = (0, 0)
        @inline(__always)
        func take(_ value: Float, of bin: Int) {
            kept[count] = value
            count &+= Int(slots[bin] &>> 7)
        }
        if step == 1, slots[RadixKey.binOfZero] == 0 {
            i = forEachEight(x) { values, bins in
                for place in stride(from: 0, to: 8, by: 4) {
                    take(values[place], of: Int(bins[place]))
                    take(values[place &+ 1], of: Int(bins[place &+ 1]))
                    take(values[place &+ 2], of: Int(bins[place &+ 2]))
                    take(values[place &+ 3], of: Int(bins[place &+ 3]))
                }
            } whenZero: {
            }
        }
        while i < x.count {
            take(x[i], of: Int(RadixKey.key(of: x[i]) >> 16))
            i &+= step
        }
        for value in UnsafeBufferPointer(start: kept, count: count) {
            let key = RadixKey.key(of: value)
            tables[Int(slots[Int(key >> 16)] & 0x7f) << 16 | Int(key & 0xffff)] &+= 1
        }
    }
}

/// Eight values at a time with their bins, which are worked out for many together; eight +0 by `whenZero` in their place.
///
/// - Returns: how many values were gone over; fewer than eight are left.
@inline(__always)
private func forEachEight(
    _ x: UnsafeBufferPointer<Float>, _ body: (UnsafePointer<Float>, UnsafePointer<UInt16>) -> Void,
    whenZero: () -> Void
) -> Int {
    guard let base = x.baseAddress else { return 0 }
    let whole = x.count & ~7
    withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 512) { bins in
        guard let bins = bins.baseAddress else { return }
        for first in stride(from: 0, to: whole, by: 512) {
            let (values, count) = (base + first, min(512, whole &- first))
            for i in 0..<count { bins[i] = UInt16(truncatingIfNeeded: RadixKey.key(of: values[i]) >> 16) }
            for i in stride(from: 0, to: count, by: 8) {
                if areZero(values + i) { whenZero() } else { body(values + i, bins + i) }
            }
        }
    }
    return whole
}

/// How many of every `step`-th value are +0 and how many −0.
func countZeros(_ x: UnsafeBufferPointer<Float>, every step: Int = 1) -> (plus: Int, minus: Int) {
    var (zeros, i) = ((plus: 0, minus: 0), 0)
    // Where a step divides eight, the same lanes of each eight are ours.
    if step <= 4, step != 3, let base = x.baseAddress {
        var lanes = ZeroLanes()
        while i &+ 8 <= x.count {
            lanes.add(base + i)
            i &+= 8
        }
        lanes.add(to: &zeros, every: step)
    }
    while i < x.count {
        zeros.plus &+= x[i].bitPattern == 0 ? 1 : 0
        zeros.minus &+= x[i].bitPattern == 0x8000_0000 ? 1 : 0
        i &+= step
    }
    return zeros
}

/// How often each lane of eights of values is +0 or −0.
private struct ZeroLanes {
    private var pluses = SIMD8<Int32>.zero
    private var minuses = SIMD8<Int32>.zero

    /// Eight values more.
    @inline(__always)
    mutating func add(_ values: UnsafePointer<Float>) {
        // As vectors: a comparison with a scalar is a loop over the lanes.
        let (plusZero, minusZero) = (SIMD8<UInt32>.zero, SIMD8<UInt32>(repeating: 0x8000_0000))
        let bits = UnsafeRawPointer(values).loadUnaligned(as: SIMD8<UInt32>.self)
        // A mask is −1 where it is true.
        pluses &-= unsafeBitCast(bits .== plusZero, to: SIMD8<Int32>.self)
        minuses &-= unsafeBitCast(bits .== minusZero, to: SIMD8<Int32>.self)
    }

    func add(to zeros: inout (plus: Int, minus: Int), every step: Int) {
        for lane in stride(from: 0, to: 8, by: step) {
            zeros.plus += Int(pluses[lane])
            zeros.minus += Int(minuses[lane])
        }
    }
}
