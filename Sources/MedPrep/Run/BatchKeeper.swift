internal import MedPrepCore
internal import MedPrepOperators
internal import MedPrepStreaming

/// Brings the cases of each batch together for one learning step, in order, and keeps what was learned so far.
struct BatchKeeper {
    let step: Pipeline.Step
    let learning: any LearningOperator
    private(set) var state: JSONValue?
    /// A case of the run failed before or in this step, so the state is not that of the whole data set.
    private(set) var isPartial = false

    init(step: Pipeline.Step, learning: any LearningOperator, given state: JSONValue?) {
        (self.step, self.learning, self.state) = (step, learning, state)
    }

    /// Tells every case of one batch what the batch taught, and learns from it.
    mutating func learn(from items: inout [Item]) {
        let present = items.indices.filter { items[$0].measure != nil }
        let measures = present.compactMap { items[$0].measure }
        isPartial = isPartial || measures.count < items.count
        guard !measures.isEmpty else { return }
        do throws(OperatorError) {
            if let shapes = unequalShapes(items) { throw .unequalShapes(shapes) }
            let next = try learning.learnJSON(from: measures, after: state)
            let description = try learning.descriptionJSON(of: measures)
            tell(&items, measures, of: present, description)
            state = next
        } catch {
            isPartial = true
            for index in present { items[index].outcome = .failed(Failure(stage: step.label, error)) }
        }
        for index in present { items[index].measure = nil }
    }

    /// Gives every present case its batch. One that an earlier run wrote is done again when its batch is no longer
    /// what it was: another case of it failed then or fails now, or holds other voxels.
    private func tell(
        _ items: inout [Item], _ measures: [JSONValue], of present: [Int], _ description: [JSONValue.Member]
    ) {
        let missing = items.filter { $0.measure == nil }.map(\.planned.name)
        let hash = hash(of: measures, missing: missing)
        for (position, index) in present.enumerated() {
            items[index].batches[step.index] = LearnedBatch(
                measures: measures, position: position, state: state, cases: items.map(\.planned.name),
                missing: missing, hash: hash, description: description)
            guard case .done(let sidecar) = items[index].outcome else { continue }
            let then = Sidecar.record(sidecar, step: step.index)?["batch"]?["hash"]?.string
            if then != hash { items[index].outcome = .waiting }
        }
    }

    private func hash(of measures: [JSONValue], missing: [String]) -> String {
        let parts: JSONValue = [
            "measures": .array(measures), "missing": .array(missing.map { .string($0) }),
            "state": (learning.dependsOnEarlierBatches ? state : nil) ?? .null,
        ]
        return FileDigest.sha256(of: Array(parts.line.utf8))
    }

    private func unequalShapes(_ items: [Item]) -> [[Int]]? {
        let shapes = items.compactMap { item -> [Int]? in
            switch item.outcome {
            case .working(let work): work.subject.images[0].volume.tensor.shape.sizes
            case .done(let sidecar):
                Sidecar.record(sidecar, step: step.index)?["before"]?["shape_ndhwc"]?.array?.compactMap(\.int)
            default: nil
            }
        }
        return Set(shapes.map { Array($0.dropFirst()) }).count > 1 ? shapes : nil
    }
}
