internal import MedPrepCore
internal import MedPrepOperators

extension Run {
    /// The batches of a run by place, the last one perhaps smaller; every case alone where no step learns from
    /// batches.
    func batches(of cases: [PlannedCase]) -> [Range<Int>] {
        let size = pipeline.gathers ? pipeline.batch.size : 1
        let end = pipeline.gathers && pipeline.batch.dropsLast ? cases.count / size * size : cases.count
        return stride(from: 0, to: end, by: size).map { $0..<min($0 + size, end) }
    }

    /// Refuses batches whose headers tell already that a learning step would meet unequal sizes.
    func refuseUnequalBatches(_ cases: inout [PlannedCase]) {
        for step in pipeline.steps {
            guard let learning = step.operation as? any LearningOperator, learning.learning == .eachBatch
            else {
                continue
            }
            for batch in batches(of: cases) {
                let members = batch.filter { cases[$0].failure == nil }
                let points = members.map { cases[$0].course[step.index] }
                guard !points.contains(where: \.isUpperBound), Set(points.map(\.shape.extent)).count > 1
                else {
                    continue
                }
                let error = OperatorError.unequalShapes(points.map(\.shape.sizes))
                for index in members { cases[index].failure = Failure(stage: step.label, error) }
            }
        }
    }

    /// Refuses a case, or a batch, that needs more than the whole budget, by name.
    func boundMemory(_ cases: inout [PlannedCase]) {
        for batch in batches(of: cases) {
            let needed = batch.reduce(0) { $0 + (cases[$1].failure == nil ? cases[$1].peakBytes : 0) }
            guard needed > options.memory else { continue }
            let what = batch.count > 1 ? "its batch of \(batch.count) needs" : "needs"
            let message =
                "\(what) \(needed >> 20) MiB, --memory allows \(options.memory >> 20) MiB; "
                + (batch.count > 1
                    ? "give more or make batch.size smaller"
                    : "give more, or crop before the step that needs it")
            for index in batch where cases[index].failure == nil {
                cases[index].failure = Failure(stage: "plan", code: "over_budget", message: message)
            }
        }
    }
}
