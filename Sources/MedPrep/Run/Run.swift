internal import MedPrepCore
internal import MedPrepIO
internal import MedPrepOperators
internal import MedPrepStreaming

/// A pipeline over one scan, many, or a folder tree: planned whole, then run with bounded memory, resumable.
public struct Run: Sendable {
    public let pipeline: Pipeline
    public let options: Options

    public struct Options: Sendable {
        /// Scans or folders; empty: the pipeline file's input folder.
        public var inputs = [String]()
        /// nil: the pipeline file's output folder.
        public var outputFolder: String?
        /// Threads that compute at one time, codec included: 1 to `mostJobs`; a number beyond an end counts as that end.
        public var jobs = 1
        /// Bytes for volumes in flight.
        public var memory = 4 << 30
        /// Do every case again, also those that are done.
        public var overwrites = false
        /// Compare the CRC-32 of inputs and outputs before a case counts as done.
        public var verifies = false
        /// More failures end the run.
        public var maxFailures: Int?

        public init() {}

        /// More threads than any machine has; each has blocks and tables of its own.
        public static let mostJobs = 4096
    }

    public init(_ pipeline: Pipeline, _ options: Options) {
        var options = options
        options.jobs = min(max(options.jobs, 1), Options.mostJobs)
        (self.pipeline, self.options) = (pipeline, options)
    }

    /// What a run is doing, for progress.
    public enum Event: Sendable {
        case pass(String, cases: Int)
        /// In name order. `bytes` of input were read for it.
        case finished(PlannedCase, Result, bytes: Int)
    }

    public enum Result: Sendable {
        case written
        case alreadyDone
        case failed(Failure)
    }

    /// What this run did.
    public struct Outcome: Sendable {
        public internal(set) var written = 0
        public internal(set) var alreadyDone = 0
        public internal(set) var dropped = 0
        public internal(set) var failures = [(case: String, failure: Failure)]()
        /// Cases that were not come to: the run was stopped.
        public internal(set) var left = 0
        public internal(set) var seconds = 0.0
        /// Why `report.json`, `summary.tsv` or `state.json` could not be written, though the cases were.
        public internal(set) var reportError: RunError?
    }

    /// Does what is missing.
    ///
    /// - Parameters:
    ///   - plan: of this run, from `plan()`.
    ///   - isCancelled: asked before each new case; those in hand are finished.
    ///   - onEvent: called on the calling thread, in name order.
    public func start(
        _ plan: RunPlan, isCancelled: () -> Bool = { false }, onEvent: (Event) -> Void = { _ in }
    ) throws(RunError) -> Outcome {
        let clock = Stopwatch()
        // A program that goes on after its run has better use for the memory.
        defer { Tensor.releaseIdleMemory() }
        let folder = plan.folder
        let claim = try OutputFolder.claim(folder, for: plan)
        try plan.names.keep(in: folder)
        var engine = Engine(
            pipeline: plan.pipeline, planeSteps: plan.planeSteps, output: folder,
            references: plan.references, states: plan.states, kept: KeptFiles(plan.cases))

        var (statistics, failures) = (DataSetStatistics?.none, [Int: Failure]())
        if !plan.firstPasses.isEmpty {
            let ledger = Ledger(folder: folder)
            statistics = try ledger.statistics(for: plan)
            if statistics == nil {
                (statistics, failures) = try learn(plan, &engine, ledger, isCancelled, onEvent)
            }
            for (step, state) in statistics?.states ?? [:] { engine.states[step] = state }
        }
        let outcome = pass(plan, engine, statistics, failures, clock, isCancelled, onEvent)
        claim.release()
        return outcome
    }

    /// First passes: what each step that learns from the whole data set learns, and which cases failed, by index.
    private func learn(
        _ plan: RunPlan, _ engine: inout Engine, _ ledger: Ledger, _ isCancelled: () -> Bool,
        _ onEvent: (Event) -> Void
    ) throws(RunError) -> (DataSetStatistics, failures: [Int: Failure]) {
        var states = [Int: JSONValue]()
        var failures = [Int: Failure]()
        for step in plan.firstPasses {
            guard let learning = step.operation as? any LearningOperator else { continue }
            onEvent(.pass("\(step.label), first pass", cases: plan.cases.count))
            var measures = [JSONValue]()
            let stages = engine.stages(upTo: step, keepers: keepers(plan), jobs: options.jobs)
            let end = line(stages, plan).run(
                plan.items(statisticsHash: nil), bytes: { $0.neededBytes },
                threadBytes: { $0.planned.threadBytes }, isCancelled: isCancelled, start: { $0 },
                finish: { item in
                    if let measure = item.measure {
                        measures.append(measure)
                    } else if case .failed(let failure) = item.outcome, failures[item.planned.index] == nil {
                        failures[item.planned.index] = failure
                    }
                    return .more
                })
            guard end == .allInputsDone else { throw .stopped }
            // Where every case fails, the pass that writes says why of each.
            if measures.isEmpty { continue }
            do throws(OperatorError) {
                states[step.index] = try learning.learnJSON(from: measures, after: nil)
            } catch {
                throw .invalid("\(step.label), first pass: \(error)")
            }
            engine.states[step.index] = states[step.index]
        }
        let missing = failures.keys.sorted().map { plan.cases[$0].name }
        let statistics = DataSetStatistics(plan: plan, states: states, missing: missing)
        try ledger.write(statistics)
        return (statistics, failures)
    }

    /// The pass that writes. A case that failed in a first pass has not taught its step, so it fails here too, even
    /// where its disk has come to reason.
    private func pass(
        _ plan: RunPlan, _ engine: Engine, _ statistics: DataSetStatistics?, _ failures: [Int: Failure],
        _ clock: Stopwatch, _ isCancelled: () -> Bool, _ onEvent: (Event) -> Void
    ) -> Outcome {
        let ledger = Ledger(folder: engine.output)
        let keepers = keepers(plan)
        var report = Report(steps: plan.pipeline.steps, batchSize: plan.pipeline.batch.size)
        var outcome = Outcome()
        onEvent(.pass("run", cases: plan.cases.count))
        var all = plan.items(statisticsHash: statistics?.hash)
        for (index, failure) in failures { all[index].outcome = .failed(failure) }
        let items = all.lazy.map { item in
            options.overwrites
                ? item : ledger.marked(item, steps: plan.pipeline.steps, verifies: options.verifies)
        }
        let stages = engine.stages(keepers: keepers, jobs: options.jobs)
        _ = line(stages, plan).run(
            items, bytes: { $0.neededBytes }, threadBytes: { $0.planned.threadBytes },
            isCancelled: isCancelled, start: { $0 },
            finish: { item in
                ledger.discardStale(item, engine)
                let result = outcome.count(item, into: &report)
                onEvent(.finished(item.planned, result, bytes: item.key.inputs.reduce(0) { $0 + $1.size }))
                return outcome.failures.count > options.maxFailures ?? .max ? .stop : .more
            })
        outcome.left = plan.cases.count - outcome.written - outcome.alreadyDone - outcome.failures.count
        for item in all.suffix(outcome.left) {
            report.add(left: ledger.marked(item, steps: plan.pipeline.steps, verifies: false))
        }
        for name in plan.dropped { report.add(dropped: name) }
        outcome.dropped = plan.dropped.count
        outcome.seconds = clock.seconds
        let isWhole = outcome.left == 0 && outcome.failures.isEmpty
        let states = isWhole ? keepers.mapValues { keeper in keeper.change { $0 } } : [:]
        do throws(RunError) {
            try ledger.write(report, states: states, plan: plan, outcome: outcome)
        } catch {
            outcome.reportError = error
        }
        return outcome
    }

    private func line(_ stages: [Stage<Item>], _ plan: RunPlan) -> Line<Item> {
        // As many as the plan counted with.
        let threads = workers(cases: plan.cases.count + plan.dropped.count).count
        return Line(stages, jobs: options.jobs, threads: threads, budget: options.memory)
    }

    private func keepers(_ plan: RunPlan) -> [Int: Guarded<BatchKeeper>] {
        var keepers = [Int: Guarded<BatchKeeper>]()
        for step in plan.pipeline.steps {
            if let learning = step.operation as? any LearningOperator, learning.learning == .eachBatch {
                keepers[step.index] = Guarded(
                    BatchKeeper(step: step, learning: learning, given: plan.states[step.index]))
            }
        }
        return keepers
    }
}

extension Run.Outcome {
    /// Counts one case, in name order.
    mutating func count(_ item: Item, into report: inout Report) -> Run.Result {
        let name = item.planned.name
        switch item.outcome {
        case .written(let sidecar):
            written += 1
            report.add(name, sidecar: sidecar)
            return .written
        case .done(let sidecar):
            alreadyDone += 1
            report.add(name, sidecar: sidecar)
            return .alreadyDone
        case .failed(let failure):
            failures.append((item.planned.title, failure))
            report.add(name, failure: failure)
            return .failed(failure)
        case .waiting, .working:
            preconditionFailure("\(name) left the line before its end")
        }
    }
}

extension Run.Outcome {
    /// What goes under `timing` in report.json: this run alone.
    var json: JSONValue {
        [
            "written": .integer(written), "already_done": .integer(alreadyDone),
            "failed": .integer(failures.count),
            "seconds": .number(seconds),
            "scans_per_second": .number(
                seconds > 0 ? (Double(written) / seconds * 1000).rounded() / 1000 : 0),
            "peak_memory_bytes": .integer(Machine.peakMemory),
        ]
    }
}
