/// Which memory a pool keeps for the next buffer: ranges of addresses, sorted and joined where they touch.
///
/// What is kept and what is in use together never exceed the most that was in use at one time by more than a slack, so
/// keeping adds next to nothing to what a run needs. A plain value: it calls no system and locks nothing.
package struct IdlePages: Sendable {
    package private(set) var ranges = [Range<UInt>]()
    /// Bytes handed out.
    package private(set) var inUse = 0
    /// The most that was handed out at one time.
    package private(set) var peak = 0
    /// Bytes that may be kept beyond the peak.
    private let slack: Int

    package init(slack: Int = 0) { self.slack = slack }

    package var idle: Int { ranges.reduce(0) { $0 + $1.count } }

    /// The beginning of `bytes` at the end of the shortest range that holds as many; the rest of it stays. The end, for
    /// numbers wait there (see `Storage`): what lies in front of them may never have been touched. nil: there is no such
    /// range, and the caller brings fresh memory.
    package mutating func take(_ bytes: Int) -> UInt? {
        inUse += bytes
        peak = max(peak, inUse)
        let fitting = ranges.indices.filter { ranges[$0].count >= bytes }
        guard let index = fitting.min(by: { ranges[$0].count < ranges[$1].count }) else { return nil }
        let start = ranges[index].upperBound - UInt(bytes)
        if ranges[index].count == bytes {
            ranges.remove(at: index)
        } else {
            ranges[index] = ranges[index].lowerBound..<start
        }
        return start
    }

    /// Memory that is no longer used.
    package mutating func add(_ range: Range<UInt>) {
        inUse -= range.count
        keep(range)
    }

    /// Memory that nobody was given: more than was asked for, or what the system would not take back.
    package mutating func keep(_ range: Range<UInt>) {
        var index = ranges.firstIndex { $0.lowerBound > range.lowerBound } ?? ranges.count
        var joined = range
        if index < ranges.count, ranges[index].lowerBound == joined.upperBound {
            joined = joined.lowerBound..<ranges.remove(at: index).upperBound
        }
        if index > 0, ranges[index - 1].upperBound == joined.lowerBound {
            index -= 1
            joined = ranges.remove(at: index).lowerBound..<joined.upperBound
        }
        ranges.insert(joined, at: index)
    }

    /// Bytes that `take` counted and the system refused.
    package mutating func forget(_ bytes: Int) {
        inUse -= bytes
        peak = inUse + idle
    }

    /// Takes out what is too much, the beginnings of the shortest ranges first, for the caller to give back to the system.
    package mutating func removeExcess() -> [Range<UInt>] {
        var (excess, removed) = (inUse + idle - peak - slack, [Range<UInt>]())
        while excess > 0, let index = ranges.indices.min(by: { ranges[$0].count < ranges[$1].count }) {
            let range = ranges[index]
            if range.count <= excess {
                removed.append(ranges.remove(at: index))
            } else {
                let start = range.lowerBound + UInt(excess)
                ranges[index] = start..<range.upperBound
                removed.append(range.lowerBound..<start)
            }
            excess -= removed[removed.count - 1].count
        }
        return removed
    }

    /// Takes out everything; the peak begins anew.
    package mutating func removeAll() -> [Range<UInt>] {
        defer { (ranges, peak) = ([], inUse) }
        return ranges
    }
}
