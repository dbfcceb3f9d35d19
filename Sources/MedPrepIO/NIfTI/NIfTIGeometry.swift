import MedPrepCore

/// Where the voxels are: the sform if its code is above 0, else the qform, else the spacing alone.
struct NIfTIGeometry {
    var affine: Affine
    var source: NIfTIHeader.AffineSource
    var code: Int
    var unitScale: Double

    init(_ fields: NIfTIFields, _ findings: inout [Finding]) throws(NIfTIError) {
        unitScale = Self.unitScale(fields, &findings)
        let (sform, qform) = (fields.sformCode > 0, fields.qformCode > 0)
        let rows = Affine(rows: fields.rows).scaled(by: unitScale)
        if sform, let fault = rows.fault {
            guard qform else { throw .badAffine(reason: "the sform \(fault), and there is no qform") }
            (affine, source, code) = (try Self.qform(fields, unitScale, &findings), .qform, fields.qformCode)
            findings.append(Finding(.affineFromQform, "the sform \(fault); the qform is used"))
        } else if sform {
            (affine, source, code) = (rows, .sform, fields.sformCode)
            Self.compareSpacing(fields, rows.spacing / unitScale, &findings)
            Self.compareQform(fields, rows, unitScale, &findings)
        } else if qform {
            (affine, source, code) = (try Self.qform(fields, unitScale, &findings), .qform, fields.qformCode)
        } else {
            affine = Affine(scale: try Self.spacing(fields, &findings) * unitScale)
            (source, code) = (.none, 0)
            if let fault = affine.fault { throw .badAffine(reason: "pixdim \(fault)") }
            findings.append(
                Finding(
                    .unknownOrientation,
                    "sform and qform codes are 0: left and right are unknown, only the spacing is used"))
        }
        if code > 5 {
            findings.append(
                Finding(
                    .unknownXformCode, "the \(source.rawValue) code is \(code), which NIfTI does not define"))
        }
        if affine.shear > Self.visibleShear {
            findings.append(
                Finding(
                    .shearedAffine,
                    "the axes are not perpendicular (cosine \(Self.short(affine.shear))); the full affine is used"
                ))
        }
    }

    /// A largest |cosine| between axes below this moves no corner of a scan of 200 voxels by more than a fifth of one.
    static let visibleShear = 1e-3

    private static func unitScale(_ fields: NIfTIFields, _ findings: inout [Finding]) -> Double {
        switch fields.units & 7 {
        case 1:
            findings.append(Finding(.unitsConverted, "the unit is the metre; lengths are converted to mm"))
            return 1000
        case 2: return 1
        case 3:
            findings.append(
                Finding(.unitsConverted, "the unit is the micrometre; lengths are converted to mm"))
            return 0.001
        default:
            findings.append(
                Finding(
                    .unitsUnknown, "the unit of length (xyzt_units \(fields.units)) is unknown; mm is assumed"
                ))
            return 1
        }
    }

    /// pixdim[1…3] where no sform gives the spacing: a sign is dropped, 0 becomes 1 as in other readers.
    private static func spacing(
        _ fields: NIfTIFields, _ findings: inout [Finding]
    ) throws(NIfTIError) -> SIMD3<Double> {
        let stored = Array(fields.pixdim[1...3])
        guard stored.allSatisfy(\.isFinite) else {
            throw .badAffine(reason: "pixdim \(stored) must be finite where no sform gives the spacing")
        }
        let spacing = stored.map { $0 == 0 ? 1 : abs($0) }
        if spacing != stored {
            findings.append(
                Finding(.spacingRepaired, "pixdim \(stored) must be positive; \(spacing) is used"))
        }
        return SIMD3(spacing[0], spacing[1], spacing[2])
    }

    /// R(b, c, d)·diag(pixdim 1, pixdim 2, qfac·pixdim 3) and the offset (nifti1.h, METHOD 2).
    private static func qform(
        _ fields: NIfTIFields, _ unitScale: Double, _ findings: inout [Finding]
    ) throws(NIfTIError) -> Affine {
        let length = fields.quaternion.dot(fields.quaternion)
        // Not `length <= …` alone: NaN must fail too.
        guard length <= 1 + 1e-4 else {
            throw .badAffine(
                reason: "b\u{b2}+c\u{b2}+d\u{b2} of the qform is \(length); a rotation has at most 1")
        }
        let spacing = try spacing(fields, &findings)
        if length > 1 + 1e-6 {
            findings.append(
                Finding(
                    .quaternionNormalized, "b\u{b2}+c\u{b2}+d\u{b2} of the qform is \(length); scaled to 1"))
        }
        let qfac = fields.pixdim[0]
        let sign: Double = qfac < 0 ? -1 : 1
        if qfac != 0, abs(qfac) != 1 {
            findings.append(Finding(.qfacRepaired, "pixdim[0] is \(qfac), not 1 or -1; \(sign) is used"))
        }
        let rotation = Quaternion(
            vector: length > 1 ? fields.quaternion / length.squareRoot() : fields.quaternion
        )
        .rotation
        let affine = Affine(
            x: rotation.x * spacing.x, y: rotation.y * spacing.y, z: rotation.z * (spacing.z * sign),
            origin: fields.offset
        ).scaled(by: unitScale)
        if let fault = affine.fault { throw .badAffine(reason: "the qform \(fault)") }
        return affine
    }

    private static func compareSpacing(
        _ fields: NIfTIFields, _ spacing: SIMD3<Double>, _ findings: inout [Finding]
    ) {
        let stored = Array(fields.pixdim[1...3])
        let agree = (0..<3).allSatisfy { abs(abs(stored[$0]) - spacing[$0]) <= 1e-3 * spacing[$0] }
        if agree { return }
        let used = (0..<3).map { short(spacing[$0]) }.joined(separator: "x")
        findings.append(
            Finding(
                .spacingDisagrees,
                "pixdim says \(stored.map(short).joined(separator: "x")), the sform \(used); the sform rules")
        )
    }

    /// A broken qform beside a good sform is of no interest.
    private static func compareQform(
        _ fields: NIfTIFields, _ sform: Affine, _ unitScale: Double, _ findings: inout [Finding]
    ) {
        var ignored: [Finding] = []
        guard fields.qformCode > 0, let qform = try? qform(fields, unitScale, &ignored) else { return }
        let extent = SIMD3(fields.dim[1], fields.dim[2], fields.dim[3])
        let distance = Grid(extent: extent, affine: sform).cornerDistance(
            to: Grid(extent: extent, affine: qform))
        guard let distance, distance > 0.1 else { return }
        findings.append(
            Finding(
                .sformQformDisagree,
                "sform and qform differ by up to \(short(distance)) voxels; the sform is used"))
    }

    /// Four significant digits, for messages.
    private static func short(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return "\(value)" }
        var scale = 1.0
        while abs(value) * scale < 1000, scale < 1e12 { scale *= 10 }
        return "\((value * scale).rounded() / scale)"
    }
}

extension Affine {
    /// Another unit of length.
    func scaled(by scale: Double) -> Affine {
        Affine(x: x * scale, y: y * scale, z: z * scale, origin: origin * scale)
    }

    /// What makes an affine useless; it continues "the sform …". The bounds keep later products finite.
    var fault: String? {
        if !isFinite { return "is not finite" }
        let s = spacing
        for length in [s.x, s.y, s.z] {
            if length == 0 { return "has a column of zeros" }
            if !(1e-9...1e9).contains(length) { return "has voxels of \(length) mm" }
        }
        for place in [origin.x, origin.y, origin.z] where abs(place) > 1e12 { return "begins at \(place) mm" }
        if isSingular { return "is singular: its axes lie in one plane" }
        return nil
    }
}
