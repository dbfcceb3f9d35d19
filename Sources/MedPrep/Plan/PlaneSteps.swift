internal import MedPrepCore
internal import MedPrepKernels
internal import MedPrepOperators

/// The first steps of a pipeline, where each plane of a scan can go through them while the next one is read: any that change
/// each value by itself, then one that reads planes. The scan never exists as it was stored: what there is to say of it
/// before the last of these steps comes from its counted numbers.
struct PlaneSteps: Sendable {
    /// In their order, the one that reads planes last; empty: a scan is read whole.
    let steps: [Pipeline.Step]
    /// What the others noted of every number of a type, by step index. Missing: numbers of this type are read whole.
    private let told: [ElementType: [Int: Context]]

    init(of pipeline: Pipeline) {
        let first = pipeline.steps.prefix {
            ($0.operation as? any IntensityOperator)?.actsOnEachValue ?? false
        }
        guard first.count < pipeline.steps.count,
            let spatial = pipeline.steps[first.count].operation as? any SpatialOperator, spatial.readsPlanes
        else {
            (steps, told) = ([], [:])
            return
        }
        steps = Array(pipeline.steps[...first.count])
        var told = [ElementType: [Int: Context]]()
        for type in ElementType.allCases where type.isShort {
            told[type] = Self.contexts(of: first, type, pipeline.input.nonfinite)
        }
        self.told = told
    }

    /// What each step notes of all numbers that a file can hold; nil where one refuses them or leaves them no longer whole:
    /// counts tell of whole numbers only.
    private static func contexts(
        of steps: ArraySlice<Pipeline.Step>, _ type: ElementType, _ nonfinite: Nonfinite
    ) -> [Int: Context]? {
        var (numbers, told) = (Tensor.numbers(of: type), [Int: Context]())
        for step in steps {
            var context = Context(nonfinite: nonfinite)
            guard let intensity = step.operation as? any IntensityOperator,
                (try? intensity.apply(to: &numbers, in: &context)) != nil, WholeCounts.holds(numbers),
                context.valueMaps?.isEmpty == false, context.record.isEmpty
            else { return nil }
            told[step.index] = context
        }
        return told
    }

    /// How the last step reads the planes of such a scan; nil: the scan is read whole.
    func spline(of type: ElementType, on grid: Grid) -> PlanewiseSpline? {
        guard told[type] != nil else { return nil }
        return (steps.last?.operation as? any SpatialOperator)?.planewise(on: grid)
    }

    /// What a step noted whose values are changed plane by plane; nil for another step.
    func context(after step: Pipeline.Step, of type: ElementType) -> Context? { told[type]?[step.index] }
}
