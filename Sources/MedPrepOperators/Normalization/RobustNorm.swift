public import MedPrepCore
import MedPrepKernels

/// Takes off a centre and divides by a spread that outliers hardly move.
///
///     y = (x − center)/(scale + epsilon)
///     mad = mad_constant·median|x − median|,  iqr = p75 − p25,  l1 = l1_constant·mean|x − mean|
///
/// Statistics are taken over the axes of `reduce`, from the voxels of the mask; all voxels are scaled. N means the
/// samples of one file: medians of several files cannot be merged, so a batch is not gathered. The median of an even
/// count is the mean of the two middle values, percentiles are type 7.
///
/// - Shape: any, unchanged. Grid: unchanged.
/// - Unit: none; robust standard deviations (mad, l1) or quartile ranges.
/// - NaN: left out of the statistics, stays NaN.
/// - Cost: over D, H and W radix sweeps and one pass in place; else each set of values is sorted. mad, l1 and a mask
///   take a second tensor while statistics are taken.
/// - Same as: `scipy.stats.median_abs_deviation(scale="normal")` under x − median, `sklearn.preprocessing.RobustScaler`
///   for iqr; L1 batch norm (Wu 2018) for mean and l1.
public struct RobustNorm: IntensityOperator {
    public static let card = Card<Self>(
        "Takes off a centre and divides by a spread that outliers hardly move.",
        [
            Parameter("center", \.center, "What is taken off."),
            Parameter(
                "scale", \.scale,
                "What is divided by: median absolute deviation, quartile range or mean absolute deviation.",
                .preset),
            Parameter(
                "mad_constant", \.madConstant, "Factor of mad; 1.4826… makes it a Gaussian's std.", .above(0)),
            Parameter(
                "l1_constant", \.l1Constant, "Factor of l1; sqrt(π/2) makes it a Gaussian's std.", .above(0)),
            Parameter(
                "reduce", \.reduce,
                "The axes statistics are taken over, as in normalize_over; N: of one file."),
            Parameter("epsilon", \.epsilon, "Added to the scale; 0, with l1 1e-5.", .atLeast(0)),
            Parameter("mask", \.mask, "Voxels that statistics are taken from; all are scaled."),
        ], formula: "y = (x − center)/(scale + epsilon), over the axes of reduce",
        sameAs: "scipy.stats.median_abs_deviation, sklearn.preprocessing.RobustScaler")

    public enum Center: String, CaseIterable, ParameterValue { case median, mean }
    public enum Scale: String, CaseIterable, ParameterValue { case mad, iqr, l1 }

    public var center = Center.median
    public var scale = Scale.mad
    public var madConstant = 1.4826022185056018
    public var l1Constant = 1.2533141373155001
    public var reduce = Reduction.batch
    public var epsilon = 0.0
    public var mask = MaskChoice.none
    public init() {}

    public mutating func adoptPreset() { epsilon = scale == .l1 ? 1e-5 : 0 }

    public func apply(to tensor: inout Tensor, in context: inout Context) throws(OperatorError) {
        let selection = try mask.selection(for: tensor, perChannel: !reduce.axes.contains(.c), in: context)
        let selected = tensor.keepingOnly(selection, context.workers)
        if reduce.cover == .scan {
            try scaleScans(&tensor, selected: consume selected, context.workers)
        } else {
            try scaleCells(&tensor, selected: consume selected, context.workers)
        }
    }

    private func scaleScans(
        _ tensor: inout Tensor, selected: consuming Tensor, _ workers: Workers
    ) throws(OperatorError) {
        let found = selected.robustStatistics(over: reduce.axes, center.statistic, scale.statistic, workers)
        // The selection may share the tensor's storage, which is about to change.
        _ = consume selected
        var scalings = [[Scaling]]()
        for channels in found {
            var sample = [Scaling]()
            for (channel, statistics) in channels.enumerated() {
                guard let scaling = scaling(statistics) else { throw fault(statistics, channel: channel) }
                sample.append(scaling)
            }
            scalings.append(sample)
        }
        tensor.scale(by: scalings, workers)
    }

    private func scaleCells(
        _ tensor: inout Tensor, selected: consuming Tensor, _ workers: Workers
    ) throws(OperatorError) {
        let result = tensor.scaledCells(
            over: reduce.axes, center.statistic, scale.statistic, selected: selected, workers, by: scaling)
        switch result {
        case .scaled(let scaled): tensor = scaled
        case .refused(let offset, let found): throw fault(found, channel: offset % tensor.shape.c)
        }
    }

    /// nil without a value, or where the scale is 0.
    private func scaling(_ found: RobustStatistics) -> Scaling? {
        guard found.count > 0, found.spread > 0 else { return nil }
        let constant = scale == .mad ? madConstant : scale == .l1 ? l1Constant : 1
        return Scaling(center: found.center, factor: 1 / (constant * found.spread + epsilon))
    }

    private func fault(_ found: RobustStatistics, channel: Int) -> OperatorError {
        found.count == 0
            ? mask.emptyError(operator: Self.name) : .zeroScale(channel: channel, scale: scale.rawValue)
    }
}

extension RobustNorm.Center {
    var statistic: RobustStatistics.Center { self == .median ? .median : .mean }
}

extension RobustNorm.Scale {
    var statistic: RobustStatistics.Spread {
        switch self {
        case .mad: .medianDeviation
        case .iqr: .quartileRange
        case .l1: .meanDeviation
        }
    }
}
