internal import MedPrepCore
internal import MedPrepIO
internal import MedPrepOperators

/// Which cases an output folder already holds, and the run's own files beside them.
struct Ledger: Sendable {
    let folder: ScanPath

    /// The item as it stands: done, where its sidecar and outputs vouch for it.
    func marked(_ item: Item, steps: [Pipeline.Step], verifies: Bool) -> Item {
        guard item.mayBeDone, let sidecar = json(at: item.planned.sidecar),
            Sidecar.matches(sidecar, item.key), Self.tellsAll(sidecar, of: steps),
            let outputs = Sidecar.outputs(of: sidecar),
            outputs.map(\.path) == item.planned.outputs.map(\.path.description),
            zip(outputs, item.planned.outputs).allSatisfy({ (output, planned) in
                FileStatus(folder.appending(planned.path))?.size == output.size
            }),
            !verifies || verified(item, sidecar, outputs)
        else { return item }
        var item = item
        item.outcome = .done(sidecar)
        return item
    }

    /// Whether a sidecar has a record of every step, with the measures that batches are folded from.
    private static func tellsAll(_ sidecar: JSONValue, of steps: [Pipeline.Step]) -> Bool {
        guard let records = sidecar["steps"]?.array, records.count == steps.count else { return false }
        return zip(records, steps).allSatisfy { (record, step) in
            guard record["op"]?.string == step.operation.name else { return false }
            guard let learning = step.operation as? any LearningOperator, learning.learning == .eachBatch
            else { return true }
            do throws(OperatorError) {
                try learning.checkMeasure(record["measure"] ?? .null)
                return true
            } catch { return false }
        }
    }

    /// Takes away what an earlier run wrote for a case that failed now, of other inputs or by other settings:
    /// nothing is left that this run cannot vouch for.
    func discardStale(_ item: Item, _ engine: Engine) {
        guard case .failed = item.outcome, let sidecar = json(at: item.planned.sidecar),
            !Sidecar.matches(sidecar, item.key)
        else { return }
        engine.withdrawReport()
        try? discard(item.planned, sidecar, engine.kept)
    }

    private func discard(
        _ planned: PlannedCase, _ sidecar: JSONValue, _ kept: KeptFiles
    ) throws(FileError) {
        let earlier = try EarlierOutputs(of: planned, by: sidecar, in: folder, keeping: kept)
        // The sidecar last, and only when all else is gone: it alone knows the other names.
        for path in planned.outputs.map(\.path) + earlier.paths + [planned.sidecar] {
            try removeFile(folder.appending(path))
        }
    }

    /// Takes `report.json` and `summary.tsv` away until the run has ended.
    func withdrawReport() {
        for name in ["report.json", "summary.tsv"] { try? removeFile(folder.appending(name)) }
    }

    /// Reads inputs and outputs and compares the CRC-32 of their decoded bytes.
    private func verified(_ item: Item, _ sidecar: JSONValue, _ outputs: [Sidecar.Output]) -> Bool {
        let inputs = (sidecar["input"]?.array ?? []).map { $0["crc32"]?.string }
        let inputsAgree = zip(item.planned.files, inputs).allSatisfy { (file, crc32) in
            let found = try? NIfTIReader().readStatistics(file.path).reading.crc32
            return found.map(Sidecar.hex) == crc32
        }
        return inputsAgree
            && zip(item.planned.outputs, outputs).allSatisfy { (file, output) in
                (try? decodedCRC32(of: folder.appending(file.path))) == output.crc32
            }
    }

    private func json(at path: ScanPath) -> JSONValue? {
        guard let bytes = try? readWhole(folder.appending(path)) else { return nil }
        return try? JSONReader.read(bytes).value
    }

    /// What an earlier first pass over the same files learned; nil where there is none.
    func statistics(for plan: RunPlan) throws(RunError) -> DataSetStatistics? {
        json(at: DataSetStatistics.path).flatMap { DataSetStatistics($0, for: plan) }
    }

    func write(_ statistics: DataSetStatistics) throws(RunError) {
        try write(statistics.json.text() + "\n", to: DataSetStatistics.path)
    }

    /// `report.json`, `summary.tsv` and, after a whole train run, `state.json`.
    func write(
        _ report: Report, states: [Int: BatchKeeper], plan: RunPlan, outcome: Run.Outcome
    ) throws(RunError) {
        try write(report.table, to: ScanPath("summary.tsv"))
        if plan.pipeline.report.json {
            let members: [JSONValue.Member]
            do throws(OperatorError) { members = try report.members(pipelineHash: plan.pipelineHash) } catch {
                throw .invalid("report.json: \(error)")
            }
            let json = JSONValue.object(members + [.init("timing", outcome.json)])
            try write(json.text() + "\n", to: ScanPath("report.json"))
        }
        let learned = states.values.filter { !$0.isPartial }.sorted { $0.step.index < $1.step.index }
        let steps = learned.compactMap { keeper in
            keeper.state.map { state -> JSONValue in
                [
                    "step": .integer(keeper.step.index), "op": .string(keeper.step.operation.name),
                    "state": state,
                ]
            }
        }
        if steps.isEmpty {
            // A state of other cases or settings would be taken for this one's. A run that trains nothing keeps its
            // hands off: the file may be what it was given.
            if plan.pipeline.gathers { try remove(ScanPath("state.json")) }
        } else {
            let json: JSONValue = [
                "medprep": .string(medprepVersion), "pipeline_hash": .string(plan.pipelineHash),
                "steps": .array(steps),
            ]
            try write(json.text() + "\n", to: ScanPath("state.json"))
        }
    }

    private func remove(_ path: ScanPath) throws(RunError) {
        do throws(FileError) { try removeFile(folder.appending(path)) } catch {
            throw .cannotWrite("\(folder.appending(path)): \(error)")
        }
    }

    private func write(_ text: String, to path: ScanPath) throws(RunError) {
        do throws(FileError) { try writeWhole(text, to: folder.appending(path)) } catch {
            throw .cannotWrite("\(folder.appending(path)): \(error)")
        }
    }
}
