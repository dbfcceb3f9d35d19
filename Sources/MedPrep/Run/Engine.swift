internal import MedPrepCore
internal import MedPrepIO
internal import MedPrepKernels
internal import MedPrepOperators
internal import MedPrepStreaming

/// What the stages of a run do to one case. It holds settings only, so any thread may use it.
struct Engine: Sendable {
    let pipeline: Pipeline
    let planeSteps: PlaneSteps
    let output: ScanPath
    /// Grids of the files that steps name as their reference.
    let references: [String: Grid]
    /// What learning steps were given, or learned in a first pass, by step index.
    var states: [Int: JSONValue]
    /// Files in the output folder that are no case's to take away.
    let kept: KeptFiles
    /// Whether this run has changed the output folder, so that an older report no longer describes it.
    let hasChanged = Guarded(false)

    /// Opens and decodes every file of the case, several at one time where threads allow.
    func read(_ item: inout Item) {
        guard case .waiting = item.outcome else { return }
        var clock = Stopwatch()
        do throws(Failure) {
            var context = Context(workers: item.workers, nonfinite: pipeline.input.nonfinite)
            var subject = Case(name: item.planned.name, images: [])
            var counts = [WholeCounts?]()
            var arriving: ArrivingImage?
            item.readings = []
            let together = readTogether(item.planned, item.workers)
            if let together { subject.images = [.init(subject.name, together.volume)] }
            let known = together?.readings ?? [:]
            for result in readFiles(of: item.planned, known: known, item.workers) {
                let file = try result.get()
                context.findings += file.findings
                item.readings.append(file.reading)
                if file.role == .image { counts.append(file.counts) }
                arriving = arriving ?? file.arriving
                guard let named = file.named else { continue }
                switch named.volume.role {
                case .image: subject.images.append(named)
                case .label: subject.labels.append(named)
                case .mask: subject.masks.append(named)
                }
            }
            try arriving?.check()
            item.timing = [.init("read_ms", .number(clock.milliseconds))]
            clock.restart()
            item.outcome = .working(
                CaseWork(
                    subject, channels: together?.channels, counts: counts, arriving: arriving,
                    context: context))
            item.timing.append(.init("statistics_ms", .number(clock.milliseconds)))
        } catch {
            item.outcome = .failed(error)
        }
    }

    private struct ReadFile {
        let role: Volume.Role
        let counts: WholeCounts?
        /// nil: its voxels were read together with others.
        let named: Case.Named?
        /// What took its planes; nil: it is there as a whole.
        let arriving: ArrivingImage?
        let reading: Sidecar.Reading
        let findings: [Finding]
    }

    /// In the order of the plan.
    ///
    /// - Parameter known: what reading has shown of images that were read together, by name.
    private func readFiles(
        of planned: PlannedCase, known: [String: NIfTIReading], _ workers: Workers
    ) -> [Result<ReadFile, Failure>] {
        let files = planned.files
        let atOnce = max(1, min(workers.count, files.count - known.count))
        return Array(unsafeUninitializedCapacity: files.count) { results, count in
            // Each index is written once.
            nonisolated(unsafe) let results = results
            forEachIndex(files.count, Workers(atOnce)) { index in
                let file = files[index]
                let result = Result { () throws(Failure) in
                    try read(
                        file, place: files.count > 1 ? "\(file.title): " : "",
                        known: file.role == .image ? known[file.name] : nil,
                        arrives: file.role == .image && planned.arrives,
                        Workers(workers.count / atOnce))
                }
                (results.baseAddress! + index).initialize(to: result)
            }
            count = files.count
        }
    }

    /// - Parameter arrives: true for an image that goes through its first steps plane by plane.
    private func read(
        _ file: PlannedCase.File, place: String, known: NIfTIReading?, arrives: Bool, _ workers: Workers
    ) throws(Failure) -> ReadFile {
        do throws(NIfTIError) {
            var (volume, arriving): (Volume?, ArrivingImage?)
            let reading: NIfTIReading
            if let known {
                reading = known
            } else {
                var reader = NIfTIReader(
                    role: file.role, fourthAxis: pipeline.input.fourthAxis,
                    nonfinite: pipeline.input.nonfinite, workers: workers)
                reader.keepsHeaderText = pipeline.output.keepsHeaderText
                reader.keepsNumbers = pipeline.readsNumbers
                reader.findsBox = file.role == .image && pipeline.asksForNonzero
                if arrives,
                    let read = try reader.readPlanes(
                        file.path,
                        to: { (type, grid) throws(NIfTIError) in
                            guard let spline = planeSteps.spline(of: type, on: grid) else { return nil }
                            try NIfTIReader.checkMemory(spline.resultBytes)
                            let image = ArrivingImage(planeSteps, storing: type, spline.begin())
                            arriving = image
                            return { plane, index in image.take(consume plane, at: index) }
                        })
                {
                    (volume, reading) = read
                } else {
                    (volume, reading) = try reader.read(file.path)
                }
            }
            return ReadFile(
                role: file.role, counts: reading.counts,
                named: volume.map { Case.Named(file.name, $0) }, arriving: arriving,
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
            for step in steps {
                try work.perform(
                    step, references: references, state: states[step.index],
                    copiesLater: pipeline.turnsLater(step) || pipeline.cropsLater(step))
            }
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
            let writer = CaseWriter(pipeline: pipeline, folder: output, workers: item.workers, kept: kept)
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
