internal import MedPrepCore

/// Two radix sweeps over a few channels of some slabs: the first counts the upper 16 bits of ordered keys, the
/// second the lower 16 bits in those bins that hold a wanted order statistic.
///
/// Each task counts into tables of its own. Counts are whole numbers, so their sum, and with it every result, is the
/// same for any number of workers.
struct RadixSweep {
    /// Channels that are swept together: half a cache line of interleaved values, 4 MiB of bins.
    static let channelsAtOnce = 8
    /// Bins whose places are counted together: 16 MiB.
    private static let slotsAtOnce = 64
    /// Voxels that are gathered at a time: 16 KiB, which the first cache holds.
    private static let voxelsPerTile = 4096

    let tensor: Tensor
    let slabs: Range<Int>
    let channels: Range<Int>
    /// All channels share one group; else each is a group.
    let isPooled: Bool
    let selection: VoxelSelection
    let workers: Workers

    var groupCount: Int { isPooled ? 1 : channels.count }

    /// The first sweep's counts of one group.
    struct Bins {
        /// By upper half of the key; 0 outside `RadixKey.finiteBins`.
        var counts: [Int]
        var plusZeros: Int
        var minusZeros: Int
        var count: Int
        var zeroCount: Int { plusZeros + minusZeros }

        /// True where every value of a bin is +0 or every one −0: no second sweep need look at it.
        func holdsZerosOnly(_ bin: Int) -> Bool {
            (bin == RadixKey.binOfZero && counts[bin] == plusZeros)
                || (bin == RadixKey.binOfMinusZero && counts[bin] == minusZeros)
        }
    }

    /// The first sweep: one histogram for each group.
    ///
    /// - Parameter look: is shown each slab before it is counted, while it comes from memory anyway.
    func countBins(showing look: (_ slab: Int) -> Void) -> [Bins] {
        let width = RadixKey.binCount
        let stride = 2 * width + 2
        return withCounts(groupCount * stride, showing: look) { group, values, step, tables in
            let table = tables + group * stride
            let zeros = MedPrepKernels.countBins(values, every: step, into: table)
            table[2 * width] &+= UInt32(zeros.plus)
            table[2 * width + 1] &+= UInt32(zeros.minus)
        } read: { counts in
            (0..<groupCount).map { group in
                let first = group * stride
                var bins = [Int](repeating: 0, count: width)
                for half in [first, first + width] {
                    counts.add(from: half, RadixKey.finiteBins, to: &bins)
                }
                return Bins(
                    counts: bins, plusZeros: counts[first + 2 * width],
                    minusZeros: counts[first + 2 * width + 1],
                    count: bins.reduce(0, +))
            }
        }
    }

    /// One sweep that counts whole numbers, for each group; nil where it met other values. It stops at the first.
    func countWholeNumbers() -> [WholeCounts]? {
        let entries = WholeTable.entries
        var interleaved = 1
        if case .all = selection, !isPooled, channels.count == tensor.shape.c { interleaved = channels.count }
        func isWhole(_ tables: UnsafeMutablePointer<UInt32>) -> Bool {
            (0..<groupCount).allSatisfy { WholeTable(tables + $0 * entries).isWhole }
        }
        return withCounts(groupCount * entries, interleaved > 1 ? .together : .gathered, while: isWhole) {
            group, values, _, tables in
            WholeTable.add(values, channels: interleaved, to: tables + group * entries)
        } read: { counts in
            var groups = [WholeCounts]()
            for group in 0..<groupCount {
                let table = group * entries
                if counts[table + WholeTable.mark] > 0 { return nil }
                groups.append(WholeCounts((0..<WholeCounts.size).map { counts.fours(table, $0) }))
            }
            return groups
        }
    }

    /// The second sweep, repeated where more bins are wanted than fit: the values of `wanted[group]`, which ascend.
    func orderStatistics(_ wanted: [[Int]], _ bins: [Bins]) -> [[Float]] {
        var values = wanted.map { [Float](repeating: 0, count: $0.count) }
        var places = [Place]()
        for group in wanted.indices { places += Place.all(of: wanted[group], group: group, bins[group]) }
        // A value that is not sought further is 0: its bin holds zeros only.
        places.removeAll { bins[$0.group].holdsZerosOnly($0.bin) }
        for first in stride(from: 0, to: places.count, by: Self.slotsAtOnce) {
            let chosen = Array(places[first..<min(first + Self.slotsAtOnce, places.count)])
            for (place, keys) in zip(chosen, keys(in: chosen)) {
                for (index, key) in zip(place.indices, keys) {
                    values[place.group][index] = RadixKey.value(of: key)
                }
            }
        }
        return values
    }

    /// The keys of the order statistics in each place.
    private func keys(in places: [Place]) -> [[UInt32]] {
        let width = RadixKey.binCount
        var slots = [UInt8](repeating: 0, count: groupCount * width)
        for (slot, place) in places.enumerated() {
            slots[place.group * width + place.bin] = UInt8(0x80 | slot)
        }
        return slots.withUnsafeBufferPointer { slots in
            withCounts(places.count * width) { group, values, step, tables in
                countPlaces(values, every: step, slots: slots.baseAddress! + group * width, into: tables)
            } read: { counts in
                places.enumerated().map { slot, place in
                    let table = slot * width..<(slot + 1) * width
                    var (entry, before) = (table.lowerBound, 0)
                    return place.offsets.map { offset in
                        counts.pass(offset, in: table, &entry, &before)
                        return UInt32(place.bin) << 16 | UInt32(entry - table.lowerBound)
                    }
                }
            }
        }
    }

    /// The order statistics of one group that lie in one bin.
    private struct Place {
        let group: Int
        let bin: Int
        /// Which of the wanted ones they are.
        var indices: Range<Int>
        /// How many values of the bin come before each.
        var offsets: [Int]

        static func all(of wanted: [Int], group: Int, _ bins: Bins) -> [Place] {
            var places = [Place]()
            var (bin, before) = (RadixKey.finiteBins.lowerBound, 0)
            for (index, order) in wanted.enumerated() {
                while before + bins.counts[bin] <= order {
                    before += bins.counts[bin]
                    bin += 1
                }
                if places.last?.bin == bin {
                    places[places.count - 1].indices = places[places.count - 1].indices.lowerBound..<index + 1
                    places[places.count - 1].offsets.append(order - before)
                } else {
                    places.append(
                        Place(group: group, bin: bin, indices: index..<index + 1, offsets: [order - before]))
                }
            }
            return places
        }
    }
}

extension RadixSweep {
    /// How the interleaved channels of a tile come, where all voxels are selected.
    private enum Supply {
        /// Each where it lies, with the step from value to value.
        case steps
        /// Each on its own, finite values only.
        case gathered
        /// All at once, as those of group 0.
        case together
    }

    /// The sum of the tables of all tasks.
    struct Counts {
        fileprivate let tables: [UnsafeMutablePointer<UInt32>]
        subscript(entry: Int) -> Int { tables.reduce(0) { $0 + Int($1[entry]) } }

        /// Adds the counts of some places of a table that begins at `first`.
        func add(from first: Int, _ places: Range<Int>, to sums: inout [Int]) {
            sums.withUnsafeMutableBufferPointer { sums in
                for table in tables {
                    let counts = table + first
                    for place in places { sums[place] &+= Int(counts[place]) }
                }
            }
        }

        /// Goes on to the entry that holds the value with `offset` values of the table before it.
        ///
        /// - Parameter before: values of the entries before `entry`.
        func pass(_ offset: Int, in table: Range<Int>, _ entry: inout Int, _ before: inout Int) {
            // Most entries are passed 64 at a time.
            while entry + 64 <= table.upperBound {
                let sum = tables.reduce(0) { sum, counts in
                    let counts = counts + entry
                    var own = 0
                    for index in 0..<64 { own &+= Int(counts[index]) }
                    return sum + own
                }
                if before + sum > offset { break }
                before += sum
                entry += 64
            }
            while before + self[entry] <= offset {
                before += self[entry]
                entry += 1
            }
        }

        /// The four counts of place `index` of a table of fours that begins at `first`.
        func fours(_ first: Int, _ index: Int) -> Int {
            tables.reduce(0) { sum, table in
                let four = table + (first + 4 * index)
                return sum + Int(four[0]) + Int(four[1]) + Int(four[2]) + Int(four[3])
            }
        }
    }

    /// Hands every tile of every group to `count` with the tables, of `entries` zeros, of the task that reads it: every
    /// `step`-th value of a tile is the group's. Values that are not finite may be among them where all are selected.
    ///
    /// - Parameters:
    ///   - look: is shown each slab before its tiles.
    ///   - goesOn: asked by each task before each slab.
    private func withCounts<Result>(
        _ entries: Int, _ supply: Supply = .steps, showing look: (_ slab: Int) -> Void = { _ in },
        while goesOn: (UnsafeMutablePointer<UInt32>) -> Bool = { _ in true },
        count: (
            _ group: Int, UnsafeBufferPointer<Float>, _ step: Int, UnsafeMutablePointer<UInt32>
        ) -> Void,
        read: (Counts) -> Result
    ) -> Result {
        // No task reads more than 2^31 values, so no count overflows.
        let most = (slabs.count * Slabs.voxelsPerSlab * channels.count) >> 31 + 1
        let tasks = min(max(workers.count, most), slabs.count)
        return withScratch(of: UInt32.self, count: tasks * entries) { memory in
            let tables = (0..<tasks).map { memory.baseAddress! + $0 * entries }
            // Each task writes to its own tables.
            nonisolated(unsafe) let (ours, goesOn, look, count) = (tables, goesOn, look, count)
            forEachIndex(tasks, workers) { task in
                ours[task].initialize(repeating: 0, count: entries)
                withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.voxelsPerTile) { kept in
                    for slab in stride(from: slabs.lowerBound + task, to: slabs.upperBound, by: tasks)
                    where goesOn(ours[task]) {
                        look(slab)
                        forEachTile(of: slab, kept, supply) { count($0, $1, $2, ours[task]) }
                    }
                }
            }
            return read(Counts(tables: tables))
        }
    }

    /// The selected values of each group, some thousand at a time.
    private func forEachTile(
        of slab: Int, _ kept: UnsafeMutableBufferPointer<Float>, _ supply: Supply,
        _ body: (_ group: Int, UnsafeBufferPointer<Float>, _ step: Int) -> Void
    ) {
        let (shape, width) = (tensor.shape, tensor.shape.c)
        tensor.withUnsafeValues { values in
            selection.onSlab(slab, of: shape) { selection in
                let values = UnsafeBufferPointer(rebasing: values[shape.slabs[slab]])
                let voxels = values.count / width
                for first in stride(from: 0, to: voxels, by: Self.voxelsPerTile) {
                    let part = first..<min(first + Self.voxelsPerTile, voxels)
                    let tile = UnsafeBufferPointer(
                        rebasing: values[part.lowerBound * width..<part.upperBound * width])
                    let selected = selection.part(part)
                    if case .all = selected, isPooled || width == 1 || supply == .together {
                        body(0, tile, 1)
                        continue
                    }
                    for channel in channels {
                        let group = isPooled ? 0 : channel - channels.lowerBound
                        if supply == .steps, case .all = selected {
                            body(group, UnsafeBufferPointer(rebasing: tile[channel...]), width)
                            continue
                        }
                        let count = gather(tile, channel: channel, of: width, where: selected, into: kept)
                            .kept
                        body(group, UnsafeBufferPointer(rebasing: kept[..<count]), 1)
                    }
                }
            }
        }
    }
}
