import MedPrepCore
import MedPrepIO
import MedPrepTestSupport
import Testing

/// A builder's file on disk: plain, compressed, or as a pair.
func write(_ builder: NIfTIBuilder, _ kind: String, in folder: TemporaryFolder, name: String = "scan")
    -> ScanPath
{
    switch kind {
    case "nii": folder.write(builder.file, to: name + ".nii")
    case "nii.gz": folder.write(NIfTIBuilder.gzip(builder.file), to: name + ".nii.gz")
    case "hdr": folder.write(builder.file, to: name + ".hdr")
    default: folder.write(NIfTIBuilder.gzip(builder.file), to: name + ".hdr.gz")
    }
    if kind == "hdr" { folder.write(builder.voxels, to: name + ".img") }
    if kind == "hdr.gz" { folder.write(NIfTIBuilder.gzip(builder.voxels), to: name + ".img.gz") }
    return ScanPath(folder.file(name + "." + kind))
}

@Suite("NIfTIReader") struct NIfTIReaderTests {
    /// Values that every type can store, with its ends.
    static func values(_ type: ElementType, count: Int) -> [Double] {
        let range = type.integerRange ?? -1000...1000
        let fraction = type.isInteger ? 0 : 0.25
        var values = (0..<count).map { Double($0 * 7 % 120) + fraction }
        (values[0], values[count - 1]) = (range.lowerBound, range.upperBound)
        return values
    }

    @Test("reads every type from every kind of file", arguments: ElementType.allCases, [1, 2])
    func types(type: ElementType, version: Int) throws {
        let folder = TemporaryFolder()
        let values = Self.values(type, count: 60)
        for isBigEndian in [false, true] {
            for kind in ["nii", "nii.gz", "hdr", "hdr.gz"] {
                var builder = NIfTIBuilder(type, sizes: [5, 4, 3], values: values, isBigEndian: isBigEndian)
                (builder.version, builder.isPair) = (version, kind.hasPrefix("hdr"))
                let path = write(builder, kind, in: folder)
                let (volume, reading) = try NIfTIReader().read(path)
                #expect(volume.tensor.shape == Shape(d: 3, h: 4, w: 5))
                #expect(volume.tensor.values == values.map { Float($0) })
                #expect(volume.source.elementType == type)
                #expect(
                    reading.crc32 == NIfTIBuilder.crc32(builder.file + (builder.isPair ? builder.voxels : []))
                )
                #expect(reading.findings == [] && reading.trailingBytes == 0)
            }
        }
    }

    @Test(
        "scales in Double and rounds once", arguments: [ElementType.uint8, .int16, .uint32, .int64, .float32])
    func scaling(type: ElementType) throws {
        let folder = TemporaryFolder()
        let values = (0..<24).map { Double($0 * 5) }
        var builder = NIfTIBuilder(type, sizes: [4, 3, 2], values: values)
        (builder.slope, builder.intercept) = (Double(Float(0.0754)), Double(Float(3100.8)))
        let volume = try NIfTIReader().read(write(builder, "nii", in: folder)).volume
        let expected = values.map { Float($0 * Double(Float(0.0754)) + Double(Float(3100.8))) }
        #expect(volume.tensor.values == expected)
    }

    @Test(
        "a large scan is the same on 1, 2 and 3 workers",
        arguments: [ElementType.uint8, .int16, .float32, .float64], ["nii", "nii.gz"])
    func workers(type: ElementType, kind: String) throws {
        let folder = TemporaryFolder()
        // More than four pieces of 256 KiB, and one that is not whole.
        let depth = 107 / type.size + 1
        let count = 131 * 103 * depth
        let values = (0..<count).map { Double($0 % 127) + (type == .float32 && $0 % 1000 == 1 ? .nan : 0) }
        for isBigEndian in [false, true] {
            var builder = NIfTIBuilder(
                type, sizes: [131, 103, depth], values: values, isBigEndian: isBigEndian)
            for slope in [1.0, 0.5] {
                builder.slope = slope
                let path = write(builder, kind, in: folder)
                let crc = NIfTIBuilder.crc32(builder.file)
                for (workers, keepsNumbers) in [(1, false), (2, false), (3, false), (1, true), (3, true)] {
                    var reader = NIfTIReader(nonfinite: .zero, workers: Workers(workers))
                    reader.keepsNumbers = keepsNumbers
                    let (volume, reading) = try reader.read(path)
                    #expect(volume.tensor.isStored == (keepsNumbers && type.isShort && slope == 1))
                    let isSame = volume.tensor.withUnsafeValues { found in
                        found.indices.allSatisfy { index in
                            let value = values[index].isNaN ? 0 : values[index] * slope
                            return found[index] == Float(value)
                        }
                    }
                    #expect(isSame && reading.crc32 == crc, "\(workers)")
                    #expect(reading.nonfiniteCount == (type == .float32 ? (count + 998) / 1000 : 0))
                }
            }
        }
    }

    @Test("damage in the middle is the same error on 1, 2 and 3 workers")
    func damaged() throws {
        let folder = TemporaryFolder()
        let values = (0..<1_500_000).map { Double($0 % 251) }
        let builder = NIfTIBuilder(.int16, sizes: [100, 100, 150], values: values)
        let whole = NIfTIBuilder.gzip(builder.file)
        var flipped = whole
        flipped[whole.count / 2] ^= 0x10
        let half = Array(whole.prefix(whole.count / 2))
        let short = NIfTIBuilder.gzip(Array(builder.file.prefix(2_000_000)))
        for (bytes, code) in [
            (flipped, "bad_gzip"), (half, "bad_gzip"), (Array(whole.dropLast(3)), "bad_gzip"),
            (whole + [7], "bad_gzip"), (short, "truncated"),
        ] {
            let path = ScanPath(folder.write(bytes, to: "damaged.nii.gz"))
            let errors = [1, 2, 3].map { workers in
                #expect(throws: NIfTIError.self) {
                    try NIfTIReader(workers: Workers(workers)).read(path)
                }.map { "\($0.code): \($0)" }
            }
            #expect(errors[0] == errors[1] && errors[1] == errors[2])
            #expect(errors[0]?.hasPrefix(code) == true, "\(errors)")
        }
    }

    @Test("the first value that is no label is named, on 1, 2 and 3 workers")
    func firstLabel() throws {
        let folder = TemporaryFolder()
        var values = (0..<1_000_000).map { Double($0 % 4) }
        for (index, place) in stride(from: 300_001, to: 1_000_000, by: 70_000).enumerated() {
            values[place] = Double(index) + 0.5
        }
        for (type, kind) in [(ElementType.float32, "nii"), (.float64, "nii.gz")] {
            let path = write(NIfTIBuilder(type, sizes: [100, 100, 100], values: values), kind, in: folder)
            for workers in [1, 2, 3] {
                let error = #expect(throws: NIfTIError.self) {
                    try NIfTIReader(role: .label, workers: Workers(workers)).read(path)
                }
                #expect(error?.description.contains("it holds 0.5;") == true)
            }
        }
    }

    @Test("lays the fourth axis on channels or samples", arguments: [1, 3], [2, 7, 19])
    func fourthAxis(workers: Int, volumes: Int) throws {
        let folder = TemporaryFolder()
        let values = (0..<30 * volumes).map { Double($0) }
        let builder = NIfTIBuilder(.int16, sizes: [5, 3, 2, volumes], values: values)
        let path = write(builder, "nii.gz", in: folder)
        let tensor = try NIfTIReader(workers: Workers(workers)).read(path).volume.tensor
        #expect(tensor.shape == Shape(d: 2, h: 3, w: 5, c: volumes))
        var expected: [Float] = []
        for voxel in 0..<30 {
            for channel in 0..<volumes { expected.append(Float(values[channel * 30 + voxel])) }
        }
        #expect(tensor.values == expected)
        let batch = try NIfTIReader(fourthAxis: .batch).read(path).volume.tensor
        #expect(batch.shape == Shape(n: volumes, d: 2, h: 3, w: 5))
        #expect(batch.values == values.map { Float($0) })
    }

    @Test("joins blocks of a large series in place, alike on 1 and 3 workers")
    func blocks() throws {
        let folder = TemporaryFolder()
        let (voxels, volumes) = (41 * 37 * 11, 3)
        let values = (0..<voxels * volumes).map { Double($0 % 30011) }
        let path = write(
            NIfTIBuilder(.int16, sizes: [41, 37, 11, volumes], values: values, isBigEndian: true), "nii",
            in: folder)
        let one = try NIfTIReader().read(path).volume.tensor.values
        let three = try NIfTIReader(workers: Workers(3)).read(path).volume.tensor.values
        let right = one.indices.allSatisfy { one[$0] == Float(values[$0 % volumes * voxels + $0 / volumes]) }
        #expect(right)
        #expect(one == three)
    }

    @Test("a fourth axis of one volume is no axis")
    func single() throws {
        let folder = TemporaryFolder()
        let builder = NIfTIBuilder(.uint8, sizes: [2, 2, 2, 1], values: [1, 2, 3, 4, 5, 6, 7, 8])
        let path = write(builder, "nii", in: folder)
        #expect(try NIfTIReader().read(path).volume.tensor.shape == Shape(d: 2, h: 2, w: 2))
        #expect(try NIfTIReader(role: .label).read(path).volume.role == .label)
    }

    @Test("counts, refuses, zeroes or keeps what is not finite")
    func nonfinite() throws {
        let folder = TemporaryFolder()
        let path = write(
            NIfTIBuilder(.float32, sizes: [2, 2, 1], values: [1, .nan, .infinity, -4]), "nii.gz", in: folder)
        let error = #expect(throws: NIfTIError.self) { try NIfTIReader().read(path) }
        #expect(error?.code == "nonfinite")
        #expect(
            error?.description
                == "2 voxels are NaN or infinite; set \"nonfinite\" to \"zero\" or \"ignore\" to accept them")
        let zero = try NIfTIReader(nonfinite: .zero).read(path)
        #expect(zero.volume.tensor.values == [1, 0, 0, -4])
        #expect(
            zero.reading.findings == [Finding(.nonfinite, "2 voxels are NaN or infinite; they are set to 0")])
        let kept = try NIfTIReader(nonfinite: .ignore).read(path)
        #expect(kept.volume.tensor.values[2] == .infinity && kept.reading.nonfiniteCount == 2)
        let (statistics, reading) = try NIfTIReader().readStatistics(path)
        #expect(statistics.nanCount == 1 && statistics.infiniteCount == 1 && statistics.voxelCount == 4)
        #expect(statistics.mean == -1.5 && statistics.standardDeviation == 2.5 && statistics.last == -4)
        #expect(statistics.min == -4 && statistics.max == 1 && statistics.first == 1)
        #expect(reading.findings == [])
    }

    @Test("refuses labels that are not whole, too large, or 4-D")
    func labels() throws {
        let folder = TemporaryFolder()
        func message(_ type: ElementType, _ value: Double, sizes: [Int] = [2, 1, 1]) -> String? {
            let count = sizes.reduce(1, *)
            let values = [Double](repeating: 1, count: count - 1) + [value]
            let path = write(NIfTIBuilder(type, sizes: sizes, values: values), "nii", in: folder)
            do { _ = try NIfTIReader(role: .label).read(path) } catch { return "\(error.code): \(error)" }
            return nil
        }
        let tail = "; labels are whole numbers from -16777216 to 16777216"
        #expect(message(.float32, 2.5) == "bad_label: not a label map: it holds 2.5" + tail)
        #expect(message(.float64, .nan) == "bad_label: not a label map: it holds nan" + tail)
        #expect(message(.int32, 16_777_217) == "bad_label: not a label map: it holds 16777217.0" + tail)
        #expect(message(.float64, 16_777_217) == "bad_label: not a label map: it holds 16777217.0" + tail)
        #expect(message(.int32, -16_777_216) == nil)
        #expect(
            message(.uint8, 1, sizes: [1, 1, 2, 2])
                == "bad_label: not a label map: it has 2 volumes; labels and masks are 3-D")
    }

    @Test("notes integers that Float32 rounds, bytes behind the voxels and broken extensions")
    func findings() throws {
        let folder = TemporaryFolder()
        var builder = NIfTIBuilder(.int64, sizes: [3, 1, 1], values: [16_777_217, 33_554_436, -16_777_219])
        builder.gap = [1, 0, 0, 0] + [5, 0, 0, 0, 6, 0, 0, 0]
        builder.voxels += [9, 9]
        let (volume, reading) = try NIfTIReader().read(write(builder, "nii", in: folder))
        #expect(volume.tensor.values == [16_777_216, 33_554_436, -16_777_220])
        #expect(
            reading.findings == [
                Finding(
                    .extensionIgnored,
                    "the header extension at byte 352 claims 5 bytes; extensions are passed over"),
                Finding(
                    .roundedToFloat32,
                    "2 voxels of type int64 have more than 24 significant bits; they are rounded to float32"),
                Finding(.trailingBytes, "2 bytes behind the voxels are not used"),
            ])
        #expect(reading.trailingBytes == 2)
    }

    @Test("refuses a file that is too short for its header")
    func truncated() throws {
        let folder = TemporaryFolder()
        var builder = NIfTIBuilder(.int16, sizes: [4, 3, 2], values: [Double](repeating: 3, count: 24))
        builder.voxels.removeLast(3)
        func message(_ path: ScanPath) -> String? {
            do { _ = try NIfTIReader().readHeader(path) } catch { return "\(error.code): \(error)" }
            do { _ = try NIfTIReader().read(path) } catch { return "read \(error.code): \(error)" }
            return nil
        }
        let short =
            "truncated_data: the file ends after 397 bytes; its header promises 400; "
            + "copy it again from its source"
        #expect(message(write(builder, "nii", in: folder)) == short)
        #expect(message(write(builder, "nii.gz", in: folder)) == "read " + short)
        builder.sizes = [30000, 30000, 30000]
        #expect(
            message(write(builder, "nii.gz", in: folder))
                == "truncated_data: the header promises 54000000000352 bytes, but a compressed file of this size "
                + "holds 433440 at most; copy it again from its source")
        builder.voxOffset = 4096
        #expect(
            message(write(builder, "nii", in: folder))
                == "bad_vox_offset: vox_offset is 4096: the file ends at byte 397; the header is damaged")
        let empty = ScanPath(folder.write([], to: "empty.nii"))
        #expect(message(empty) == "empty_file: the file is empty; copy it again from its source")
    }

    @Test("refuses half a pair, and a magic that does not fit the name")
    func pairs() throws {
        let folder = TemporaryFolder()
        func message(_ path: ScanPath) -> String? {
            do { _ = try NIfTIReader().readHeader(path) } catch { return "\(error.code): \(error)" }
            return nil
        }
        var builder = NIfTIBuilder(.uint8, sizes: [2, 1, 1], values: [1, 2])
        builder.isPair = true
        let lonely = ScanPath(folder.write(builder.file, to: "lonely.hdr"))
        #expect(
            message(lonely)
                == "missing_pair: the voxels are missing: no lonely.img or lonely.img.gz beside the header")
        #expect(
            message(ScanPath(folder.write(builder.file, to: "pair.nii")))
                == "not_nifti: not a NIfTI file: its magic says that the voxels are in an .img file; "
                + "name the .hdr file")
        builder.isPair = false
        #expect(
            message(ScanPath(folder.write(builder.file, to: "single.hdr")))
                == "not_nifti: not a NIfTI file: its magic says that header and voxels are in one file; "
                + "rename it to .nii or .nii.gz")
        builder.isPair = true
        let upper = ScanPath(folder.write(builder.file, to: "A.HDR"))
        folder.write(builder.voxels, to: "A.IMG")
        #expect(try NIfTIReader().read(upper).volume.tensor.values == [1, 2])
    }

    @Test("notices damage behind the voxels of a compressed scan")
    func checksum() throws {
        let folder = TemporaryFolder()
        let builder = NIfTIBuilder(.uint8, sizes: [2, 1, 1], values: [1, 2])
        var bytes = NIfTIBuilder.gzip(builder.file)
        bytes[bytes.count - 6] ^= 1
        let path = ScanPath(folder.write(bytes, to: "crc.nii.gz"))
        let error = #expect(throws: NIfTIError.self) { try NIfTIReader().read(path) }
        #expect(error?.code == "bad_gzip")
        let page = ScanPath(folder.write(Array("<html>503</html>".utf8), to: "page.nii.gz"))
        let notFound = #expect(throws: NIfTIError.self) { try NIfTIReader().readHeader(page) }
        #expect(notFound?.code == "not_nifti")
    }
}
