internal import MedPrepCore
internal import MedPrepIO

extension OtherReaders {
    /// What they make of what medprep takes with a finding.
    static func after(_ code: Finding.Code, _ facts: NIfTIFacts?, _ header: NIfTIHeader?) -> OtherReaders {
        switch code {
        // nibabel takes byte 0 at its word, and the header for voxels; the others begin 4 bytes early.
        case .voxOffsetRepaired:
            OtherReaders(facts?.voxOffset == 0 ? .readsOtherwise : .refuses, .readsOtherwise, .readsOtherwise)
        case .scalingIgnored:
            OtherReaders(.reads, .readsOtherwise, .reads)
        case .unitsConverted:
            OtherReaders(.readsOtherwise, .reads, .readsOtherwise)
        case .spacingDisagrees:
            OtherReaders(.reads, .readsOtherwise, .reads)
        // ITK believes an sform of another code than 1 only where the qform says the same.
        case .sformQformDisagree:
            OtherReaders(.reads, header?.spaceCode == 1 ? .reads : .readsOtherwise, .reads)
        // Each invents left and right: nibabel LAS, ITK LPS.
        case .unknownOrientation:
            OtherReaders(.readsOtherwise, .readsOtherwise, .reads)
        case .unknownXformCode:
            OtherReaders(.readsOtherwise, .reads, .reads)
        // Its direction cosines must be perpendicular; with a qform ITK takes that one.
        case .shearedAffine:
            OtherReaders(.reads, facts?.hasQform == true ? .readsOtherwise : .refuses, .reads)
        case .affineFromQform:
            OtherReaders(.readsOtherwise, .reads, .readsOtherwise)
        case .quaternionNormalized:
            OtherReaders(.refuses, .reads, .reads)
        case .qfacRepaired:
            OtherReaders((facts?.qfac ?? 0) < 0 ? .readsOtherwise : .reads, .reads, .reads)
        // A sign turns the axis round in ITK and libnifti; 0 is 1 to all.
        case .spacingRepaired:
            (facts?.pixdim[1...3].contains { $0 < 0 } ?? false)
                ? OtherReaders(.reads, .readsOtherwise, .readsOtherwise)
                : OtherReaders(.reads, .reads, .reads)
        // nibabel takes any length that ends before the voxels, and reports a multiple of 16 that is none.
        case .extensionIgnored:
            OtherReaders(.refuses, .reads, .reads)
        // NaN and infinity become 0.
        case .nonfinite:
            OtherReaders(.reads, .readsOtherwise, .readsOtherwise)
        default:
            OtherReaders(.reads, .reads, .reads)
        }
    }
}
