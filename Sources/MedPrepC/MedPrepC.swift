internal import Glibc
internal import MedPrep

// The C interface, declared for C in `medprep.h`; strings are UTF-8, and what a function hands out is freed with
// `medprep_free`.

/// The version, as reports name it. The caller frees it.
@c(medprep_version)
public func medprepVersionText() -> UnsafeMutablePointer<CChar>? { strdup(medprepVersion) }

/// Frees what another function handed out; NULL is fine.
@c(medprep_free)
public func medprepFree(_ text: UnsafeMutablePointer<CChar>?) { free(text) }

/// Runs a pipeline file, as `medprep run` does.
///
/// - Parameters:
///   - pipeline: the path of the pipeline file.
///   - inputs: `inputCount` scans or folders; none: the pipeline file's input folder.
///   - output: the output folder; NULL: the pipeline file's.
///   - jobs: threads that compute at one time; 0: the cores this process may use.
///   - message: if not NULL, gets a JSON text to free: counts and failures, or why the run was refused.
/// - Returns: the exit status of `medprep run`: 0 all written or already done, 1 some scans failed, 64 … 75 refused.
@c(medprep_run)
public func medprepRun(
    _ pipeline: UnsafePointer<CChar>?, _ inputs: UnsafePointer<UnsafePointer<CChar>?>?, _ inputCount: Int32,
    _ output: UnsafePointer<CChar>?, _ jobs: Int32,
    _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
    let answer = run(
        pipeline.map { String(cString: $0) },
        inputs: (0..<max(0, Int(inputCount))).compactMap { inputs?[$0].map { String(cString: $0) } },
        output: output.map { String(cString: $0) }, jobs: jobs > 0 ? Int(jobs) : Machine.cores)
    message?.pointee = strdup(answer.message.line)
    return answer.status
}

private func run(
    _ path: String?, inputs: [String], output: String?, jobs: Int
) -> (status: Int32, message: JSONValue) {
    guard let path else { return (64, ["error": "no pipeline file was named"]) }
    let (pipeline, diagnostics) = PipelineFile.read(path)
    guard let pipeline else { return (65, ["error": "the pipeline is invalid", "faults": diagnostics.json]) }
    var options = Run.Options()
    options.inputs = inputs
    options.outputFolder = output
    options.jobs = jobs
    options.memory = Machine.availableMemory / 2
    let run = Run(pipeline, options)
    do throws(RunError) {
        let outcome = try run.start(try run.plan())
        let failures = outcome.failures.map { (name, failure) -> JSONValue in
            [
                "scan": .string(name), "stage": .string(failure.stage), "code": .string(failure.code),
                "message": .string(failure.message),
            ]
        }
        let message: JSONValue = [
            "written": .integer(outcome.written), "already_done": .integer(outcome.alreadyDone),
            "failures": .array(failures),
        ]
        if let error = outcome.reportError {
            let told = JSONValue.Member("error", .string(error.description))
            return (error.status, .object((message.members ?? []) + [told]))
        }
        return (outcome.failures.isEmpty ? 0 : 1, message)
    } catch {
        return (error.status, ["error": .string(error.description)])
    }
}
