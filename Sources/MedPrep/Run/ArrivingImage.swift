internal import MedPrepCore
internal import MedPrepKernels
internal import MedPrepOperators
internal import MedPrepStreaming

/// The image of a case on its way through `PlaneSteps`, while its file is read.
final class ArrivingImage: Sendable {
    private let plan: PlaneSteps
    private let type: ElementType
    /// The last step.
    let spline: ArrivingSpline
    private let failure = Guarded<Failure?>(nil)

    init(_ plan: PlaneSteps, storing type: ElementType, _ spline: ArrivingSpline) {
        (self.plan, self.type, self.spline) = (plan, type, spline)
    }

    /// Does the steps on one plane, on any thread, in place.
    func take(_ plane: consuming Tensor, at index: Int) {
        var context = Context()
        for step in plan.steps {
            guard let intensity = step.operation as? any IntensityOperator else { continue }
            do throws(OperatorError) {
                try intensity.apply(to: &plane, in: &context)
            } catch {
                failure.change { $0 = $0 ?? Failure(stage: step.label, error) }
            }
        }
        spline.take(plane, at: index)
    }

    /// Throws what a step refused of a plane, though it refused none of all numbers when it was planned.
    func check() throws(Failure) {
        if let failure = failure.change({ $0 }) { throw failure }
    }

    /// What a step noted whose values are changed already; nil: it is still to do.
    func context(after step: Pipeline.Step) -> Context? { plan.context(after: step, of: type) }
}
