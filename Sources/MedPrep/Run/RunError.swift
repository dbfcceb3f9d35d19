/// Why a run did not start, or could not go on.
public enum RunError: Error, Hashable, Sendable {
    case noInput(String)
    case noScan(folder: String, pattern: String?)
    case noOutputFolder
    case inputMissing(String, reason: String)
    case sameOutput(path: String, String, String)
    /// One output's name is the name of a folder that another needs.
    case fileAndFolder(path: String, file: String, below: String)
    case outputIsInput(String)
    case outputInsideInput(output: String, input: String)
    case cannotWrite(String)
    case locked(String)
    /// The key of hashed names is there and is none.
    case namesKey(path: String, reason: String)
    case invalid(String)
    /// A signal came before the first pass was through.
    case stopped

    /// The exit status (BEHAVIOUR 1).
    public var status: Int32 {
        switch self {
        case .noInput, .noScan, .inputMissing: 66
        case .noOutputFolder: 64
        case .sameOutput, .fileAndFolder, .outputIsInput, .outputInsideInput, .cannotWrite, .namesKey: 73
        case .locked, .stopped: 75
        case .invalid: 65
        }
    }
}

extension RunError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noInput(let reason): reason
        case .noScan(let folder, let pattern):
            "\(folder): no scan found\(pattern.map { " that matches \"\($0)\"" } ?? ""); "
                + "a scan's name ends in .nii, .nii.gz, .hdr or .hdr.gz"
        case .noOutputFolder:
            "no output folder; give --out DIR or \"output\": {\"folder\": …} in the pipeline file"
        case .inputMissing(let path, let reason): "\(path): \(reason)"
        case .sameOutput(let path, let one, let other):
            "\(one) and \(other) would both be written to \(path); rename one, or run them into separate folders"
        case .fileAndFolder(let path, let file, let other):
            "\(path) would be a file of \(file) and a folder for \(other); rename one, or run them into separate "
                + "folders"
        case .outputIsInput(let path): "\(path) is an input and would be overwritten; choose another --out"
        case .outputInsideInput(let output, let input):
            "the output folder \(output) lies inside the input \(input), so a second run would read its own results; "
                + "choose a folder beside it"
        case .cannotWrite(let reason): reason
        case .locked(let reason): reason
        case .namesKey(let path, let reason):
            "\(path), under which names are hashed, \(reason); bring the key of the earlier runs back, or choose another "
                + "--out"
        case .invalid(let reason): reason
        case .stopped: "stopped before the first pass over the data set was through; run it again"
        }
    }
}
