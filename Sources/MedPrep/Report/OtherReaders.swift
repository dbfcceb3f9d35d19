public import MedPrepCore
internal import MedPrepIO

/// What the common readers would do with a file that medprep refuses or repairs; by experiment with nibabel 5.4,
/// SimpleITK 2.5 (ITK 5.4) and libnifti 3.0.1.
public struct OtherReaders: Sendable {
    public let nibabel: Behaviour
    public let itk: Behaviour
    public let libnifti: Behaviour

    public enum Behaviour: String, Sendable {
        /// The same numbers as medprep.
        case reads
        /// An error.
        case refuses
        /// Numbers without an error, though the file is damaged or means something else.
        case readsDamaged = "reads damaged data without an error"
        case unknown
    }

    public init(of inspection: Inspection) {
        (nibabel, itk, libnifti) =
            switch inspection.refusal {
            case nil where inspection.header?.version == 2: (.reads, .refuses, .reads)
            case nil: (.reads, .reads, .reads)
            // The voxels are whole, something behind them is not.
            case .gzip(.trailing): (.readsDamaged, .readsDamaged, .readsDamaged)
            case .gzip(.checksum): (.readsDamaged, .readsDamaged, .refuses)
            case .gzip(.truncated(_, let decoded)):
                decoded >= inspection.header?.endOfVoxels ?? .max
                    ? (.readsDamaged, .readsDamaged, .readsDamaged) : (.refuses, .readsDamaged, .refuses)
            case .truncatedData: (.refuses, .readsDamaged, .refuses)
            case .truncatedHeader, .emptyFile, .notNIfTI, .missingPair: (.refuses, .refuses, .refuses)
            default: (.unknown, .unknown, .unknown)
            }
    }

    public var json: JSONValue {
        [
            "nibabel": .string(nibabel.rawValue), "itk": .string(itk.rawValue),
            "libnifti": .string(libnifti.rawValue),
        ]
    }
}
