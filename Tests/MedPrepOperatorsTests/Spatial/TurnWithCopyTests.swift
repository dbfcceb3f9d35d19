import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("Turning with the next step's copy") struct TurnWithCopyTests {
    /// Those that may do the copies of steps before them, and of these, those that read between voxels.
    static let steps = spatial { $0.picksVoxels || $0.readsThroughViews }
    static let readers = spatial { $0.readsThroughViews }

    private static func spatial(_ isWanted: (any SpatialOperator) -> Bool) -> [StepExample] {
        SpatialContractTests.steps.filter { ((try? $0.step) as? any SpatialOperator).map(isWanted) == true }
    }

    /// Noise within a random box, 0 around it; with labels, and with a mask that fills another box.
    private func subject(_ grid: Grid, n: Int, c: Int, _ generator: inout SeededGenerator) -> Case {
        func inside() -> Box {
            var box = grid.box
            for axis in 0..<3 {
                box.lower[axis] = generator.index(below: grid.extent[axis])
                box.upper[axis] =
                    box.lower[axis] + 1 + generator.index(below: grid.extent[axis] - box.lower[axis])
            }
            return box
        }
        func tensor(_ c: Int, in box: Box, _ value: (Int) -> Float) -> Tensor {
            var tensor = Tensor(Shape(n: n, extent: grid.extent, c: c))
            for sample in 0..<n {
                for k in box.lower.z..<box.upper.z {
                    for j in box.lower.y..<box.upper.y {
                        for i in box.lower.x..<box.upper.x {
                            for channel in 0..<c {
                                tensor[n: sample, d: k, h: j, w: i, c: channel] = value(
                                    i + 3 * j + 7 * k + channel)
                            }
                        }
                    }
                }
            }
            return tensor
        }
        let noise = Tensor.random(Shape(d: 1, h: 1, w: 997), seed: generator.next(), mean: 5, spread: 2)
            .values
        let image = tensor(c, in: inside()) { noise[$0 % 997] }
        let labels = tensor(1, in: inside()) { Float($0 % 4) }
        let mask = tensor(1, in: inside()) { _ in 1 }
        return Case(
            name: "a", images: [.init("x", Volume(tensor: image, grid: grid))],
            labels: [.init("seg", Volume(tensor: labels, grid: grid, role: .label))],
            masks: [.init("brain", Volume(tensor: mask, grid: grid, role: .mask))])
    }

    private func context(_ subject: Case, _ workers: Int) -> Context {
        var context = Context(workers: Workers(workers))
        context.masks = (subject.masks + subject.labels).map {
            (name: $0.name, tensor: $0.volume.tensor, role: $0.volume.role)
        }
        return context
    }

    private func volumes(_ subject: Case) -> [Volume] {
        (subject.images + subject.labels + subject.masks).map(\.volume)
    }

    @Test("gives the bits, grids and findings of turning first", arguments: steps)
    func equal(example: StepExample) throws {
        let step = try #require(try example.step as? any SpatialOperator)
        var generator = SeededGenerator(seed: 11)
        for (round, code) in ["RAS", "LPS", "PIR", "SAL", "IRP", "ARI", "LAS", "SLP"].enumerated() {
            for grid in SpatialContractTests.grids {
                let subject = subject(grid, n: 1 + round % 2, c: 1 + round % 3, &generator)
                var turns = [Orient(), Orient()]
                (turns[0].to, turns[1].to) = (code, "SPR")
                if round % 4 > 0 { turns.removeLast() }
                let apart = outcome(subject, 1) { (subject, context) throws(OperatorError) in
                    for turn in turns {
                        try turn.apply(to: &subject, in: &context)
                        context.masks = self.context(subject, 1).masks
                    }
                    try step.apply(to: &subject, in: &context)
                }
                for workers in 1...3 {
                    let together = outcome(subject, workers) { (subject, context) throws(OperatorError) in
                        var grids = CaseGrids(of: subject)
                        for turn in turns { grids = try grids.after(turn) }
                        let after = try step.plan(&subject, seenOn: grids, in: &context)
                        step.move(&subject, seenOn: grids, to: after, context)
                    }
                    #expect(together == apart)
                }
            }
        }
    }

    @Test("reads through a box, turned or not, the bits of cutting it out first", arguments: readers)
    func box(example: StepExample) throws {
        let step = try #require(try example.step as? any SpatialOperator)
        var generator = SeededGenerator(seed: 12)
        var crop = CropForeground()
        (crop.select, crop.allowSmaller, crop.onEmpty) = (.nonzero, true, .keep)
        for (round, code) in ["RAS", "LPS", "PIR", "SAL", "IRP", "ARI", "LAS", "SLP"].enumerated() {
            for grid in SpatialContractTests.grids {
                let subject = subject(grid, n: 1 + round % 2, c: 1 + round % 3, &generator)
                crop.margin = Triplet(round % 3)
                var turn = Orient()
                turn.to = code
                let apart = outcome(subject, 1) { (subject, context) throws(OperatorError) in
                    for step in [turn, crop] as [any SpatialOperator] {
                        try step.apply(to: &subject, in: &context)
                    }
                    try step.apply(to: &subject, in: &context)
                }
                for workers in 1...3 {
                    let together = outcome(subject, workers) { (subject, context) throws(OperatorError) in
                        let turned = try turn.plan(
                            &subject, seenOn: CaseGrids(of: subject), in: &context)
                        let cut = try crop.plan(&subject, seenOn: turned, in: &context)
                        #expect(cut.lie(within: subject))
                        let after = try step.plan(&subject, seenOn: cut, in: &context)
                        step.move(&subject, seenOn: cut, to: after, context)
                    }
                    #expect(together == apart)
                }
            }
        }
    }

    @Test("knows a grid that reaches beyond the voxels")
    func beyond() throws {
        var turn = Orient()
        turn.to = "PIR"
        for grid in SpatialContractTests.grids {
            let image = rampVolume(grid, n: 1, c: 1)
            var (subject, context) = (Case(name: "a", images: [.init("x", image)]), Context())
            let turned = try turn.plan(&subject, seenOn: CaseGrids(of: subject), in: &context)
            for margin in [Triplet(0), Triplet(1, 0, 0), Triplet(0, 1, 0), Triplet(0, 0, 1)] {
                var crop = CropForeground()
                (crop.select, crop.margin) = (.above(-1e9), margin)
                let grids = try crop.plan(&subject, seenOn: turned, in: &context)
                #expect(grids.lie(within: subject) == (margin == Triplet(0)))
            }
        }
    }

    /// What a case became, to the bit.
    private struct Outcome: Equatable {
        var grids = [Grid]()
        var bits = [[UInt32]]()
        var findings = [Finding]()
        var error: OperatorError?
    }

    private func outcome(
        _ subject: Case, _ workers: Int, _ body: (inout Case, inout Context) throws(OperatorError) -> Void
    ) -> Outcome {
        var (subject, context, outcome) = (subject, context(subject, workers), Outcome())
        do throws(OperatorError) { try body(&subject, &context) } catch {
            outcome.error = error
            return outcome
        }
        outcome.grids = volumes(subject).map(\.grid)
        outcome.bits = volumes(subject).map { $0.tensor.values.map(\.bitPattern) }
        outcome.findings = context.findings
        return outcome
    }
}
