import MedPrepCore

/// A scan as a program may meet it, made byte by byte, and what must come of it.
public struct HostileScan: Sendable {
    /// What is opened, below the folder it is written to.
    public let name: String
    /// What is special about it.
    public let why: String
    public let files: [File]
    public let outcome: Outcome

    public struct File: Sendable {
        public let name: String
        public let content: Content

        public enum Content: Sendable {
            case bytes([UInt8])
            case folder
            case pipe
            case link(to: String)
        }
    }

    public enum Outcome: Sendable {
        /// With this code.
        case refused(String)
        case read(Contents)
    }

    /// What a reader must find.
    public struct Contents: Sendable {
        public var shape = [4, 3, 2]
        /// nil: unknown.
        public var orientation: String? = "RAS"
        /// Millimetres.
        public var spacing = [0.8, 1.25, 2.5]
        /// World place of the first voxel's centre.
        public var origin = [12.5, -40, 7.75]
        public var source = "sform"
        public var first = -30.0
        public var last = 131.0
        /// Of the finite voxels; NaN where there is none.
        public var mean = 50.5
        public var nanCount = 0
        public var infiniteCount = 0
        /// Codes, in order.
        public var findings: [String] = []
    }

    /// 24 whole numbers from -30 to 131 whose mean is 50.5: what the base scan holds.
    static let values = (0..<24).map { Double($0 * 7 - 30) }

    public func write(to folder: TemporaryFolder, below prefix: String = "") {
        for file in files {
            let path = prefix + file.name
            switch file.content {
            case .bytes(let bytes): folder.write(bytes, to: path)
            case .folder: folder.write([0], to: path + "/inside.nii")
            case .pipe: folder.makePipe(path)
            case .link(let target): folder.makeLink(path, to: target)
            }
        }
    }
}

/// How a case is stored: version, byte order and ending.
struct HostileForm: Sendable {
    var version: Int
    var isBigEndian: Bool
    var ending: String

    /// "1le", "2be".
    var mark: String { "\(version)\(isBigEndian ? "be" : "le")" }
    var isCompressed: Bool { ending.hasSuffix(".gz") }
    var isPair: Bool { ending.hasPrefix("hdr") }
}

/// Gathers the cases; each names a fault once and gets it in several forms.
struct HostileList {
    private(set) var scans: [HostileScan] = []
    private var count = 0

    /// One case for each version: one plain and one compressed, one of each byte order, in turns.
    ///
    /// - Parameters:
    ///   - change: changes the builder.
    ///   - after: changes the bytes of the whole decoded file.
    mutating func add(
        _ name: String, _ why: String, _ outcome: HostileScan.Outcome, versions: [Int] = [1, 2],
        change: (inout NIfTIBuilder) -> Void = { _ in }, after: ([UInt8]) -> [UInt8] = { $0 }
    ) {
        for version in versions {
            let isFirst = (version == 1) == (count % 2 == 0)
            let form = HostileForm(
                version: version, isBigEndian: (count / 2 % 2 == 0) != isFirst,
                ending: isFirst ? "nii" : "nii.gz")
            add(name, why, outcome, form, change: change, after: after)
        }
        count += 1
    }

    /// One case in one form.
    mutating func add(
        _ name: String, _ why: String, _ outcome: HostileScan.Outcome, _ form: HostileForm,
        change: (inout NIfTIBuilder) -> Void = { _ in }, after: ([UInt8]) -> [UInt8] = { $0 }
    ) {
        var builder = NIfTIBuilder()
        (builder.version, builder.isBigEndian, builder.isPair) =
            (form.version, form.isBigEndian, form.isPair)
        builder.store(.int16, [4, 3, 2], HostileScan.values)
        change(&builder)
        let stem = "\(name)-\(form.mark)"
        func stored(_ bytes: [UInt8]) -> [UInt8] { form.isCompressed ? NIfTIBuilder.gzip(bytes) : bytes }
        var files = [(name: "\(stem).\(form.ending)", bytes: stored(after(builder.file)))]
        if form.isPair {
            files.append(("\(stem).img\(form.isCompressed ? ".gz" : "")", stored(builder.voxels)))
        }
        add(files: files, why, outcome)
    }

    /// A case of files with any bytes; the first is opened.
    mutating func add(
        files: [(name: String, bytes: [UInt8])], _ why: String, _ outcome: HostileScan.Outcome
    ) {
        let files = files.map { HostileScan.File(name: $0.name, content: .bytes($0.bytes)) }
        scans.append(HostileScan(name: files[0].name, why: why, files: files, outcome: outcome))
    }

    mutating func add(
        _ name: String, _ content: HostileScan.File.Content, _ why: String, _ outcome: HostileScan.Outcome
    ) {
        scans.append(
            HostileScan(name: name, why: why, files: [.init(name: name, content: content)], outcome: outcome))
    }

    /// The base scan with some of its numbers changed.
    static func read(
        _ findings: [String] = [], _ change: (inout HostileScan.Contents) -> Void = { _ in }
    ) -> HostileScan.Outcome {
        var contents = HostileScan.Contents()
        contents.findings = findings
        change(&contents)
        return .read(contents)
    }
}
