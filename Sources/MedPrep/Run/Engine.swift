internal import MedPrepCore
internal import MedPrepIO
internal import MedPrepKernels
internal import MedPrepOperators

/// What the stages of a run do to one case. It holds settings only, so any thread may use it.
struct Engine: Sendable {
    let pipeline: Pipeline
    let output: ScanPath
    /// Grids of the files that steps name as their reference.
    let references: [String: Grid]
    /// What learning steps were given, or learned in a first pass, by step index.
    var states: [Int: JSONValue]
    /// Threads that one case may use.
    let workers: Workers

    /// Opens and decodes every file of the case, several at one time where threads allow.
    func read(_ item: inout Item) {
        guard case .waiting = item.outcome else { return }
        var clock = Stopwatch()
        do throws(Failure) {
            var context = Context(workers: workers, nonfinite: pipeline.input.nonfinite)
            var subject = Case(name: item.planned.name, images: [])
            item.readings = []
            for result in readFiles(of: item.planned) {
                let file = try result.get()
                context.findings += file.findings
                item.readings.append(file.reading)
                switch file.named.volume.role {
                case .image: subject.images.append(file.named)
                case .label: subject.labels.append(file.named)
                case .mask: subject.masks.append(file.named)
                }
            }
            item.timing = [.init("read_ms", .number(clock.milliseconds))]
            clock.restart()
            item.outcome = .working(CaseWork(subject, context: context))
            item.timing.append(.init("statistics_ms", .number(clock.milliseconds)))
        } catch {
            item.outcome = .failed(error)
        }
    }

    private struct ReadFile {
        let named: Case.Named
        let reading: Sidecar.Reading
        let findings: [Finding]
    }

    /// In the order of the plan.
    private func readFiles(of planned: PlannedCase) -> [Result<ReadFile, Failure>] {
        let files = planned.files
        let atOnce = max(1, min(workers.count, files.count))
        return Array(unsafeUninitializedCapacity: files.count) { results, count in
            // Each index is written once.
            nonisolated(unsafe) let results = results
            forEachIndex(files.count, Workers(atOnce)) { index in
                let result = Result { () throws(Failure) in
                    try read(
                        files[index], place: files.count > 1 ? "\(files[index].title): " : "",
                        Workers(workers.count / atOnce))
                }
                (results.baseAddress! + index).initialize(to: result)
            }
            count = files.count
        }
    }

    private func read(_ file: PlannedCase.File, place: String, _ workers: Workers) throws(Failure) -> ReadFile
    {
        do throws(NIfTIError) {
            var reader = NIfTIReader(
                role: file.role, fourthAxis: pipeline.input.fourthAxis,
                nonfinite: pipeline.input.nonfinite, workers: workers)
            reader.keepsHeaderText = pipeline.output.keepsHeaderText
            let (volume, reading) = try reader.read(file.path)
            return ReadFile(
                named: Case.Named(file.name, volume),
                reading: Sidecar.Reading(
                    crc32: reading.crc32, sha256: try sha256(of: file.path),
                    description: reading.header.members),
                findings: reading.findings.map { Finding($0.code, place + $0.message) })
        } catch {
            throw Failure(
                stage: "read", code: error.code, message: "\(place)\(error.shown(pipeline.output.names))")
        }
    }

    /// Steps that need this case alone, one after the other.
    func perform(_ steps: some Sequence<Pipeline.Step>, on item: inout Item) {
        item.advance { (work, _) throws(Failure) in
            for step in steps { try work.perform(step, references: references, state: states[step.index]) }
        }
    }

    /// What the learning step ahead sees of this case; a case that an earlier run wrote tells it from its sidecar.
    func measure(_ step: Pipeline.Step, _ learning: any LearningOperator, on item: inout Item) {
        if case .done(let sidecar) = item.outcome {
            item.measure = Sidecar.record(sidecar, step: step.index)?["measure"]
            return
        }
        item.advance { (work, item) throws(Failure) in item.measure = try work.measure(for: step, learning) }
    }

    /// The learning step itself, with what the batch taught.
    func apply(_ step: Pipeline.Step, _ learning: any LearningOperator, to item: inout Item) {
        guard let batch = item.batches[step.index] else { return }
        item.advance { (work, _) throws(Failure) in try work.perform(step, learning, in: batch) }
    }

    /// Writes the volumes and then, as the mark that they are whole, the sidecar.
    func write(_ item: inout Item) {
        guard case .working(let work) = item.outcome else { return }
        item.outcome = .waiting
        let clock = Stopwatch()
        do throws(Failure) {
            let writer = CaseWriter(pipeline: pipeline, folder: output, workers: workers)
            var told = work.told
            let volumes = try writer.write(work, item.planned)
            told.findings += volumes.flatMap(\.findings)
            let outputs = volumes.map(\.output)
            item.timing += work.milliseconds
            item.timing += [
                .init("write_ms", .number(clock.milliseconds)),
                .init("bytes_read", .integer(item.key.inputs.reduce(0) { $0 + $1.size })),
                .init("bytes_written", .integer(outputs.reduce(0) { $0 + $1.size })),
            ]
            let sidecar = Sidecar.json(
                case: item.planned.name, key: item.key, readings: item.readings, work: told, outputs: outputs,
                timing: item.timing)
            try writer.write(sidecar: sidecar, item.planned)
            item.outcome = .written(sidecar)
        } catch {
            item.outcome = .failed(error)
        }
    }

    private func sha256(of path: ScanPath) throws(NIfTIError) -> String? {
        guard pipeline.report.sha256 else { return nil }
        do throws(FileError) { return try FileDigest.sha256(of: path) } catch { throw .file(error) }
    }
}
