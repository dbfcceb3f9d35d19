import MedPrepCore

/// Counts the whole numbers of a scan while they are read and at hand, so that their statistics need no sweep.
package final class WholeCounter: @unchecked Sendable {
    // Guarded by its reader: a slot is one thread's at a time, and `counts` is asked when all are done.
    private let tables: UnsafeMutablePointer<UInt32>
    private let memory: PooledMemory
    private let type: ElementType
    private let slots: Int

    /// Four counts side by side for each number of 16 bits: equal neighbours, such as air, need not wait for each other.
    private static let entries = 4 << 16

    /// nil where they are not counted.
    ///
    /// - Parameter slots: tables, 1 MiB each, of which only the numbers that occur are touched more than once.
    package init?(_ conversion: ElementConversion, slots: Int, elements: Int) {
        guard Self.counts(conversion, elements: elements) else { return nil }
        (type, self.slots) = (conversion.type, slots)
        memory = PooledMemory(slots * Self.entries * MemoryLayout<UInt32>.stride)
        tables = memory.bytes.bindMemory(to: UInt32.self).baseAddress!
        tables.initialize(repeating: 0, count: slots * Self.entries)
    }

    /// True where elements are plain whole numbers of 8 or 16 bits, and not too many to count.
    package static func counts(_ conversion: ElementConversion, elements: Int) -> Bool {
        conversion.type.isShort && !conversion.isScaled && elements < 1 << 31
    }

    /// Elements in this machine's byte order.
    package func add(_ bytes: UnsafeRawBufferPointer, slot: Int = 0) {
        let table = tables + slot * Self.entries
        switch type {
        case .uint8: count(bytes, as: UInt8.self, table)
        case .int8: count(bytes, as: Int8.self, table)
        case .uint16: count(bytes, as: UInt16.self, table)
        default: count(bytes, as: Int16.self, table)
        }
    }

    /// Of all that was added.
    package var counts: WholeCounts {
        let table = UnsafeBufferPointer(start: tables, count: slots * Self.entries)
        let found = (0..<slots).compactMap { slot -> Range<Int>? in
            let own = table[slot * Self.entries..<(slot + 1) * Self.entries]
            guard let low = own.firstIndex(where: { $0 != 0 }), let high = own.lastIndex(where: { $0 != 0 })
            else { return nil }
            return (low - own.startIndex) / 4..<(high - own.startIndex) / 4 + 1
        }
        let low = found.map(\.lowerBound).min() ?? 0
        var counts = [Int](repeating: 0, count: (found.map(\.upperBound).max() ?? 0) - low)
        for slot in 0..<slots {
            for index in counts.indices {
                let four = tables + (slot * Self.entries + 4 * (low + index))
                counts[index] += Int(four[0]) + Int(four[1]) + Int(four[2]) + Int(four[3])
            }
        }
        let lowest = type == .int16 || type == .int8 ? Int(Int16.min) : 0
        return WholeCounts(from: low + lowest, counts)
    }

    private func count<Stored: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer, as: Stored.Type, _ table: UnsafeMutablePointer<UInt32>
    ) {
        guard let base = bytes.baseAddress else { return }
        let size = MemoryLayout<Stored>.size
        let (count, first) = (bytes.count / size, Stored.isSigned ? 1 << 15 : 0)
        @inline(__always)
        func place(_ index: Int) -> Int {
            4 &* (first &+ Int(base.loadUnaligned(fromByteOffset: index &* size, as: Stored.self)))
        }
        @inline(__always)
        func four(_ i: Int) {
            table[place(i)] &+= 1
            table[place(i &+ 1) &+ 1] &+= 1
            table[place(i &+ 2) &+ 2] &+= 1
            table[place(i &+ 3) &+ 3] &+= 1
        }
        let (run, whole) = (32 / size, count & ~3)
        var (i, zeros) = (0, 0)
        while i &+ run <= whole {
            if areZero(base + i &* size) {
                zeros &+= run
            } else {
                for first in stride(from: i, to: i &+ run, by: 4) { four(first) }
            }
            i &+= run
        }
        for first in stride(from: i, to: whole, by: 4) { four(first) }
        for last in whole..<count { table[place(last)] &+= 1 }
        table[4 &* first] &+= UInt32(zeros)
    }
}
