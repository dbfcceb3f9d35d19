public import MedPrepCore
internal import MedPrepKernels

/// Takes off the mean and divides by the standard deviation.
///
///     y = (x − mean)/std,  std = sqrt(Σ(x − mean)²/(m − ddof)) over the m voxels of the mask
///
/// - Shape: any, unchanged; every sample has its own statistics. Grid: unchanged.
/// - Unit: none; standard deviations of the mask.
/// - NaN: stays NaN; NaN and infinity are left out of mean and deviation.
/// - Cost: one pass for the statistics, one in place.
/// - Same as: MONAI `NormalizeIntensity`, TorchIO `ZNormalization`, nnU-Net `ZScoreNormalization` and
///   intensity-normalization `ZScoreNormalizer`, each with its `compat`.
public struct ZScore: IntensityOperator {
    public static let card = Card<Self>(
        "Takes off the mean and divides by the standard deviation.",
        [
            Parameter("compat", \.compat, "Peer whose defaults hold where a key is not written.", .preset),
            Parameter("mask", \.mask, "Voxels that mean and standard deviation are taken from."),
            Parameter("apply_to", \.applyTo, "Voxels that change: all, or those of the mask."),
            Parameter(
                "per_channel", \.perChannel, "False: one mean and deviation for all channels together."),
            Parameter(
                "ddof", \.ddof, "The variance is divided by the count minus this.", .atLeast(0), .atMost(1)),
            Parameter("zero_std", \.zeroStd, "What a standard deviation of 0 does."),
            Parameter(
                "epsilon_std_floor", \.epsilonStdFloor,
                "Smallest standard deviation, for zero_std \"floor\".",
                .above(0)),
            Parameter("mean", \.mean, "Given mean, a number or one for each channel; null: measured."),
            Parameter(
                "std", \.std, "Given standard deviation, a number or one for each channel; null: measured.",
                .atLeast(0)),
        ],
        formula: "y = (x - mean) / std",
        sameAs: "monai NormalizeIntensity, torchio ZNormalization, nnunetv2 ZScoreNormalization, "
            + "intensity_normalization ZScoreNormalizer (see compat)")

    public var compat: Compat?
    public var mask = MaskChoice.none
    public var applyTo = ApplyTo.all
    public var perChannel = true
    public var ddof = 0
    public var zeroStd = ZeroStd.divideByOne
    public var epsilonStdFloor = 1e-8
    public var mean: PerChannel?
    public var std: PerChannel?
    public init() {}

    public enum Compat: String, CaseIterable, ParameterValue { case monai, torchio, nnunet, jcreinhold }
    public enum ZeroStd: String, CaseIterable, ParameterValue {
        case error
        case divideByOne = "divide_by_one"
        case floor
    }

    public mutating func adoptPreset() {
        switch compat {
        case nil: break
        case .monai: (applyTo, perChannel) = (.mask, false)
        case .torchio: (perChannel, ddof, zeroStd) = (false, 1, .error)
        case .nnunet: (applyTo, zeroStd) = (.mask, .floor)
        case .jcreinhold: (mask, zeroStd) = (.positive, .error)
        }
    }

    public func apply(to tensor: inout Tensor, in context: inout Context) throws(OperatorError) {
        let (channels, workers) = (tensor.shape.c, context.workers)
        let means = try mean?.values(for: channels, parameter: "mean")
        let deviations = try std?.values(for: channels, parameter: "std")
        let selection = try mask.selection(for: tensor, perChannel: perChannel, in: context)
        // Given numbers need no statistic, so an empty mask is no fault then.
        var measured: [[Moments]]?
        if means == nil || deviations == nil {
            let moments =
                perChannel ? tensor.moments(where: selection, workers) : pooled(tensor, selection, workers)
            if moments.contains(where: { $0.contains { $0.count == 0 } }) {
                guard compat == .monai, mask != .none else { throw mask.emptyError(operator: name) }
                context.note(.emptyMask, "the mask \"\(mask.text)\" holds no voxel; the image stays as it is")
                return
            }
            measured = moments
        }
        var scalings = [[Scaling]]()
        for sample in 0..<tensor.shape.n {
            var row = [Scaling]()
            for channel in 0..<channels {
                let moments = measured?[sample][channel]
                let deviation = deviations?[channel] ?? moments?.deviation(ddof: ddof) ?? 0
                let center = means?[channel] ?? moments?.mean ?? 0
                row.append(Scaling(center: center, factor: 1 / (try divisor(deviation, channel, &context))))
            }
            scalings.append(row)
        }
        if applyTo == .all {
            tensor.scale(by: scalings, in: &context)
        } else {
            tensor.scale(by: scalings, where: selection, in: &context)
        }
    }

    private func pooled(_ tensor: Tensor, _ selection: VoxelSelection, _ workers: Workers) -> [[Moments]] {
        tensor.moments(where: selection, workers).map { channels in
            Array(repeating: Moments(merging: channels), count: channels.count)
        }
    }

    /// The deviation, or what stands for one that is 0.
    private func divisor(
        _ deviation: Double, _ channel: Int, _ context: inout Context
    ) throws(OperatorError) -> Double {
        switch zeroStd {
        case .error:
            if deviation == 0 { throw .zeroStandardDeviation(channel: channel) }
            return deviation
        case .divideByOne:
            if deviation > 0 { return deviation }
            context.note(.zeroStd, "channel \(channel) has standard deviation 0; it is divided by 1 instead")
            return 1
        case .floor:
            if deviation >= epsilonStdFloor { return deviation }
            let floor = JSONValue.number(epsilonStdFloor).line
            context.note(
                .zeroStd,
                "channel \(channel) has a standard deviation below \(floor); it is divided by that instead")
            return epsilonStdFloor
        }
    }
}

extension Moments {
    /// 0 where too few values are left.
    fileprivate func deviation(ddof: Int) -> Double {
        count > ddof ? (m2 / Double(count - ddof)).squareRoot() : 0
    }
}
