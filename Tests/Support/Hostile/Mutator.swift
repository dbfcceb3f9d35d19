import MedPrepCore

/// Changes bytes as chance, by its seed, will have it: flips, boundary numbers, splices, cuts.
public struct Mutator {
    private var generator: SeededGenerator

    public init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// One to four changes; what is spliced in comes from `other`.
    public mutating func mutated(_ bytes: [UInt8], with other: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...generator.index(below: 4) { change(&bytes, other) }
        return bytes
    }

    /// One of `list`.
    public mutating func pick<Element>(_ list: [Element]) -> Element {
        list[generator.index(below: list.count)]
    }

    private mutating func change(_ bytes: inout [UInt8], _ other: [UInt8]) {
        if bytes.isEmpty {
            bytes = other
            return
        }
        let at = generator.index(below: bytes.count)
        switch generator.index(below: 9) {
        case 0, 1: bytes[at] ^= 1 << UInt8(generator.index(below: 8))
        case 2: bytes[at] = UInt8(generator.index(below: 256))
        case 3, 4:
            let number = pick(Self.boundaries[pick([2, 4, 8])] ?? [])
            Self.put(generator.index(below: 2) == 0 ? number : number.reversed(), at: at, in: &bytes)
        case 5: bytes.removeLast(generator.index(below: bytes.count))
        case 6: bytes.removeSubrange(at..<min(bytes.count, at + 1 + generator.index(below: 16)))
        case 7: bytes.insert(contentsOf: slice(of: other), at: at)
        default: Self.put(slice(of: other), at: at, in: &bytes)
        }
    }

    private mutating func slice(of other: [UInt8]) -> [UInt8] {
        if other.isEmpty { return [] }
        let start = generator.index(below: other.count)
        return Array(other[start..<min(other.count, start + 1 + generator.index(below: 200))])
    }

    /// Overwrites what is there; nothing grows.
    public static func put(_ new: [UInt8], at: Int, in bytes: inout [UInt8]) {
        for (offset, byte) in new.enumerated() where at + offset < bytes.count { bytes[at + offset] = byte }
    }

    /// The numbers at which a field of so many bytes turns to nonsense, little-endian.
    public static let boundaries: [Int: [[UInt8]]] = [
        1: [0, 1, 0x7f, 0x80, 0xff].map { [$0] },
        2: ([0, 1, 2, 7, 8, 0x7fff, -0x8000, -1, 348, 1536] as [Int16]).map { little($0) },
        4: ([0, 1, -1, .max, .min, 348, 540] as [Int32]).map { little($0) }
            + ([.nan, .infinity, -.infinity, 1e30, -1e30, .leastNonzeroMagnitude, 0.5, 352.5, 2_147_483_648]
            as [Float]).map {
                little($0.bitPattern)
            },
        8: ([0, 1, -1, .max, .min, 1 << 40, 1 << 62, 352] as [Int64]).map { little($0) }
            + ([.nan, .infinity, -.infinity, 1e300, .leastNonzeroMagnitude, 0.5] as [Double]).map {
                little($0.bitPattern)
            },
    ]

    /// Where the fields of a header are that a reader looks at, with their sizes.
    public static func fields(version: Int) -> [(offset: Int, size: Int)] {
        func row(_ first: Int, _ size: Int, _ count: Int) -> [(offset: Int, size: Int)] {
            (0..<count).map { (first + $0 * size, size) }
        }
        if version == 1 {
            return row(0, 4, 1) + row(40, 2, 8) + row(70, 2, 2) + row(76, 4, 8) + row(108, 4, 3)
                + row(123, 1, 1)
                + row(252, 2, 2) + row(256, 4, 18) + row(344, 4, 2)
        }
        return row(0, 4, 3) + row(12, 2, 2) + row(16, 8, 8) + row(104, 8, 8) + row(168, 8, 3) + row(344, 4, 2)
            + row(352, 8, 18) + row(496, 4, 2) + row(540, 4, 1)
    }

    private static func little(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}
