import FoundationEssentials
import Glibc
import MedPrepCore
import MedPrepIO
import MedPrepTestSupport
import Testing

@Suite("Scans beside the checkout") struct SharedScansTests {
    private struct Entry: Decodable {
        struct Statistics: Decodable {
            let min, max, mean, std, sumIndexWeighted: Double?
            let first, last: SharedNumber
            let nonzero, nan: Int

            private enum CodingKeys: String, CodingKey {
                case min, max, mean, std, first, last, nonzero, nan
                case sumIndexWeighted = "sum_index_weighted"
            }
        }
        let file, endian, dtype, orientation: String
        let nifti: Int
        let shape: [Int]
        let spacing: [Double]
        let affine: [[Double]]
        let stats: Statistics
    }

    @Test("real scans have the numbers of the catalogue", .enabled(if: Shared.hasScans))
    func catalogue() throws {
        let entries = try Shared.json([Entry].self, Shared.folder + "/data/catalog.json")
        #expect(entries.count == 40)
        for entry in entries {
            let path = ScanPath(Shared.folder + "/data/" + entry.file)
            if entry.shape.count > 4 {
                let error = #expect(throws: NIfTIError.self) { try NIfTIReader().readHeader(path) }
                #expect(error?.code == "bad_dims")
                continue
            }
            try check(entry, path)
        }
    }

    private func check(_ entry: Entry, _ path: ScanPath) throws {
        let (statistics, reading) = try NIfTIReader().readStatistics(path)
        let header = reading.header
        #expect(header.version == entry.nifti && header.byteOrder.rawValue == entry.endian, "\(entry.file)")
        #expect(header.dims == entry.shape && header.elementType.rawValue == entry.dtype, "\(entry.file)")
        #expect(header.grid.orientation?.code == entry.orientation, "\(entry.file)")
        let found = header.affine.rows.flatMap { $0 }
        let sameAffine = zip(found, entry.affine.flatMap { $0 }).allSatisfy {
            isClose($0, $1, absolute: 1e-5)
        }
        #expect(sameAffine, "\(entry.file)")
        let numbers = [
            (statistics.min, entry.stats.min), (statistics.max, entry.stats.max),
            (statistics.mean, entry.stats.mean), (statistics.standardDeviation, entry.stats.std),
            (statistics.first, entry.stats.first.value), (statistics.last, entry.stats.last.value),
        ]
        for (found, expected) in numbers {
            if let expected { #expect(isClose(found, expected), "\(entry.file)") }
        }
        #expect(statistics.nanCount == entry.stats.nan && statistics.infiniteCount == 0, "\(entry.file)")

        // As samples, values stay in file order; float32 itself is good for 1e-6.
        let (volume, again) = try NIfTIReader(fourthAxis: .batch, nonfinite: .zero).read(path)
        #expect(again.crc32 == reading.crc32)
        guard let expected = entry.stats.sumIndexWeighted else { return }
        let (sum, size) = volume.tensor.withUnsafeValues { values in
            var (sum, size) = (0.0, 0.0)
            for i in values.indices {
                sum += Double(values[i]) * Double(i % 997 + 1)
                size += abs(Double(values[i])) * Double(i % 997 + 1)
            }
            return (sum, size)
        }
        #expect(abs(sum - expected) <= 1e-6 * size, "\(entry.file)")
    }

    @Test("hostile files come out as expected", .enabled(if: Shared.hasTorture))
    func torture() throws {
        let (folder, cases) = try TortureCase.all()
        #expect(cases.count >= 40)
        for expected in cases {
            do {
                let (statistics, reading) = try NIfTIReader().readStatistics(
                    ScanPath(folder.file(expected.name)))
                #expect(expected.expected != "reject", "\(expected.name) is not refused")
                #expect(reading.header.dims == expected.shape, "\(expected.name)")
                #expect(reading.header.grid.orientation?.code == expected.orientation, "\(expected.name)")
                if let affine = expected.affine {
                    let found = reading.header.affine.rows.flatMap { $0 }
                    let same = zip(found, affine.flatMap { $0 }).allSatisfy {
                        isClose($0, $1, absolute: 1e-5)
                    }
                    #expect(same, "\(expected.name)")
                }
                if let mean = expected.mean { #expect(isClose(statistics.mean, mean), "\(expected.name)") }
                if let first = expected.first {
                    #expect(isClose(statistics.first, first.value), "\(expected.name)")
                }
                if let last = expected.last {
                    #expect(isClose(statistics.last, last.value), "\(expected.name)")
                }
                #expect(statistics.nanCount == expected.nan, "\(expected.name)")
            } catch {
                #expect(expected.expected != "accept", "\(expected.name): \(error)")
                #expect(error.code == expected.reason, "\(expected.name): \(error)")
            }
        }
    }
}
