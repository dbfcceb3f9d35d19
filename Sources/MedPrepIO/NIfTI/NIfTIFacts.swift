import CMedPrepNIfTI
package import MedPrepCore

/// What the first bytes of a file say, unchecked: enough to tell what a reader with other rules makes of them.
package struct NIfTIFacts: Sendable {
    /// 1 or 2.
    package let version: Int
    /// sizeof_hdr is that of the version, in either byte order.
    package let isSizeRight: Bool
    /// The bytes of the magic: 4, or 8 in NIfTI-2.
    package let magic: [UInt8]
    /// dim[0] in the byte order of sizeof_hdr; `swappedRank` in the other.
    package let rank: Int
    package let swappedRank: Int
    package let voxOffset: Double
    package let qfac: Double
    package let pixdim: [Double]
    package let slope: Double
    package let hasSform: Bool
    package let hasQform: Bool
    /// The sform, whatever its code.
    package let sform: Affine
    /// b² + c² + d².
    package let quaternionLength: Double

    /// nil where the file cannot be read so far, or is too short for a header.
    package init?(_ path: ScanPath) {
        guard var reader = try? ByteReader(path: path) else { return nil }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 540, alignment: 16)
        defer { buffer.deallocate() }
        guard let count = try? reader.read(into: buffer), count >= 348 else { return nil }
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        let stored = bytes.loadUnaligned(as: Int32.self)
        let size = NIfTIFields.headerSize(stored)
        isSizeRight = size != nil
        let isSwapped = size != nil && size != stored
        if size == 540 {
            guard let header = nifti_2_header(bytes: bytes, swapped: isSwapped) else { return nil }
            version = 2
            magic = elements(header.magic, UInt8.self)
            let first = elements(header.dim, Int64.self)[0]
            (rank, swappedRank) = (Int(first), Int(first.byteSwapped))
            voxOffset = Double(header.vox_offset)
            pixdim = elements(header.pixdim, Double.self)
            slope = header.scl_slope
            (hasSform, hasQform) = (header.sform_code > 0, header.qform_code > 0)
            sform = Affine(
                rows: [header.srow_x, header.srow_y, header.srow_z].map { elements($0, Double.self) })
            let vector = SIMD3(header.quatern_b, header.quatern_c, header.quatern_d)
            quaternionLength = vector.dot(vector)
        } else {
            guard let header = nifti_1_header(bytes: bytes, swapped: isSwapped) else { return nil }
            version = 1
            magic = elements(header.magic, UInt8.self)
            let first = elements(header.dim, Int16.self)[0]
            (rank, swappedRank) = (Int(first), Int(first.byteSwapped))
            voxOffset = Double(header.vox_offset)
            pixdim = elements(header.pixdim, Float.self).map { Double($0) }
            slope = Double(header.scl_slope)
            (hasSform, hasQform) = (header.sform_code > 0, header.qform_code > 0)
            sform = Affine(
                rows: [header.srow_x, header.srow_y, header.srow_z].map {
                    elements($0, Float.self).map { Double($0) }
                })
            let vector = SIMD3<Double>(SIMD3(header.quatern_b, header.quatern_c, header.quatern_d))
            quaternionLength = vector.dot(vector)
        }
        qfac = pixdim[0]
    }
}
