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
    private let paths: [ScanPath]
    private let depth: Inspection.Depth

    init(_ arguments: [String], _ depth: Inspection.Depth) throws {
        self.depth = depth
        do throws(RunError) { paths = try Inputs.scans(named: arguments) } catch {
            Terminal.message("medprep: \(error)")
            throw ExitCode(error.status)
        }
    }

    func print(asJSON: Bool, _ json: (Inspection) -> JSONValue) throws {
        var isRefused = false
        if asJSON { Swift.print("[", terminator: "") }
        for (index, path) in paths.enumerated() {
            let inspection = Inspection(path, depth)
            isRefused = isRefused || inspection.refusal != nil
            Swift.print(
                asJSON ? (index == 0 ? "\n" : ",\n") + json(inspection).line : inspection.line,
                terminator: asJSON ? "" : "\n")
        }
        if asJSON { Swift.print("\n]") }
        if isRefused { throw ExitCode(1) }
    }
}
