public import MedPrepCore
import MedPrepKernels

/// Normalizes by mean and variance over any axes of NDHWC, spelled out.
///
///     y = (x − mean)/sqrt(variance + epsilon), mean and variance over the axes of `reduce`
///
/// NDHW is batch norm, DHW instance norm, DHWC and C layer norm, NDHWC one statistic for everything, NHW batch norm
/// slice by slice; N and NC take one statistic for each place. The variance is the population's.
///
/// N means the samples of one file and, where H and W are averaged over too, those of all files of a batch: their
/// moments travel from scan to scan. A statistic for less than a slice (N, NC, ND …) would have to travel voxel by
/// voxel; such a step refuses batches of several files and takes the samples of one.
///
/// - Shape: any, unchanged. Grid: unchanged.
/// - Unit: standard deviations of whatever is averaged over.
/// - NaN: left out of the statistics, stays NaN.
/// - Cost: two passes, in place; slices and scans keep a few numbers, smaller sets of values none.
/// - Same as: `numpy.mean` and `numpy.var` over the axes; `torch.nn.BatchNorm3d(affine=False)` for NDHW.
public struct NormalizeOver: LearningOperator {
    public static let card = Card<Self>(
        "Normalizes by mean and variance over any axes of NDHWC.",
        [
            Parameter(
                "reduce", \.reduce,
                "The axes averaged over: NDHW batch, NHW batch slice by slice, DHW instance, DHWC or C layer, NC or N each place."
            ),
            Parameter("epsilon", \.epsilon, "Added to the variance under the root.", .above(0)),
        ], formula: "y = (x − mean)/sqrt(variance + epsilon), over the axes of reduce",
        sameAs: "numpy.mean and numpy.var over the axes; torch.nn.BatchNorm3d(affine=False) for NDHW")

    public var reduce = Reduction.batch
    public var epsilon = 1e-5
    public init() {}

    public var learning: Learning { reduce.axes.contains(.n) ? .eachBatch : .given }

    public func measure(
        _ tensor: Tensor, in context: inout Context
    ) throws(OperatorError) -> ReductionMeasure {
        guard reduce.cover != .less else { return ReductionMeasure(shape: tensor.shape, samples: []) }
        return ReductionMeasure(shape: tensor.shape, samples: moments(of: tensor, context.workers))
    }

    public func learn(
        from measures: [ReductionMeasure], after earlier: BatchCount?
    ) throws(OperatorError) -> BatchCount {
        try checkFiles(measures)
        return BatchCount((earlier?.batchesSeen ?? 0) + 1)
    }

    public func apply(
        to tensor: inout Tensor, measures: [ReductionMeasure], state: BatchCount?, in context: inout Context
    ) throws(OperatorError) {
        try checkFiles(measures)
        let (shape, workers) = (tensor.shape, context.workers)
        if reduce.cover == .less {
            noteDegenerate(shape, samples: shape.n, in: &context)
            if reduce.axes == .c {
                let scalings = Array(repeating: Scaling(), count: shape.c)
                tensor.standardizeVoxels(epsilon: epsilon, scalings: scalings, workers)
            } else {
                tensor.standardizeCells(over: reduce.axes, epsilon: epsilon, workers)
            }
            return
        }
        let samples = try samples(for: tensor, measures, in: &context)
        noteDegenerate(shape, samples: samples.count, in: &context)
        // With N every sample holds the same; without it there are this tensor's own samples only.
        let merged = Array(samples.merged(over: reduce.axes, channels: shape.c).prefix(shape.n))
        try check(merged, in: &context)
        let scalings = merged.flatMap { places in
            stride(from: 0, to: places.count, by: shape.c).map { first in
                places[first..<first + shape.c].map { moments in
                    // Without a finite value there is nothing to scale.
                    moments.count == 0
                        ? Scaling()
                        : Scaling(center: moments.mean, factor: 1 / (moments.variance + epsilon).squareRoot())
                }
            }
        }
        tensor = tensor.reshaped(to: reduce.statisticShape(shape))
        tensor.scale(by: scalings, workers)
        tensor = tensor.reshaped(to: shape)
    }

    /// By sample, then by slice and channel.
    private func moments(of tensor: Tensor, _ workers: Workers) -> [[Moments]] {
        let blocks = tensor.reshaped(to: reduce.statisticShape(tensor.shape)).moments(workers)
        let each = blocks.count / tensor.shape.n
        return stride(from: 0, to: blocks.count, by: each).map { Array(blocks[$0..<$0 + each].joined()) }
    }

    /// Of the whole batch, where N is averaged over.
    private func samples(
        for tensor: Tensor, _ measures: [ReductionMeasure], in context: inout Context
    ) throws(OperatorError) -> [[Moments]] {
        guard reduce.axes.contains(.n), !measures.isEmpty else { return moments(of: tensor, context.workers) }
        let shape = tensor.shape
        let isLike = { (other: Shape) in other.extent == shape.extent && other.c == shape.c }
        guard measures.allSatisfy({ isLike($0.shape) }) else {
            throw .unequalShapes((measures.map(\.shape) + [shape]).map(\.sizes))
        }
        let samples = measures.flatMap(\.samples)
        let places = reduce.cover == .scan ? shape.c : shape.d * shape.c
        guard samples.count >= shape.n, samples.allSatisfy({ $0.count == places }) else {
            throw .invalidState(
                operator: Self.name, reason: "it was measured over other axes than \(reduce.letters)")
        }
        return samples
    }

    private func checkFiles(_ measures: [ReductionMeasure]) throws(OperatorError) {
        if reduce.cover == .less, measures.count > 1 {
            throw .ungatheredBatch(operator: Self.name, reduce: reduce.letters, files: measures.count)
        }
    }

    private func noteDegenerate(_ shape: Shape, samples: Int, in context: inout Context) {
        if reduce.valueCount(shape, samples: samples) > 1 { return }
        context.note(
            .degenerateReduction,
            "\(Self.name) over \(reduce.letters) takes statistics from one value, so every value becomes 0")
    }

    /// Refuses what has no statistic at all, and tells of constants.
    private func check(_ merged: [[Moments]], in context: inout Context) throws(OperatorError) {
        let all = merged.joined()
        let isEmpty = { (moments: Moments) in moments.count == 0 }
        if reduce.cover == .scan ? all.contains(where: isEmpty) : all.allSatisfy(isEmpty) {
            throw .noFiniteValue(operator: Self.name)
        }
        let constants = all.count { $0.count > 1 && $0.m2 == 0 }
        if constants > 0 {
            context.note(
                .constantChannel,
                "\(constants) of \(all.count) \(reduce.cover == .scan ? "channels" : "slices and channels") "
                    + "are constant over \(reduce.letters) and become 0")
        }
    }
}

extension Reduction {
    /// The same values with each scan, or each slice, as a sample.
    fileprivate func statisticShape(_ shape: Shape) -> Shape {
        cover == .scan ? shape : Shape(n: shape.n * shape.d, d: 1, h: shape.h, w: shape.w, c: shape.c)
    }
}
