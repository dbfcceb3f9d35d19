import MedPrepCore
import MedPrepOperators

extension GoldenWalk {
    /// Learns as a run does, and applies what was learned.
    ///
    /// Without training inputs `x` is the only batch. With them the step learns from each in order, or from
    /// all; then it is applied to `x` or, where there is no `x`, to each batch as it comes.
    mutating func learn<Step: LearningOperator>(_ step: Step) throws {
        let (training, subject) = (try golden.inputs.training(), try golden.inputs.subject())
        let mask = try golden.inputs.mask()
        if let mask { context.masks = [("mask", mask.tensor, .mask)] }
        var state: Step.State?
        if training.isEmpty {
            guard let subject else { throw GoldenError("the case has neither x nor batches") }
            if step.learning == .given {
                outputs["y"] = GoldenValues(try applied(step, to: subject.tensor, [], after: nil))
            } else {
                state = try follow(step, batches: [subject.tensor])
            }
        } else {
            state = try follow(
                try teacher(for: step), batches: training.map(\.tensor), writes: subject == nil)
            if let subject {
                let y = try applied(step, to: subject.tensor, [], after: state)
                outputs["y"] = GoldenValues(y)
                observe(subject.tensor, became: y)
            }
        }
        if let state { add(state, of: step) }
    }

    /// The step that learns for one that only reads its state: the same in mode "train".
    private func teacher<Step: LearningOperator>(for step: Step) throws -> Step {
        guard step.learning == .given else { return step }
        return try changed(step, "mode", to: "train")
    }

    private func changed<Step: LearningOperator>(_ step: Step, _ key: String, to value: JSONValue) throws
        -> Step
    {
        let others = golden.parameters.filter { $0.key != key }
        return try GoldenOffer.make(Step.self, others + [.init(key, value)])
    }

    /// Goes through the batches and hands back what the last one left.
    private mutating func follow<Step: LearningOperator>(
        _ step: Step, batches: [Tensor], writes: Bool = true
    ) throws -> Step.State? {
        var measures = [Step.Measure]()
        for batch in batches { measures.append(try step.measure(batch, in: &context)) }
        if step.learning == .wholeDataset {
            let state = try step.learn(from: measures, after: nil)
            outputs.add(step.report(on: measures, batchSize: 1), prefix: "global_")
            if writes {
                let written = try batches.map { try applied(step, to: $0, [], after: state) }
                outputs["y"] = GoldenValues(batches: written)
            }
            return state
        }
        let steps = golden.parameters.first { $0.key == "steps" }?.value.array?.compactMap(\.int)
        var (state, written, history): (Step.State?, [Tensor], [Step.State]) = (nil, [], [])
        for (index, batch) in batches.enumerated() {
            var step = step
            if let steps, index < steps.count {
                step = try changed(step, "step", to: .integer(steps[index]))
                state = try state.map { try Step.State(json: $0.json.replacing("batches_seen", by: 0)) }
            }
            try observe(measures[index], of: step, after: state)
            if writes { written.append(try applied(step, to: batch, [measures[index]], after: state)) }
            let learned = try step.learn(from: [measures[index]], after: state)
            history.append(learned)
            state = learned
        }
        if writes { outputs["y"] = GoldenValues(batches: written) }
        addHistory(history.map(\.json))
        return state
    }

    private mutating func applied<Step: LearningOperator>(
        _ step: Step, to tensor: Tensor, _ measures: [Step.Measure], after state: Step.State?
    ) throws -> Tensor {
        var tensor = tensor
        try step.apply(to: &tensor, measures: measures, state: state, in: &context)
        return tensor
    }
}
