import MedPrepCore
import MedPrepTestSupport

/// Small valid scans of each kind, and numbers that headers trip over.
enum NIfTISeeds {
    static var all: [[UInt8]] {
        var seeds: [[UInt8]] = []
        for type in ElementType.allCases {
            for isBigEndian in [false, true] {
                let values = (0..<24).map { Double($0 * 5) }
                seeds.append(builder(type, [4, 3, 2], values, isBigEndian).file)
            }
        }
        for version in [1, 2] {
            for change in changes {
                var scan = builder(.int16, [3, 2, 2], (0..<12).map(Double.init), false)
                scan.version = version
                change(&scan)
                seeds.append(scan.file)
            }
        }
        return seeds
    }

    /// Stored otherwise or read otherwise: the two bytes before the file.
    static var variants: [[UInt8]] {
        let scan = builder(.int16, [3, 2, 2], (0..<12).map(Double.init), false)
        var pair = scan
        pair.isPair = true
        var series = builder(.float32, [2, 2, 2, 3], (0..<24).map(Double.init), false)
        series.voxels[3] = 0x7f
        return [
            [1, 0] + scan.file, [1 + 4 * 20, 1] + scan.file, [0, 2] + scan.file, [0, 4] + series.file,
        ]
            + [
                [2, 0] + pair.file + pair.voxels, [3, 1] + pair.header + pair.voxels,
                [0, 8 + 32] + series.file,
            ]
    }

    static var words: [[UInt8]] {
        let texts = ["n+1\0", "ni1\0", "n+2\0\r\n\u{1a}\n", "ni2\0\r\n\u{1a}\n"].map { Array($0.utf8) }
        let floats = [Float.nan, .infinity, -1, 0, 1, 352, 1e30, .leastNonzeroMagnitude, 0.5].map {
            bytes(of: $0.bitPattern)
        }
        let shorts = [-1, 0, 1, 2, 4, 8, 16, 64, 256, 512, 768, 1024, 1280, 32767].map {
            bytes(of: Int16($0))
        }
        let longs = [Int64.max, .min, -1, 1 << 62, 1 << 32].map { bytes(of: $0) }
        let doubles = [Double.nan, .infinity, 1e300, 1e-300, -1].map { bytes(of: $0.bitPattern) }
        let sizes = [Int32(348), 540].flatMap { [bytes(of: $0), bytes(of: $0.bigEndian)] }
        return texts + floats + shorts + longs + doubles + sizes
    }

    private static func builder(
        _ type: ElementType, _ sizes: [Int], _ values: [Double], _ isBigEndian: Bool
    ) -> NIfTIBuilder {
        NIfTIBuilder(type, sizes: sizes, values: values, isBigEndian: isBigEndian)
    }

    private static let changes: [@Sendable (inout NIfTIBuilder) -> Void] = [
        { _ in },
        { $0.sizes = [3, 2, 2, 1] },
        { $0.sizes = [3, 2, 1, 2] },
        { ($0.sformCode, $0.qformCode, $0.quaternion) = (0, 1, [0.1, 0.2, 0.3]) },
        { ($0.qformCode, $0.offset) = (2, [1, 2, 3]) },
        { $0.sformCode = 0 },
        { ($0.slope, $0.intercept) = (0.5, -1024) },
        { $0.units = 1 },
        { $0.units = 3 },
        { $0.gap = [1, 0, 0, 0, 16, 0, 0, 0, 6, 0, 0, 0] + Array("comment!".utf8) },
        { $0.voxels += [1, 2, 3] },
    ]

    private static func bytes(of value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value) { Array($0) }
    }
}
