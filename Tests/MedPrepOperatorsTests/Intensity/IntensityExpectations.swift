import MedPrepCore
import MedPrepOperators
import Testing

/// The step is refused with exactly this sentence.
func expectFault(
    _ type: (some Operator).Type, _ parameters: JSONValue, _ message: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    do throws(ParameterErrors) {
        _ = try type.init(parameters: parameters.members ?? [])
        Issue.record("accepted", sourceLocation: sourceLocation)
    } catch {
        #expect(error.description == message, sourceLocation: sourceLocation)
    }
}

/// What a decoded step writes decodes to the same, and says what was written.
func expectRoundTrip(
    _ type: (some Operator).Type, _ written: [JSONValue.Member],
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let step = try type.init(parameters: written)
    let again = try type.init(parameters: step.parameters)
    #expect(again.parameters == step.parameters, sourceLocation: sourceLocation)
    for member in written {
        let value = step.parameters.first { $0.key == member.key }?.value
        let isSame = value == member.value || (value?.double != nil && value?.double == member.value.double)
        #expect(isSame, "\(member.key)", sourceLocation: sourceLocation)
    }
}

/// The case fails with exactly this sentence, and the tensor stays as it is.
func expectRefusal(
    _ step: some IntensityOperator, of tensor: Tensor, in context: Context = Context(), _ message: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    var (changed, context) = (tensor, context)
    do throws(OperatorError) {
        try step.apply(to: &changed, in: &context)
        Issue.record("accepted", sourceLocation: sourceLocation)
    } catch {
        #expect(error.description == message, sourceLocation: sourceLocation)
    }
    #expect(
        changed.values.map(\.bitPattern) == tensor.values.map(\.bitPattern), sourceLocation: sourceLocation)
}

/// What the step makes of the tensor; the same bits on 1, 2 and 3 workers.
func applied(
    _ step: some IntensityOperator, to tensor: Tensor, in context: Context = Context(),
    sourceLocation: SourceLocation = #_sourceLocation
) throws -> (values: Tensor, findings: [Finding]) {
    var results = [(Tensor, [Finding])]()
    for workers in 1...3 {
        var (changed, context) = (tensor, context)
        context.workers = Workers(workers)
        try step.apply(to: &changed, in: &context)
        results.append((changed, context.findings))
    }
    let bits = results.map { $0.0.values.map(\.bitPattern) }
    #expect(bits[0] == bits[1] && bits[0] == bits[2], sourceLocation: sourceLocation)
    return results[0]
}

/// |found − expected| ≤ `tolerance`·(1 + |expected|) everywhere; NaN equals NaN.
func expectClose(
    _ found: [Float], _ expected: [Double], tolerance: Double = 2e-7,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(found.count == expected.count, sourceLocation: sourceLocation)
    let isClose = zip(found, expected).allSatisfy { x, y in
        (x.isNaN && y.isNaN) || Double(x) == y || abs(Double(x) - y) <= tolerance * (1 + abs(y))
    }
    #expect(isClose, sourceLocation: sourceLocation)
}
