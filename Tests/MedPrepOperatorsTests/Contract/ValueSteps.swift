import MedPrepCore
import MedPrepOperators

/// A tensor after a step that moves nothing, called as the run calls it: through existentials, in place.
struct ValueResult {
    var subject: Case
    var findings: [Finding]
    /// What it noted of itself.
    var maps: [ValueMap]?
    /// What a report operator saw.
    var look: JSONValue?

    var tensor: Tensor { subject.images[0].volume.tensor }
}

/// nil for a spatial step.
func valueResult(
    of step: any Operator, on tensor: consuming Tensor, in context: Context
) throws(OperatorError) -> ValueResult? {
    let grid = Grid(extent: tensor.shape.extent, affine: .identity)
    var context = context
    var result = ValueResult(
        subject: Case(name: "a", images: [.init("x", Volume(tensor: consume tensor, grid: grid))]),
        findings: [])
    if let intensity = step as? any IntensityOperator {
        try intensity.apply(to: &result.subject.images[0].volume.tensor, in: &context)
    } else if let report = step as? any ReportOperator {
        result.look = try report.look(at: result.subject.images[0].volume.tensor, in: &context)
    } else if let learning = step as? any LearningOperator {
        try learn(learning, &result.subject.images[0].volume.tensor, &context)
    } else {
        return nil
    }
    (result.findings, result.maps) = (context.findings, context.valueMaps)
    return result
}

/// One tensor as the only batch, or the whole data set, of a learning step.
private func learn(
    _ step: any LearningOperator, _ tensor: inout Tensor, _ context: inout Context
) throws(OperatorError) {
    var (measures, state) = ([JSONValue](), JSONValue?.none)
    switch step.learning {
    case .given: break
    case .eachBatch: measures = [try step.measureJSON(tensor, in: &context)]
    case .wholeDataset:
        state = try step.learnJSON(from: [try step.measureJSON(tensor, in: &context)], after: nil)
    }
    try step.applyJSON(to: &tensor, measures: measures, state: state, in: &context)
    if case .eachBatch = step.learning { _ = try step.learnJSON(from: measures, after: nil) }
}
