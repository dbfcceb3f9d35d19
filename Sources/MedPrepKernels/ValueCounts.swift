/// Distinct values in ascending order and how often each occurs.
package struct ValueCounts: Hashable, Sendable {
    /// More distinct values than this are not kept apart: all that an 8- or 16-bit scan can hold.
    package static let limit = 65_536

    package private(set) var values: [Double]
    package private(set) var counts: [Int]

    /// Precondition: as many counts as values, which ascend.
    package init(values: [Double] = [], counts: [Int] = []) {
        precondition(values.count == counts.count, "\(values.count) values and \(counts.count) counts")
        (self.values, self.counts) = (values, counts)
    }

    package var count: Int { counts.reduce(0, +) }
    package var isEmpty: Bool { values.isEmpty }

    /// Both together.
    package mutating func merge(_ other: ValueCounts) {
        var (values, counts) = ([Double](), [Int]())
        values.reserveCapacity(max(self.values.count, other.values.count))
        counts.reserveCapacity(max(self.values.count, other.values.count))
        var (i, j) = (0, 0)
        while i < self.values.count || j < other.values.count {
            let takesOurs =
                j == other.values.count || (i < self.values.count && self.values[i] <= other.values[j])
            let takesTheirs =
                i == self.values.count || (j < other.values.count && other.values[j] <= self.values[i])
            values.append(takesOurs ? self.values[i] : other.values[j])
            counts.append((takesOurs ? self.counts[i] : 0) + (takesTheirs ? other.counts[j] : 0))
            i += takesOurs ? 1 : 0
            j += takesTheirs ? 1 : 0
        }
        (self.values, self.counts) = (values, counts)
    }

    /// Type 7 (SEMANTICS 1): p = rank/100·(m − 1), v[⌊p⌋] + (p − ⌊p⌋)(v[⌊p⌋ + 1] − v[⌊p⌋]); NaN where empty.
    package func percentile(_ rank: Double) -> Double {
        let last = count - 1
        if last < 0 { return .nan }
        let position = rank / 100 * Double(last)
        let lower = min(Int(position), last)
        let (a, b) = (value(lower), value(min(lower + 1, last)))
        return a + (position - Double(lower)) * (b - a)
    }

    /// The value at place `order`, counted from 0, among all in ascending order.
    private func value(_ order: Int) -> Double {
        var before = 0
        for (value, count) in zip(values, counts) {
            before += count
            if order < before { return value }
        }
        return values[values.count - 1]
    }
}

extension ChannelValues {
    /// The distinct values and their counts; nil where there are more than `limit`. −0 counts as 0.
    ///
    /// - Cost: one pass that stops once it has seen too many; 3 MiB.
    package func distinct(limit: Int = ValueCounts.limit) -> ValueCounts? {
        var table = DistinctTable(limit: limit)
        for slab in 0..<slabCount {
            if !onSlab(slab, { table.add($0) }) { return nil }
        }
        return table.sorted
    }
}

/// An open hash table of values: four times as many places as values, so that a search is short.
private struct DistinctTable {
    private let limit: Int
    private let shift: UInt32
    private var values: [Float]
    private var counts: [Int]
    private var used = 0

    init(limit: Int) {
        var bits: UInt32 = 4
        while 1 << bits < limit * 4, bits < 30 { bits += 1 }
        self.limit = limit
        shift = 32 - bits
        values = Array(repeating: 0, count: 1 << bits)
        counts = Array(repeating: 0, count: 1 << bits)
    }

    /// False once there are more than `limit` values.
    mutating func add(_ x: UnsafeMutableBufferPointer<Float>) -> Bool {
        let mask = values.count - 1
        for value in x {
            // −0 becomes 0.
            let value = value + 0
            var place = Int((value.bitPattern &* 0x9e37_79b1) >> shift)
            while counts[place] > 0 && values[place] != value { place = (place &+ 1) & mask }
            if counts[place] == 0 {
                used += 1
                if used > limit { return false }
                values[place] = value
            }
            counts[place] += 1
        }
        return true
    }

    var sorted: ValueCounts {
        let places = values.indices.filter { counts[$0] > 0 }.sorted { values[$0] < values[$1] }
        return ValueCounts(values: places.map { Double(values[$0]) }, counts: places.map { counts[$0] })
    }
}
