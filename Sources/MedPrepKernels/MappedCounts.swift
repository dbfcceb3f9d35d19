/// How often each value occurs that counted whole numbers became: their order statistics without a look at the voxels.
package struct MappedCounts: Sendable {
    /// Finite values, ascending; one may come more than once.
    private let values: [(value: Float, times: Int)]
    /// How many values are finite.
    let count: Int
    private let isFinite: Bool

    init(_ values: [(value: Float, times: Int)]) {
        // A map that turns nothing leaves little to sort.
        self.values = values.filter { $0.value.isFinite }.sorted { $0.value < $1.value }
        count = self.values.reduce(0) { $0 + $1.times }
        isFinite = self.values.count == values.count
    }

    /// The counts of whole numbers again, where all are such of 16 bits; else nil.
    package var wholeNumbers: WholeCounts? {
        let range = WholeCounts.lowest..<WholeCounts.lowest + WholeCounts.size
        let numbers = values.compactMap { Int(exactly: $0.value) }
        guard isFinite, numbers.count == values.count, let lowest = numbers.first, let highest = numbers.last,
            range.contains(lowest), range.contains(highest)
        else { return isFinite && values.isEmpty ? WholeCounts([]) : nil }
        var counts = [Int](repeating: 0, count: highest - lowest + 1)
        for (number, value) in zip(numbers, values) { counts[number - lowest] += value.times }
        return WholeCounts(from: lowest, counts)
    }

    /// Values that are not 0.
    var nonzero: Int { values.reduce(0) { $0 + ($1.value == 0 ? 0 : $1.times) } }

    /// The values at these places, which ascend, of the sorted values.
    func values(at places: [Int]) -> [Float] {
        var found = [Float]()
        var (before, index) = (0, 0)
        for place in places {
            while before + values[index].times <= place {
                before += values[index].times
                index += 1
            }
            // A zero has no sign.
            found.append(values[index].value + 0)
        }
        return found
    }
}
