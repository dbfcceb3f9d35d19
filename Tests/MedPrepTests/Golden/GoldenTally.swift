/// How the cases of each step came out, in the order in which the steps first appear.
struct GoldenTally {
    private(set) var steps = [Step]()

    struct Step: Equatable {
        let name: String
        var passed = 0
        var failed = 0
        var notImplemented = 0

        var line: String { "\(name): \(passed) passed, \(failed) failed, \(notImplemented) not implemented" }
    }

    mutating func add(_ outcome: GoldenWalk.Outcome, to name: String) {
        if !steps.contains(where: { $0.name == name }) { steps.append(Step(name: name)) }
        for index in steps.indices where steps[index].name == name {
            switch outcome {
            case .passed: steps[index].passed += 1
            case .failed: steps[index].failed += 1
            case .notImplemented: steps[index].notImplemented += 1
            }
        }
    }

    var sum: Step {
        steps.reduce(into: Step(name: "all")) { sum, step in
            sum.passed += step.passed
            sum.failed += step.failed
            sum.notImplemented += step.notImplemented
        }
    }

    /// One line for each step, and one for all.
    var text: String { (steps + [sum]).map(\.line).joined(separator: "\n") }
}
