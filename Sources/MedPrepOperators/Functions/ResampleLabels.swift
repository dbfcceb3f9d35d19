public import MedPrepCore
internal import MedPrepKernels

/// Brings a label map to another spacing as nnU-Net does.
///
///     y(o) = the label with the largest linear score at c(o) = (o + ½)·n/n' − ½
///
/// - Shape: round(s/s'·n). Grid: the field of view stays; the spacing is s·n/n'.
/// - NaN: there is none in labels.
/// - Cost: one pass; votes are counted only where neighbours differ.
/// - Same as: `nnunetv2` `resample_data_or_seg_to_shape(is_seg=True)` with batchgenerators 0.25.5 (tiebreak
///   threshold: older ones).
public struct ResampleLabels: LibraryFunction {
    public static let card = Card<Self>(
        "Brings a label map to another spacing as nnU-Net does.",
        [
            Parameter("compat", \.compat, "nnunet: the peer it follows in any case.", .preset),
            Parameter(
                "spacing", \.spacing, "Millimetres between voxels; null keeps the axis.", .required,
                .above(0),
                .unit("mm")),
            Parameter("order", \.order, "0 nearest, 1 linear votes.", .atLeast(0), .atMost(1)),
            Parameter("order_z", \.orderZ, "The same across slices.", .atLeast(0), .atMost(1)),
            Parameter("separate_z", \.separateZ, "Slices first, then the axis of largest spacing."),
            Parameter(
                "anisotropy_threshold", \.anisotropyThreshold,
                "Separate_z auto separates above this largest to smallest spacing.", .above(0)),
            Parameter("tiebreak", \.tiebreak, "Which label wins where several score highest."),
        ], formula: "y = the label with the largest linear score", geometry: "n' = round(s/s'·n), edges stay",
        sameAs: "nnunetv2 resample_data_or_seg_to_shape(is_seg=True)")

    public static let useInstead =
        "labels move with their image; use resample with compat \"nnunet\", or with \"labels\": \"argmax\""

    public var compat: Compat?
    public var spacing: Triplet<Double?>?
    public var order = 1
    public var orderZ = 0
    public var separateZ = SeparateZ.auto
    public var anisotropyThreshold = 3.0
    public var tiebreak = Tiebreak.nearest
    public init() {}

    public enum Compat: String, CaseIterable, ParameterValue { case nnunet }

    public func callAsFunction(
        _ labels: consuming Volume, workers: Workers = .one
    ) throws(OperatorError) -> Volume {
        let before = labels.grid
        var step = Resample()
        step.compat = .nnunet
        step.spacing = spacing.map { .given($0) }
        let grid = try step.grid(after: before, box: nil)
        if grid == before { return labels }
        let axis = separateZ.axis(
            from: before.spacing, to: try step.targetSpacing(of: before), above: anisotropyThreshold)
        var sampling = LabelInterpolation.argmax.sampling(tiebreak)
        sampling.zoom = Sampling.Zoom(
            order: order == 0 ? .nearest : .linear,
            apart: axis.map { Sampling.Apart(axis: $0, order: orderZ == 0 ? .nearest : .linear) })
        let moved = resample(
            labels.tensor, map: before.affine.inverse * grid.affine, to: grid.extent, sampling: sampling,
            workers: workers)
        return Volume(tensor: moved, grid: grid, role: labels.role, source: labels.source)
    }
}
