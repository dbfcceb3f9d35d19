internal import MedPrepIO

/// What cases and their files are called in outputs, reports and messages: what they are called on disk, or
/// 16 hex digits of HMAC-SHA-256 under a key that the output folder keeps.
struct CaseNames: Sendable {
    /// nil: names are kept.
    private let key: NamesKey?

    /// - Parameter output: the output folder.
    init(_ names: Pipeline.Names, output: ScanPath) throws(RunError) {
        key = names == .hashed ? try NamesKey(of: output) : nil
    }

    /// The key is not on disk yet: a run that starts with these names puts it there.
    var areNew: Bool { key?.isNew ?? false }

    /// Puts a new key into the output folder, where later runs find it.
    func keep(in output: ScanPath) throws(RunError) { try key?.keep(in: output) }

    /// The cases under the names that are shown, in byte order of these: the order of the real ones would give
    /// a list of patients away.
    func shown(_ cases: [FoundCase]) -> [FoundCase] {
        guard key != nil else { return cases }
        return cases.map { found in
            let stem = hash(found.stem)
            let files = found.files.map { file in
                PlannedCase.File(
                    role: file.role, name: file.name, path: file.path,
                    relative: ScanPath(hash(file.relative)),
                    title: found.files.count == 1 ? stem : "\(stem)_\(file.name)")
            }
            return FoundCase(stem: ScanPath(stem), files: files, problem: found.problem)
        }.sorted { $0.stem < $1.stem }
    }

    func shown(_ error: CaseError) -> CaseError {
        guard key != nil, case .doubled(let name, let paths) = error else { return error }
        return .doubled(name, paths.map { ScanPath(hash($0)) })
    }

    /// Folders and scans of the input are named in no message.
    func shown(_ error: RunError) -> RunError {
        guard key != nil else { return error }
        func text(_ path: String) -> String { "the input \(hash(ScanPath(path)))" }
        return switch error {
        case .noScan(let folder, let pattern): .noScan(folder: text(folder), pattern: pattern)
        case .inputMissing(let path, let reason): .inputMissing(text(path), reason: reason)
        case .outputIsInput(let path): .outputIsInput(text(path))
        case .outputInsideInput(let output, let input):
            .outputInsideInput(output: hash(ScanPath(output)), input: text(input))
        default: error
        }
    }

    private func hash(_ path: ScanPath) -> String { key?.hash(path.bytes) ?? path.description }
}

extension NIfTIError {
    /// The error without the names of files, where names are hashed.
    func shown(_ names: Pipeline.Names) -> NIfTIError {
        guard names == .hashed, case .missingPair(let expected) = self else { return self }
        return .missingPair(expected: expected.compactMap { ScanPath($0).scanExtension })
    }
}
