internal import MedPrepCore
internal import MedPrepIO
internal import MedPrepKernels
internal import MedPrepOperators

/// A case on its way through the steps: its volumes, and what there is to say of it so far.
struct CaseWork: Sendable {
    private(set) var subject: Case
    /// Which image each run of channels came from, in channel order.
    let channels: [ChannelGroup]
    /// What the sidecar says of each finished step.
    private(set) var records = [JSONValue]()
    /// Everything found so far, in order.
    private(set) var findings: [Finding]
    private var context: Context
    /// The grids that the volumes are seen on, whose copies wait to be made; nil: nothing waits.
    private var seen: CaseGrids?
    /// The one image, where its planes were taken while it was read, until its last plane step; else nil.
    private var arriving: ArrivingImage?
    private let source: Snapshot
    private var snapshot: Snapshot
    private var clock = Stopwatch()
    /// Milliseconds of each step, in order.
    private(set) var milliseconds = [JSONValue.Member]()

    /// Threads that the next step may compute on.
    var workers: Workers {
        get { context.workers }
        set { context.workers = newValue }
    }

    struct ChannelGroup: Hashable, Sendable {
        let image: String
        let count: Int
        /// Of the file that the image came from, where it is kept.
        let headerText: HeaderText?
    }

    /// - Parameters:
    ///   - channels: which image each channel came from, where they were read together.
    ///   - counts: of the whole numbers of each image, where reading counted them.
    ///   - arriving: what took the planes of the one image, whose numbers were counted.
    init(
        _ subject: consuming Case, channels: [ChannelGroup]? = nil, counts: [WholeCounts?],
        arriving: ArrivingImage? = nil, context: Context
    ) {
        self.channels =
            channels
            ?? subject.images.map {
                ChannelGroup(
                    image: $0.name, count: arriving == nil ? $0.volume.tensor.shape.c : 1,
                    headerText: $0.volume.source.headerText)
            }
        findings = context.findings
        self.context = context
        self.context.findings = []
        self.arriving = arriving
        self.subject = subject
        self.subject.stackImages(context.workers)
        source =
            if arriving != nil, let counts = counts[0] {
                Snapshot(arriving: self.subject.images[0], counted: counts)
            } else {
                Snapshot(of: self.subject.images, counted: counts, workers: context.workers)
            }
        snapshot = source
    }

    /// Does one step that needs this case alone.
    ///
    /// - Parameters:
    ///   - references: the grids of the files that steps name, by path.
    ///   - state: what a learning step learned or was given.
    ///   - copiesLater: the next step's copy can turn axes and cut boxes too.
    mutating func perform(
        _ step: Pipeline.Step, references: [String: Grid] = [:], state: JSONValue? = nil,
        copiesLater: Bool = false
    ) throws(Failure) {
        if let spatial = step.operation as? any SpatialOperator {
            // A copy that waits leaves no voxels to look at: what it will hold must be known.
            let isKnown = spatial is Orient || snapshot.knows(after: spatial)
            let waits = copiesLater && isKnown && subject.images.count == 1
            try record(step, movesOnly: spatial is Orient) { (work) throws(OperatorError) in
                try work.move(spatial, references: references, later: waits)
                return []
            }
        } else if let intensity = step.operation as? any IntensityOperator {
            try record(step) { (work) throws(OperatorError) in
                if let told = work.arriving?.context(after: step) {
                    work.context.adopt(told)
                } else {
                    try intensity.apply(to: &work.subject.images[0].volume.tensor, in: &work.context)
                }
                return []
            }
        } else if let report = step.operation as? any ReportOperator {
            try record(step, movesOnly: true) { (work) throws(OperatorError) in
                [.init("look", try report.look(at: work.subject.images[0].volume.tensor, in: &work.context))]
            }
        } else if let learning = step.operation as? any LearningOperator {
            try record(step) { (work) throws(OperatorError) in
                // report.json sets the statistics of all cases beside those of each batch.
                var told = [JSONValue.Member]()
                if learning.learning == .wholeDataset {
                    let measure = try learning.measureJSON(
                        work.subject.images[0].volume.tensor, in: &work.context)
                    told.append(.init("measure", measure))
                }
                try learning.applyJSON(
                    to: &work.subject.images[0].volume.tensor, measures: [], state: state, in: &work.context)
                return told
            }
        }
    }

    /// What a step that learns from each batch, or from all cases, sees of this case.
    mutating func measure(for step: Pipeline.Step, _ learning: any LearningOperator) throws(Failure)
        -> JSONValue
    {
        try requireOneImage(step)
        context.masks = subject.namedMasks
        defer { context.masks = [] }
        do throws(OperatorError) {
            return try learning.measureJSON(subject.images[0].volume.tensor, in: &context)
        } catch {
            throw Failure(stage: step.label, error)
        }
    }

    /// Does a step with what its batch taught.
    mutating func perform(_ step: Pipeline.Step, _ learning: any LearningOperator, in batch: LearnedBatch)
        throws(Failure)
    {
        try record(step) { (work) throws(OperatorError) in
            if batch.isIncomplete {
                work.context.note(
                    .batchIncomplete,
                    "\(batch.missing.joined(separator: ", ")) failed, so the batch had \(batch.measures.count) cases; "
                        + "this case is done again when they succeed")
            }
            try learning.applyJSON(
                to: &work.subject.images[0].volume.tensor, measures: batch.measures, state: batch.state,
                in: &work.context)
            return [.init("measure", batch.measures[batch.position]), .init("batch", batch.json)]
        }
    }

    /// What the sidecar tells of all steps.
    var told: FinishedWork {
        FinishedWork(source: source.json, records: records, result: snapshot.json, findings: findings)
    }

    private func requireOneImage(_ step: Pipeline.Step) throws(Failure) {
        guard subject.images.count > 1 else { return }
        let names = subject.images.map(\.name).joined(separator: ", ")
        throw Failure(
            stage: step.label, code: "grid_mismatch",
            message:
                "the images \(names) are not on one grid; put a resample with \"reference\" before this step")
    }

    private mutating func record(
        _ step: Pipeline.Step, movesOnly: Bool = false,
        _ body: (inout CaseWork) throws(OperatorError) -> [JSONValue.Member]
    ) throws(Failure) {
        let isFirst = step.operation is Orient || (step.operation as? any SpatialOperator)?.reference != nil
        if !isFirst { try requireOneImage(step) }
        clock.restart()
        // Who does not ask for masks must not share them: they could not be let go of while they move.
        let asksForMasks = (step.operation as? any SpatialOperator)?.dependsOnVoxels ?? true
        context.masks = asksForMasks ? subject.namedMasks : []
        defer { context.masks = [] }
        let extra: [JSONValue.Member]
        do throws(OperatorError) { extra = try body(&self) } catch { throw Failure(stage: step.label, error) }
        let before = snapshot
        if movesOnly {
            snapshot = Snapshot(moving: before, to: subject.images, on: seen?.images)
        } else if before.knows(after: step.operation) {
            snapshot = Snapshot(changingZeros: before, to: subject.images, on: seen?.images)
        } else {
            snapshot = Snapshot(
                mapping: before, by: context.valueMaps, to: subject.images, workers: context.workers)
        }
        context.valueMaps = []
        let (found, added) = (context.findings, context.record)
        (context.findings, context.record) = ([], [])
        findings += found
        records.append(
            .object(
                [
                    .init("op", .string(step.operation.name)),
                    .init("parameters", .object(step.operation.parameters.map(\.withoutFolders))),
                    .init("before", before.json),
                    .init("after", snapshot.json),
                ] + extra + added + [.init("findings", .array(found.map(\.json)))]))
        milliseconds.append(.init(step.label, .number(clock.milliseconds)))
    }

    /// Of one image; once the images are together, of all of them.
    private func grid(of image: String) -> Grid? {
        guard channels.contains(where: { $0.image == image }) else { return nil }
        let place = subject.images.firstIndex { $0.name == image } ?? 0
        return (seen ?? CaseGrids(of: subject)).images[place]
    }

    /// The result of the last step on planes; what it needed goes before other volumes move.
    private mutating func finishArriving() -> Tensor? {
        defer { arriving = nil }
        return arriving?.spline.finish(context.workers)
    }

    private mutating func move(
        _ spatial: any SpatialOperator, references: [String: Grid], later: Bool
    ) throws(OperatorError) {
        var spatial = spatial
        if case .named(let name) = spatial.reference {
            guard let grid = grid(of: name) ?? references[name] else { throw .unresolvedReference(name) }
            spatial = spatial.resolved(on: grid)
        }
        let before = seen ?? CaseGrids(of: subject)
        let after = try spatial.plan(&subject, seenOn: before, in: &context)
        if later, after.lie(within: subject) {
            seen = after
            return
        }
        spatial.move(&subject, seenOn: before, to: after, arrived: finishArriving(), context)
        seen = nil
        subject.stackImages(context.workers)
    }
}

extension Context {
    /// What a step told of values that it changed before its turn.
    fileprivate mutating func adopt(_ told: Context) {
        (findings, record, valueMaps) = (told.findings, told.record, told.valueMaps)
    }
}

extension JSONValue.Member {
    /// An absolute path as its file name: reports say nothing of the machine they were made on.
    fileprivate var withoutFolders: JSONValue.Member {
        guard let text = value.string, text.hasPrefix("/") else { return self }
        return .init(key, .string(ScanPath(text).name.description))
    }
}

extension Finding {
    var json: JSONValue { ["code": .string(code.rawValue), "message": .string(message)] }
}
