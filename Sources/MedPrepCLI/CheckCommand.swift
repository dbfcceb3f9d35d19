internal import ArgumentParser
internal import MedPrep

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract:
            "Read every byte of scans: truncation, checksums, lengths, NaN; says what other readers would do."
    )

    @Argument(help: "Scans or folders.", completion: .file())
    var files: [String]

    @Flag(name: .long, help: "One JSON array instead of lines.")
    var json = false

    func run() throws {
        try Inspections(files, .voxels).print(asJSON: json) { inspection in
            guard case .object(let members) = inspection.json else { return inspection.json }
            return .object(members + [.init("other_readers", OtherReaders(of: inspection).json)])
        }
    }
}
