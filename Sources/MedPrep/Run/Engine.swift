internal import MedPrepCore
internal import MedPrepIO
internal import MedPrepOperators
internal import MedPrepStreaming

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
    /// Files in the output folder that are no case's to take away.
    let kept: KeptFiles
    /// Whether this run has changed the output folder, so that an older report no longer describes it.
    let hasChanged = Guarded(false)

    /// Opens and decodes every file of the case.
    func read(_ item: inout Item) {
        guard case .waiting = item.outcome else { return }
        var clock = Stopwatch()
        do throws(Failure) {
            var context = Context(workers: workers, nonfinite: pipeline.input.nonfinite)
            var subject = Case(name: item.planned.name, images: [])
            item.readings = []
            for file in item.planned.files {
                let place = item.planned.files.count > 1 ? "\(file.relative): " : ""
                do throws(NIfTIError) {
                    let reader = NIfTIReader(
                        role: file.role, fourthAxis: pipeline.input.fourthAxis,
                        nonfinite: pipeline.input.nonfinite, workers: workers)
                    let (volume, reading) = try reader.read(file.path)
                    context.findings += reading.findings.map {
                        Finding($0.code, place + $0.message)
                    }
                    item.readings.append(
                        Sidecar.Reading(
                            crc32: reading.crc32, sha256: try sha256(of: file.path),
                            description: reading.header.members))
                    let named = Case.Named(file.name, volume)
                    switch file.role {
                    case .image: subject.images.append(named)
                    case .label: subject.labels.append(named)
                    case .mask: subject.masks.append(named)
                    }
                } catch {
                    throw Failure(stage: "read", code: error.code, message: "\(place)\(error)")
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
            withdrawReport()
            let writer = CaseWriter(pipeline: pipeline, folder: output, workers: workers, kept: kept)
            let told = work.told
            let outputs = try writer.write(work, item.planned)
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

    /// Before the first change: a run that is killed must not leave the report of another one behind.
    func withdrawReport() {
        hasChanged.change { hasChanged in
            if !hasChanged { Ledger(folder: output).withdrawReport() }
            hasChanged = true
        }
    }

    private func sha256(of path: ScanPath) throws(NIfTIError) -> String? {
        guard pipeline.report.sha256 else { return nil }
        do throws(FileError) { return try FileDigest.sha256(of: path) } catch { throw .file(error) }
    }
}
