import MedPrepCore
import MedPrepIO
import MedPrepKernels
import MedPrepTestSupport
import Testing

@Suite("The box that a reader was asked to find") struct NonzeroBoxTests {
    private let folder = TemporaryFolder()

    /// A head of numbers in air, several pieces long; `shift` moves it, and makes its numbers negative.
    private func scan(_ type: ElementType, shift: Int = 0, slope: Double = 1) -> ScanPath {
        let sizes = [131, 103, 57]
        let values = (0..<131 * 103 * 57).map { index -> Double in
            let (x, y, z) = (index % 131, index / 131 % 103, index / (131 * 103))
            let isInside =
                (20 + shift..<99).contains(x) && (7..<80 + shift).contains(y) && (3..<50).contains(z)
            return isInside ? Double(index % 90) * (shift > 0 ? -1 : 1) : 0
        }
        var builder = NIfTIBuilder(type, sizes: sizes, values: values, isBigEndian: shift % 2 == 1)
        builder.slope = slope
        return ScanPath(folder.write(NIfTIBuilder.gzip(builder.file), to: "\(type)\(shift)-\(slope).nii.gz"))
    }

    private func search(_ tensor: Tensor, _ rule: ForegroundRule) -> Box? {
        var tensor = tensor
        tensor.nonzeroBox = nil
        return tensor.boundingBox(of: rule, .one)
    }

    @Test(
        "is that of a search, in every type, on 1, 2 and 3 workers",
        arguments: [ElementType.uint8, .int16, .int32, .float32, .float64], [1, 0.5])
    func box(type: ElementType, slope: Double) throws {
        for shift in type == .uint8 ? [0] : [0, 5] {
            let path = scan(type, shift: shift, slope: slope)
            for (workers, keepsNumbers) in [(1, false), (2, true), (3, false), (3, true)] {
                var reader = NIfTIReader(workers: Workers(workers))
                reader.keepsNumbers = keepsNumbers
                #expect(try reader.read(path).volume.tensor.nonzeroBox == nil)
                reader.findsBox = true
                let tensor = try reader.read(path).volume.tensor
                let known = try #require(tensor.nonzeroBox)
                #expect(known.box == search(tensor, .nonzero) && known.box != nil)
                // Only counted numbers tell that none is below 0.
                #expect(known.hasNegative == (shift > 0 || !type.isShort || slope != 1))
                for rule in [ForegroundRule.nonzero, .above(0), .above(20)] {
                    #expect(tensor.boundingBox(of: rule, .one) == search(tensor, rule))
                }
            }
        }
    }

    @Test(
        "is that around the voxels of all scans that are read together",
        arguments: [ElementType.int16, .float32])
    func together(type: ElementType) throws {
        for keepsNumbers in [false, true] {
            for shifts in [[0, 3], [0, 3, 6], [5, 2]] {
                var reader = NIfTIReader(workers: Workers(2))
                (reader.keepsNumbers, reader.findsBox) = (keepsNumbers, true)
                let read = try #require(reader.readTogether(shifts.map { scan(type, shift: $0) }))
                let known = try #require(read.volume.tensor.nonzeroBox)
                #expect(known.box == search(read.volume.tensor, .nonzero) && known.hasNegative)
            }
        }
        var reader = NIfTIReader()
        reader.findsBox = true
        // None below 0, where all were counted, and one scan of nothing.
        let zeros = NIfTIBuilder(
            type, sizes: [131, 103, 57], values: Array(repeating: 0, count: 131 * 103 * 57))
        let empty = ScanPath(folder.write(zeros.file, to: "empty-\(type).nii"))
        let read = try #require(reader.readTogether([scan(type), empty]))
        let known = try #require(read.volume.tensor.nonzeroBox)
        #expect(known.box == search(read.volume.tensor, .nonzero) && known.hasNegative == !type.isShort)
    }

    @Test("is none of a scan of zeros, and not looked for in several volumes")
    func none() throws {
        var reader = NIfTIReader()
        reader.findsBox = true
        let zeros = NIfTIBuilder(.int16, sizes: [5, 4, 3], values: Array(repeating: 0, count: 60))
        let empty = try reader.read(ScanPath(folder.write(zeros.file, to: "zeros.nii"))).volume.tensor
        #expect(empty.nonzeroBox == .init(nil, hasNegative: false))
        #expect(empty.boundingBox(of: .nonzero, .one) == nil)
        let many = NIfTIBuilder(.int16, sizes: [5, 4, 1, 3], values: (0..<60).map(Double.init))
        for axis in FourthAxis.allCases {
            reader.fourthAxis = axis
            #expect(
                try reader.read(ScanPath(folder.write(many.file, to: "many.nii"))).volume.tensor.nonzeroBox
                    == nil)
        }
    }
}
