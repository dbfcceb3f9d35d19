public import MedPrepCore
public import MedPrepIO

/// What one file holds, or why it is refused: `inspect` and `check` print it.
public struct Inspection: Sendable {
    /// As it was given.
    public let path: ScanPath
    public private(set) var refusal: NIfTIError?
    public private(set) var header: NIfTIHeader?
    public private(set) var statistics: NIfTIStatistics?
    public private(set) var findings = [Finding]()

    public enum Depth: Sendable {
        case header
        /// Every byte, checksums and lengths, and the numbers of all voxels.
        case voxels
    }

    public init(_ scan: NamedScan, _ depth: Depth) {
        path = scan.path
        if let problem = scan.problem {
            refusal = .file(problem)
            return
        }
        let reader = NIfTIReader()
        do throws(NIfTIError) {
            let header = try reader.readHeader(path)
            self.header = header
            findings = header.findings
            if depth == .voxels {
                let (statistics, reading) = try reader.readStatistics(path)
                self.statistics = statistics
                findings = reading.findings
                if reading.nonfiniteCount > 0 {
                    findings.append(
                        Finding(
                            .nonfinite,
                            "\(reading.nonfiniteCount) voxels are NaN or infinite; a run refuses them unless "
                                + "\"nonfinite\" says otherwise"))
                }
            }
        } catch {
            refusal = error
        }
    }

    /// There is no file at all under this name.
    public var isMissing: Bool { refusal?.refusal == .notFound || refusal?.refusal == .noScan }

    /// One object of the array that `inspect --json` prints (BEHAVIOUR 1).
    public var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("path", .string(path.description)),
            .init("ok", .bool(refusal == nil)),
            .init(
                "error",
                refusal.map { ["code": .string($0.code), "message": .string($0.description)] } ?? .null),
        ]
        members += headerMembers
        members.append(.init("findings", .array(findings.map(\.json))))
        if let statistics {
            members += [
                .init("first", .number(statistics.first)), .init("last", .number(statistics.last)),
                .init("min", .number(statistics.min)), .init("max", .number(statistics.max)),
                .init("mean", .number(statistics.mean)), .init("std", .number(statistics.standardDeviation)),
                .init("nan_count", .integer(statistics.nanCount)),
                .init("voxel_count", .integer(statistics.voxelCount)),
            ]
        }
        return .object(members)
    }

    /// The header's facts, null where there is no header.
    private var headerMembers: [JSONValue.Member] {
        header?.members ?? NIfTIHeader.keys.map { .init($0, .null) }
    }

    /// One line for a person.
    public var line: String {
        guard let header else { return "\(path): refused: \(refusal?.description ?? "")" }
        var text =
            "\(path): \(header.elementType.rawValue) \(header.dims.map(String.init).joined(separator: "x")), "
        text +=
            "\(header.grid.spacingText) mm, \(header.grid.orientation?.code ?? "orientation unknown"), \(header.formatName)"
        if header.slope != 1 || header.intercept != 0 {
            text += ", x \(JSONValue.number(header.slope).line) + \(JSONValue.number(header.intercept).line)"
        }
        if let statistics {
            func short(_ value: Double) -> String { "\(Float(value))" }
            text +=
                "; min \(short(statistics.min)) max \(short(statistics.max)) mean \(short(statistics.mean)) "
            text += "std \(short(statistics.standardDeviation))"
            let nonfinite = statistics.nanCount + statistics.infiniteCount
            if nonfinite > 0 { text += ", \(nonfinite) not finite" }
        }
        if let refusal { text += "\n    refused: \(refusal)" }
        for finding in findings { text += "\n    \(finding.code.rawValue): \(finding.message)" }
        return text
    }
}

extension NIfTIHeader {
    /// "NIfTI-1" or "NIfTI-2", and "pair" for .hdr/.img.
    public var formatName: String { "NIfTI-\(version)" + (isPair ? " pair" : "") }

    /// The keys of `members`.
    static let keys = [
        "format", "datatype", "byte_order", "shape", "spacing_mm", "orientation", "affine", "affine_source",
        "scaling",
    ]

    /// What reports say of a header: sizes as on disk, spacing and affine in RAS+ millimetres.
    var members: [JSONValue.Member] {
        let values: [JSONValue] = [
            .string(formatName), .string(elementType.rawValue), .string(byteOrder.rawValue), .integers(dims),
            .numbers(spacing.elements), grid.orientation.map { .string($0.code) } ?? .null,
            affineSource == .none ? .null : .array(affine.rows.map { .numbers($0) }),
            .string(affineSource.rawValue), ["slope": .number(slope), "intercept": .number(intercept)],
        ]
        return zip(Self.keys, values).map { JSONValue.Member($0, $1) }
    }
}
