internal import MedPrepCore
internal import MedPrepIO

/// The whole map from cases to output files, worked out before any work is done.
struct OutputNames {
    /// Files of the run itself, which no case may take.
    static let ownNames = [
        "report.json", "summary.tsv", "state.json", "dataset-stats.json", "run.json", ".medprep", ".medprep.lock",
    ]

    let output: Pipeline.Output

    /// The files of one case, images first, then labels.
    func files(of stem: ScanPath, images: [String], labels: [String]) -> [PlannedCase.OutputFile] {
        func path(_ suffix: String = "") -> ScanPath { stem.adding(suffix: "\(suffix).\(output.format.rawValue)") }
        let volumes: [PlannedCase.OutputFile] =
            switch output.channels {
            case .together: [.init(path: path(), content: .image)]
            case .apart: images.map { .init(path: path("_\($0)"), content: .channels(of: $0)) }
            }
        return volumes + labels.map { .init(path: path("_\($0)"), content: .label($0)) }
    }

    /// Refuses two writers of one name, and an output that is an input.
    func check(_ cases: [PlannedCase], folder: ScanPath) throws(RunError) {
        var owners = [ScanPath: String]()
        for own in Self.ownNames { owners[ScanPath(own)] = "the run's own \(own)" }
        let inputs = Dictionary(
            cases.flatMap { one in one.files.compactMap { file in FileStatus(file.path).map { ($0.identity, file.path) } } },
            uniquingKeysWith: { first, _ in first })
        for planned in cases {
            for path in planned.outputs.map(\.path) + [planned.sidecar] {
                if let other = owners.updateValue(planned.name, forKey: path) {
                    throw .sameOutput(path: path.description, other, planned.name)
                }
                if let identity = FileStatus(folder.appending(path))?.identity, let input = inputs[identity] {
                    throw .outputIsInput(input.description)
                }
            }
        }
    }
}
