internal import MedPrepCore

/// One row of `summary.tsv`: what became of a scan, without times.
struct SummaryRow: Sendable {
    private static let columns = [
        "scan", "status", "shape_ndhwc", "spacing_ijk", "orientation", "min", "max", "mean", "std",
        "findings", "error",
    ]

    static let heading = columns.joined(separator: "\t") + "\n"

    let line: String

    init(name: String, result: JSONValue?, codes: [String]) {
        let channels = result?["statistics"]?.array ?? []
        func each(_ key: String) -> String { channels.map { $0[key]?.line ?? "" }.joined(separator: ",") }
        func list(_ key: String, _ separator: String) -> String {
            (result?[key]?.array ?? []).map(\.line).joined(separator: separator)
        }
        line = Self.line(
            [
                name, "written", list("shape_ndhwc", "x"), list("spacing_ijk", "x"),
                result?["orientation"]?.string ?? "", each("min"), each("max"), each("mean"), each("std"),
                codes.joined(separator: ","), "",
            ])
    }

    init(name: String, failure: Failure) {
        line = Self.line(
            [name, "failed"] + Array(repeating: "", count: 8) + [
                "\(failure.code): \(failure.stage): \(failure.message)"
            ])
    }

    /// A scan of which there is nothing to tell.
    init(_ name: String, _ status: String) {
        line = Self.line([name, status] + Array(repeating: "", count: 9))
    }

    /// Tabs and line ends within a field become blanks, so a row stays a row.
    private static func line(_ fields: [String]) -> String {
        fields.map { field in
            String(field.map { $0.isNewline || $0 == "\t" ? " " : $0 })
        }.joined(separator: "\t") + "\n"
    }
}
