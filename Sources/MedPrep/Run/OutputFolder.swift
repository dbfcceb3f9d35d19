internal import MedPrepIO

/// The output folder, held by this run alone while the value lives.
struct OutputFolder: ~Copyable {
    private let lock: FolderLock

    /// Makes the folder, locks it and sweeps what dead runs left half written, there and wherever the plan writes.
    static func claim(_ folder: ScanPath, for plan: RunPlan) throws(RunError) -> OutputFolder {
        do throws(FileError) {
            try makeFolders(folder)
            let lock = try FolderLock(folder)
            let folders = plan.cases.map { folder.appending($0.sidecar).folder } + [folder]
            for folder in Set(folders) { AtomicFile.sweepTemporaries(in: folder) }
            return OutputFolder(lock: lock)
        } catch {
            if case .locked = error { throw .locked("\(folder): \(error)") }
            throw .cannotWrite("\(folder): \(error)")
        }
    }

    private init(lock: consuming FolderLock) { self.lock = lock }

    /// Ends the claim; named, so that it is held until then.
    consuming func release() {}
}
