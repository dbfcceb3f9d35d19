internal import MedPrepCore
internal import MedPrepOperators
internal import MedPrepStreaming

/// Brings the cases of each batch together for one learning step, in order, and keeps what was learned so far.
struct BatchKeeper {
    let step: Pipeline.Step
    let learning: any LearningOperator
    private(set) var state: JSONValue?
    private var batchIndex = 0
    /// A case of the run failed before or in this step, so the state is not that of the whole data set.
    private(set) var isPartial = false

    init(step: Pipeline.Step, learning: any LearningOperator, given state: JSONValue?) {
        (self.step, self.learning, self.state) = (step, learning, state)
    }

    /// Tells every case of one batch what the batch taught, and learns from it.
    mutating func learn(from items: inout [Item]) {
        let cases = items.map(\.planned.name)
        let missing = items.filter { $0.measure == nil }.map(\.planned.name)
        isPartial = isPartial || !missing.isEmpty
        let present = items.indices.filter { items[$0].measure != nil }
        let measures = present.compactMap { items[$0].measure }
        for (position, index) in present.enumerated() {
            items[index].measure = nil
            items[index].batches[step.index] = LearnedBatch(
                measures: measures, position: position, state: state, index: batchIndex, cases: cases,
                missing: missing)
            reconsider(&items[index], missing: missing)
        }
        batchIndex += 1
        guard !measures.isEmpty else { return }
        do throws(OperatorError) {
            if let shapes = unequalShapes(items) { throw .unequalShapes(shapes) }
            state = try learning.learnJSON(from: measures, after: state)
        } catch {
            isPartial = true
            for index in present { items[index].outcome = .failed(Failure(stage: step.label, error)) }
        }
    }

    /// A case that an earlier run wrote is done again when other cases of its batch fail now than did then.
    private func reconsider(_ item: inout Item, missing: [String]) {
        guard case .done(let sidecar) = item.outcome else { return }
        let then = sidecar["steps"]?.array?[step.index]["batch"]?["missing"]?.array?.compactMap(\.string)
        if then != missing { item.outcome = .waiting }
    }

    private func unequalShapes(_ items: [Item]) -> [[Int]]? {
        let shapes = items.compactMap { item -> [Int]? in
            switch item.outcome {
            case .working(let work): work.subject.images[0].volume.tensor.shape.sizes
            case .done(let sidecar): sidecar["steps"]?.array?[step.index]["before"]?["shape_ndhwc"]?.array?.compactMap(\.int)
            default: nil
            }
        }
        return Set(shapes.map { Array($0.dropFirst()) }).count > 1 ? shapes : nil
    }
}
