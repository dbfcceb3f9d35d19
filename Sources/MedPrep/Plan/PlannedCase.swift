public import MedPrepCore
public import MedPrepIO

/// One case as the headers tell it: what will be read, what becomes of its grid, what it costs, what is written.
public struct PlannedCase: Sendable {
    /// Place in name order.
    public let index: Int
    public let name: String
    /// The outputs' common beginning, below the output folder; `name` is its text.
    public let stem: ScanPath
    public let files: [File]
    /// Shape and grid of the image as read and after each step; empty for a case that failed already.
    public internal(set) var course: [Point] = []
    /// True where its one image goes through `PlaneSteps` while it is read.
    var arrives = false
    /// Bytes in memory at the worst moment, workspace included.
    public internal(set) var peakBytes = 0
    /// Bytes more for each thread that it gets in the run, where others leave theirs idle.
    public internal(set) var threadBytes = 0
    /// Bytes of the finished tensors, before compression.
    public internal(set) var outputBytes = 0
    /// Below the output folder, in the order of writing; the sidecar comes last.
    public internal(set) var outputs: [OutputFile] = []
    /// Why it cannot be done, found before any voxel was read.
    public internal(set) var failure: Failure?
    /// Findings of the headers and the steps.
    public internal(set) var findings: [Finding] = []

    public struct File: Hashable, Sendable {
        public let role: Volume.Role
        /// The key under input.images, labels or masks; "image" for a plain scan.
        public let name: String
        /// What is opened.
        public let path: ScanPath
        /// Below the input folder; with hashed names the hash of that.
        public let relative: ScanPath
        /// What messages call it.
        public let title: String

        init(
            role: Volume.Role, name: String, path: ScanPath, relative: ScanPath, title: String? = nil
        ) {
            (self.role, self.name, self.path, self.relative) = (role, name, path, relative)
            self.title = title ?? relative.description
        }
    }

    public struct Point: Hashable, Sendable {
        public let shape: Shape
        public let grid: Grid
        /// The voxels decide; this is the most it can be.
        public let isUpperBound: Bool
    }

    public struct OutputFile: Hashable, Sendable {
        public let path: ScanPath
        public let content: Content

        public enum Content: Hashable, Sendable {
            case image
            /// One image's channels, with `"channels": "apart"`.
            case channels(of: String)
            case label(String)
        }
    }

    /// `<case>.json`, below the output folder.
    public var sidecar: ScanPath { stem.adding(suffix: ".json") }

    /// What messages call it: the file, where there is one only, else the case.
    public var title: String { files.count == 1 ? files[0].title : name }

    init(index: Int, _ found: FoundCase) {
        (self.index, stem, files) = (index, found.stem, found.files)
        name = found.stem.description
        failure = found.problem
    }
}
