internal import MedPrepCore
internal import MedPrepIO

/// A case as its files were found, before one of them is opened.
struct FoundCase: Sendable {
    /// Its name: the outputs' common beginning.
    let stem: ScanPath
    let files: [PlannedCase.File]
    /// A file that is missing, doubled or no file.
    let problem: Failure?
}
