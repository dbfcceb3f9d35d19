package import MedPrepCore

/// How often each whole number of −32,768…65,535 occurs: all there is to know of an 8- or 16-bit scan.
///
/// Counts are whole numbers, so everything worked out from them is the same for any order of the values.
package struct WholeCounts: Hashable, Sendable {
    package static let lowest = -32_768
    /// Numbers that can be counted.
    package static let size = 98_304

    /// Times that `first`, `first + 1` … occur; neither end is 0. Empty without a value.
    private var counts: [Int]
    private let first: Int
    package private(set) var count: Int

    /// - Parameter counts: by number, from `first` on.
    package init(from first: Int = Self.lowest, _ counts: [Int]) {
        let low = counts.firstIndex { $0 != 0 } ?? 0
        let high = counts.lastIndex { $0 != 0 } ?? -1
        self.counts = low == 0 && high == counts.count - 1 ? counts : Array(counts[low..<high + 1])
        self.first = first + low
        count = counts.reduce(0, +)
    }

    /// What becomes of them where every number becomes `map(number)`.
    func mapped(by map: (Float) -> Float) -> MappedCounts {
        MappedCounts(
            counts.indices.filter { counts[$0] > 0 }.map {
                (value: map(Float(first + $0)), times: counts[$0])
            })
    }

    /// The same with so many zeros more, or fewer.
    package func adding(zeros: Int) -> WholeCounts {
        if counts.indices.contains(-first), counts[-first] + zeros > 0 {
            var changed = self
            changed.counts[-first] += zeros
            changed.count += zeros
            return changed
        }
        // Where zero is at an end, or beyond, the range may change.
        let (lowest, highest) = (min(first, 0), max(first + counts.count - 1, 0))
        var all = [Int](repeating: 0, count: highest - lowest + 1)
        all.replaceSubrange(first - lowest..<first - lowest + counts.count, with: counts)
        all[-lowest] += zeros
        return WholeCounts(from: lowest, all)
    }

    /// True where a number below 0 occurs.
    package var hasNegative: Bool { count > 0 && first < 0 }

    /// Values that are not 0.
    var nonzero: Int {
        counts.indices.contains(-first) ? count - counts[-first] : count
    }

    /// The values at these places, which ascend, of the sorted values.
    func values(at places: [Int]) -> [Float] {
        var values = [Float]()
        var (before, index) = (0, 0)
        for place in places {
            while index < counts.endIndex, before + counts[index] <= place {
                before += counts[index]
                index += 1
            }
            values.append(Float(first + index))
        }
        return values
    }

    /// The mean from a whole sum, the powers of the deviations from the lowest number to the highest.
    var moments: Moments {
        if count == 0 { return Moments(higher: .init(m3: 0, m4: 0)) }
        var sum = 0
        for (number, times) in zip(first..., counts) { sum += number * times }
        let mean = Double(sum) / Double(count)
        var (m2, m3, m4) = (0.0, 0.0, 0.0)
        for (number, times) in zip(first..., counts) where times > 0 {
            let d = Double(number) - mean
            let square = Double(times) * (d * d)
            m2 += square
            m3 += square * d
            m4 += square * (d * d)
        }
        return Moments(count: count, mean: mean, m2: m2, higher: .init(m3: m3, m4: m4))
    }
}

extension WholeCounts {
    /// True where all values are whole numbers that can be counted.
    package static func holds(_ tensor: Tensor) -> Bool {
        let range = Float(lowest)..<Float(lowest + size)
        return tensor.withUnsafeValues { $0.allSatisfy { $0 == $0.rounded() && range.contains($0) } }
    }
}

extension Tensor {
    /// A row of every number that a type of 8 or 16 bits can hold.
    package static func numbers(of type: ElementType) -> Tensor {
        let count = 1 << (8 * type.size)
        let lowest = type == .int8 || type == .int16 ? -count / 2 : 0
        return Tensor(Shape(d: 1, h: 1, w: count)) { row in
            for i in 0..<count { row[i] = Float(lowest + i) }
        }
    }
}

extension [WholeCounts] {
    /// What becomes of the counts of each channel.
    package func mapped(by map: [ValueMap]) -> [MappedCounts] {
        enumerated().map { channel, counts in counts.mapped { map(channel, $0) } }
    }
}

/// Places of `WholeCounts.lowest` + i, four by four: a task's table.
///
/// A value goes to one of four counts side by side, so that equal neighbours, such as air, need not wait for each other.
struct WholeTable {
    /// Entries of the table: four counts for each number, then the mark of values that are no such number.
    static let entries = 4 * WholeCounts.size + 1
    static let mark = entries - 1

    private let table: UnsafeMutablePointer<UInt32>

    /// - Parameter table: `entries` counts, 0 at first.
    init(_ table: UnsafeMutablePointer<UInt32>) { self.table = table }

    /// False once a value was met that is no whole number of the range.
    var isWhole: Bool { table[Self.mark] == 0 }

    /// Counts values that are whole numbers of the range; else sets the mark.
    ///
    /// - Parameter channels: that lie interleaved, each with a table of its own behind the first one's.
    static func add(
        _ values: UnsafeBufferPointer<Float>, channels: Int, to tables: UnsafeMutablePointer<UInt32>
    ) {
        guard tables[mark] == 0, values.count > 0 else { return }
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: values.count) { places in
            guard let places = places.baseAddress else { return }
            switch find(places, of: values) {
            case .other: tables[mark] = 1
            case .one:
                for channel in 0..<channels {
                    tables[channel * entries + 4 * Int(places[0])] &+= UInt32(values.count / channels)
                }
            case .several where channels == 1:
                let whole = values.count & ~3
                for i in stride(from: 0, to: whole, by: 4) {
                    tables[4 &* Int(places[i])] &+= 1
                    tables[4 &* Int(places[i &+ 1]) &+ 1] &+= 1
                    tables[4 &* Int(places[i &+ 2]) &+ 2] &+= 1
                    tables[4 &* Int(places[i &+ 3]) &+ 3] &+= 1
                }
                for i in whole..<values.count { tables[4 &* Int(places[i])] &+= 1 }
            case .several:
                for channel in 0..<channels {
                    let table = tables + channel * entries
                    var lane = 0
                    for i in stride(from: channel, to: values.count, by: channels) {
                        table[4 &* Int(places[i]) &+ lane] &+= 1
                        lane = (lane &+ 1) & 3
                    }
                }
            }
        }
    }

    private enum Values { case one, several, other }

    /// Value − `lowest` for each value. A value with a fraction, NaN and what lies outside the range are `other`.
    ///
    /// Adding 1.5·2^23 leaves a whole number in the lowest bits of a Float; what is above 2^22, or infinite, comes out
    /// beyond the range.
    private static func find(
        _ places: UnsafeMutablePointer<Int32>, of values: UnsafeBufferPointer<Float>
    ) -> Values {
        guard let x = values.baseAddress else { return .other }
        let (magic, origin) = (Float(0x1.8p23), Int32(0x4b40_0000 + WholeCounts.lowest))
        let highest = SIMD8<Int32>(repeating: Int32(WholeCounts.size - 1))
        let first = SIMD8<Int32>(repeating: Int32(bitPattern: (x[0] + magic).bitPattern) &- origin)
        var (outside, differing) = (SIMD8<Int32>.zero, SIMD8<Int32>.zero)
        var broken = SIMDMask<SIMD8<Int32>>(repeating: false)
        @inline(__always)
        func place(_ value: SIMD8<Float>) -> SIMD8<Int32> {
            let lifted = value + magic
            let isBroken = (lifted - magic) .!= value
            broken .|= isBroken
            let place = unsafeBitCast(lifted, to: SIMD8<Int32>.self) &- origin
            // The sign bit, where it is below 0 or above the highest.
            outside |= place | (highest &- place)
            differing |= place ^ first
            return place
        }
        let whole = values.count & ~7
        for i in stride(from: 0, to: whole, by: 8) {
            let eight = UnsafeRawPointer(x + i).loadUnaligned(as: SIMD8<Float>.self)
            UnsafeMutableRawPointer(places + i).storeBytes(of: place(eight), as: SIMD8<Int32>.self)
        }
        for i in whole..<values.count {
            let one = place(SIMD8(repeating: x[i]))
            places[i] = one[0]
        }
        if any(broken) || any(outside .< .zero) { return .other }
        return any(differing .!= .zero) ? .several : .one
    }
}
