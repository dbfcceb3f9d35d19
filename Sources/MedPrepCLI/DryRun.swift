internal import MedPrep

/// What a run would do, one line a case, from headers alone.
struct DryRun {
    private let plan: RunPlan

    init(_ plan: RunPlan) { self.plan = plan }

    var text: String {
        var out = ""
        var written = 0
        for planned in plan.cases {
            if let failure = planned.failure {
                out += "\(planned.title)\trefused\t\(failure)\n"
                continue
            }
            written += 1
            let (first, last) = (planned.course[0], planned.course[planned.course.count - 1])
            let bound = last.isUpperBound ? "at most " : ""
            out += "\(planned.name)\t\(text(of: first))\t-> \(bound)\(text(of: last))"
            out +=
                "\tmemory \(MemorySize.text(planned.peakBytes))\tdisk at most \(MemorySize.text(planned.outputBytes))"
            out += "\t\(planned.outputs.map(\.path.description).joined(separator: " "))\n"
        }
        for name in plan.dropped { out += "\(name)\tdropped\tit does not fill a batch\n" }
        let disk = plan.cases.reduce(0) { $0 + ($1.failure == nil ? $1.outputBytes : 0) }
        let peak = plan.cases.map(\.peakBytes).max() ?? 0
        out += "\(plan.cases.count) scans: \(written) to do, \(plan.cases.count - written) refused; "
        out +=
            "one needs at most \(MemorySize.text(peak)) of memory, all at most \(MemorySize.text(disk)) of disk\n"
        return out
    }

    private func text(of point: PlannedCase.Point) -> String {
        let size = point.shape.sizes.map(String.init).joined(separator: "x")
        let spacing = [point.grid.spacing.x, point.grid.spacing.y, point.grid.spacing.z].map {
            JSONValue.number(($0 * 1000).rounded() / 1000).line
        }
        return
            "\(size) NDHWC, \(spacing.joined(separator: "x")) mm, \(point.grid.orientation?.code ?? "unknown axes")"
    }
}
