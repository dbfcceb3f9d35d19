public import MedPrepCore

/// Why a scan is refused: its facts; `code` is what scripts read, `description` what people do.
public enum NIfTIError: RefusalError, Equatable {
    case file(FileError)
    case gzip(GzipError)
    case emptyFile
    case notNIfTI(reason: String)
    case truncatedHeader(expected: Int, found: Int)
    /// Bytes up to the end of the voxels.
    case truncatedData(expected: Int, found: Int)
    /// More bytes than a compressed file of this size can hold.
    case cannotHold(expected: Int, atMost: Int)
    /// The sizes of the axes in use; `reason` continues "the sizes are …: ".
    case badDims(sizes: [Int], reason: String)
    case sizeOverflow(sizes: [Int])
    case unsupportedDatatype(code: Int, name: String)
    case badVoxOffset(found: String, reason: String)
    case badAffine(reason: String)
    case badScaling(slope: Double, intercept: Double)
    /// The names that were looked for.
    case missingPair(expected: [String])
    /// Voxels that are NaN or infinite.
    case nonfinite(count: Int)
    /// Voxels to write that are NaN or infinite, which no integer type holds.
    case notRepresentable(count: Int)
    case badLabel(reason: String)
    /// Bytes that the system does not give.
    case overBudget(bytes: Int)

    public var refusal: Refusal {
        switch self {
        case .file(let error): error.refusal
        case .gzip(let error): error.refusal
        case .emptyFile: .emptyFile
        case .notNIfTI: .notNIfTI
        case .truncatedHeader: .truncatedHeader
        case .truncatedData, .cannotHold: .truncatedData
        case .badDims: .badDims
        case .sizeOverflow: .sizeOverflow
        case .unsupportedDatatype: .unsupportedDatatype
        case .badVoxOffset: .badVoxOffset
        case .badAffine: .badAffine
        case .badScaling: .badScaling
        case .missingPair: .missingPair
        case .nonfinite, .notRepresentable: .nonfinite
        case .badLabel: .badLabel
        case .overBudget: .overBudget
        }
    }
}

extension NIfTIError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let error): error.description
        case .gzip(let error): error.description
        case .emptyFile:
            "the file is empty; copy it again from its source"
        case .notNIfTI(let reason):
            "not a NIfTI file: \(reason)"
        case .truncatedHeader(let expected, let found):
            "the file ends after \(found) bytes, inside its header of \(expected); copy it again from its source"
        case .truncatedData(let expected, let found):
            "the file ends after \(found) bytes; its header promises \(expected); copy it again from its source"
        case .cannotHold(let expected, let atMost):
            "the header promises \(expected) bytes, but a compressed file of this size holds \(atMost) at most; "
                + "copy it again from its source"
        case .badDims(let sizes, let reason):
            "the sizes are \(Self.text(sizes)): \(reason)"
        case .sizeOverflow(let sizes):
            "the sizes \(Self.text(sizes)) make more bytes than 64 bits can count; the header is damaged"
        case .unsupportedDatatype(let code, let name):
            "datatype \(code) is \(name), not a scalar that medprep reads; "
                + "store (u)int8, 16, 32, 64, float32 or float64"
        case .badVoxOffset(let found, let reason):
            "vox_offset is \(found): \(reason)"
        case .badAffine(let reason):
            "the voxels have no usable place in the world: \(reason)"
        case .badScaling(let slope, let intercept):
            "scl_slope \(slope) and scl_inter \(intercept) must be finite; mend the header"
        case .missingPair(let expected):
            "the voxels are missing: no \(expected.joined(separator: " or ")) beside the header"
        case .nonfinite(let count):
            "\(count) voxels are NaN or infinite; set \"nonfinite\" to \"zero\" or \"ignore\" to accept them"
        case .notRepresentable(let count):
            "\(count) voxels to write are NaN or infinite, which int16 does not hold; set \"nonfinite\" to \"zero\", or "
                + "\"dtype\" to \"float32\""
        case .badLabel(let reason):
            "not a label map: \(reason)"
        case .overBudget(let bytes):
            "the voxels need \(bytes) bytes of memory, more than the system gives"
        }
    }

    private static func text(_ sizes: [Int]) -> String {
        sizes.map { "\($0)" }.joined(separator: "x")
    }
}
