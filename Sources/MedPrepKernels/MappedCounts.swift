/// How often each value occurs that counted whole numbers became: their order statistics without a look at the voxels.
struct MappedCounts {
    /// Finite values, ascending; one may come more than once.
    private let values: [(value: Float, times: Int)]
    /// How many values are finite.
    let count: Int

    init(_ values: [(value: Float, times: Int)]) {
        // A map that turns nothing leaves little to sort.
        self.values = values.filter { $0.value.isFinite }.sorted { $0.value < $1.value }
        count = self.values.reduce(0) { $0 + $1.times }
    }

    /// The counts of whole numbers again, where all are such of 16 bits; else nil.
    var wholeNumbers: WholeCounts? {
        var counts = [Int](repeating: 0, count: WholeCounts.size)
        for (value, times) in values {
            guard let number = Int(exactly: value), counts.indices.contains(number - WholeCounts.lowest)
            else {
                return nil
            }
            counts[number - WholeCounts.lowest] += times
        }
        return WholeCounts(counts)
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
