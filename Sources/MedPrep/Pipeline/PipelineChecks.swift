internal import MedPrepCore
internal import MedPrepIO
internal import MedPrepOperators

/// Faults and doubts that only several steps together, or a step and the input, show.
struct PipelineChecks {
    private let pipeline: Pipeline
    /// The steps as written, for their places.
    private let nodes: [JSONNode]
    private(set) var diagnostics = [Diagnostic]()

    init(_ pipeline: Pipeline, nodes: [JSONNode]) {
        (self.pipeline, self.nodes) = (pipeline, nodes)
        for step in pipeline.steps {
            checkMask(step)
            checkFiles(step)
            checkReference(step)
            checkOneGrid(step)
            checkChannels(step)
            checkReduction(step)
            checkForeground(step)
        }
        checkOrder()
        checkBatch()
    }

    private func range(_ step: Pipeline.Step, _ key: String) -> Range<Int> {
        nodes[step.index].member(key)?.node.range ?? nodes[step.index].member("op")?.node.range
            ?? nodes[step.index].range
    }

    private mutating func fault(_ step: Pipeline.Step, _ key: String, _ message: String, help: String) {
        diagnostics.append(
            Diagnostic(.fault, range(step, key), "\(step.operation.name): \(message)", help: help))
    }

    private mutating func doubt(_ step: Pipeline.Step, _ message: String, help: String) {
        diagnostics.append(
            Diagnostic(.doubt, range(step, "op"), "\(step.operation.name): \(message)", help: help))
    }

    /// Reductions over samples that a batch cannot gather, and those that find one sample only.
    private mutating func checkReduction(_ step: Pipeline.Step) {
        guard let reduce = (step.operation as? NormalizeOver)?.reduce.letters, reduce.contains("N") else {
            return
        }
        if pipeline.batch.size > 1, !(reduce.contains("H") && reduce.contains("W")) {
            fault(
                step, "reduce",
                "over \(reduce) a batch of \(pipeline.batch.size) files would need a statistic for each place of all of them",
                help: "set batch.size 1, or average over H and W too")
        } else if pipeline.batch.size == 1, reduce == "N", pipeline.input.fourthAxis == .channel {
            doubt(
                step, "over N with one sample every value is its own mean, so all become 0",
                help: "reduce NDHW is batch normalization, DHW instance normalization")
        }
    }

    /// Dataset statistics that need to know what foreground is.
    private mutating func checkForeground(_ step: Pipeline.Step) {
        guard let ct = step.operation as? CTNormalize, ct.learning == .wholeDataset else { return }
        if pipeline.input.labels.isEmpty && pipeline.input.masks.isEmpty {
            fault(
                step, "op",
                "without given statistics it learns them from the foreground, and the input names none",
                help: "name a label map under input.labels, or give mean, std and the percentiles")
        }
    }

    /// Steps that ask for the case's mask when there can be none.
    private mutating func checkMask(_ step: Pipeline.Step) {
        let parameters = step.operation.parameters
        let names = (pipeline.input.masks + pipeline.input.labels).map(\.name)
        for member in parameters where member.key == "mask" || member.key == "center" {
            if let name = member.value["file"]?.string {
                if !names.contains(name) {
                    let near = nearest(to: name, in: names).map { "did you mean \"\($0)\"?" }
                    fault(
                        step, member.key, "the input has no mask or label map \"\(name)\"",
                        help: near ?? "name it under input.masks or input.labels")
                }
            } else if member.value.string == "file"
                || (member.key == "center" && member.value.string == "mask")
            {
                let masks = pipeline.input.masks.map(\.name)
                if masks.isEmpty {
                    fault(
                        step, member.key, "\(member.value.line) needs a mask, and the input has none",
                        help: "name one under input.masks, beside input.images")
                } else if masks.count > 1, member.key == "mask" {
                    fault(
                        step, member.key,
                        "\"file\" is not clear: the input has \(masks.joined(separator: ", "))",
                        help: "write {\"file\": \"\(masks[0])\"}")
                }
            }
        }
        if member(parameters, "mask")?.string == "stats_only"
            || member(parameters, "mask")?.string == "stats_and_output",
            pipeline.input.masks.isEmpty
        {
            fault(
                step, "mask", "a masked statistic needs a mask, and the input has none",
                help: "name one under input.masks, beside input.images")
        }
    }

    private func member(_ members: [JSONValue.Member], _ key: String) -> JSONValue? {
        members.first { $0.key == key }?.value
    }

    /// State and statistics files that are not there.
    private mutating func checkFiles(_ step: Pipeline.Step) {
        guard let file = (step.operation as? any LearningOperator)?.stateFile else { return }
        if FileStatus(pipeline.path(file.path)) == nil {
            fault(
                step, file.parameter, "the file \"\(file.path)\" is not there",
                help:
                    "paths are relative to the pipeline file; a train run writes state.json into its output folder"
            )
        }
    }

    /// A reference that is neither an image of the case nor a file.
    private mutating func checkReference(_ step: Pipeline.Step) {
        guard case .named(let name) = (step.operation as? any SpatialOperator)?.reference else { return }
        let images = pipeline.input.images.map(\.name)
        if !images.contains(name), FileStatus(pipeline.path(name)) == nil {
            let near = nearest(to: name, in: images).map { "did you mean \"\($0)\"?" }
            fault(
                step, "reference", "\"\(name)\" is neither an image of the case nor a file",
                help: near
                    ?? "images of the case: \(images.isEmpty ? "none" : images.joined(separator: ", "))")
        }
    }

    /// Crops that look at voxels, before a reference has brought the images together.
    private mutating func checkOneGrid(_ step: Pipeline.Step) {
        guard pipeline.input.images.count > 1, (step.operation as? any SpatialOperator)?.reference != nil
        else { return }
        for earlier in pipeline.steps where earlier.index < step.index && !(earlier.operation is Orient) {
            doubt(
                earlier, "stands before the resample whose reference brings the images together",
                help:
                    "before it, cases whose images differ in grid allow only orient; move \(step.operation.name) up"
            )
        }
    }

    /// A norm over the channels of one value each.
    private mutating func checkChannels(_ step: Pipeline.Step) {
        guard let norm = step.operation as? LayerNorm, norm.axes == .c, pipeline.input.images.count < 2 else {
            return
        }
        doubt(
            step, "over C a scan of one channel becomes beta everywhere",
            help: "leave axes out (DHWC), or give the case several images")
    }

    private mutating func checkOrder() {
        guard let zscore = pipeline.steps.first(where: { $0.operation is ZScore }) else { return }
        for later in pipeline.steps
        where later.index > zscore.index && (later.operation is Clip || later.operation is Window) {
            doubt(
                later,
                "stands behind zscore, so its limits are in standard deviations, no longer in the scan's unit",
                help: "put it before zscore if its limits are in the scan's unit")
        }
    }

    private mutating func checkBatch() {
        let learners = pipeline.steps.filter {
            ($0.operation as? any LearningOperator)?.learning == .eachBatch
        }
        guard pipeline.batch.size > 1, let learner = learners.first else { return }
        let earlier = pipeline.steps.filter { $0.index < learner.index }
            .compactMap { $0.operation as? any SpatialOperator }
        let fixesSize = earlier.contains { $0 is CropOrPad }
        if !fixesSize, earlier.contains(where: { $0.dependsOnVoxels }) {
            doubt(
                learner, "the voxels decide whether the volumes of a batch have equal sizes",
                help: "put crop_or_pad before it")
        }
    }
}

extension Pipeline {
    /// A path as written, from the pipeline file's folder.
    func path(_ text: String) -> ScanPath {
        let path = ScanPath(text)
        return path.isAbsolute || folder == "." ? path : ScanPath(folder).appending(path)
    }
}
