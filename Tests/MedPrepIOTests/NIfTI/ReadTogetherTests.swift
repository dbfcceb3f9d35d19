import MedPrepCore
import MedPrepIO
import MedPrepTestSupport
import Testing

@Suite("NIfTIReader: several scans as channels") struct ReadTogetherTests {
    private let folder = TemporaryFolder()

    /// A scan of 70 x 41 x 23 voxels: more than one piece, and a last one that is short.
    private func scan(
        _ index: Int, _ type: ElementType = .int16, _ change: (inout NIfTIBuilder) -> Void = { _ in }
    ) -> ScanPath {
        let values = (0..<70 * 41 * 23).map { Double(($0 * (index + 3) + index) % 113) }
        var builder = NIfTIBuilder(type, sizes: [70, 41, 23], values: values, isBigEndian: index % 2 == 1)
        change(&builder)
        return write(builder, index % 2 == 0 ? "nii.gz" : "nii", in: folder, name: "scan\(index)")
    }

    @Test("holds what reading one after the other holds, on any number of threads")
    func equal() throws {
        let types = [ElementType.int16, .float32, .uint8, .int32, .float64]
        let paths = types.enumerated().map { scan($0.offset, $0.element) }
        for workers in 1...3 {
            let reader = NIfTIReader(workers: Workers(workers))
            let alone = try paths.map { try reader.read($0) }
            let together = try #require(reader.readTogether(paths))
            let tensor = together.volume.tensor
            #expect(tensor.shape == Shape(d: 23, h: 41, w: 70, c: 5))
            for (channel, scan) in alone.enumerated() {
                #expect(tensor.channel(channel) == scan.volume.tensor.values)
            }
            #expect(together.volume.grid == alone[0].volume.grid)
            #expect(together.volume.source == alone[0].volume.source)
            #expect(together.readings.map(\.crc32) == alone.map(\.reading.crc32))
            #expect(together.readings.map(\.findings) == alone.map(\.reading.findings))
        }
    }

    @Test(
        "keeps whole numbers of one type as they are stored", arguments: [ElementType.int16, .uint8, .int32])
    func kept(type: ElementType) throws {
        for count in [2, 3, 4] {
            let paths = (0..<count).map { scan($0, type) }
            var reader = NIfTIReader(workers: Workers(2))
            let wanted = try #require(reader.readTogether(paths))
            reader.keepsNumbers = true
            let found = try #require(reader.readTogether(paths))
            #expect(found.volume.tensor.isStored == type.isShort && !wanted.volume.tensor.isStored)
            #expect(found.volume.tensor.values == wanted.volume.tensor.values)
            #expect(found.readings.map(\.crc32) == wanted.readings.map(\.crc32))
            let other = try #require(reader.readTogether([paths[0], scan(7, .float32)]))
            #expect(!other.volume.tensor.isStored)
        }
    }

    private func isLeft(_ reader: NIfTIReader, _ paths: [ScanPath]) -> Bool {
        reader.readTogether(paths) == nil
    }

    @Test("leaves scans that are not alike, or damaged, to reading one after the other")
    func unlike() throws {
        let first = scan(0)
        let reader = NIfTIReader()
        #expect(isLeft(reader, [first]))
        #expect(isLeft(reader, [first, scan(2) { $0.rows[0][3] += 3 }]))
        #expect(isLeft(reader, [first, ScanPath(folder.file("none.nii"))]))
        let four = NIfTIBuilder(.uint8, sizes: [70, 41, 23, 2], values: Array(repeating: 1, count: 132_020))
        #expect(isLeft(reader, [write(four, "nii", in: folder, name: "four"), first]))
        let short = scan(5) { $0.voxels.removeLast(1000) }
        #expect(isLeft(reader, [first, short]))
        #expect(!isLeft(reader, [first, scan(2)]))
    }

    @Test("refuses voxels that are not finite as reading alone does, or sets them to 0")
    func nonfinite() throws {
        let first = scan(0, .float32)
        let bad = scan(1, .float32) { builder in
            builder.voxels.replaceSubrange(400..<404, with: [0x7f, 0xc0, 0, 0])
        }
        #expect(isLeft(NIfTIReader(), [first, bad]))
        let reader = NIfTIReader(nonfinite: .zero)
        let together = try #require(reader.readTogether([first, bad]))
        #expect(together.volume.tensor.values[100 * 2 + 1] == 0)
        #expect(together.readings.map(\.nonfiniteCount) == [0, 1])
    }
}
