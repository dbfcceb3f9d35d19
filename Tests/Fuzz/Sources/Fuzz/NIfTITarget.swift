import MedPrepCore
import MedPrepIO
import MedPrepTestSupport

/// Header and reader: the same bytes as .nii, as .nii.gz of one or two members, or cut into .hdr and .img.
///
/// Byte 0: how it is stored. Byte 1: role, fourth axis, what NaN means. The rest: the file.
extension Target {
    static let nifti = Target(
        name: "nifti", seeds: { NIfTISeeds.all.map { [0, 0] + $0 } + NIfTISeeds.variants },
        words: { NIfTISeeds.words },
        run: { bytes in
            var input = InputBytes(bytes)
            let (storing, meaning) = (input.next(), input.next())
            let reader = NIfTIReader(
                role: meaning & 3 == 1 ? .label : meaning & 3 == 2 ? .mask : .image,
                fourthAxis: meaning & 4 == 0 ? .channel : .batch,
                nonfinite: meaning & 0x18 == 0 ? .ignore : meaning & 0x18 == 8 ? .zero : .error,
                workers: meaning & 0x20 == 0 ? .one : Workers(2))
            switch storing & 3 {
            case 0: check(reader, files.plain.path) { files.plain.write(input.rest) }
            case 1: check(reader, files.gzip.path) { files.gzip.write(members(input.rest, storing >> 2)) }
            case 2: check(reader, files.header.path) { cut(input.rest, at: 352) }
            default: check(reader, files.header.path) { cut(input.rest, at: storing & 4 == 0 ? 348 : 544) }
            }
        })

    private static func cut(_ bytes: UnsafeRawBufferPointer, at place: Int) {
        files.header.write(UnsafeRawBufferPointer(rebasing: bytes.prefix(place)))
        files.voxels.write(UnsafeRawBufferPointer(rebasing: bytes.dropFirst(place)))
    }

    /// One gzip member, or two.
    private static func members(_ bytes: UnsafeRawBufferPointer, _ place: UInt8) -> [UInt8] {
        if place == 0 { return NIfTIBuilder.gzip(Array(bytes)) }
        return NIfTIBuilder.gzip(Array(bytes.prefix(Int(place) * 8)))
            + NIfTIBuilder.gzip(Array(bytes.dropFirst(Int(place) * 8)))
    }

    private static func check(_ reader: NIfTIReader, _ path: ScanPath, _ write: () -> Void) {
        write()
        let header = try? reader.readHeader(path)
        do throws(NIfTIError) {
            let (volume, reading) = try reader.read(path)
            expect(header == reading.header, "the header alone says what the whole file says")
            checkRead(volume, reading)
            let (statistics, again) = try reader.readStatistics(path)
            expect(again.crc32 == reading.crc32, "both ways of reading see the same bytes")
            expect(statistics.voxelCount == reading.header.valueCount, "statistics of every voxel")
            RoundTrip(file: files.again).check(volume)
        } catch {
            expect(!"\(error)".isEmpty && !error.code.isEmpty, "a refusal has a sentence and a code")
        }
    }

    private static func checkRead(_ volume: Volume, _ reading: NIfTIReading) {
        let (shape, count) = (volume.tensor.shape, volume.tensor.values.count)
        expect(Shape.count(of: shape.sizes) == count, "\(shape) holds \(count) values")
        expect(count == reading.header.valueCount, "\(count) of \(reading.header.valueCount) values")
        let entries = volume.grid.affine.rows.flatMap { $0 }
        expect(entries.allSatisfy(\.isFinite), "a finite affine, not \(entries)")
        expect(!volume.grid.affine.isSingular, "an affine that places voxels, not \(entries)")
        for finding in reading.findings { expect(!finding.message.isEmpty, "a finding has a sentence") }
    }

    private static let files = (
        plain: MemoryFile("a.nii"), gzip: MemoryFile("b.nii.gz"),
        header: MemoryFile("c.hdr"), voxels: MemoryFile("c.img"), again: MemoryFile("d.nii")
    )
}
