internal import MedPrepCore
internal import MedPrepOperators

/// What the folder holds, folded from sidecars and failures in name order: the text of `report.json` and
/// `summary.tsv`. It keeps a line for each case, never a volume.
struct Report {
    private let steps: [Pipeline.Step]
    private let batchSize: Int
    private(set) var written = 0
    private(set) var failures = [(name: String, failure: Failure)]()
    private var dropped = [String]()
    private var left = 0
    private var findingCounts = Tally()
    private var shapes = Tally()
    private var spacings = Tally()
    /// The most that a smaller type cost a voxel, and where; nil where no output was rounded.
    private var largestError: (value: Double, scan: String)?
    /// What learning and report steps saw, a list for each step.
    private var looks: [[JSONValue]]
    private var rows = [SummaryRow]()

    init(steps: [Pipeline.Step], batchSize: Int) {
        self.steps = steps
        self.batchSize = batchSize
        looks = Array(repeating: [], count: steps.count)
    }

    /// A case that is written, by its sidecar.
    mutating func add(_ name: String, sidecar: JSONValue) {
        written += 1
        let codes = (sidecar["findings"]?.array ?? []).compactMap { $0["code"]?.string }
        for code in codes { findingCounts.add(.string(code)) }
        let records = sidecar["steps"]?.array ?? []
        for (index, record) in records.enumerated() where index < looks.count {
            if let look = record["measure"] ?? record["look"] { looks[index].append(look) }
        }
        let final = sidecar["result"]
        if let shape = final?["shape_ndhwc"] { shapes.add(shape) }
        if let spacing = final?["spacing_ijk"] { spacings.add(spacing) }
        for error in (sidecar["output"]?.array ?? []).compactMap({ $0["largest_error"]?.double })
        where error > largestError?.value ?? -1 {
            largestError = (error, name)
        }
        rows.append(SummaryRow(name: name, result: final, codes: codes))
    }

    mutating func add(_ name: String, failure: Failure) {
        failures.append((name, failure))
        rows.append(SummaryRow(name: name, failure: failure))
    }

    /// A case that the run did not come to, because it was stopped: written, where an earlier run has.
    mutating func add(left item: Item) {
        if case .done(let sidecar) = item.outcome {
            add(item.planned.name, sidecar: sidecar)
        } else {
            left += 1
            rows.append(SummaryRow(item.planned.name, "left"))
        }
    }

    /// A case that `drop_last` leaves out.
    mutating func add(dropped name: String) {
        dropped.append(name)
        rows.append(SummaryRow(name, "dropped"))
    }

    /// `report.json` but for its `timing`.
    func members(pipelineHash: String) throws(OperatorError) -> [JSONValue.Member] {
        var stepReports = [JSONValue]()
        for step in steps {
            let seen = looks[step.index]
            guard !seen.isEmpty else { continue }
            let report: JSONValue? =
                if let learning = step.operation as? any LearningOperator {
                    try learning.reportJSON(on: seen, batchSize: batchSize)
                } else if let reporting = step.operation as? any ReportOperator {
                    try reporting.report(on: seen, batchSize: batchSize)
                } else { nil }
            if let report {
                stepReports.append(
                    ["step": .integer(step.index), "op": .string(step.operation.name), "report": report])
            }
        }
        return [
            .init("medprep", .string(medprepVersion)),
            .init("pipeline_hash", .string(pipelineHash)),
            .init(
                "scans",
                [
                    "in_all": .integer(rows.count), "written": .integer(written),
                    "failed": .integer(failures.count), "dropped": .integer(dropped.count),
                    "left": .integer(left),
                ]),
            .init("failures", .array(failures.map { Self.json(of: $0.failure, scan: $0.name) })),
            .init("dropped", .array(dropped.map { .string($0) })),
            .init("findings", findingCounts.json(key: "code")),
            .init("shapes", shapes.json(key: "shape_ndhwc")),
            .init("spacings", spacings.json(key: "spacing_ijk")),
            .init(
                "largest_error",
                largestError.map { ["value": .number($0.value), "scan": .string($0.scan)] } ?? .null),
            .init("steps", .array(stepReports)),
        ]
    }

    /// `summary.tsv`: a heading and one row a scan.
    var table: String { SummaryRow.heading + rows.map(\.line).joined() }

    static func json(of failure: Failure, scan: String) -> JSONValue {
        .object([.init("scan", .string(scan))] + (failure.json.members ?? []))
    }
}

/// How often each value came, in the order of the values' text.
private struct Tally {
    private var counts = [String: (value: JSONValue, count: Int)]()

    mutating func add(_ value: JSONValue) { counts[value.line, default: (value, 0)].count += 1 }

    func json(key: String) -> JSONValue {
        .array(
            counts.sorted { $0.key < $1.key }.map {
                [key: $0.value.value, "count": .integer($0.value.count)]
            })
    }
}
