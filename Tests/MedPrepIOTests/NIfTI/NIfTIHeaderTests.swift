import MedPrepCore
import MedPrepIO
import MedPrepTestSupport
import Testing

func parse(_ bytes: [UInt8]) throws -> NIfTIHeader {
    try bytes.withUnsafeBytes { try NIfTIHeader(bytes: $0) }
}

@Suite("NIfTIHeader") struct NIfTIHeaderTests {
    @Test("reads both versions in both byte orders", arguments: [1, 2], [false, true])
    func versions(version: Int, isBigEndian: Bool) throws {
        var builder = NIfTIBuilder(.uint16)
        (builder.version, builder.isBigEndian) = (version, isBigEndian)
        (builder.slope, builder.intercept, builder.sizes) = (0.5, -1000, [4, 3, 2, 5])
        let header = try parse(builder.header)
        #expect(header.version == version)
        #expect(header.byteOrder == (isBigEndian ? .big : .little))
        #expect(header.dims == [4, 3, 2, 5])
        #expect(header.elementType == .uint16)
        #expect(header.slope == 0.5)
        #expect(header.intercept == -1000)
        #expect(header.voxOffset == (version == 1 ? 352 : 544))
        #expect(header.affineSource == .sform)
        #expect(header.spaceCode == 1)
        #expect(header.affine.origin == SIMD3(12.5, -40, 7.75))
        #expect(header.spacing.y == 1.25)
        #expect(header.findings == [])
        #expect(header.voxelByteCount == 240)
        #expect(header.shape(fourthAxis: .channel) == Shape(d: 2, h: 3, w: 4, c: 5))
        #expect(header.shape(fourthAxis: .batch) == Shape(n: 5, d: 2, h: 3, w: 4))
        #expect(header.grid.orientation?.code == "RAS")
    }

    struct Broken: Sendable, CustomTestStringConvertible {
        let name: String
        let message: String
        let change: @Sendable (inout NIfTIBuilder) -> Void
        var testDescription: String { name }
        init(_ name: String, _ message: String, _ change: @escaping @Sendable (inout NIfTIBuilder) -> Void) {
            (self.name, self.message, self.change) = (name, message, change)
        }
    }

    @Test(
        "refuses a broken field by name",
        arguments: [
            Broken(
                "sizeof_hdr",
                "not_nifti: not a NIfTI file: it begins with \"]\\01\\00\\00\", not with the header size 348 or 540"
            ) { $0.sizeofHeader = 349 },
            Broken(
                "magic",
                "not_nifti: not a NIfTI file: its magic is \"\\00\\00\\00\\00\", not n+1 or ni1; an ANALYZE 7.5 file "
                    + "has no orientation, convert it first"
            ) { $0.magic = [0, 0, 0, 0] },
            Broken(
                "magic of version 2", "not_nifti: not a NIfTI file: its magic is \"n+1\\00\", not n+2 or ni2"
            ) {
                $0.version = 2
                $0.magic = Array("n+1\0\r\n\u{1a}\n".utf8)
            },
            Broken(
                "guard",
                "not_nifti: not a NIfTI file: the guard bytes behind its magic are \"\\0a\\1a\\0a\\00\"; a transfer in "
                    + "text mode has changed the file, copy it again in binary mode"
            ) {
                $0.version = 2
                $0.magic = Array("n+2\0\n\u{1a}\n\0".utf8)
            },
            Broken(
                "rank 0",
                "bad_dims: the sizes are 4x3x2x1x1x1x1: dim[0] says 0 axes; NIfTI has 1 to 7"
            ) { $0.dim = [0, 4, 3, 2, 1, 1, 1, 1] },
            Broken("rank 8", "bad_dims: the sizes are 4x3x2x1x1x1x1: dim[0] says 8 axes; NIfTI has 1 to 7") {
                $0.dim = [8, 4, 3, 2, 1, 1, 1, 1]
            },
            Broken(
                "rank 2^40",
                "bad_dims: the sizes are 1x1x1x1x1x1x1: dim[0] says 1099511627776 axes; NIfTI has 1 to 7"
            ) {
                $0.version = 2
                $0.dim = [1 << 40, 1, 1, 1, 1, 1, 1, 1]
            },
            Broken(
                "size 0",
                "bad_dims: the sizes are 4x0x2: every size must be at least 1; the header is damaged"
            ) { $0.sizes = [4, 0, 2] },
            Broken(
                "size -3",
                "bad_dims: the sizes are 4x-3x2: every size must be at least 1; the header is damaged"
            ) { $0.sizes = [4, -3, 2] },
            Broken(
                "FreeSurfer",
                "bad_dims: the sizes are -1x1x1: -1 is FreeSurfer's sign for a surface too long for NIfTI-1; "
                    + "convert it"
            ) { $0.sizes = [-1, 1, 1] },
            Broken(
                "5-D",
                "bad_dims: the sizes are 1x2x3x1x3: medprep reads 3 axes or 4; split the file along the others"
            ) { $0.sizes = [1, 2, 3, 1, 3] },
            Broken(
                "2-D",
                "bad_dims: the sizes are 4x3: medprep reads 3 axes or 4; store a single slice with depth 1"
            ) { $0.sizes = [4, 3] },
            Broken(
                "overflow",
                "size_overflow: the sizes 1099511627776x1099511627776x1 make more bytes than 64 bits can count; "
                    + "the header is damaged"
            ) {
                $0.version = 2
                $0.sizes = [1 << 40, 1 << 40, 1]
            },
            Broken(
                "overflow by the type",
                "size_overflow: the sizes 4611686018427387904x1x1 make more bytes than 64 bits can count; "
                    + "the header is damaged"
            ) {
                $0.version = 2
                $0.sizes = [1 << 62, 1, 1]
            },
            Broken(
                "datatype 0",
                "unsupported_datatype: datatype 0 is no type at all, not a scalar that medprep reads; "
                    + "store (u)int8, 16, 32, 64, float32 or float64"
            ) { $0.datatype = 0 },
            Broken(
                "float128",
                "unsupported_datatype: datatype 1536 is float128, not a scalar that medprep reads; "
                    + "store (u)int8, 16, 32, 64, float32 or float64"
            ) { $0.datatype = 1536 },
            Broken(
                "vox_offset NaN",
                "bad_vox_offset: vox_offset is nan: it must be a whole number of bytes; the header is damaged"
            ) { $0.voxOffset = .nan },
            Broken(
                "vox_offset infinite",
                "bad_vox_offset: vox_offset is inf: it must be a whole number of bytes; the header is damaged"
            ) { $0.voxOffset = .infinity },
            Broken(
                "vox_offset 1e30",
                "bad_vox_offset: vox_offset is 1e+30: it must be a whole number of bytes; the header is damaged"
            ) { $0.voxOffset = 1e30 },
            Broken(
                "vox_offset fraction",
                "bad_vox_offset: vox_offset is 352.5: it must be a whole number of bytes; the header is damaged"
            ) { $0.voxOffset = 352.5 },
            Broken(
                "vox_offset negative",
                "bad_vox_offset: vox_offset is -8.0: it must not be negative; the header is damaged"
            ) { $0.voxOffset = -8 },
            Broken(
                "slope infinite",
                "bad_scaling: scl_slope inf and scl_inter 0.0 must be finite; mend the header"
            ) { $0.slope = .infinity },
            Broken(
                "intercept NaN",
                "bad_scaling: scl_slope 2.0 and scl_inter nan must be finite; mend the header"
            ) {
                ($0.slope, $0.intercept) = (2, .nan)
            },
            Broken(
                "sform zero",
                "bad_affine: the voxels have no usable place in the world: the sform has a column of zeros, "
                    + "and there is no qform"
            ) { $0.rows = [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]] },
            Broken(
                "sform NaN",
                "bad_affine: the voxels have no usable place in the world: the sform is not finite, "
                    + "and there is no qform"
            ) { $0.rows[1][1] = .nan },
            Broken(
                "sform singular",
                "bad_affine: the voxels have no usable place in the world: the sform is singular: its axes lie in "
                    + "one plane, and there is no qform"
            ) { $0.rows = [[1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0]] },
            Broken(
                "quaternion too long",
                "bad_affine: the voxels have no usable place in the world: b²+c²+d² of the qform is 4.0; "
                    + "a rotation has at most 1"
            ) { ($0.sformCode, $0.qformCode, $0.quaternion) = (0, 1, [2, 0, 0]) },
            Broken(
                "quaternion NaN",
                "bad_affine: the voxels have no usable place in the world: b²+c²+d² of the qform is nan; "
                    + "a rotation has at most 1"
            ) { ($0.sformCode, $0.qformCode, $0.quaternion) = (0, 1, [.nan, 0, 0]) },
            Broken(
                "offset NaN",
                "bad_affine: the voxels have no usable place in the world: the qform is not finite"
            ) { ($0.sformCode, $0.qformCode, $0.offset) = (0, 1, [.nan, 0, 0]) },
            Broken(
                "pixdim NaN",
                "bad_affine: the voxels have no usable place in the world: pixdim [0.800000011920929, nan, 2.5] "
                    + "must be finite where no sform gives the spacing"
            ) { ($0.sformCode, $0.pixdim[2]) = (0, .nan) },
        ])
    func refusal(broken: Broken) throws {
        var builder = NIfTIBuilder()
        broken.change(&builder)
        let error = #expect(throws: NIfTIError.self) { try parse(builder.header) }
        let text = error.map { "\($0.code): \($0.description)" }
        #expect(text == broken.message)
    }

    @Test("refuses every cut of the header", arguments: [1, 2])
    func cuts(version: Int) {
        var builder = NIfTIBuilder()
        builder.version = version
        for count in 0..<builder.header.count {
            let error = #expect(throws: NIfTIError.self) { try parse(Array(builder.header.prefix(count))) }
            let expected: NIfTIError =
                count == 0
                ? .emptyFile : .truncatedHeader(expected: count < 4 || version == 1 ? 348 : 540, found: count)
            #expect(error == expected)
        }
    }

    struct Repaired: Sendable, CustomTestStringConvertible {
        let code: Finding.Code
        let message: String
        let change: @Sendable (inout NIfTIBuilder) -> Void
        let check: @Sendable (NIfTIHeader) -> Bool
        var testDescription: String { message }
        init(
            _ code: Finding.Code, _ message: String,
            _ change: @escaping @Sendable (inout NIfTIBuilder) -> Void,
            check: @escaping @Sendable (NIfTIHeader) -> Bool
        ) {
            (self.code, self.message, self.change, self.check) = (code, message, change, check)
        }
    }

    @Test(
        "goes on with a finding",
        arguments: [
            Repaired(.bitpixDisagrees, "bitpix is 8, but int16 has 16 bits; datatype rules") {
                $0.bitpix = 8
            } check: {
                $0.elementType == .int16
            },
            Repaired(
                .voxOffsetRepaired, "vox_offset is 0, inside the header; the voxels are read from byte 352"
            ) {
                $0.voxOffset = 0
            } check: {
                $0.voxOffset == 352
            },
            Repaired(
                .voxOffsetRepaired, "vox_offset is 400, inside the header; the voxels are read from byte 544"
            ) {
                ($0.version, $0.voxOffset) = (2, 400)
            } check: {
                $0.voxOffset == 544
            },
            Repaired(
                .scalingIgnored, "scl_slope is 0.0, which means no scaling; scl_inter 25.0 is not added"
            ) {
                ($0.slope, $0.intercept) = (0, 25)
            } check: {
                $0.slope == 1 && $0.intercept == 0
            },
            Repaired(.unitsConverted, "the unit is the metre; lengths are converted to mm") {
                $0.units = 1
                $0.pixdim = $0.pixdim.map { $0 / 1000 }
                $0.rows = $0.rows.map { $0.map { $0 / 1000 } }
            } check: {
                abs($0.spacing.x - 0.8) < 1e-6 && $0.unitScale == 1000
            },
            Repaired(.unitsConverted, "the unit is the micrometre; lengths are converted to mm") {
                $0.units = 3
                $0.pixdim = $0.pixdim.map { $0 * 1000 }
                $0.rows = $0.rows.map { $0.map { $0 * 1000 } }
            } check: {
                abs($0.spacing.x - 0.8) < 1e-6
            },
            Repaired(.unitsUnknown, "the unit of length (xyzt_units 0) is unknown; mm is assumed") {
                $0.units = 0
            } check: {
                $0.unitScale == 1
            },
            Repaired(.affineFromQform, "the sform has a column of zeros; the qform is used") {
                $0.rows[2] = [0, 0, 0, 0]
                $0.qformCode = 2
            } check: {
                $0.affineSource == .qform && $0.spaceCode == 2 && $0.spacing.z == 2.5
            },
            Repaired(
                .unknownOrientation,
                "sform and qform codes are 0: left and right are unknown, only the spacing is used"
            ) {
                $0.sformCode = 0
            } check: {
                $0.affineSource == .none && $0.spaceCode == 0 && !$0.grid.isOriented && $0.spacing.z == 2.5
            },
            Repaired(
                .unknownOrientation,
                "sform and qform codes are 0: left and right are unknown, only the spacing is used"
            ) {
                ($0.sformCode, $0.qformCode) = (-1, -7)
            } check: {
                $0.affineSource == .none
            },
            Repaired(.unknownXformCode, "the sform code is 32000, which NIfTI does not define") {
                $0.sformCode = 32000
            } check: {
                $0.affineSource == .sform && $0.spaceCode == 32000
            },
            Repaired(
                .sformQformDisagree, "sform and qform differ by up to 5.0 voxels; the sform is used"
            ) {
                ($0.qformCode, $0.offset) = (1, [16.5, -40, 7.75])
            } check: {
                $0.affineSource == .sform && $0.affine.origin.x == 12.5
            },
            Repaired(
                .shearedAffine, "the axes are not perpendicular (cosine 0.3714); the full affine is used"
            ) {
                $0.rows[0][1] = 0.5
                $0.pixdim[2] = 1.25.squareRoot() * 1.2041594578792296
            } check: {
                $0.affine.y.x == 0.5
            },
            Repaired(.spacingDisagrees, "pixdim says 1.6x1.25x2.5, the sform 0.8x1.25x2.5; the sform rules") {
                $0.pixdim[1] = 1.6
            } check: {
                abs($0.spacing.x - 0.8) < 1e-6
            },
            Repaired(.spacingDisagrees, "pixdim says nanx1.25x2.5, the sform 0.8x1.25x2.5; the sform rules") {
                $0.pixdim[1] = .nan
            } check: {
                abs($0.spacing.x - 0.8) < 1e-6
            },
            Repaired(.spacingRepaired, "pixdim [-2.0, 0.0, 2.5] must be positive; [2.0, 1.0, 2.5] is used") {
                ($0.sformCode, $0.qformCode, $0.pixdim) = (0, 1, [1, -2, 0, 2.5, 1, 1, 1, 1])
            } check: {
                $0.spacing == SIMD3(2, 1, 2.5)
            },
            Repaired(.quaternionNormalized, "b²+c²+d² of the qform is 1.00005006852831; scaled to 1") {
                ($0.sformCode, $0.qformCode, $0.quaternion) = (0, 1, [0, 0, 1.000025])
            } check: {
                abs($0.affine.determinant - 2.5) < 1e-5
            },
            Repaired(.qfacRepaired, "pixdim[0] is -0.5, not 1 or -1; -1.0 is used") {
                ($0.sformCode, $0.qformCode, $0.pixdim[0]) = (0, 1, -0.5)
            } check: {
                $0.affine.z.z == -2.5
            },
        ])
    func repair(repaired: Repaired) throws {
        var builder = NIfTIBuilder()
        repaired.change(&builder)
        let header = try parse(builder.header)
        let finding = header.findings.first { $0.code == repaired.code }
        #expect(finding?.message == repaired.message)
        #expect(repaired.check(header))
    }

    @Test("takes no scaling from a slope of NaN without a word")
    func slopeNaN() throws {
        var builder = NIfTIBuilder()
        (builder.slope, builder.intercept) = (.nan, .nan)
        let header = try parse(builder.header)
        #expect(header.slope == 1 && header.intercept == 0 && header.findings.isEmpty)
    }

    @Test("passes over sizes behind dim[0], trailing ones and qfac 0")
    func harmless() throws {
        var builder = NIfTIBuilder()
        builder.dim = [3, 4, 3, 2, -9, 0, 31, 7]
        #expect(try parse(builder.header).dims == [4, 3, 2])
        builder.dim = [6, 4, 3, 2, 1, 1, 1, 7]
        #expect(try parse(builder.header).volumeCount == 1)
        (builder.sformCode, builder.qformCode, builder.pixdim[0]) = (0, 1, 0)
        let header = try parse(builder.header)
        #expect(header.affine.z.z == 2.5 && header.findings.isEmpty)
    }

    @Test("never traps on a flipped byte, whatever it says", arguments: [1, 2])
    func flips(version: Int) {
        var builder = NIfTIBuilder()
        (builder.version, builder.qformCode) = (version, 1)
        let good = builder.header
        for at in good.indices {
            for value in [0, 1, 0x7f, 0x80, 0xff] as [UInt8] {
                var bytes = good
                bytes[at] = value
                guard let header = try? parse(bytes) else { continue }
                #expect(header.affine.isFinite && header.voxelByteCount > 0 && header.endOfVoxels > 0)
            }
        }
    }
}
