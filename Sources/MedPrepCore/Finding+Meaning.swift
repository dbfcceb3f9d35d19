extension Finding.Code {
    /// One sentence for the list of codes.
    public var meaning: String {
        switch self {
        case .affineFromQform: "The sform cannot be used; the qform is."
        case .unknownOrientation: "The file states no orientation: only its spacing is used."
        case .sformQformDisagree: "sform and qform move a corner by more than 0.1 voxel; the sform is used."
        case .shearedAffine: "The axes are not perpendicular; the full affine is kept."
        case .quaternionNormalized: "The qform's quaternion was a little too long and is scaled to 1."
        case .qfacRepaired: "pixdim[0] is not 1, -1 or 0; its sign is used."
        case .spacingRepaired: "A pixdim is 0 or negative; 1 or its absolute value is used."
        case .spacingDisagrees: "pixdim and sform differ in voxel size; the sform rules."
        case .unitsConverted: "Metres or micrometres were converted to millimetres."
        case .unitsUnknown: "The unit of length is not stated; millimetres are assumed."
        case .unknownXformCode: "The sform or qform code is one that NIfTI does not define."
        case .bitpixDisagrees: "bitpix is not that of the datatype; the datatype rules."
        case .voxOffsetRepaired: "vox_offset points into the header; the voxels are read behind it."
        case .scalingIgnored: "scl_slope means no scaling, so scl_inter is not added."
        case .extensionIgnored: "A header extension has an impossible length; extensions are passed over."
        case .trailingBytes: "Bytes behind the voxels are not used."
        case .roundedToFloat32: "Integers beyond 2^24 were rounded to float32."
        case .nonfinite: "NaN or infinite voxels were set to 0, or kept."
        case .roundedToFloat16: "float16 rounds the voxels; the largest error is stated."
        case .float16Overflow: "Voxels beyond 65504 are limited to it, the largest float16."
        case .roundedToInt16: "int16 rounds the voxels; the largest error is stated."
        case .smallBatchSevere: "Batch statistics come from 8 cases or fewer."
        case .smallBatch: "Batch statistics come from 9 to 31 cases."
        case .constantChannel: "All values of a channel are the same."
        case .degenerateReduction: "The step reduces over single values: the result is constant."
        case .oneValuePerChannel: "A channel has one value only."
        case .zeroStd: "The standard deviation is 0; the step's rule for it was used."
        case .zeroScale: "The scale is 0; the step's rule for it was used."
        case .emptyMask: "The mask holds no voxel; the step's rule for it was used."
        case .emptyForeground: "No voxel is foreground; the step's rule for it was used."
        case .aliasingRisk: "The volume gets much coarser without a filter before it."
        case .batchIncomplete: "Cases of the batch failed; this one is done again when they succeed."
        case .constantWindow: "The window has no width."
        }
    }

    /// All codes, as README shows them.
    public static var markdownTable: String {
        Refusal.table(allCases.map { ($0.rawValue, $0.meaning) })
    }
}
