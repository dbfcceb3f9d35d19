import MedPrep
import MedPrepCore
import MedPrepIO
import MedPrepOperators

extension GoldenRunner {
    /// A step that learns, gathered as the run gathers it.
    func runLearning(_ learning: any LearningOperator, _ golden: GoldenCase) throws -> GoldenResult {
        if golden.inputs["x"] == nil, golden.inputs["batches"] != nil { return try runSequence(golden) }
        var context = Context(workers: Workers(2))
        if let mask = golden.inputs["mask"] { context.masks = [("file", try volume(mask).tensor, .mask)] }
        var outputs = [String: GoldenValue]()
        var state: JSONValue?
        if golden.params["fit_on"] != nil {
            (state, outputs) = try fit(learning, golden)
        } else if let training = golden.inputs["train"]?.array {
            let measures = try training.map { try learning.measureJSON(volume($0).tensor, in: &context) }
            state = try learning.learnJSON(from: measures, after: nil)
            tell(state, into: &outputs)
        }
        var tensor: Tensor
        if let sizes = golden.params["shape_ndhwc"]?.array?.compactMap(\.int) {
            tensor = Tensor(Shape(n: sizes[0], d: sizes[1], h: sizes[2], w: sizes[3], c: sizes[4]))
        } else {
            tensor = try volume(golden.inputs["x"], channel: golden.inputs["channel"]?.int).tensor
        }
        let before = tensor
        var measures = [JSONValue]()
        if learning.learning == .eachBatch {
            measures = [try learning.measureJSON(tensor, in: &context)]
            tell(try learning.learnJSON(from: measures, after: nil), into: &outputs)
            addBatchMoments(measures[0], into: &outputs)
        }
        try learning.applyJSON(to: &tensor, measures: measures, state: state, in: &context)
        outputs["y"] = GoldenValue(tensor)
        addFactors(golden.operation, before, tensor, to: &outputs)
        return .outputs(outputs, grid: nil)
    }

    /// Batches on the first axis, one after the other: the state that an eval or global step then uses.
    private func fit(
        _ learning: any LearningOperator, _ golden: GoldenCase
    ) throws -> (JSONValue?, [String: GoldenValue]) {
        var outputs = [String: GoldenValue]()
        var context = Context()
        let batches = try batches(golden)
        if learning.learning == .wholeDataset {
            let measures = try batches.map { try learning.measureJSON($0, in: &context) }
            let state = try learning.learnJSON(from: measures, after: nil)
            tell(state, into: &outputs)
            let report = try learning.reportJSON(on: measures, batchSize: 1)
            outputs["global_mean"] = report?["mean"].map { GoldenValue(json: $0) }
            outputs["global_var"] = report?["var"].map { GoldenValue(json: $0) }
            outputs["global_var_unbiased"] = report?["var_unbiased"].map { GoldenValue(json: $0) }
            return (state, outputs)
        }
        let training = try train(golden)
        var state: JSONValue?
        var history = [JSONValue]()
        for batch in batches {
            let measure = try training.measureJSON(batch, in: &context)
            state = try training.learnJSON(from: [measure], after: state)
            history.append([state?["running_mean"] ?? .null, state?["running_var"] ?? .null])
        }
        tell(state, into: &outputs)
        outputs["history"] = GoldenValue(json: .array(history))
        return (state, outputs)
    }

    /// Every batch trained on and normalized in order, as a run does it; `steps` gives the step number of each.
    private func runSequence(_ golden: GoldenCase) throws -> GoldenResult {
        let steps = golden.params["steps"]?.array?.compactMap(\.int)
        var (context, state) = (Context(workers: Workers(2)), JSONValue?.none)
        var values = [Double]()
        let batches = try batches(golden)
        var outputs = [String: GoldenValue]()
        for (index, batch) in batches.enumerated() {
            var tensor = batch
            // The step counts batches by itself, from its parameter `step`.
            let start = steps.map { [JSONValue.Member("step", .integer($0[index] - index))] } ?? []
            guard let type = Catalog.type(named: golden.operation),
                let learning = try type.init(parameters: golden.stepParameters() + start) as? any LearningOperator
            else { return .notImplemented("no learning step of this name") }
            let measure = try learning.measureJSON(tensor, in: &context)
            try learning.applyJSON(to: &tensor, measures: [measure], state: state, in: &context)
            state = try learning.learnJSON(from: [measure], after: state)
            values += tensor.values.map(Double.init)
        }
        tell(state, into: &outputs)
        var y = GoldenValue(batches[0])
        y.shape = [batches.count] + y.shape
        y.numbers = values
        outputs["y"] = y
        return .outputs(outputs, grid: nil)
    }

    private func train(_ golden: GoldenCase) throws -> any LearningOperator {
        let parameters = golden.stepParameters(without: ["mode"]) + [.init("mode", "train")]
        guard let type = Catalog.type(named: golden.operation),
            let learning = try type.init(parameters: parameters) as? any LearningOperator
        else { throw GoldenError.input("\(golden.operation) does not learn") }
        return learning
    }

    /// The first axis of `batches` cut apart.
    private func batches(_ golden: GoldenCase) throws -> [Tensor] {
        guard let name = golden.inputs["batches"]?.string else { throw GoldenError.input("no batches") }
        let array = try NPYReader.read(index.path(name))
        let sizes = array.sizes.count == 6 ? Array(array.sizes.dropFirst()) : [1] + array.sizes.dropFirst()
        let shape = Shape(n: sizes[0], d: sizes[1], h: sizes[2], w: sizes[3], c: sizes[4])
        let values = array.floats
        return (0..<array.sizes[0]).map { Tensor(shape, Array(values[$0 * shape.count..<($0 + 1) * shape.count])) }
    }

    /// Every number of a state under its own name.
    private func tell(_ state: JSONValue?, into outputs: inout [String: GoldenValue]) {
        for member in state?.members ?? [] { outputs[member.key] = GoldenValue(json: member.value) }
        outputs["landmarks"] = state?["scale"].map { GoldenValue(json: $0) }
    }

    /// Mean and biased variance over all samples, from the moments that the measure holds for each.
    private func addBatchMoments(_ measure: JSONValue, into outputs: inout [String: GoldenValue]) {
        guard let samples = measure["samples"]?.array, let channels = samples.first?.array?.count else { return }
        var (means, variances) = ([Double](), [Double]())
        for channel in 0..<channels {
            var (count, mean, squares) = (0.0, 0.0, 0.0)
            for sample in samples {
                guard let moments = sample.array?[channel], let more = moments["count"]?.double,
                    let its = moments["mean"]?.double, let m2 = moments["m2"]?.double
                else { return }
                let (total, delta) = (count + more, its - mean)
                squares += m2 + delta * delta * count * more / total
                mean += delta * more / total
                count = total
            }
            means.append(mean)
            variances.append(squares / count)
        }
        outputs["batch_mean"] = GoldenValue(json: .numbers(means))
        outputs["batch_var"] = GoldenValue(json: .numbers(variances))
    }
}
