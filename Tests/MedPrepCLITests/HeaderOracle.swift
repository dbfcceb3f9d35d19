/// The first and the last voxel of a plain scan, worked out without medprep, for a file that medprep accepted.
struct HeaderOracle {
    let count: Int
    let first: Double
    let last: Double

    init?(_ bytes: [UInt8]) {
        guard bytes.count > 4 else { return nil }
        let size = Int32(bitPattern: Self.word(bytes, 0, 4, false).map { UInt32($0) } ?? 0)
        let isBig = size != 348 && size != 540
        let isSecond = size == 540 || size.byteSwapped == 540
        func integer(_ at: Int, _ width: Int) -> Int? {
            Self.word(bytes, at, width, isBig).map { word in
                let shift = UInt64(64 - width * 8)
                return Int(Int64(bitPattern: word << shift) >> Int64(shift))
            }
        }
        func float(_ at: Int, _ width: Int) -> Double? {
            Self.word(bytes, at, width, isBig).map { word in
                width == 4 ? Double(Float(bitPattern: UInt32(word))) : Double(bitPattern: word)
            }
        }
        let width = isSecond ? 8 : 2
        let dims = (0..<8).map { integer((isSecond ? 16 : 40) + $0 * width, width) ?? 0 }
        guard (1...7).contains(dims[0]), let code = integer(isSecond ? 12 : 70, 2),
            let start = isSecond ? integer(168, 8) : float(108, 4).flatMap({ Int(exactly: $0) }),
            var slope = float(isSecond ? 176 : 112, isSecond ? 8 : 4),
            var inter = float(isSecond ? 184 : 116, isSecond ? 8 : 4)
        else { return nil }
        count = dims[1...dims[0]].reduce(1, *)
        if slope == 0 || slope.isNaN { (slope, inter) = (1, 0) }
        let origin = max(start, isSecond ? 544 : 352)
        func voxel(_ index: Int) -> Double? {
            func whole(_ size: Int) -> Double? { integer(origin + index * size, size).map { Double($0) } }
            func natural(_ size: Int) -> Double? {
                Self.word(bytes, origin + index * size, size, isBig).map { Double($0) }
            }
            let raw: Double? =
                switch code {
                case 2: natural(1)
                case 4: whole(2)
                case 8: whole(4)
                case 16: float(origin + index * 4, 4)
                case 64: float(origin + index * 8, 8)
                case 256: whole(1)
                case 512: natural(2)
                case 768: natural(4)
                case 1024: whole(8)
                case 1280: natural(8)
                default: nil
                }
            return raw.map { $0 * slope + inter }
        }
        guard let first = voxel(0), let last = voxel(count - 1) else { return nil }
        (self.first, self.last) = (first, last)
    }

    private static func word(_ bytes: [UInt8], _ at: Int, _ width: Int, _ isBig: Bool) -> UInt64? {
        guard at >= 0, at + width <= bytes.count else { return nil }
        let part = isBig ? Array(bytes[at..<at + width]) : bytes[at..<at + width].reversed()
        return part.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
