public import MedPrepCore
public import MedPrepOperators

/// What a pipeline file says, decoded and checked: where scans come from, what is done, where results go.
public struct Pipeline: Sendable {
    public var input = Input()
    public var steps = [Step]()
    public var batch = Batch()
    public var output = Output()
    public var report = Report()
    /// The folder that relative paths start from: the pipeline file's own.
    public var folder = "."

    public init() {}

    /// The same steps without a file, for use as a library.
    public init(steps: [any Operator]) {
        self.steps = steps.enumerated().map { Step(index: $0, operation: $1) }
    }

    public struct Step: Sendable {
        /// Place in the file, from 0.
        public let index: Int
        public let operation: any Operator

        public init(index: Int, operation: any Operator) { (self.index, self.operation) = (index, operation) }

        /// "steps[2] clip": how messages name it.
        public var label: String { "steps[\(index)] \(operation.name)" }
    }

    public struct Input: Hashable, Sendable {
        public var folder: String?
        /// Picks among scans; nil: every scan.
        public var pattern: String?
        /// Patterns of a multi-modal case, in channel order; empty: every scan is a case of its own.
        public var images = [NamedPattern]()
        public var labels = [NamedPattern]()
        public var masks = [NamedPattern]()
        public var fourthAxis = FourthAxis.channel
        public var nonfinite = Nonfinite.error

        public init() {}
    }

    public struct NamedPattern: Hashable, Sendable {
        public let name: String
        public let pattern: String
        public init(name: String, pattern: String) { (self.name, self.pattern) = (name, pattern) }
    }

    /// True where some step learns from batches.
    var gathers: Bool {
        steps.contains { ($0.operation as? any LearningOperator)?.learning == .eachBatch }
    }

    public struct Batch: Hashable, Sendable {
        /// Cases that a batch step sees together.
        public var size = 1
        /// Leave out the cases that do not fill a last batch.
        public var dropsLast = false

        public init() {}
    }

    public struct Output: Hashable, Sendable {
        public var folder: String?
        public var format = OutputFormat.niftiGzip
        public var compression = Compression.fast
        public var layout = Layout.ndhwc
        public var channels = Channels.together
        /// The type of images; labels have their own.
        public var dtype = DType.float32
        /// Let texts and extensions of the input's header into NIfTI outputs.
        public var keepsHeaderText = false
        public var names = Names.kept

        public init() {}
    }

    public enum OutputFormat: String, CaseIterable, Sendable {
        case niftiGzip = "nii.gz"
        case nifti = "nii"
        case npy
        case npz
        case safetensors

        public var isNIfTI: Bool { self == .niftiGzip || self == .nifti }
    }

    /// float16 is for arrays, int16, scaled, for NIfTI.
    public enum DType: String, CaseIterable, Sendable {
        case float32, float16, int16

        /// Bytes of one value.
        public var size: Int { self == .float32 ? 4 : 2 }
    }

    /// What outputs, reports and messages call cases and files.
    public enum Names: String, CaseIterable, Sendable {
        case kept
        /// 16 hex digits of HMAC-SHA-256 under a key of the output folder.
        case hashed
    }

    /// Axis order of .npy, .npz and .safetensors files.
    public enum Layout: String, CaseIterable, Sendable {
        case ndhwc = "NDHWC"
        case ncdhw = "NCDHW"
    }

    /// One file for all channels, or one for each image of the case.
    public enum Channels: String, CaseIterable, Sendable {
        case together
        case apart
    }

    public struct Report: Hashable, Sendable {
        /// Write report.json.
        public var json = true
        /// Also put the SHA-256 of each input file into its sidecar.
        public var sha256 = false

        public init() {}
    }
}
