package import MedPrepCore

extension Tensor {
    /// The smallest and the largest finite value; nil without one.
    package func finiteRange(_ workers: Workers) -> ClosedRange<Float>? {
        let slabs = mapSlabs(workers) { _, values in
            var (low, high) = (Float.infinity, -Float.infinity)
            for x in values where x.isFinite { (low, high) = (min(low, x), max(high, x)) }
            return (low, high)
        }
        let (low, high) = (slabs.map(\.0).min() ?? .infinity, slabs.map(\.1).max() ?? -.infinity)
        return low <= high ? low...high : nil
    }

    /// The mean of the finite values, summed in Double; nil without one.
    package func finiteMean(_ workers: Workers) -> Double? {
        let slabs = mapSlabs(workers) { _, values in
            values.reduce(into: (sum: 0.0, count: 0)) {
                if $1.isFinite { $0 = ($0.sum + Double($1), $0.count + 1) }
            }
        }
        let total = slabs.reduce((0.0, 0)) { ($0.0 + $1.sum, $0.1 + $1.count) }
        return total.1 > 0 ? total.0 / Double(total.1) : nil
    }

    /// The median of the finite values, of an even count the mean of the two in the middle; nil without one. Two
    /// sweeps over 16 bits each for either, no copy.
    package func finiteMedian() -> Double? {
        withUnsafeValues { values in
            let count = values.reduce(into: 0) { if $1.isFinite { $0 += 1 } }
            guard count > 0 else { return nil }
            let (low, high) = (ranked(values, (count - 1) / 2), ranked(values, count / 2))
            return (Double(low) + Double(high)) / 2
        }
    }

    /// Values outside the range go to its ends; those equal to `fill` stay.
    package mutating func limit(to range: ClosedRange<Float>, except fill: Float, _ workers: Workers) {
        let (low, high) = (range.lowerBound, range.upperBound)
        forEachSlab(workers) { values in
            for i in values.indices {
                let x = values[i]
                values[i] = x == fill ? x : x < low ? low : x > high ? high : x
            }
        }
    }
}

/// The finite value of this rank, from 0.
private func ranked(_ values: UnsafeBufferPointer<Float>, _ rank: Int) -> Float {
    /// Grows with the value.
    func key(_ x: Float) -> UInt32 {
        x.bitPattern ^ (UInt32(bitPattern: Int32(bitPattern: x.bitPattern) >> 31) | 0x8000_0000)
    }
    func bin(_ counts: [Int], _ rest: inout Int) -> UInt32 {
        for (index, count) in counts.enumerated() {
            if rest < count { return UInt32(index) }
            rest -= count
        }
        return 0
    }
    var (high, low, rest) = ([Int](repeating: 0, count: 65_536), [Int](repeating: 0, count: 65_536), rank)
    for x in values where x.isFinite { high[Int(key(x) >> 16)] += 1 }
    let top = bin(high, &rest)
    for x in values where x.isFinite && key(x) >> 16 == top { low[Int(key(x) & 0xffff)] += 1 }
    let full = top << 16 | bin(low, &rest)
    return Float(bitPattern: full & 0x8000_0000 != 0 ? full ^ 0x8000_0000 : ~full)
}
