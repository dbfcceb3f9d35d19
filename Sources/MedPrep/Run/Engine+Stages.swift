internal import MedPrepCore
internal import MedPrepOperators
internal import MedPrepStreaming

extension Engine {
    /// The stages of one pass: read, the steps, and either writing or, for a first pass over the data set, what
    /// the step `target` sees of each case.
    ///
    /// A step that learns from batches ends one stage, gathers its batch in a stage of its own and begins the next.
    func stages(
        upTo target: Pipeline.Step? = nil, keepers: [Int: Guarded<BatchKeeper>], jobs: Int
    ) -> [Stage<Item>] {
        let steps = pipeline.steps.prefix(target?.index ?? pipeline.steps.count)
        func each(_ name: String, _ body: @escaping @Sendable (inout Item) -> Void) -> Stage<Item> {
            .each(name, width: jobs) { item, threads in
                item.workers = Workers(threads)
                body(&item)
            }
        }
        var stages = [each("read") { self.read(&$0) }]
        var bodies = [@Sendable (inout Item) -> Void]()
        func closeStage() {
            let work = bodies
            if !work.isEmpty {
                stages.append(each("steps") { item in for body in work { body(&item) } })
            }
            bodies = []
        }
        for step in steps {
            guard let learning = step.operation as? any LearningOperator, let keeper = keepers[step.index]
            else {
                bodies.append { self.perform(CollectionOfOne(step), on: &$0) }
                continue
            }
            bodies.append { self.measure(step, learning, on: &$0) }
            closeStage()
            stages.append(
                .together(step.label, size: pipeline.batch.size) { items in
                    keeper.change { $0.learn(from: &items) }
                })
            bodies.append { item in
                self.catchUp(&item, before: step)
                self.apply(step, learning, to: &item)
            }
        }
        if let target, let learning = target.operation as? any LearningOperator {
            bodies.append { self.measure(target, learning, on: &$0) }
            closeStage()
        } else {
            closeStage()
            stages.append(each("write") { self.write(&$0) })
        }
        return stages
    }

    /// Brings a case that an earlier run wrote, and that must be done again, to where the others are.
    private func catchUp(_ item: inout Item, before end: Pipeline.Step) {
        guard case .waiting = item.outcome else { return }
        read(&item)
        for step in pipeline.steps.prefix(end.index) {
            if item.batches[step.index] != nil, let learning = step.operation as? any LearningOperator {
                apply(step, learning, to: &item)
            } else {
                perform(CollectionOfOne(step), on: &item)
            }
        }
    }
}
