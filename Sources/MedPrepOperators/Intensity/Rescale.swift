public import MedPrepCore
internal import MedPrepKernels

/// Maps the range of the values to [`out_min`, `out_max`].
///
///     y = (x − a)/(b − a)·(out_max − out_min) + out_min,  a = min x, b = max x
///
/// With `percentiles` every voxel is first clipped to those of the mask; a and b are then the extremes of the whole
/// clipped image.
///
/// - Shape: any, unchanged; every sample has its own range. Grid: unchanged.
/// - Unit: that of `out_min`, `out_max`.
/// - NaN: stays NaN; NaN and infinity are left out of the range. Infinity is clipped with `percentiles`, else kept.
/// - Cost: one pass for the range and one in place; three more with `percentiles`.
/// - Same as: MONAI `ScaleIntensity`, TorchIO `RescaleIntensity`, nnU-Net `RescaleTo01Normalization`, each with its
///   `compat`.
public struct Rescale: IntensityOperator {
    public static let card = Card<Self>(
        "Maps the range of the values to [out_min, out_max].",
        [
            Parameter("compat", \.compat, "Peer whose defaults hold where a key is not written.", .preset),
            Parameter("out_min", \.outMin, "What the smallest value becomes."),
            Parameter("out_max", \.outMax, "What the largest value becomes."),
            Parameter(
                "percentiles", \.percentiles, "Two percentiles to clip to first; null: no clipping.",
                .atLeast(0),
                .atMost(100)),
            Parameter("mask", \.mask, "Voxels that the percentiles are taken from."),
            Parameter("per_channel", \.perChannel, "False: one range for all channels together."),
            Parameter("constant", \.constant, "What an image of one value becomes."),
        ],
        formula: "y = (x - min) / (max - min) * (out_max - out_min) + out_min",
        sameAs:
            "monai ScaleIntensity, torchio RescaleIntensity, nnunetv2 RescaleTo01Normalization (see compat)")

    public var compat: Compat?
    public var outMin = 0.0
    public var outMax = 1.0
    public var percentiles: [Double]?
    public var mask = MaskChoice.none
    public var perChannel = true
    public var constant = Constant.outMin
    public init() {}

    public enum Compat: String, CaseIterable, ParameterValue { case monai, torchio, nnunet }
    public enum Constant: String, CaseIterable, ParameterValue {
        case outMin = "out_min"
        case unchanged
        /// x·out_min, an oddity of MONAI.
        case timesOutMin = "times_out_min"
    }

    public mutating func adoptPreset() {
        switch compat {
        case nil, .nnunet: break
        case .monai: (perChannel, constant) = (false, .timesOutMin)
        case .torchio: (perChannel, constant, percentiles) = (false, .unchanged, [0, 100])
        }
    }

    public func check() throws(ParameterError) {
        if outMin > outMax {
            throw .conflict(["out_min", "out_max"], reason: "out_min \(outMin) is above out_max \(outMax)")
        }
        if let percentiles, percentiles.count != 2 || percentiles[0] >= percentiles[1] {
            let found = percentiles.json.line
            throw .conflict(["percentiles"], reason: "percentiles is \(found); expected two, the lower first")
        }
        if percentiles == nil, mask != .none {
            throw .conflict(
                ["mask"],
                reason: "mask \"\(mask.text)\" is read by percentiles only; set percentiles, such as [0, 100]"
            )
        }
    }

    public func apply(to tensor: inout Tensor, in context: inout Context) throws(OperatorError) {
        let (shape, workers) = (tensor.shape, context.workers)
        let bounds = try limits(of: tensor, in: context)
        var extremes = tensor.extremes(workers)
        if !perChannel { extremes = extremes.map { Array(repeating: Extremes(merging: $0), count: shape.c) } }
        var (scalings, clips) = ([[Scaling]](), [[Bounds]]())
        for sample in 0..<shape.n {
            var (row, clip) = ([Scaling](), [Bounds]())
            for channel in 0..<shape.c {
                let (range, limit) = (extremes[sample][channel], bounds[sample][channel])
                if range.isEmpty { throw .noFiniteValue(operator: name) }
                let lower = Double(Swift.min(Swift.max(range.min, limit.lower), limit.upper))
                let upper = Double(Swift.min(Swift.max(range.max, limit.lower), limit.upper))
                let isConstant = lower == upper
                // What MONAI and TorchIO do with a constant is done to the values as they came.
                clip.append(isConstant ? constantLimit(lower) : limit)
                row.append(isConstant ? scaling(ofConstant: lower, channel, &context) : scaling(lower, upper))
            }
            scalings.append(row)
            clips.append(clip)
        }
        if clips.contains(where: { $0.contains { $0 != .none } }) { tensor.clamp(to: clips, in: &context) }
        tensor.scale(by: scalings, in: &context)
    }

    private func scaling(_ lower: Double, _ upper: Double) -> Scaling {
        let range = compat == .nnunet ? Swift.max(upper - lower, 1e-8) : upper - lower
        return Scaling(center: lower, factor: (outMax - outMin) / range, offset: outMin)
    }

    /// A constant that becomes `out_min` takes infinity along; else nothing is clipped.
    private func constantLimit(_ value: Double) -> Bounds {
        constant == .outMin ? Bounds(Float(value), Float(value)) : .none
    }

    private func scaling(ofConstant value: Double, _ channel: Int, _ context: inout Context) -> Scaling {
        let becomes: String
        let scaling: Scaling
        switch constant {
        case .outMin: (becomes, scaling) = ("becomes out_min", Scaling(center: value, offset: outMin))
        case .unchanged: (becomes, scaling) = ("stays as it is", Scaling())
        case .timesOutMin: (becomes, scaling) = ("is multiplied by out_min", Scaling(factor: outMin))
        }
        context.note(
            .constantChannel, "channel \(channel) holds one value and cannot be stretched; it \(becomes)")
        return scaling
    }

    /// What every voxel is clipped to first, by sample and channel.
    private func limits(of tensor: Tensor, in context: Context) throws(OperatorError) -> [[Bounds]] {
        guard let percentiles else {
            let row = Array(repeating: Bounds.none, count: tensor.shape.c)
            return Array(repeating: row, count: tensor.shape.n)
        }
        return try tensor.percentileBounds(
            percentiles[0], percentiles[1], mask: mask, perChannel: perChannel, operator: name, in: context)
    }
}
