/// A warning about one scan, with a code that scripts may rely on. A refusal is an error, not a finding.
public struct Finding: Hashable, Sendable {
    public let code: Code
    /// One line for a person: what was found and what was done about it.
    public let message: String

    public init(_ code: Code, _ message: String) {
        (self.code, self.message) = (code, message)
    }

    /// snake_case text is the stable name in JSON.
    public enum Code: String, CaseIterable, Sendable {
        // Reading
        case affineFromQform = "affine_from_qform"
        case unknownOrientation = "unknown_orientation"
        case sformQformDisagree = "sform_qform_disagree"
        case shearedAffine = "sheared_affine"
        case quaternionNormalized = "quaternion_normalized"
        case qfacRepaired = "qfac_repaired"
        case spacingRepaired = "spacing_repaired"
        case spacingDisagrees = "spacing_disagrees"
        case unitsConverted = "units_converted"
        case unitsUnknown = "units_unknown"
        case unknownXformCode = "unknown_xform_code"
        case bitpixDisagrees = "bitpix_disagrees"
        case voxOffsetRepaired = "vox_offset_repaired"
        case scalingIgnored = "scaling_ignored"
        case extensionIgnored = "extension_ignored"
        case trailingBytes = "trailing_bytes"
        case roundedToFloat32 = "rounded_to_float32"
        case nonfinite
        // Writing
        case roundedToFloat16 = "rounded_to_float16"
        case float16Overflow = "float16_overflow"
        case roundedToInt16 = "rounded_to_int16"
        // Operators
        case smallBatchSevere = "small_batch_severe"
        case smallBatch = "small_batch"
        case constantChannel = "constant_channel"
        case degenerateReduction = "degenerate_reduction"
        case oneValuePerChannel = "one_value_per_channel"
        case zeroStd = "zero_std"
        case zeroScale = "zero_scale"
        case emptyMask = "empty_mask"
        case emptyForeground = "empty_foreground"
        case aliasingRisk = "aliasing_risk"
        case batchIncomplete = "batch_incomplete"
        case constantWindow = "constant_window"
    }
}
