internal import ArgumentParser
internal import MedPrep

/// The pipeline file and what it runs on: shared by `run` and `validate`.
struct SourceOptions: ParsableArguments {
    @Argument(help: "The pipeline file.", completion: .file(extensions: ["json"]))
    var pipelineFile: String

    @Argument(help: "Scans or folders, in place of the pipeline file's input folder.", completion: .file())
    var inputs: [String] = []

    @Option(name: .long, help: "The output folder, in place of the pipeline file's.", completion: .directory)
    var out: String?

    @Flag(name: .long, help: "Treat doubts as faults.")
    var strict = false

    /// Prints every fault and doubt of the file; faults end the command with status 65.
    func pipeline() throws -> Pipeline {
        let (pipeline, diagnostics) = PipelineFile.read(pipelineFile)
        let shown = strict ? diagnostics.strict : diagnostics
        if !shown.list.isEmpty { Terminal.message(shown.description) }
        guard let pipeline, !shown.hasFaults else { throw ExitCode(65) }
        return pipeline
    }

    /// The line that does again what is missing.
    var commandLine: String {
        (["medprep", "run", pipelineFile] + inputs + (out.map { ["--out", $0] } ?? []))
            .map(Terminal.quoted).joined(separator: " ")
    }
}
