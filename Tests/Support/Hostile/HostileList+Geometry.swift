import MedPrepCore

/// Scaling, spacing, qform, sform and units: what is refused, repaired or doubted.
extension HostileList {
    mutating func addScalings() {
        func scaled(_ slope: Double, _ intercept: Double, _ findings: [String] = []) -> HostileScan.Outcome {
            Self.read(findings) {
                ($0.first, $0.last) = ($0.first * slope + intercept, $0.last * slope + intercept)
                $0.mean = $0.mean * slope + intercept
            }
        }
        for (name, slope, intercept) in [
            ("ct", 0.5, -1000.0), ("minus", -1, 0), ("inter", 1, 9), ("wide", 1024, -0.25),
        ] {
            add("slope-\(name)", "slope \(slope), inter \(intercept)", scaled(slope, intercept)) {
                ($0.slope, $0.intercept) = (slope, intercept)
            }
        }
        add(
            "slope-tiny", "slope 2^-100 scales",
            scaled(Double(sign: .plus, exponent: -100, significand: 1), 0)
        ) {
            $0.slope = Double(sign: .plus, exponent: -100, significand: 1)
        }
        for (name, slope, intercept) in [
            ("zero", 0.0, 9.0), ("minus-zero", -0.0, 9), ("nan", Double.nan, 9), ("zero-inf", 0, .infinity),
        ] {
            add("slope-\(name)", "no scaling: inter is ignored", scaled(1, 0, ["scaling_ignored"])) {
                ($0.slope, $0.intercept) = (slope, intercept)
            }
        }
        for (name, slope, intercept) in [("none", 0.0, 0.0), ("nan-nan", .nan, .nan), ("zero-nan", 0, .nan)] {
            add("slope-\(name)", "no scaling at all", scaled(1, 0)) {
                ($0.slope, $0.intercept) = (slope, intercept)
            }
        }
        for (name, slope, intercept) in [
            ("inf", Double.infinity, 0.0), ("minus-inf", -.infinity, 0), ("inter-nan", 2, .nan),
            ("inter-inf", 1, .infinity),
        ] {
            add("slope-\(name)", "slope \(slope), inter \(intercept)", .refused("bad_scaling")) {
                ($0.slope, $0.intercept) = (slope, intercept)
            }
        }
        add("slope-float", "float voxels are scaled too", scaled(2, 1)) {
            $0.store(.float32, [4, 3, 2], HostileScan.values)
            ($0.slope, $0.intercept) = (2, 1)
        }
    }

    /// A scan whose qform alone places it: no rotation, the base scan's spacing and origin.
    private static func useQform(_ builder: inout NIfTIBuilder) {
        (builder.sformCode, builder.qformCode, builder.offset) = (0, 1, [12.5, -40, 7.75])
    }

    mutating func addGeometry() {
        func qform(
            _ findings: [String] = [], _ change: (inout HostileScan.Contents) -> Void = { _ in }
        ) -> HostileScan.Outcome {
            Self.read(findings) {
                $0.source = "qform"
                change(&$0)
            }
        }
        let flipped: (inout HostileScan.Contents) -> Void = { $0.orientation = "RAI" }
        add("qform", "placed by the qform", qform(), change: Self.useQform)
        for (name, qfac, findings, isFlipped) in [
            ("0", 0.0, [], false), ("minus", -1, [], true), ("half", 0.5, ["qfac_repaired"], false),
            ("minus-half", -0.5, ["qfac_repaired"], true), ("nan", .nan, ["qfac_repaired"], false),
        ] as [(String, Double, [String], Bool)] {
            add("qfac-\(name)", "pixdim[0] is \(qfac)", qform(findings, isFlipped ? flipped : { _ in })) {
                Self.useQform(&$0)
                $0.pixdim[0] = qfac
            }
        }
        add(
            "quaternion-long", "b²+c²+d² a little above 1",
            qform(["quaternion_normalized"]) { $0.orientation = "LPS" }
        ) {
            Self.useQform(&$0)
            $0.quaternion = [0, 0, 1.00003]
        }
        add("pixdim-minus", "negative pixdim, qform", qform(["spacing_repaired"])) {
            Self.useQform(&$0)
            ($0.pixdim[1], $0.pixdim[3]) = (-0.8, -2.5)
        }
        add("pixdim-zero", "pixdim 0, qform", qform(["spacing_repaired"]) { $0.spacing = [0.8, 1, 2.5] }) {
            Self.useQform(&$0)
            $0.pixdim[2] = 0
        }
        for (name, value) in [("nan", Double.nan), ("zero", 0), ("double", 1.6), ("inf", .infinity)] {
            add("pixdim-sform-\(name)", "the sform rules over pixdim", Self.read(["spacing_disagrees"])) {
                $0.pixdim[1] = value
            }
        }
        add("quaternion-nan-sform", "a broken qform beside a good sform", Self.read()) {
            ($0.qformCode, $0.quaternion) = (1, [.nan, 0, 0])
        }
        add("forms-differ", "qform and sform say different places", Self.read(["sform_qform_disagree"])) {
            ($0.qformCode, $0.offset) = (1, [16.5, -40, 7.75])
        }
        for (name, rows) in [
            ("zero", [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]),
            ("singular", [[0.8, 0.8, 0, 0], [0, 0, 0, 0], [0, 0, 2.5, 0]]),
            ("nan", [[.nan, 0, 0, 0], [0, 1.25, 0, 0], [0, 0, 2.5, 0]]),
        ] as [(String, [[Double]])] {
            add("sform-\(name)-qform", "a broken sform beside a good qform", qform(["affine_from_qform"])) {
                ($0.qformCode, $0.offset, $0.rows) = (1, [12.5, -40, 7.75], rows)
            }
        }
        let unknown: (inout HostileScan.Contents) -> Void = {
            ($0.source, $0.orientation, $0.origin) = ("none", nil, [])
        }
        add("codes-zero", "no orientation", Self.read(["unknown_orientation"], unknown)) { $0.sformCode = 0 }
        add("codes-minus", "negative codes", Self.read(["unknown_orientation"], unknown)) {
            ($0.sformCode, $0.qformCode) = (-1, -7)
        }
        let one: (inout HostileScan.Contents) -> Void = {
            unknown(&$0)
            $0.spacing = [1, 0.8, 2.5]
        }
        add(
            "spacing-only", "repaired pixdim alone",
            Self.read(["spacing_repaired", "unknown_orientation"], one)
        ) {
            ($0.sformCode, $0.pixdim) = (0, [1, 0, -0.8, 2.5, 1, 1, 1, 1])
        }
        add("code-99", "an undefined sform code", Self.read(["unknown_xform_code"])) { $0.sformCode = 99 }
        for (units, scale) in [(1, 1000.0), (3, 0.001)] {
            add("units\(units)", "another unit of length", Self.read(["units_converted"])) {
                $0.units = units
                $0.pixdim = $0.pixdim.map { $0 / scale }
                $0.rows = $0.rows.map { $0.map { $0 / scale } }
            }
        }
        for units in [0, 4, 8] {
            add("units\(units)", "no unit of length", Self.read(["units_unknown"])) { $0.units = units }
        }
        add("units-time", "millimetres and seconds", Self.read()) { $0.units = 10 }
        add(
            "shear", "axes that are not perpendicular",
            Self.read(["spacing_disagrees", "sheared_affine"]) {
                $0.spacing[1] = (1.25 * 1.25 + 0.25).squareRoot()
            }
        ) { $0.rows[0][1] = 0.5 }
        for (name, code, rows) in [
            ("lpi", "LPI", [[-0.8, 0, 0, 12.5], [0, -1.25, 0, -40], [0, 0, -2.5, 7.75]]),
            ("psr", "PSR", [[0, 0, 2.5, 12.5], [-0.8, 0, 0, -40], [0, 1.25, 0, 7.75]]),
        ] {
            add("axes-\(name)", "axes \(code)", Self.read { $0.orientation = code }) { $0.rows = rows }
        }
    }

    mutating func addBrokenGeometry() {
        let refused = HostileScan.Outcome.refused("bad_affine")
        for (name, rows) in [
            ("zero", [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]),
            ("column", [[0.8, 0, 0, 0], [0, 0, 0, 0], [0, 0, 2.5, 0]]),
            ("singular", [[1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0]]),
            ("nan", [[0.8, 0, 0, 0], [0, .nan, 0, 0], [0, 0, 2.5, 0]]),
            ("inf", [[0.8, 0, 0, .infinity], [0, 1.25, 0, 0], [0, 0, 2.5, 0]]),
            ("tiny", [[1e-12, 0, 0, 0], [0, 1.25, 0, 0], [0, 0, 2.5, 0]]),
            ("vast", [[1e12, 0, 0, 0], [0, 1.25, 0, 0], [0, 0, 2.5, 0]]),
            ("far", [[0.8, 0, 0, 1e20], [0, 1.25, 0, 0], [0, 0, 2.5, 0]]),
        ] as [(String, [[Double]])] {
            add("sform-\(name)", "an sform that places nothing", refused) { $0.rows = rows }
        }
        add("quaternion-2", "a quaternion of length 2", refused) {
            Self.useQform(&$0)
            $0.quaternion = [2, 0, 0]
        }
        add("quaternion-nan", "a quaternion of NaN", refused) {
            Self.useQform(&$0)
            $0.quaternion = [0, .nan, 0]
        }
        add("qoffset-nan", "an origin of NaN", refused) {
            Self.useQform(&$0)
            $0.offset = [.nan, 0, 0]
        }
        add("pixdim-nan", "a spacing of NaN, qform", refused) {
            Self.useQform(&$0)
            $0.pixdim[2] = .nan
        }
        add("pixdim-inf", "an infinite spacing and nothing else", refused) {
            ($0.sformCode, $0.pixdim[1]) = (0, .infinity)
        }
        add("both-broken", "neither sform nor qform can be used", refused) {
            ($0.qformCode, $0.quaternion, $0.rows[0]) = (1, [3, 0, 0], [0, 0, 0, 0])
        }
    }
}
