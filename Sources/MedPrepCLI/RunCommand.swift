internal import ArgumentParser
internal import MedPrep

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a pipeline over one scan, many, or a folder tree.",
        discussion: """
            Scans or folders on the command line replace the input folder of the pipeline file, --out its output \
            folder. What is already done is skipped; a scan that fails is reported and the others go on.
            """)

    @OptionGroup var source: SourceOptions

    @Option(name: .long, help: "Threads that compute at one time (default: the cores this process may use).")
    var jobs: Int?

    @Option(
        name: .long, help: "Memory for volumes in flight, like 4GiB (default: half of what is available).")
    var memory: MemorySize?

    @Flag(name: .long, help: "Only say what would be done: shapes, spacing, memory, disk.")
    var dryRun = false

    @Flag(name: .long, help: "Do every scan again, also those that are done.")
    var overwrite = false

    @Flag(name: .long, help: "Skip what is done (the default).")
    var resume = false

    @Flag(name: .long, help: "Compare the CRC-32 of inputs and outputs before a scan counts as done.")
    var verify = false

    @Option(name: .long, help: "End the run after more failures than this.")
    var maxFailures: Int?

    @Option(name: .long, help: "auto, plain, json or none; to stderr.")
    var progress = ProgressStyle.auto

    @Flag(name: .long, help: "No progress and no summary; errors only.")
    var quiet = false

    func validate() throws {
        let possible = 1...Run.Options.mostJobs
        if let jobs, !possible.contains(jobs) {
            throw ValidationError("--jobs is \(jobs); 1 to \(possible.upperBound) are possible.")
        }
        if let maxFailures, maxFailures < 0 {
            throw ValidationError("--max-failures is \(maxFailures); 0 or more.")
        }
        if overwrite && resume { throw ValidationError("--overwrite and --resume exclude each other.") }
    }

    func run() throws {
        let run = try prepare()
        let plan = try refusing { () throws(RunError) in try run.plan() }
        if dryRun {
            print(DryRun(plan).text, terminator: "")
            if plan.namesAreNew {
                Terminal.message("the first run makes the key of the names; they will be others than these")
            }
            if plan.cases.contains(where: { $0.failure != nil }) { throw ExitCode(1) }
            return
        }
        let signals = StopSignals()
        var progress = Progress(style: quiet ? .none : self.progress, cases: plan.cases.count)
        let outcome: Run.Outcome
        do throws(RunError) {
            outcome = try run.start(
                plan, isCancelled: { signals.received != nil }, onEvent: { progress.show($0) })
        } catch {
            progress.finish()
            Terminal.message("medprep: \(error)")
            throw ExitCode(signals.received.map { 128 + $0 } ?? error.status)
        }
        progress.finish()
        if !quiet {
            // Scans and folders on the command line are names too.
            let again = run.pipeline.output.names == .hashed ? "the same command" : source.commandLine
            let summary = RunSummary(outcome, again: again, maxFailures: maxFailures)
            Terminal.message(summary.text)
        }
        if let error = outcome.reportError { Terminal.message("medprep: \(error)") }
        if let signal = signals.received { throw ExitCode(128 + signal) }
        if let error = outcome.reportError { throw ExitCode(error.status) }
        if !outcome.failures.isEmpty { throw ExitCode(1) }
    }

    private func prepare() throws -> Run {
        let pipeline = try source.pipeline()
        var options = Run.Options()
        options.inputs = source.inputs
        options.outputFolder = source.out
        options.jobs = jobs ?? Machine.cores
        options.memory = memory?.bytes ?? Machine.availableMemory / 2
        options.overwrites = overwrite
        options.verifies = verify
        options.maxFailures = maxFailures
        return Run(pipeline, options)
    }

    private func refusing<Result>(_ body: () throws(RunError) -> Result) throws -> Result {
        do throws(RunError) { return try body() } catch {
            Terminal.message("medprep: \(error)")
            throw ExitCode(error.status)
        }
    }
}
