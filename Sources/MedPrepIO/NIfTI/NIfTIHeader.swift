public import MedPrepCore

/// What the header of a scan says, checked: sizes, type, scaling and where the voxels are.
public struct NIfTIHeader: Hashable, Sendable {
    /// 1 or 2.
    public let version: Int
    public let byteOrder: ByteOrder
    /// The voxels are in an .img file beside the header.
    public let isPair: Bool
    /// Sizes 1…rank as stored, fastest first.
    public let dims: [Int]
    public let elementType: ElementType
    /// real = raw·slope + intercept; 1 and 0 where the file asks for no scaling.
    public let slope: Double
    public let intercept: Double
    /// Where the voxels begin in the decoded bytes.
    public let voxOffset: Int
    /// Voxel index to RAS+ millimetres; the spacing alone where the orientation is unknown.
    public let affine: Affine
    public let affineSource: AffineSource
    /// The xform code (1 scanner … 5) of the affine; 0 where the orientation is unknown.
    public let spaceCode: Int
    /// Millimetres in the file's unit of length.
    public let unitScale: Double
    /// What had to be repaired, chosen or doubted, in the order of the checks.
    public let findings: [Finding]

    public enum ByteOrder: String, Sendable {
        case little, big
    }

    public enum AffineSource: String, Sendable {
        case sform, qform, none
    }

    /// Reads the header that `bytes` begin with; no file is needed. 540 bytes are enough.
    public init(bytes: UnsafeRawBufferPointer) throws(NIfTIError) {
        let fields = try NIfTIFields(bytes)
        var findings: [Finding] = []
        version = fields.version
        byteOrder = fields.isBigEndian ? .big : .little
        isPair = fields.isPair
        dims = try Self.dims(fields)
        elementType = try Self.elementType(fields, &findings)
        voxOffset = try Self.voxOffset(fields, &findings)
        let counted = [elementType.size] + dims
        // The tensor takes 4 bytes a voxel, the file `size`; both must be countable.
        guard let voxelCount = Shape.count(of: dims), let byteCount = Shape.count(of: counted),
            !voxelCount.multipliedReportingOverflow(by: 8).overflow
        else { throw .sizeOverflow(sizes: dims) }
        if byteCount.addingReportingOverflow(voxOffset).overflow {
            throw .badVoxOffset(
                found: fields.voxOffsetText, reason: "no file is that long; the header is damaged")
        }
        (slope, intercept) = try Self.scaling(fields, &findings)
        let geometry = try NIfTIGeometry(fields, &findings)
        (affine, affineSource, spaceCode) = (geometry.affine, geometry.source, geometry.code)
        unitScale = geometry.unitScale
        self.findings = findings
    }

    /// Column lengths of the affine, in millimetres.
    public var spacing: SIMD3<Double> { affine.spacing }
    /// Sizes (w, h, d).
    public var extent: SIMD3<Int> { SIMD3(dims[0], dims[1], dims[2]) }
    /// Volumes along the fourth axis; 1 for a 3-D file.
    public var volumeCount: Int { dims.count > 3 ? dims[3] : 1 }
    public var grid: Grid { Grid(extent: extent, affine: affine, isOriented: affineSource != .none) }
    /// Stored values in all.
    public var valueCount: Int { dims.reduce(1, *) }
    /// Bytes of all voxels, without the header.
    public var voxelByteCount: Int { valueCount * elementType.size }
    /// Decoded bytes up to the end of the voxels.
    public var endOfVoxels: Int { voxOffset + voxelByteCount }

    /// The shape of the tensor: the fourth axis becomes channels or samples.
    public func shape(fourthAxis: FourthAxis) -> Shape {
        switch fourthAxis {
        case .channel: Shape(extent: extent, c: volumeCount)
        case .batch: Shape(n: volumeCount, extent: extent)
        }
    }
}

/// What the fourth axis of a file becomes (SEMANTICS 1).
public enum FourthAxis: String, CaseIterable, Sendable {
    case channel, batch
}

extension NIfTIHeader {
    private static func dims(_ fields: NIfTIFields) throws(NIfTIError) -> [Int] {
        let rank = fields.dim[0]
        guard (1...7).contains(rank) else {
            throw .badDims(
                sizes: Array(fields.dim[1...]), reason: "dim[0] says \(rank) axes; NIfTI has 1 to 7")
        }
        let sizes = Array(fields.dim[1...rank])
        if sizes[0] == -1 {
            throw .badDims(
                sizes: sizes, reason: "-1 is FreeSurfer's sign for a surface too long for NIfTI-1; convert it"
            )
        }
        if sizes.contains(where: { $0 < 1 }) {
            throw .badDims(sizes: sizes, reason: "every size must be at least 1; the header is damaged")
        }
        guard rank >= 3 else {
            throw .badDims(
                sizes: sizes, reason: "medprep reads 3 axes or 4; store a single slice with depth 1")
        }
        if sizes.dropFirst(4).contains(where: { $0 > 1 }) {
            throw .badDims(sizes: sizes, reason: "medprep reads 3 axes or 4; split the file along the others")
        }
        return sizes
    }

    private static func elementType(
        _ fields: NIfTIFields, _ findings: inout [Finding]
    ) throws(NIfTIError) -> ElementType {
        guard let type = ElementType(datatype: fields.datatype) else {
            throw .unsupportedDatatype(
                code: fields.datatype, name: ElementType.name(ofDatatype: fields.datatype))
        }
        if fields.bitpix != type.size * 8 {
            findings.append(
                Finding(
                    .bitpixDisagrees,
                    "bitpix is \(fields.bitpix), but \(type.rawValue) has \(type.size * 8) bits; datatype rules"
                ))
        }
        return type
    }

    private static func voxOffset(_ fields: NIfTIFields, _ findings: inout [Finding]) throws(NIfTIError)
        -> Int
    {
        let found = fields.voxOffsetText
        guard let offset = fields.voxOffset else {
            throw .badVoxOffset(
                found: found, reason: "it must be a whole number of bytes; the header is damaged")
        }
        if offset < 0 {
            throw .badVoxOffset(found: found, reason: "it must not be negative; the header is damaged")
        }
        let smallest = fields.version == 1 ? 352 : 544
        if fields.isPair || offset >= smallest { return offset }
        findings.append(
            Finding(
                .voxOffsetRepaired,
                "vox_offset is \(offset), inside the header; the voxels are read from byte \(smallest)"))
        return smallest
    }

    private static func scaling(
        _ fields: NIfTIFields, _ findings: inout [Finding]
    ) throws(NIfTIError) -> (slope: Double, intercept: Double) {
        let (slope, intercept) = (fields.slope, fields.intercept)
        if slope == 0 || slope.isNaN {
            if !intercept.isNaN, intercept != 0 {
                findings.append(
                    Finding(
                        .scalingIgnored,
                        "scl_slope is \(slope), which means no scaling; scl_inter \(intercept) is not added"))
            }
            return (1, 0)
        }
        guard slope.isFinite, intercept.isFinite else {
            throw .badScaling(slope: slope, intercept: intercept)
        }
        return (slope, intercept)
    }
}
