/// Values rounded to bins so narrow that a percentile is off by at most 2⁻¹¹ of its magnitude (0.05 %).
///
/// A bin is all Float32 values that agree in sign, exponent and the upper ten bits of the fraction; its value is the
/// middle of the two ends. The bins are the same for every scan, so counts are merged without a common range.
enum CoarseBins {
    /// Bits of the fraction that are dropped.
    static let dropped: UInt32 = 13
    static let count = 1 << (32 - Int(dropped))

    /// Middle of a bin, in the order of keys.
    static func middle(of bin: Int) -> Double {
        let first = UInt32(bin) << dropped
        let (low, high) = (RadixKey.value(of: first), RadixKey.value(of: first | (1 << dropped - 1)))
        return (Double(low) + Double(high)) / 2
    }

    static func bin(of value: Float) -> Int { Int(RadixKey.key(of: value) >> dropped) }
}

extension ChannelValues {
    /// The distinct values, or, where there are more than `ValueCounts.limit`, the middles of the coarse bins.
    package func valueCounts() -> (values: ValueCounts, isExact: Bool) {
        if let exact = distinct() { return (exact, true) }
        let counts = counts(CoarseBins.count) { values, table in
            for value in values { table[CoarseBins.bin(of: value + 0)] &+= 1 }
        }
        let bins = counts.indices.filter { counts[$0] > 0 }
        return (
            ValueCounts(values: bins.map { CoarseBins.middle(of: $0) }, counts: bins.map { Int(counts[$0]) }),
            false
        )
    }
}

extension ValueCounts {
    /// The same counts in coarse bins.
    package func coarsened() -> ValueCounts {
        var (values, counts, last) = ([Double](), [Int](), -1)
        for (value, count) in zip(self.values, self.counts) {
            let bin = CoarseBins.bin(of: Float(value) + 0)
            if bin == last {
                counts[counts.count - 1] += count
            } else {
                values.append(CoarseBins.middle(of: bin))
                counts.append(count)
                last = bin
            }
        }
        return ValueCounts(values: values, counts: counts)
    }
}
