internal import MedPrepCore
internal import MedPrepIO
internal import MedPrepOperators

/// A whole run as headers alone tell it: every case, what it costs, what it writes, what is wrong.
public struct RunPlan: Sendable {
    public let pipeline: Pipeline
    let planeSteps: PlaneSteps
    /// The output folder, for messages.
    public let output: String
    let folder: ScanPath
    /// In name order.
    public let cases: [PlannedCase]
    /// Names that `drop_last` leaves out.
    public let dropped: [String]
    /// SHA-256 of everything that can change a voxel or a byte.
    public let pipelineHash: String
    /// Steps that learn from the whole data set in a pass of their own.
    public let firstPasses: [Pipeline.Step]
    /// What learning steps were given, by step index.
    let states: [Int: JSONValue]
    let references: [String: Grid]
    let names: CaseNames

    /// Names are hashed under a key that is not on disk yet: only `Run.start` puts it there, and plans until then
    /// have other names.
    public var namesAreNew: Bool { names.areNew }

    /// A file whose size and time the system does not tell could not be known again.
    private func unseen(_ files: [PlannedCase.File], _ inputs: [Sidecar.Input]) -> Failure? {
        let unseen = zip(files, inputs).first { file, input in
            input.modified.count < (NIfTIPair.voxelFiles(of: file.path).isEmpty ? 1 : 2)
        }
        return unseen.map { file, _ in
            Failure(
                stage: "read", code: "cannot_read",
                message: "\(file.relative): the system does not tell its size and time; run again")
        }
    }

    /// What goes on the line, in name order.
    func items(statisticsHash: String?) -> [Item] {
        let size = pipeline.batch.size
        let names = cases.map(\.name)
        return cases.map { planned in
            let first = planned.index / size * size
            let inputs = planned.files.map(Sidecar.Input.init)
            let key = Sidecar.Key(
                pipelineHash: pipelineHash, statisticsHash: statisticsHash,
                inputs: inputs,
                batch: pipeline.gathers ? Array(names[first..<min(first + size, names.count)]) : nil)
            let failure = planned.failure ?? unseen(planned.files, inputs)
            return Item(planned: planned, key: key, outcome: failure.map { .failed($0) } ?? .waiting)
        }
    }
}

extension Sidecar.Input {
    init(_ file: PlannedCase.File) {
        let stamps = NIfTIPair.statuses(of: file.path)
        self.init(
            role: file.role.rawValue, name: file.name, path: file.relative.description,
            size: stamps.reduce(0) { $0 + $1.size }, modified: stamps.map(\.modified))
    }
}
