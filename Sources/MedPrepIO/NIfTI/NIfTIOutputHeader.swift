import CMedPrepNIfTI
import MedPrepCore

/// What medprep says in a header it writes. Of the input's texts nothing is in it, but where the volume brings them.
struct NIfTIOutputHeader {
    /// Sizes 1…rank.
    let dims: [Int]
    let type: ElementType
    let slope: Double
    let intercept: Double
    let grid: Grid
    let spaceCode: Int
    /// nil: no descrip, no names, no extension.
    let text: HeaderText?

    /// NIfTI-1 unless a size does not fit its 16 bits, or extensions put the voxels where no Float32 says exactly.
    var version: Int {
        let offset = 348 + behind.count
        return dims.contains { $0 > 32767 } || Int(exactly: Float(offset)) != offset ? 2 : 1
    }

    /// Between header and voxels: four zeros, "no extension", or the extensions kept.
    private var behind: [UInt8] { text?.extensionBytes ?? [0, 0, 0, 0] }

    /// All that stands before the voxels. The byte order is this machine's.
    var bytes: [UInt8] {
        let header =
            version == 1
            ? withUnsafeBytes(of: first) { Array($0) } : withUnsafeBytes(of: second) { Array($0) }
        return header + behind
    }

    private var sizes: [Int] { [dims.count] + dims + Array(repeating: 1, count: 7 - dims.count) }

    /// The input's code; where it has none that NIfTI defines, "aligned" (2). 0 where the orientation is unknown.
    private var sformCode: Int { !grid.isOriented ? 0 : (1...5).contains(spaceCode) ? spaceCode : 2 }

    private var rows: [[Double]] {
        grid.isOriented ? Array(grid.affine.rows.prefix(3)) : Array(repeating: [0, 0, 0, 0], count: 3)
    }

    /// The affine as rotation, spacing and sign. A qform has no shear: one that would move a corner by more than 0.1
    /// voxel is left out (nil), for readers that prefer the qform would put the voxels in the wrong place.
    private var qform: (vector: SIMD3<Double>, qfac: Double)? {
        guard grid.isOriented, !grid.affine.isSingular else { return nil }
        var proper = grid.affine
        let qfac: Double = proper.determinant < 0 ? -1 : 1
        proper.z *= qfac
        let exact = Quaternion(rotation: proper.nearestRotation)
        let vector = version == 1 ? SIMD3<Double>(exact.rounded) : exact.vector
        // As a reader will see it.
        let (rotation, s) = (Quaternion(vector: vector).rotation, grid.spacing)
        let stored = Affine(
            x: rotation.x * s.x, y: rotation.y * s.y, z: rotation.z * (s.z * qfac), origin: grid.origin)
        let distance = grid.cornerDistance(to: Grid(extent: grid.extent, affine: stored))
        guard let distance, distance <= 0.1 else { return nil }
        return (vector, qfac)
    }

    private var first: nifti_1_header {
        var header = nifti_1_header()
        let qform = qform
        header.sizeof_hdr = 348
        header.regular = CChar(UInt8(ascii: "r"))
        fill(&header.dim, with: sizes.map { Int16(clamping: $0) })
        header.datatype = Int16(clamping: type.datatype)
        header.bitpix = Int16(type.size * 8)
        let s = grid.spacing
        fill(&header.pixdim, with: [qform?.qfac ?? 1, s.x, s.y, s.z, 1, 1, 1, 1].map { Float($0) })
        header.vox_offset = Float(348 + behind.count)
        (header.scl_slope, header.scl_inter) = (Float(slope), Float(intercept))
        header.xyzt_units = CChar(NIFTI_UNITS_MM)
        header.sform_code = Int16(sformCode)
        fill(&header.srow_x, with: rows[0].map { Float($0) })
        fill(&header.srow_y, with: rows[1].map { Float($0) })
        fill(&header.srow_z, with: rows[2].map { Float($0) })
        if let qform {
            header.qform_code = Int16(sformCode)
            let (bcd, origin) = (SIMD3<Float>(qform.vector), SIMD3<Float>(grid.origin))
            (header.quatern_b, header.quatern_c, header.quatern_d) = (bcd.x, bcd.y, bcd.z)
            (header.qoffset_x, header.qoffset_y, header.qoffset_z) = (origin.x, origin.y, origin.z)
        }
        fill(&header.magic, with: Array("n+1\0".utf8))
        if let text {
            fill(&header.descrip, with: text.descrip)
            fill(&header.aux_file, with: text.auxFile)
            fill(&header.intent_name, with: text.intentName)
            fill(&header.db_name, with: text.dbName)
        }
        return header
    }

    private var second: nifti_2_header {
        var header = nifti_2_header()
        let qform = qform
        header.sizeof_hdr = 540
        fill(&header.magic, with: Array("n+2\0\r\n\u{1a}\n".utf8))
        fill(&header.dim, with: sizes.map { Int64($0) })
        header.datatype = Int16(clamping: type.datatype)
        header.bitpix = Int16(type.size * 8)
        let s = grid.spacing
        fill(&header.pixdim, with: [qform?.qfac ?? 1, s.x, s.y, s.z, 1, 1, 1, 1])
        header.vox_offset = Int64(540 + behind.count)
        (header.scl_slope, header.scl_inter) = (slope, intercept)
        header.xyzt_units = Int32(NIFTI_UNITS_MM)
        header.sform_code = Int32(sformCode)
        fill(&header.srow_x, with: rows[0])
        fill(&header.srow_y, with: rows[1])
        fill(&header.srow_z, with: rows[2])
        if let qform {
            header.qform_code = Int32(sformCode)
            let (bcd, origin) = (qform.vector, grid.origin)
            (header.quatern_b, header.quatern_c, header.quatern_d) = (bcd.x, bcd.y, bcd.z)
            (header.qoffset_x, header.qoffset_y, header.qoffset_z) = (origin.x, origin.y, origin.z)
        }
        if let text {
            fill(&header.descrip, with: text.descrip)
            fill(&header.aux_file, with: text.auxFile)
            fill(&header.intent_name, with: text.intentName)
        }
        return header
    }
}
