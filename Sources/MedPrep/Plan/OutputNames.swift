internal import MedPrepCore
internal import MedPrepIO

/// The whole map from cases to output files, worked out before any work is done.
struct OutputNames {
    /// Files of the run itself, which no case may take.
    static let ownNames = [
        "report.json", "summary.tsv", "state.json", "dataset-stats.json", "run.json", ".medprep",
        ".medprep.lock",
    ]

    let output: Pipeline.Output

    /// Where an input folder lies inside the output folder, an output can still fall into it.
    private func checkWalks(_ cases: [PlannedCase], folder: ScanPath, _ walked: [ScanPath]) throws(RunError) {
        let whole = resolvedPath(folder)
        // A folder in the output folder may be a link to anywhere.
        let targets = Set(cases.flatMap { $0.outputs.map(\.path.folder) }).sorted().map { below in
            (folder.appending(below), resolvedPath(folder.appending(below)))
        }
        for input in walked {
            let walk = resolvedPath(input)
            for (target, resolved) in targets where resolved.relative(to: whole) == nil && resolved != whole {
                guard resolved == walk || resolved.relative(to: walk) != nil else { continue }
                throw .outputInsideInput(output: target.description, input: input.description)
            }
            guard let below = resolvedPath(input).relative(to: whole) else { continue }
            for path in cases.flatMap({ $0.outputs.map(\.path) }) where path.relative(to: below) != nil {
                throw .outputInsideInput(output: folder.appending(path).description, input: input.description)
            }
        }
    }

    /// The files of one case, images first, then labels.
    func files(of stem: ScanPath, images: [String], labels: [String]) -> [PlannedCase.OutputFile] {
        func path(_ suffix: String = "") -> ScanPath {
            stem.adding(suffix: "\(suffix).\(output.format.rawValue)")
        }
        let volumes: [PlannedCase.OutputFile] =
            switch output.channels {
            case .together: [.init(path: path(), content: .image)]
            case .apart: images.map { .init(path: path("_\($0)"), content: .channels(of: $0)) }
            }
        return volumes + labels.map { .init(path: path("_\($0)"), content: .label($0)) }
    }

    /// Refuses two writers of one name, an output that is an input, and one that the next walk would find.
    ///
    /// - Parameter inputs: the folders that are walked.
    func check(_ cases: [PlannedCase], folder: ScanPath, inputs walked: [ScanPath]) throws(RunError) {
        try checkWalks(cases, folder: folder, walked)
        var owners = [ScanPath: String]()
        for own in Self.ownNames { owners[ScanPath(own)] = "the run's own \(own)" }
        let inputs = Dictionary(
            cases.flatMap { one in
                one.files.compactMap { file in FileStatus(file.path).map { ($0.identity, file.path) } }
            },
            uniquingKeysWith: { first, _ in first })
        var folders = [ScanPath: String]()
        for planned in cases {
            for path in planned.outputs.map(\.path) + [planned.sidecar] {
                if let other = owners.updateValue(planned.name, forKey: path) {
                    throw .sameOutput(path: path.description, other, planned.name)
                }
                folders[path.folder] = planned.name
                if let identity = FileStatus(folder.appending(path))?.identity, let input = inputs[identity] {
                    throw .outputIsInput(input.description)
                }
            }
        }
        // `a.json/b.nii` needs a folder where `a.nii` puts its sidecar.
        for (bottom, name) in folders.sorted(by: { $0.key < $1.key }) {
            var folder = bottom
            while folder != ScanPath("."), folder != folder.folder {
                if let owner = owners[folder] {
                    throw .fileAndFolder(path: folder.description, file: owner, below: name)
                }
                folder = folder.folder
            }
        }
    }
}
