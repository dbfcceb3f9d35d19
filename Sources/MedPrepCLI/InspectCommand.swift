internal import ArgumentParser
internal import MedPrep

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what is in a scan: shape, type, spacing, axes; with --stats its numbers.")

    @Argument(help: "Scans or folders.", completion: .file())
    var files: [String]

    @Flag(name: .long, help: "Also read the voxels: first, last, min, max, mean, std, NaN.")
    var stats = false

    @Flag(name: .long, help: "One JSON array instead of lines.")
    var json = false

    func run() throws {
        try Inspections(files, stats ? .voxels : .header).print(asJSON: json) { $0.json }
    }
}

/// The inspections of many files, printed one by one; a refused file does not stop the others.
struct Inspections {
    private let scans: [NamedScan]
    private let depth: Inspection.Depth

    init(_ arguments: [String], _ depth: Inspection.Depth) {
        (scans, self.depth) = (Inputs.scans(named: arguments), depth)
    }

    /// Ends with 66 where no name led to a file, with 1 where any was refused.
    func print(asJSON: Bool, _ json: (Inspection) -> JSONValue) throws {
        var (isRefused, isAnythingThere) = (false, false)
        if asJSON { Swift.print("[", terminator: "") }
        for (index, scan) in scans.enumerated() {
            let inspection = Inspection(scan, depth)
            isRefused = isRefused || inspection.refusal != nil
            isAnythingThere = isAnythingThere || !inspection.isMissing
            Swift.print(
                asJSON ? (index == 0 ? "\n" : ",\n") + json(inspection).line : inspection.line,
                terminator: asJSON ? "" : "\n")
        }
        if asJSON { Swift.print("\n]") }
        if !isAnythingThere { throw ExitCode(66) }
        if isRefused { throw ExitCode(1) }
    }
}
