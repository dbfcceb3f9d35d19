import MedPrepCore
import MedPrepKernels
import MedPrepOperators

extension GoldenWalk {
    /// The statistics of one batch, and what renormalization makes of them.
    mutating func observe<Step: LearningOperator>(
        _ measure: Step.Measure, of step: Step, after state: Step.State?
    ) throws {
        guard let measure = measure as? BatchMeasure else { return }
        let pooled = try [measure].pooled()
        outputs["batch_mean"] = GoldenValues(pooled.map(\.mean), sizes: [pooled.count])
        outputs["batch_var"] = GoldenValues(pooled.map(\.variance), sizes: [pooled.count])
        guard let renorm = step as? BatchRenorm else { return }
        let before = state as? RenormState ?? RenormState(channels: pooled.count)
        let corrections = pooled.indices.map { renorm.corrections(of: pooled[$0], channel: $0, before) }
        outputs.append(row: corrections.map(\.r), to: "r")
        outputs.append(row: corrections.map(\.d), to: "d")
        let now = Double(renorm.step) + Double(before.batchesSeen)
        if let schedule = renorm.schedule {
            outputs.append(row: [schedule.rMax(at: now), schedule.dMax(at: now)], to: "limits")
        }
    }

    /// What was learned in the end, under the keys of the state file.
    mutating func add<Step: LearningOperator>(_ state: Step.State, of step: Step) {
        outputs.add(state.json)
        // Nyul's standard scale goes by another name in the index.
        outputs["landmarks"] = state.json["scale"].flatMap { GoldenValues(json: $0) }
        if let state = state as? RenormState, let renorm = step as? BatchRenorm {
            let variance = state.runningVariance(epsilon: renorm.epsilon)
            outputs["running_var"] = GoldenValues(variance, sizes: [variance.count])
        }
    }

    /// `history`: running mean and variance after each batch.
    mutating func addHistory(_ states: [JSONValue]) {
        let keys = ["running_mean", "running_var"]
        let lists = states.flatMap { state in keys.map { state[$0]?.array?.compactMap(\.double) ?? [] } }
        let channels = lists.first?.count ?? 0
        outputs["history"] = GoldenValues(lists.flatMap { $0 }, sizes: [states.count, keys.count, channels])
    }
}

extension JSONValue {
    /// The same object with another value for one key.
    func replacing(_ key: String, by value: JSONValue) -> JSONValue {
        .object((members ?? []).map { $0.key == key ? Member(key, value) : $0 })
    }
}
