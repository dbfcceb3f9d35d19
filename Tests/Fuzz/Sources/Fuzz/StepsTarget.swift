import MedPrep
import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport

/// Pipelines that pass every check, done to a scan of 60 voxels: no parameter may end the program.
///
/// Byte 0: which scan. The rest: the text of the pipeline.
extension Target {
    static let steps = Target(
        name: "steps",
        seeds: {
            PipelineSeeds.steps.enumerated().map { [UInt8($0 % 4)] + Array("{\"steps\": [\($1)]}".utf8) }
        },
        words: { PipelineSeeds.words },
        run: { bytes in
            var input = InputBytes(bytes)
            let choice = input.next()
            guard let pipeline = PipelineFile.decode(Array(input.rest), name: "p.json").pipeline else {
                return
            }
            var subject = scan(choice)
            for step in pipeline.steps {
                var context = Context()
                context.masks = subject.masks.map { ($0.name, $0.volume.tensor, .mask) }
                do throws(OperatorError) {
                    guard try done(step.operation, &subject, &context) else { return }
                } catch {
                    expect(!"\(error)".isEmpty, "a refusal has a sentence")
                    return
                }
                for finding in context.findings {
                    expect(!finding.message.isEmpty, "a finding has a sentence")
                }
                let tensor = subject.images[0].volume.tensor
                expect(tensor.values.count == Shape.count(of: tensor.shape.sizes), "\(tensor.shape) is whole")
            }
        })

    /// False where the step would make the case too large to go on with.
    private static func done(
        _ operation: any Operator, _ subject: inout Case, _ context: inout Context
    ) throws(OperatorError) -> Bool {
        switch operation {
        case var step as any SpatialOperator:
            let grid = subject.images[0].volume.grid
            if step.reference != nil { step = step.resolved(on: Grid(w: 4, h: 4, d: 4)) }
            if step.learnsGrids { step = try step.resolved(onAll: [grid, grid]) }
            let sizes = try step.grid(after: grid, box: nil).extent
            guard let count = Shape.count(of: [sizes.x, sizes.y, sizes.z]), count <= 4096 else {
                return false
            }
            try step.apply(to: &subject, in: &context)
        case let step as any IntensityOperator:
            try step.apply(to: &subject.images[0].volume.tensor, in: &context)
        case let step as any LearningOperator:
            // A state file would have to be there.
            guard step.stateFile == nil else { return false }
            let measure = try step.measureJSON(subject.images[0].volume.tensor, in: &context)
            let state = try step.learnJSON(from: [measure, measure], after: nil)
            let isBatch = step.learning == .eachBatch
            try step.applyJSON(
                to: &subject.images[0].volume.tensor, measures: isBatch ? [measure] : [],
                state: isBatch ? nil : state, in: &context)
            _ = (try step.descriptionJSON(of: [measure]), try step.reportJSON(on: [measure], batchSize: 1))
        case let step as any ReportOperator:
            let look = try step.look(at: subject.images[0].volume.tensor, in: &context)
            _ = try step.report(on: [look, look], batchSize: 1)
        default: expect(false, "every step is of one of four kinds")
        }
        return true
    }

    /// One channel or two; values of all signs, of one sign, equal or huge.
    private static func scan(_ choice: UInt8) -> Case {
        let grid = Grid(w: 5, h: 4, d: 3, step: [1, 1.5, 2])
        let shape = Shape(extent: grid.extent, c: choice & 4 == 0 ? 1 : 2)
        let tensor =
            switch choice & 3 {
            case 0: Tensor.random(shape, seed: 1, mean: 100, spread: 30)
            case 1: Tensor.random(shape, seed: 2, mean: 0, spread: 5)
            case 2: Tensor(shape, repeating: 7)
            default: Tensor.random(shape, seed: 3, mean: 1e38, spread: 1e38)
            }
        let half = Tensor(Shape(extent: grid.extent), (0..<60).map { Float($0 % 2) })
        return Case(
            name: "case", images: [.init("image", Volume(tensor: tensor, grid: grid))],
            labels: [.init("seg", Volume(tensor: half, grid: grid, role: .label))],
            masks: [.init("brain", Volume(tensor: half, grid: grid, role: .mask))])
    }
}
