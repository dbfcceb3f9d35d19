import MedPrepCore
import MedPrepIO
import MedPrepTestSupport
import Testing

@Suite("Hostile scans") struct HostileScanTests {
    @Test("each is refused with its code, or has its numbers")
    func all() {
        let folder = TemporaryFolder()
        for scan in HostileScan.all { scan.write(to: folder) }
        #expect(HostileScan.all.count > 300)
        #expect(Set(HostileScan.all.map(\.name)).count == HostileScan.all.count)
        for scan in HostileScan.all {
            let path = ScanPath(folder.file(scan.name))
            do {
                let (statistics, reading) = try NIfTIReader().readStatistics(path)
                guard case .read(let expected) = scan.outcome else {
                    Issue.record("\(scan.name) (\(scan.why)) is not refused")
                    continue
                }
                compare(expected, statistics, reading, scan)
                try compareVolume(expected, path, scan)
            } catch {
                guard case .refused(let code) = scan.outcome else {
                    Issue.record("\(scan.name) (\(scan.why)): \(error)")
                    continue
                }
                #expect(error.code == code, "\(scan.name) (\(scan.why)): \(error)")
            }
        }
    }

    private func compare(
        _ expected: HostileScan.Contents, _ statistics: NIfTIStatistics, _ reading: NIfTIReading,
        _ scan: HostileScan
    ) {
        let header = reading.header
        #expect(header.dims == expected.shape, "\(scan.name)")
        #expect(header.grid.orientation?.code == expected.orientation, "\(scan.name)")
        #expect(header.affineSource.rawValue == expected.source, "\(scan.name)")
        let (spacing, origin) = (header.spacing, header.affine.origin)
        let places =
            [spacing.x, spacing.y, spacing.z]
            + (expected.origin.isEmpty ? [] : [origin.x, origin.y, origin.z])
        #expect(isClose(places, expected.spacing + expected.origin), "\(scan.name): \(places)")
        let numbers = [statistics.first, statistics.last, statistics.mean]
        #expect(isClose(numbers, [expected.first, expected.last, expected.mean]), "\(scan.name): \(numbers)")
        #expect(statistics.nanCount == expected.nanCount, "\(scan.name)")
        #expect(statistics.infiniteCount == expected.infiniteCount, "\(scan.name)")
        #expect(reading.findings.map(\.code.rawValue) == expected.findings, "\(scan.name)")
    }

    /// As a tensor it is the same.
    private func compareVolume(_ expected: HostileScan.Contents, _ path: ScanPath, _ scan: HostileScan)
        throws(NIfTIError)
    {
        let (volume, reading) = try NIfTIReader(fourthAxis: .batch, nonfinite: .ignore).read(path)
        let values = volume.tensor.values
        #expect(values.count == expected.shape.reduce(1, *), "\(scan.name)")
        let ends = [values.first, values.last].map { Double($0 ?? .nan) }
        #expect(
            isClose(ends, [expected.first, expected.last].map { Double(Float($0)) }), "\(scan.name): \(ends)")
        #expect(reading.nonfiniteCount == expected.nanCount + expected.infiniteCount, "\(scan.name)")
    }

    private func isClose(_ found: [Double], _ expected: [Double]) -> Bool {
        found.count == expected.count
            && zip(found, expected).allSatisfy { MedPrepTestSupport.isClose($0, $1) }
    }

    @Test("of two scans that differ in .gz alone, the one that is named is opened")
    func twins() throws {
        let folder = TemporaryFolder()
        let (one, other) = ([1.0, 2], [7.0, 9])
        folder.write(NIfTIBuilder(.uint8, sizes: [2, 1, 1], values: one).file, to: "a.nii")
        let packed = NIfTIBuilder(.uint8, sizes: [2, 1, 1], values: other).file
        folder.write(NIfTIBuilder.gzip(packed), to: "a.nii.gz")
        #expect(try NIfTIReader().read(ScanPath(folder.file("a.nii"))).volume.tensor.values == [1, 2])
        #expect(try NIfTIReader().read(ScanPath(folder.file("a.nii.gz"))).volume.tensor.values == [7, 9])
    }
}
