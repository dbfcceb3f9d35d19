public import MedPrepCore
internal import MedPrepKernels

/// Limits every voxel to a closed interval.
///
///     y = x, but at least `min` and at most `max`
///
/// - Shape: any, unchanged. Grid: unchanged.
/// - Unit: the scan's own (Hounsfield units for CT).
/// - NaN: stays NaN; infinity becomes the bound.
/// - Cost: one pass, in place, no allocation.
/// - Same as: `numpy.clip`, TorchIO `Clamp`.
public struct Clip: IntensityOperator {
    public static let card = Card<Self>(
        "Limits every voxel to a closed interval.",
        [
            Parameter("min", \.min, "Smallest value kept, in the scan's own unit; null: no limit."),
            Parameter("max", \.max, "Largest value kept, in the scan's own unit; null: no limit."),
        ],
        formula: "y = x, but at least min and at most max",
        sameAs: "numpy clip, torchio Clamp")

    public var min: Float?
    public var max: Float?
    public init() {}

    public func check() throws(ParameterError) {
        if let min, let max, min > max {
            throw .conflict(["min", "max"], reason: "min \(min) is above max \(max)")
        }
    }

    public var actsOnEachValue: Bool { true }

    public func apply(to tensor: inout Tensor, in context: inout Context) throws(OperatorError) {
        tensor.clamp(to: Bounds(min ?? -.infinity, max ?? .infinity), in: &context)
    }
}
