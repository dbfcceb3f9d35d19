import CNIfTIOracle
import MedPrepCore
import MedPrepIO
import MedPrepTestSupport
import Testing

@Suite("NIfTIWriter") struct NIfTIWriterTests {
    /// Perpendicular, left-handed, oblique.
    static let oblique: Affine = {
        let (c, s) = (0.8, 0.6)
        return Affine(
            x: SIMD3(-0.75 * c, 0.75 * s, 0), y: SIMD3(1.5 * s, 1.5 * c, 0), z: SIMD3(0, 0, 3),
            origin: SIMD3(90.5, -20, 7))
    }()

    static func volume(
        _ shape: Shape, role: Volume.Role = .image, affine: Affine = oblique, isOriented: Bool = true,
        source: Volume.Source = Volume.Source(), value: (Int) -> Float = { Float($0) }
    ) -> Volume {
        Volume(
            tensor: Tensor(shape, (0..<shape.count).map(value)),
            grid: Grid(extent: shape.extent, affine: affine, isOriented: isOriented), role: role,
            source: source)
    }

    static func bytes(_ volume: Volume, workers: Int = 1) throws -> [UInt8] {
        let writer = try NIfTIWriter(for: volume, workers: Workers(workers))
        var bytes: [UInt8] = []
        writer.write(volume) { bytes += $0 }
        #expect(bytes.count == writer.byteCount)
        return bytes
    }

    @Test("what it writes is read back, plain and compressed", arguments: ["a.nii", "a.nii.gz"])
    func roundTrip(name: String) throws {
        let folder = TemporaryFolder()
        let path = ScanPath(folder.file(name))
        let volume = Self.volume(
            Shape(d: 3, h: 4, w: 5), source: Volume.Source(elementType: .int16, spaceCode: 4))
        try NIfTIWriter.write(volume, to: path)
        let (back, reading) = try NIfTIReader().read(path)
        #expect(back.tensor.values == volume.tensor.values)
        #expect(back.tensor.shape == volume.tensor.shape)
        #expect(back.source == Volume.Source(elementType: .float32, spaceCode: 4))
        #expect(reading.findings == [])
        #expect(try #require(back.grid.cornerDistance(to: volume.grid)) < 1e-5)
        let oracle = oracle_read(path.description)
        #expect(oracle.ok == 1 && oracle.qform_code == 4 && oracle.sform_code == 4)
        let (q, s) = withUnsafeBytes(of: oracle.qform) { q in
            withUnsafeBytes(of: oracle.sform) { s in
                (Array(q.bindMemory(to: Double.self)), Array(s.bindMemory(to: Double.self)))
            }
        }
        let same = zip(q, s).allSatisfy { abs($0 - $1) < 1e-5 }
        #expect(same, "\(q) \(s)")
    }

    @Test("says only what it must: no text, no extension, mm, no scaling")
    func header() throws {
        let volume = Self.volume(Shape(d: 1, h: 1, w: 2), affine: Affine(scale: SIMD3(1, 2, 3)))
        var expected = NIfTIBuilder(.float32, sizes: [2, 1, 1], values: [0, 1])
        expected.isBigEndian = Int16(1).littleEndian != 1
        expected.pixdim = [1, 1, 2, 3, 1, 1, 1, 1]
        expected.rows = [[1, 0, 0, 0], [0, 2, 0, 0], [0, 0, 3, 0]]
        expected.qformCode = 1
        #expect(try Self.bytes(volume).elementsEqual(regular(expected.file)))
    }

    /// The byte `regular`, 'r' since ANALYZE.
    private func regular(_ file: [UInt8]) -> [UInt8] {
        var file = file
        file[38] = UInt8(ascii: "r")
        return file
    }

    @Test(
        "the file has the same bytes on 1, 2 and 3 workers, in every type and compression",
        arguments: ["a.nii", "a.nii.gz"])
    func workers(name: String) throws {
        let folder = TemporaryFolder()
        let path = ScanPath(folder.file(name))
        let compressions: [Compression] = name == "a.nii" ? [.fast] : [.none, .fast, .balanced, .level(2)]
        for (channels, source) in [(1, ElementType.float32), (1, .int16), (1, .uint8), (3, .float32)] {
            // Some 3 MiB of float32: several blocks, one of them not whole.
            let volume = Self.volume(
                Shape(d: 71, h: 101, w: 113 / channels, c: channels),
                role: source == .float32 ? .image : .label,
                source: Volume.Source(elementType: source)
            ) { Float($0 * 7919 % 127) }
            let plain = try Self.bytes(volume)
            for compression in compressions {
                let files = try [1, 2, 3].map { workers in
                    try NIfTIWriter.write(
                        volume, to: path, compression: compression, workers: Workers(workers))
                    return folder.read(name)
                }
                let isSame = files[0] == files[1] && files[1] == files[2]
                let isRight = try name == "a.nii" ? files[0] == plain : decompressed(files[0]) == plain
                #expect(isSame && isRight, "\(channels) \(source) \(compression)")
            }
        }
    }

    @Test("turns to NIfTI-2 where a size is above 32767")
    func version() throws {
        let folder = TemporaryFolder()
        for (width, version) in [(32767, 1), (32768, 2)] {
            let volume = Self.volume(Shape(d: 1, h: 1, w: width), affine: Affine(scale: SIMD3(1, 1, 1)))
            let path = ScanPath(folder.file("\(width).nii.gz"))
            try NIfTIWriter.write(volume, to: path)
            let (back, reading) = try NIfTIReader().read(path)
            #expect(reading.header.version == version && reading.findings == [])
            #expect(back.tensor.values == volume.tensor.values && back.grid == volume.grid)
        }
    }

    @Test("puts channels and samples on the fourth axis, alike on 1 and 3 workers", arguments: [2, 5, 18])
    func series(count: Int) throws {
        let folder = TemporaryFolder()
        let path = ScanPath(folder.file("series.nii"))
        let channels = Self.volume(Shape(d: 33, h: 17, w: 9, c: count)) { Float($0 % 4099) }
        #expect(try Self.bytes(channels) == Self.bytes(channels, workers: 3))
        try NIfTIWriter.write(channels, to: path)
        #expect(try NIfTIReader().readHeader(path).dims == [9, 17, 33, count])
        #expect(try NIfTIReader().read(path).volume.tensor.values == channels.tensor.values)
        let samples = Self.volume(Shape(n: count, d: 2, h: 3, w: 4))
        try NIfTIWriter.write(samples, to: path)
        #expect(try NIfTIReader(fourthAxis: .batch).read(path).volume.tensor.values == samples.tensor.values)
        let error = #expect(throws: NIfTIError.self) {
            try NIfTIWriter(for: Self.volume(Shape(n: 2, d: 1, h: 1, w: 1, c: 3)))
        }
        #expect(
            error?.description
                == "the sizes are 1x1x1x3x2: NIfTI's fourth axis takes samples or channels, not both; "
                + "write each sample by itself")
    }

    @Test("gathers channels of over four million voxels while they go out", arguments: ["a.nii", "a.nii.gz"])
    func longChannels(name: String) throws {
        let folder = TemporaryFolder()
        let path = ScanPath(folder.file(name))
        let shape = Shape(d: 65, h: 256, w: 257, c: 3)
        // Whole numbers that scaled int16 holds too, each channel with its own order.
        let tensor = Tensor(shape) { values in
            for index in 0..<shape.count { values[index] = Float((index * 7 + index % 3 * 1000) & 0x3fff) }
        }
        let volume = Volume(
            tensor: tensor, grid: Grid(extent: shape.extent, affine: Self.oblique, isOriented: true),
            role: .image, source: Volume.Source())
        for (encoding, workers) in [(NIfTIWriter.Encoding.float32, 1), (.float32, 3), (.scaledInt16, 2)] {
            try NIfTIWriter.write(volume, to: path, encoding: encoding, workers: Workers(workers))
            let back = try NIfTIReader(workers: .one).read(path).volume.tensor
            let isSame = back.withUnsafeValues { found in
                tensor.withUnsafeValues { found.elementsEqual($0) }
            }
            #expect(back.shape == shape && isSame, "\(encoding) \(workers)")
        }
    }

    @Test("long channels of labels go out in their integer type, in pieces too")
    func longLabels() throws {
        let shape = Shape(d: 65, h: 256, w: 257, c: 4)
        let tensor = Tensor(shape) { values in
            for index in 0..<shape.count { values[index] = Float((index * 7 + index % 4 * 50) % 251) }
        }
        let volume = Volume(
            tensor: tensor, grid: Grid(extent: shape.extent, affine: Self.oblique, isOriented: true),
            role: .label, source: Volume.Source(elementType: .uint8))
        let bytes = try Self.bytes(volume).suffix(shape.count)
        let voxels = shape.voxelCount
        let isSame = tensor.withUnsafeValues { values in
            bytes.withUnsafeBytes { bytes in
                (0..<shape.count).allSatisfy {
                    Float(bytes[$0]) == values[$0 % voxels * shape.c + $0 / voxels]
                }
            }
        }
        #expect(isSame)
    }

    @Test(
        "writes labels in their own integer type, or the next that holds them",
        arguments: [
            (.uint8, 0, 255, .uint8), (.uint8, 0, 256, .uint16), (.uint8, -1, 100, .int8),
            (.uint8, -1, 300, .int16),
            (.int16, 0, 1, .int16), (.uint16, -1, 2, .int16), (.uint16, 0, 70000, .uint32),
            (.int64, -5, 16_777_216, .int64), (.uint64, -1, 1, .int64), (.float32, 0, 255, .uint8),
            (.float64, 0, 256, .int16), (.float32, -1, 3, .int16), (.float32, 0, 40000, .int32),
        ] as [(ElementType, Float, Float, ElementType)])
    func labels(source: ElementType, low: Float, high: Float, expected: ElementType) throws {
        let folder = TemporaryFolder()
        let path = ScanPath(folder.file("labels.nii.gz"))
        let volume = Self.volume(
            Shape(d: 1, h: 2, w: 2), role: .label, source: Volume.Source(elementType: source)
        ) { $0 == 0 ? low : $0 == 3 ? high : 1 }
        #expect(try NIfTIWriter(for: volume).elementType == expected)
        try NIfTIWriter.write(volume, to: path)
        let back = try NIfTIReader(role: .label).read(path).volume
        #expect(back.tensor.values == [low, 1, 1, high] && back.source.elementType == expected)
    }

    @Test("refuses a label that is none", arguments: [Float(0.5), .nan, .infinity, 16_777_218])
    func badLabel(value: Float) {
        let volume = Self.volume(Shape(d: 1, h: 1, w: 2), role: .label) { $0 == 1 ? value : 0 }
        let error = #expect(throws: NIfTIError.self) { try NIfTIWriter(for: volume) }
        #expect(
            error?.description
                == "not a label map: a value to write is \(Double(value)); labels are whole numbers up to 16777216"
        )
    }

    @Test("leaves the orientation unknown where it is")
    func unknown() throws {
        let folder = TemporaryFolder()
        let path = ScanPath(folder.file("unknown.nii"))
        let volume = Self.volume(
            Shape(d: 2, h: 2, w: 2), affine: Affine(scale: SIMD3(1, 2, 3)), isOriented: false,
            source: Volume.Source(spaceCode: 0))
        try NIfTIWriter.write(volume, to: path)
        let header = try NIfTIReader().readHeader(path)
        #expect(header.affineSource == .none && header.spacing == SIMD3(1, 2, 3))
        let oracle = oracle_read(path.description)
        #expect(oracle.qform_code == 0 && oracle.sform_code == 0)
    }

    @Test("writes no qform for a sheared affine, and no code that NIfTI lacks")
    func sheared() throws {
        let folder = TemporaryFolder()
        let path = ScanPath(folder.file("sheared.nii"))
        var affine = Self.oblique
        affine.z.x += 1.5
        let volume = Self.volume(
            Shape(d: 4, h: 4, w: 4), affine: affine, source: Volume.Source(spaceCode: 32000))
        try NIfTIWriter.write(volume, to: path)
        let (back, reading) = try NIfTIReader().read(path)
        #expect(try #require(back.grid.cornerDistance(to: volume.grid)) < 1e-5)
        #expect(reading.findings.map(\.code) == [.shearedAffine] && back.source.spaceCode == 2)
        #expect(oracle_read(path.description).qform_code == 0)
    }

    @Test("scaled int16 stays within half a step, and keeps whole numbers exact")
    func scaled() throws {
        let folder = TemporaryFolder()
        let path = ScanPath(folder.file("scaled.nii"))
        let volume = Self.volume(Shape(d: 4, h: 5, w: 6)) { Float($0) * 0.0317 - 1.7 }
        let writer = try NIfTIWriter(for: volume, encoding: .scaledInt16)
        try NIfTIWriter.write(volume, to: path, encoding: .scaledInt16)
        let (back, reading) = try NIfTIReader().read(path)
        #expect(reading.header.elementType == .int16 && writer.elementType == .int16)
        let step = reading.header.slope
        #expect(step > 0 && step < 119 * 0.0317 / 65000 && writer.largestError <= 0.501 * step)
        let worst =
            zip(back.tensor.values, volume.tensor.values).map { abs(Double($0) - Double($1)) }.max() ?? 1
        #expect(worst <= writer.largestError + 1e-6 && worst > 0)
        let whole = Self.volume(Shape(d: 1, h: 1, w: 3)) { [-32768, 5, 32767][$0] }
        #expect(try NIfTIWriter(for: whole, encoding: .scaledInt16).largestError == 0)
        let constant = Self.volume(Shape(d: 1, h: 1, w: 3)) { _ in 0.1 }
        #expect(try NIfTIWriter(for: constant, encoding: .scaledInt16).largestError == 0)
        let broken = Self.volume(Shape(d: 1, h: 1, w: 2)) { _ in .nan }
        let error = #expect(throws: NIfTIError.self) { try NIfTIWriter(for: broken, encoding: .scaledInt16) }
        #expect(error == .notRepresentable(count: 2))
    }

    @Test("scaled int16 reads back finite at the ends of what a Float holds")
    func scaledEnds() throws {
        let folder = TemporaryFolder()
        let path = ScanPath(folder.file("ends.nii"))
        let largest = Float.greatestFiniteMagnitude
        let ends: [Float] = [-largest, 0, largest / 2, largest]
        for first in [0, 1] {
            let volume = Self.volume(Shape(d: 1, h: 1, w: 3)) { ends[first + $0] }
            try NIfTIWriter.write(volume, to: path, encoding: .scaledInt16)
            let values = try NIfTIReader().read(path).volume.tensor.values
            let isNear = zip(values, volume.tensor.values).allSatisfy { abs($0 - $1) <= largest / 30000 }
            #expect(isNear, "\(values)")
        }
    }

    @Test("the quaternion of a rotation gives that rotation back, for every octant and near half turns")
    func quaternions() throws {
        let angles = [0, 0.4, 1.5, .pi / 2, 3, .pi, 4.2]
        for a in angles {
            for b in angles {
                for c in angles {
                    func turn(_ u: Int, _ v: Int, _ t: Double) -> Affine {
                        var r = Affine.identity
                        r[u][u] = cosine(t)
                        r[u][v] = cosine(t - .pi / 2)
                        r[v][u] = -cosine(t - .pi / 2)
                        r[v][v] = cosine(t)
                        return r
                    }
                    let rotation = turn(0, 1, a) * turn(1, 2, b) * turn(0, 1, c)
                    let volume = Self.volume(Shape(d: 2, h: 2, w: 2), affine: rotation)
                    var builder = try Self.bytes(volume)
                    builder[254] = 0  // sform_code: the qform alone must say the same
                    builder[255] = 0
                    let header = try builder.withUnsafeBytes { try NIfTIHeader(bytes: $0) }
                    #expect(header.affineSource == .qform)
                    // Near half turns a is the root of a small difference of Float32 numbers.
                    #expect(try #require(header.grid.cornerDistance(to: volume.grid)) < 2e-4)
                }
            }
        }
    }

    /// By its series: tests need no C library for it.
    private func cosine(_ x: Double) -> Double {
        var (sum, term) = (1.0, 1.0)
        for k in stride(from: 2.0, to: 60, by: 2) {
            term *= -x * x / (k * (k - 1))
            sum += term
        }
        return sum
    }
}
