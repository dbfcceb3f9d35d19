internal import MedPrepCore
internal import MedPrepIO
internal import MedPrepKernels
internal import MedPrepOperators

extension Run {
    /// The whole run from headers alone. Nothing is written.
    public func plan() throws(RunError) -> RunPlan {
        guard let output = outputFolder else { throw .noOutputFolder }
        let names = try CaseNames(pipeline.output.names, output: output)
        do throws(RunError) {
            return try knowingGrids(output, names).plan(output: output, names: names)
        } catch { throw names.shown(error) }
    }

    private func plan(output: ScanPath, names: CaseNames) throws(RunError) -> RunPlan {
        let (references, planeSteps) = (try references(), PlaneSteps(of: pipeline))
        var cases = try planCases(
            output: output, names: names, references: references, planeSteps: planeSteps)
        let learners = pipeline.steps.compactMap { step in
            (step.operation as? any LearningOperator).map { (step, $0) }
        }
        let kept = batches(of: cases).last?.upperBound ?? 0
        let dropped = cases[kept...].map(\.name)
        cases.removeSubrange(kept...)
        boundMemory(&cases)
        let walked = try Inputs.places(of: pipeline, arguments: options.inputs).filter {
            Inputs.isWalked($0)
        }
        try OutputNames(output: pipeline.output).check(cases, folder: output, inputs: walked)
        var states = [Int: JSONValue]()
        for (step, learning) in learners { states[step.index] = try state(for: step, learning) }
        let firstPasses = learners.filter { $0.1.learning == .wholeDataset && states[$0.0.index] == nil }.map(
            \.0)
        return RunPlan(
            pipeline: pipeline, planeSteps: planeSteps, output: output.description, folder: output,
            cases: cases,
            dropped: dropped,
            pipelineHash: try pipeline.hash(fileDigests: digests(learners, references)),
            firstPasses: firstPasses,
            states: states, references: references, names: names)
    }

    /// The cases with their headers' faults, for `validate`: no output folder is needed.
    public func planCases() throws(RunError) -> [PlannedCase] {
        let output = outputFolder ?? ScanPath(".")
        let names = try CaseNames(pipeline.output.names, output: output)
        do throws(RunError) {
            return try knowingGrids(output, names).planCases(
                output: output, names: names, references: references(), planeSteps: PlaneSteps(of: pipeline))
        } catch { throw names.shown(error) }
    }

    /// The same run with each step told what it learns from the grids of all cases before it: a target spacing
    /// is the data set's, and headers are enough to know it.
    private func knowingGrids(_ output: ScanPath, _ names: CaseNames) throws(RunError) -> Run {
        var pipeline = pipeline
        for (index, step) in pipeline.steps.enumerated() {
            guard let spatial = step.operation as? any SpatialOperator, spatial.learnsGrids else { continue }
            var earlier = pipeline
            earlier.steps.removeSubrange(index...)
            let cases = try Run(earlier, options).planCases(
                output: output, names: names, references: references(), planeSteps: PlaneSteps(of: earlier))
            let grids = cases.filter { $0.failure == nil }.compactMap { $0.course.last?.grid }
            do throws(OperatorError) {
                let resolved = try spatial.resolved(onAll: grids)
                pipeline.steps[index] = Pipeline.Step(index: step.index, operation: resolved)
            } catch {
                throw .invalid("\(step.label): \(error)")
            }
        }
        return Run(pipeline, options)
    }

    /// Threads that each case has from the first: a case alone gets every one, a folder gives each case one.
    func workers(cases: Int) -> Workers { Workers(options.jobs / max(1, min(options.jobs, cases))) }

    private var outputFolder: ScanPath? {
        options.outputFolder.map { ScanPath($0) } ?? pipeline.output.folder.map { pipeline.path($0) }
    }

    private func planCases(
        output: ScanPath, names: CaseNames, references: [String: Grid], planeSteps: PlaneSteps
    ) throws(RunError) -> [PlannedCase] {
        let found = try Inputs.cases(
            of: pipeline, arguments: options.inputs, output: output, names: names)
        let planner = Planner(
            pipeline: pipeline, planeSteps: planeSteps, references: references,
            workers: workers(cases: found.count),
            most: Workers(options.jobs))
        var cases = [PlannedCase](unsafeUninitializedCapacity: found.count) { cases, count in
            // Each index is written once.
            nonisolated(unsafe) let cases = cases
            forEachIndex(found.count, Workers(options.jobs)) { index in
                (cases.baseAddress! + index).initialize(to: planner.plan(found[index], index: index))
            }
            count = found.count
        }
        refuseUnequalBatches(&cases)
        return cases
    }

    /// The grids of the files that steps name as their reference.
    private func references() throws(RunError) -> [String: Grid] {
        var grids = [String: Grid]()
        for step in pipeline.steps {
            guard case .named(let name) = (step.operation as? any SpatialOperator)?.reference,
                !pipeline.input.images.contains(where: { $0.name == name })
            else { continue }
            do throws(NIfTIError) {
                grids[name] = try NIfTIReader().readHeader(pipeline.path(name)).grid
            } catch {
                throw .invalid("\(step.label): the reference \(name): \(error)")
            }
        }
        return grids
    }

    /// What the step's state file holds for it: the entry of the same place, or the only one of the same name.
    private func state(for step: Pipeline.Step, _ learning: any LearningOperator) throws(RunError)
        -> JSONValue?
    {
        guard let file = learning.stateFile else { return nil }
        func refuse(_ reason: String) -> RunError {
            .invalid("\(step.label): \(file.parameter) \"\(file.path)\": \(reason)")
        }
        let json: JSONValue
        do { json = try JSONReader.read(readWhole(pipeline.path(file.path))).value } catch {
            throw refuse("\(error)")
        }
        var state = json
        // A file without steps, such as landmarks or a fingerprint, is the state itself.
        if let steps = json["steps"]?.array {
            let entries = steps.filter { $0["op"]?.string == step.operation.name }
            let entry = entries.first { $0["step"]?.int == step.index }
            guard let found = (entry ?? (entries.count == 1 ? entries[0] : nil))?["state"] else {
                throw refuse(
                    "it holds no state for \(step.operation.name); expected {\"steps\": [{\"op\": …, \"state\": …}]}"
                )
            }
            state = found
        }
        do throws(OperatorError) { try learning.checkState(state) } catch { throw refuse("\(error)") }
        return state
    }

    /// SHA-256 of the files that steps name.
    private func digests(
        _ learners: [(Pipeline.Step, any LearningOperator)], _ references: [String: Grid]
    ) throws(RunError) -> [String: String] {
        var digests = [String: String]()
        for name in learners.compactMap({ $0.1.stateFile?.path }) + references.keys.sorted() {
            do throws(FileError) { digests[name] = try FileDigest.sha256(of: pipeline.path(name)) } catch {
                throw .invalid("\(name): \(error)")
            }
        }
        return digests
    }
}
