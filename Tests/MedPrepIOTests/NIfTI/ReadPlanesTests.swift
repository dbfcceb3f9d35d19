import MedPrepCore
import MedPrepIO
import MedPrepTestSupport
import Testing

@Suite("Reading plane by plane") struct ReadPlanesTests {
    private let folder = TemporaryFolder()

    private func path(_ builder: NIfTIBuilder, _ name: String = "scan.nii.gz") -> ScanPath {
        let bytes = name.hasSuffix(".gz") ? NIfTIBuilder.gzip(builder.file) : builder.file
        return ScanPath(folder.write(bytes, to: name))
    }

    /// The planes, in their order: each place is written by one thread.
    private final class Planes: @unchecked Sendable {
        private let planes: UnsafeMutableBufferPointer<[Float]?>

        init(_ count: Int) {
            planes = .allocate(capacity: count)
            planes.initialize(repeating: nil)
        }

        deinit {
            planes.deinitialize()
            planes.deallocate()
        }

        func take(_ plane: consuming Tensor, at index: Int) {
            #expect(planes[index] == nil, "plane \(index) came twice")
            // It is the taker's own, so it is changed where it lies.
            let address = plane.storageAddress
            plane.withUnsafeMutableValues { _ in }
            #expect(plane.storageAddress == address)
            planes[index] = plane.values
        }

        var all: [Float] { planes.flatMap { $0 ?? [] } }
    }

    @Test(
        "hands out the values, counts and checksums of reading whole, in every type, byte order and number of threads",
        arguments: [ElementType.uint8, .int8, .uint16, .int16],
        [[131, 103, 67], [700, 500, 3], [5, 4, 1], [3, 1, 90]])
    func same(type: ElementType, sizes: [Int]) throws {
        let count = sizes.reduce(1, *)
        let values = (0..<count).map { index in
            Double(index % 200) - (type == .int8 || type == .int16 ? 100 : 0)
        }
        for isBigEndian in [false, true] {
            let path = path(NIfTIBuilder(type, sizes: sizes, values: values, isBigEndian: isBigEndian))
            let (whole, reading) = try NIfTIReader().read(path)
            for workers in 1...3 {
                let planes = Planes(sizes[2])
                let found = try NIfTIReader(workers: Workers(workers)).readPlanes(path) { stored, grid in
                    #expect(stored == type && grid == whole.grid)
                    return { plane, index in planes.take(consume plane, at: index) }
                }
                let (volume, arrived) = try #require(found)
                #expect(planes.all == whole.tensor.values)
                #expect(volume.grid == whole.grid && volume.source == whole.source)
                #expect(arrived.crc32 == reading.crc32 && arrived.fileSize == reading.fileSize)
                #expect(arrived.counts == reading.counts && arrived.counts != nil)
            }
        }
    }

    @Test("leaves to others what is scaled, of another type, of several volumes, no image, or unwanted")
    func others() throws {
        let values = (0..<60).map(Double.init)
        let plain = NIfTIBuilder(.int16, sizes: [5, 4, 3], values: values)
        var scaled = plain
        scaled.slope = 2
        let many = NIfTIBuilder(.int16, sizes: [5, 4, 1, 3], values: values)
        let floats = NIfTIBuilder(.float32, sizes: [5, 4, 3], values: values)
        for (index, builder) in [scaled, many, floats].enumerated() {
            let path = path(builder, "other\(index).nii")
            let found = try NIfTIReader().readPlanes(path) { _, _ in
                Issue.record("asked for the planes of \(index)")
                return nil
            }
            #expect(found == nil)
        }
        #expect(try NIfTIReader(role: .label).readPlanes(path(plain)) { _, _ in { _, _ in } } == nil)
        #expect(try NIfTIReader().readPlanes(path(plain)) { _, _ in nil } == nil)
    }

    @Test("damage is the error of reading whole, on 1, 2 and 3 workers")
    func damaged() throws {
        let values = (0..<1_500_000).map { Double($0 % 251) }
        let builder = NIfTIBuilder(.int16, sizes: [100, 100, 150], values: values)
        let whole = NIfTIBuilder.gzip(builder.file)
        var flipped = whole
        flipped[whole.count / 2] ^= 0x10
        let short = NIfTIBuilder.gzip(Array(builder.file.prefix(2_000_000)))
        for bytes in [
            flipped, Array(whole.prefix(whole.count / 2)), Array(whole.dropLast(3)), whole + [7], short,
        ] {
            let path = ScanPath(folder.write(bytes, to: "damaged.nii.gz"))
            let wanted = #expect(throws: NIfTIError.self) { try NIfTIReader().read(path) }
            for workers in 1...3 {
                let error = #expect(throws: NIfTIError.self) {
                    try NIfTIReader(workers: Workers(workers)).readPlanes(path) { _, _ in { _, _ in } }
                }
                #expect(error.map { "\($0)" } == wanted.map { "\($0)" })
            }
        }
    }
}
