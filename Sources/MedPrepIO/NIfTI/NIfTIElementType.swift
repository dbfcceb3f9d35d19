import CMedPrepNIfTI
import MedPrepCore

extension ElementType {
    /// The type of a NIfTI `datatype`; nil for those that are no scalars or that medprep does not read.
    package init?(datatype: Int) {
        guard let type = Self.allCases.first(where: { $0.datatype == datatype }) else { return nil }
        self = type
    }

    /// The NIfTI `datatype` (nifti1.h, NIFTI_TYPE_*).
    package var datatype: Int {
        switch self {
        case .uint8: Int(NIFTI_TYPE_UINT8)
        case .int8: Int(NIFTI_TYPE_INT8)
        case .uint16: Int(NIFTI_TYPE_UINT16)
        case .int16: Int(NIFTI_TYPE_INT16)
        case .uint32: Int(NIFTI_TYPE_UINT32)
        case .int32: Int(NIFTI_TYPE_INT32)
        case .uint64: Int(NIFTI_TYPE_UINT64)
        case .int64: Int(NIFTI_TYPE_INT64)
        case .float32: Int(NIFTI_TYPE_FLOAT32)
        case .float64: Int(NIFTI_TYPE_FLOAT64)
        }
    }

    /// What a refused `datatype` is called.
    static func name(ofDatatype datatype: Int) -> String {
        switch Int32(exactly: datatype) {
        case 0: "no type at all"
        case DT_BINARY: "binary"
        case NIFTI_TYPE_COMPLEX64: "complex64"
        case NIFTI_TYPE_COMPLEX128: "complex128"
        case NIFTI_TYPE_COMPLEX256: "complex256"
        case NIFTI_TYPE_RGB24: "RGB24"
        case NIFTI_TYPE_RGBA32: "RGBA32"
        case NIFTI_TYPE_FLOAT128: "float128"
        default: "a type NIfTI does not have"
        }
    }
}
