internal import ArgumentParser
internal import MedPrep

struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Find every fault of a pipeline file, and of every header it would read, at once.")

    @OptionGroup var source: SourceOptions

    func run() throws {
        let pipeline = try source.pipeline()
        let steps = "\(pipeline.steps.count) step\(pipeline.steps.count == 1 ? "" : "s")"
        var options = Run.Options()
        options.inputs = source.inputs
        options.outputFolder = source.out
        guard !source.inputs.isEmpty || pipeline.input.folder != nil else {
            print("\(source.pipelineFile): \(steps), no fault")
            return
        }
        let cases: [PlannedCase]
        do throws(RunError) { cases = try Run(pipeline, options).planCases() } catch {
            Terminal.message("medprep: \(error)")
            throw ExitCode(error.status)
        }
        var refused = 0
        for planned in cases {
            if let failure = planned.failure {
                refused += 1
                Terminal.message("\(planned.title): \(failure)")
            }
        }
        print(
            "\(source.pipelineFile): \(steps), no fault; \(cases.count) scan\(cases.count == 1 ? "" : "s"), \(refused) refused"
        )
        if refused > 0 { throw ExitCode(1) }
    }
}
