import MedPrepCore
import MedPrepIO
import MedPrepKernels
import MedPrepOperators
import MedPrepTestSupport
import Testing

/// What reading counts must tell what a sweep over the voxels tells, to the last bit.
@Suite("Statistics that reading counted") struct CountedStatisticsTests {
    private let folder = TemporaryFolder()
    private let ranks = Summary.standardPercentiles

    /// More than one piece of the reader, the last one short; a third of it air, both ends of the type somewhere.
    private func scan(
        _ type: ElementType, isBigEndian: Bool, _ change: (inout NIfTIBuilder) -> Void = { _ in }
    ) -> ScanPath {
        let (low, high): (Double, Double) =
            switch type {
            case .uint8: (0, 255)
            case .int8: (-128, 127)
            case .uint16: (0, 65_535)
            default: (-32_768, 32_767)
            }
        let count = 71 * 67 * 61
        let values = (0..<count).map { index -> Double in
            index < count / 3 ? 0 : index == count - 2 ? low : index == count / 2 ? high : Double(index % 101)
        }
        var builder = NIfTIBuilder(type, sizes: [71, 67, 61], values: values, isBigEndian: isBigEndian)
        change(&builder)
        return ScanPath(folder.write(NIfTIBuilder.gzip(builder.file), to: "\(type)-\(isBigEndian).nii.gz"))
    }

    @Test(
        "are those of a sweep, in every type, byte order and number of threads",
        arguments: [ElementType.uint8, .int8, .uint16, .int16])
    func same(_ type: ElementType) throws {
        let paths = [false, true].map { scan(type, isBigEndian: $0) }
        for workers in 1...3 {
            let reader = NIfTIReader(workers: Workers(workers))
            for path in paths {
                let (volume, reading) = try reader.read(path)
                let counts = try #require(reading.counts)
                let swept = volume.tensor.summaries(percentiles: ranks, Workers(workers))
                #expect([ChannelStatistics(counts, percentiles: ranks).summary] == swept)
            }
            let (volume, readings) = try #require(reader.readTogether(paths))
            let counted = try readings.map {
                ChannelStatistics(try #require($0.counts), percentiles: ranks).summary
            }
            #expect(counted == volume.tensor.summaries(percentiles: ranks, Workers(workers)))
        }
    }

    @Test("are not there where values are scaled, of another type, of several channels, or labels")
    func absent() throws {
        let plain = scan(.int16, isBigEndian: false)
        let scaled = scan(.uint8, isBigEndian: true) { $0.slope = 2 }
        #expect(try NIfTIReader().read(scaled).reading.counts == nil)
        #expect(try NIfTIReader(role: .label).read(plain).reading.counts == nil)
        #expect(try NIfTIReader().read(scan(.int32, isBigEndian: false)).reading.counts == nil)
        let four = scan(.uint8, isBigEndian: false) { $0.sizes = [71, 67, 1, 61] }
        #expect(try NIfTIReader().read(four).reading.counts == nil)
        // The fourth axis as batch has one channel: all scans of it are one distribution.
        let reader = NIfTIReader(fourthAxis: .batch)
        let (volume, reading) = try reader.read(four)
        let counts = try #require(reading.counts)
        #expect(volume.tensor.shape.n == 61)
        #expect(
            [ChannelStatistics(counts, percentiles: ranks).summary]
                == volume.tensor.summaries(percentiles: ranks, .one))
    }
}
