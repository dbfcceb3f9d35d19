public import MedPrepCore
internal import MedPrepIO

/// What the common readers would do with a file that medprep refuses or repairs; by experiment with nibabel 5.4,
/// SimpleITK 2.5 (ITK 5.4) and libnifti 3.0.1 on damaged files of every kind.
public struct OtherReaders: Hashable, Sendable {
    public private(set) var nibabel: Behaviour
    public private(set) var itk: Behaviour
    public private(set) var libnifti: Behaviour

    public enum Behaviour: String, Comparable, Sendable {
        /// The same numbers at the same places as medprep, or what the file stores where medprep refuses its kind.
        case reads
        /// A whole file of which they take other numbers, sizes or places than it states.
        case readsOtherwise = "reads it otherwise without an error"
        /// Numbers without an error, though the file is damaged.
        case readsDamaged = "reads damaged data without an error"
        /// An error.
        case refuses
        /// The program ends, or waits for ever.
        case crashes = "crashes or hangs"

        private var rank: Int {
            switch self {
            case .reads: 0
            case .readsOtherwise: 1
            case .readsDamaged: 2
            case .refuses: 3
            case .crashes: 4
            }
        }

        public static func < (left: Behaviour, right: Behaviour) -> Bool { left.rank < right.rank }
    }

    init(_ nibabel: Behaviour, _ itk: Behaviour, _ libnifti: Behaviour) {
        (self.nibabel, self.itk, self.libnifti) = (nibabel, itk, libnifti)
    }

    public init(of inspection: Inspection) {
        let facts = NIfTIFacts(inspection.path)
        self.init(.reads, .reads, .reads)
        for finding in inspection.findings { add(Self.after(finding.code, facts, inspection.header)) }
        if let refusal = inspection.refusal {
            // What stands behind a header that all refuse no reader comes to see.
            self = Self.after(refusal, facts, inspection)
        }
        // NIfTI-2 is nothing to ITK 5, be it whole or not.
        if facts?.version == 2, itk < .refuses { itk = .refuses }
    }

    private mutating func add(_ other: OtherReaders) {
        nibabel = max(nibabel, other.nibabel)
        itk = max(itk, other.itk)
        libnifti = max(libnifti, other.libnifti)
    }

    public var json: JSONValue {
        [
            "nibabel": .string(nibabel.rawValue), "itk": .string(itk.rawValue),
            "libnifti": .string(libnifti.rawValue),
        ]
    }
}
