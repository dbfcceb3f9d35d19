/// Why a scan or a case is refused, as scripts know it: the one list of all codes of failure.
///
/// snake_case text is the stable name in JSON.
public enum Refusal: String, CaseIterable, Sendable {
    // Finding and opening
    case notFound = "not_found"
    case noScan = "no_scan"
    case notAFile = "not_a_file"
    case cannotRead = "cannot_read"
    case missingFile = "missing_file"
    case doubledFile = "doubled_file"
    // Reading
    case emptyFile = "empty_file"
    case notNIfTI = "not_nifti"
    case truncatedHeader = "truncated_header"
    case truncatedData = "truncated_data"
    case badGzip = "bad_gzip"
    case badDims = "bad_dims"
    case sizeOverflow = "size_overflow"
    case unsupportedDatatype = "unsupported_datatype"
    case badVoxOffset = "bad_vox_offset"
    case badAffine = "bad_affine"
    case badScaling = "bad_scaling"
    case missingPair = "missing_pair"
    case nonfinite
    case badLabel = "bad_label"
    case gridMismatch = "grid_mismatch"
    case overBudget = "over_budget"
    // Steps
    case unknownOrientation = "unknown_orientation"
    case unresolvedReference = "unresolved_reference"
    case unresolvedSpacing = "unresolved_spacing"
    case nothingLeft = "nothing_left"
    case emptyForeground = "empty_foreground"
    case emptyMask = "empty_mask"
    case noMask = "no_mask"
    case noFiniteValue = "no_finite_value"
    case outOfRange = "out_of_range"
    case zeroStd = "zero_std"
    case zeroScale = "zero_scale"
    case zeroWeights = "zero_weights"
    case oneValuePerChannel = "one_value_per_channel"
    case channelCount = "channel_count"
    case noChannel = "no_channel"
    case groupsDoNotDivide = "groups_do_not_divide"
    case unequalShapes = "unequal_shapes"
    case ungatheredBatch = "ungathered_batch"
    case noState = "no_state"
    case invalidState = "invalid_state"
    // Writing
    case cannotWrite = "cannot_write"
    case locked
    case `internal`
}

/// An error that a report names by a code.
public protocol RefusalError: Error, CustomStringConvertible {
    var refusal: Refusal { get }
}

extension RefusalError {
    /// What scripts may rely on.
    public var code: String { refusal.rawValue }
}

extension Refusal {
    /// One sentence for the list of codes.
    public var meaning: String {
        switch self {
        case .notFound: "There is nothing under this name."
        case .noScan: "The folder holds nothing that is named like a scan."
        case .notAFile: "A folder, pipe, socket, device or broken link has the name of a scan."
        case .cannotRead: "The system does not let the file or folder be read."
        case .missingFile: "A file of the case is not there."
        case .doubledFile: "Several files of the case match one pattern."
        case .emptyFile: "The file has no content."
        case .notNIfTI: "The content is not that of a NIfTI file of this name."
        case .truncatedHeader: "The file ends inside its header."
        case .truncatedData: "The file ends before its last voxel."
        case .badGzip: "The gzip stream is cut, damaged, fails its checksum, or is missing under its name."
        case .badDims: "The number or the sizes of the axes cannot be, or are not of 3 or 4 axes."
        case .sizeOverflow: "The sizes make more bytes than can be counted."
        case .unsupportedDatatype: "The voxels are complex, RGB, binary, float128 or of no known type."
        case .badVoxOffset: "The header puts the voxels where they cannot be."
        case .badAffine: "Neither sform nor qform puts the voxels at a usable place."
        case .badScaling: "scl_slope or scl_inter is infinite, or only scl_inter is no number."
        case .missingPair: "The .img file of a .hdr file is not there."
        case .nonfinite: "Voxels are NaN or infinite, and `input.nonfinite` does not allow them."
        case .badLabel: "A label or mask is not 3-D, or holds what is no whole number below 2^24."
        case .gridMismatch: "Images, labels or masks do not lie on one grid."
        case .overBudget: "The volume needs more memory than there is for it."
        case .unknownOrientation: "The step needs an orientation and the file states none."
        case .unresolvedReference: "The reference of the step is not there."
        case .unresolvedSpacing: "The target spacing of the step is not known."
        case .nothingLeft: "The step would leave no voxel."
        case .emptyForeground: "No voxel is foreground."
        case .emptyMask: "The mask of the step holds no voxel."
        case .noMask: "The mask that the step asks for is not there, or there are several."
        case .noFiniteValue: "No voxel that the step looks at is finite."
        case .outOfRange: "Voxels lie outside the range that the step demands."
        case .zeroStd: "The standard deviation to divide by is 0."
        case .zeroScale: "The scale to divide by is 0."
        case .zeroWeights: "The weights of an output channel are all 0."
        case .oneValuePerChannel: "A channel of one value has no variance to train on."
        case .channelCount: "A list of the step has not one entry for each channel."
        case .noChannel: "The step names a channel that is not there."
        case .groupsDoNotDivide: "The channels do not divide into the groups of the step."
        case .unequalShapes: "The cases of a batch differ in shape."
        case .ungatheredBatch: "The step cannot gather its statistics from several files."
        case .noState: "The step was applied without what it learns."
        case .invalidState: "What the step was given as learned does not fit it."
        case .cannotWrite: "The system does not let an output be written."
        case .locked: "Another run holds the output folder."
        case .internal: "A fault of medprep itself: please report it."
        }
    }

    /// All codes, as README shows them.
    public static var markdownTable: String {
        Self.table(allCases.map { ($0.rawValue, $0.meaning) })
    }

    static func table(_ rows: [(code: String, meaning: String)]) -> String {
        "| Code | Meaning |\n| --- | --- |\n" + rows.map { "| `\($0.code)` | \($0.meaning) |\n" }.joined()
    }
}
