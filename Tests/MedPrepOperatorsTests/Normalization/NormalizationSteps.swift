import MedPrepCore
import MedPrepOperators

/// The shapes that these suites share: one channel and several, one sample and several, odd and thin.
let normalizationShapes = [
    Shape(d: 3, h: 5, w: 7), Shape(n: 2, d: 3, h: 5, w: 7, c: 2), Shape(n: 3, d: 1, h: 1, w: 9, c: 3),
    Shape(d: 33, h: 33, w: 34, c: 1), Shape(d: 2, h: 2, w: 2, c: 6), Shape(n: 2, d: 1, h: 2, w: 1, c: 8),
]

extension IntensityOperator {
    func applied(to tensor: Tensor, _ workers: Int = 1) throws -> Tensor {
        var (result, context) = (tensor, Context(workers: Workers(workers)))
        try apply(to: &result, in: &context)
        return result
    }

    func findings(on tensor: Tensor) throws -> [Finding] {
        var (result, context) = (tensor, Context())
        try apply(to: &result, in: &context)
        return context.findings
    }
}

extension LearningOperator {
    /// One tensor as a batch of its own.
    func applied(to tensor: Tensor, state: State? = nil, _ workers: Int = 1) throws -> Tensor {
        var context = Context(workers: Workers(workers))
        return try applied(to: tensor, state: state, in: &context)
    }

    func applied(to tensor: Tensor, state: State? = nil, in context: inout Context) throws -> Tensor {
        var result = tensor
        let measures = learning == .eachBatch ? [try measure(tensor, in: &context)] : []
        context.findings = []
        try apply(to: &result, measures: measures, state: state, in: &context)
        return result
    }

    func measured(_ tensor: Tensor) throws -> Measure {
        var context = Context()
        return try measure(tensor, in: &context)
    }
}

/// The largest difference between equal places; infinite where one is NaN and the other not.
func distance(_ a: Tensor, _ b: Tensor) -> Float {
    zip(a.values, b.values).reduce(0) { worst, pair in
        if pair.0.isNaN && pair.1.isNaN { return worst }
        let difference = abs(pair.0 - pair.1)
        return difference.isNaN ? .infinity : max(worst, difference)
    }
}

/// Mean and population variance in Double, by the definition.
func meanAndVariance(_ x: [Float]) -> (mean: Double, variance: Double) {
    let mean = x.reduce(0) { $0 + Double($1) } / Double(x.count)
    return (mean, x.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(x.count))
}
