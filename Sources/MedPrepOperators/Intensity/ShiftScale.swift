public import MedPrepCore
internal import MedPrepKernels

/// Adds a constant and multiplies by another, for units: CT stored with 1024 added, PET in Bq/ml to SUV.
///
///     y = (x + shift)·scale
///
/// - Shape: any, unchanged. Grid: unchanged.
/// - Unit: `shift` in the scan's own; the result's is yours.
/// - NaN: stays NaN.
/// - Cost: one pass, in place, no allocation.
/// - Same as: `SimpleITK.ShiftScale`.
public struct ShiftScale: IntensityOperator {
    public static let card = Card<Self>(
        "Adds a constant and multiplies by another.",
        [
            Parameter(
                "shift", \.shift, "Added first, in the scan's own unit; a number or one for each channel."),
            Parameter("scale", \.scale, "Multiplies the sum; a number or one for each channel."),
        ],
        formula: "y = (x + shift) * scale",
        sameAs: "SimpleITK ShiftScale")

    public var shift = PerChannel.all(0)
    public var scale = PerChannel.all(1)
    public init() {}

    public var actsOnEachValue: Bool { true }

    public func apply(to tensor: inout Tensor, in context: inout Context) throws(OperatorError) {
        let shifts = try shift.values(for: tensor.shape.c, parameter: "shift")
        let scales = try scale.values(for: tensor.shape.c, parameter: "scale")
        let row = zip(shifts, scales).map { Scaling(center: -$0, factor: $1) }
        tensor.scale(by: Array(repeating: row, count: tensor.shape.n), in: &context)
    }
}
