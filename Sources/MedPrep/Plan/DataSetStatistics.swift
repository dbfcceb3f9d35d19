internal import MedPrepCore
internal import MedPrepIO

/// `dataset-stats.json`: what steps learned from every case of a data set, and from which.
struct DataSetStatistics: Sendable {
    static let path: ScanPath = ScanPath("dataset-stats.json")

    let json: JSONValue
    /// By step index.
    let states: [Int: JSONValue]

    /// SHA-256 of what was learned, which sidecars name.
    var hash: String { FileDigest.sha256(of: Array((json["steps"] ?? .null).line.utf8)) }

    /// - Parameter missing: the names of the cases that failed.
    init(plan: RunPlan, states: [Int: JSONValue], missing: [String]) {
        self.states = states
        json = [
            "medprep": .string(medprepVersion),
            "pipeline_hash": .string(plan.pipelineHash),
            "inputs_hash": .string(Self.inputsHash(plan)),
            "cases": .integer(plan.cases.count - missing.count),
            "missing": .array(missing.map { .string($0) }),
            "steps": .array(
                plan.firstPasses.compactMap { step in
                    states[step.index].map { state in
                        ["step": .integer(step.index), "op": .string(step.operation.name), "state": state]
                    }
                }),
        ]
    }

    /// nil unless it was made by this pipeline from these very files, and from all of them: a case that failed then
    /// may succeed now.
    init?(_ json: JSONValue, for plan: RunPlan) {
        guard json["medprep"]?.string == medprepVersion, json["pipeline_hash"]?.string == plan.pipelineHash,
            json["inputs_hash"]?.string == Self.inputsHash(plan), json["missing"]?.array == [],
            let steps = json["steps"]?.array
        else { return nil }
        var states = [Int: JSONValue]()
        for step in steps {
            guard let index = step["step"]?.int, let state = step["state"] else { return nil }
            states[index] = state
        }
        guard plan.firstPasses.allSatisfy({ states[$0.index] != nil }) else { return nil }
        self.states = states
        self.json = json
    }

    /// Of path, size and time of every input.
    private static func inputsHash(_ plan: RunPlan) -> String {
        let lines = plan.cases.flatMap { planned in
            planned.files.map { file in
                let input = Sidecar.Input(file)
                return
                    "\(planned.name)\t\(input.role)\t\(input.name)\t\(input.path)\t\(input.size)\t\(input.modified)\n"
            }
        }
        return FileDigest.sha256(of: Array(lines.joined().utf8))
    }
}
