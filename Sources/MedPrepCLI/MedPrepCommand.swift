internal import ArgumentParser
internal import Glibc
internal import MedPrep

@main
struct MedPrepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "medprep",
        abstract: "Turns NIfTI scans into normalized, training-ready NDHWC tensors, and tells what it did.",
        discussion: """
            EXAMPLES
              medprep run pipeline.json scans --out out
              medprep validate pipeline.json scans
              medprep inspect scan.nii.gz --stats
              medprep operators batch_norm

            EXIT STATUS
              0 all written or already done   1 some scans failed, the rest is written
              64 usage   65 pipeline invalid   66 no input   73 cannot write
              75 temporary, try again   130, 143 stopped by a signal
            """,
        version: medprepVersion,
        subcommands: [
            RunCommand.self, ValidateCommand.self, InspectCommand.self, CheckCommand.self,
            OperatorsCommand.self,
        ])

    static func main() {
        // A file beyond the size limit (`ulimit -f`) is an error of that file, not the end of the program.
        signal(SIGXFSZ, SIG_IGN)
        do {
            var command = try parseAsRoot()
            try command.run()
            try Terminal.finishOutput()
        } catch {
            do { try Terminal.finishOutput() } catch { exit(withError: error) }
            exit(withError: error)
        }
    }
}
