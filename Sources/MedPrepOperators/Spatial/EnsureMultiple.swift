public import MedPrepCore

/// Brings each axis to a multiple of a number, by padding or by cropping both sides.
///
///     pad: n' = ⌈n/k⌉·k; crop: n' = max(1, ⌊n/k⌋·k)
///
/// - Shape: sizes that are multiples (an axis shorter than k is cropped to 1). Grid: moved by the voxels in front
///   that go or come.
/// - NaN: stays NaN.
/// - Cost: one copy.
/// - Same as: `torchio.EnsureShapeMultiple`.
public struct EnsureMultiple: SpatialOperator {
    public static let card = Card<Self>(
        "Brings each axis to a multiple of a number, by padding or by cropping both sides.",
        [
            Parameter(
                "multiple", \.multiple, "What each size must divide by.", .required, .atLeast(1), .atMost(1e9)
            ),
            Parameter("method", \.method, "Voxels are added (pad, with 0) or taken away (crop)."),
            Parameter(
                "convention", \.convention, "Where the odd voxel goes: monai (end) or torchio (start)."),
        ], formula: "n' = ⌈n/k⌉·k (pad), max(1, ⌊n/k⌋·k) (crop)", geometry: "sizes that are multiples",
        sameAs: "torchio.EnsureShapeMultiple(k, method)")

    public var multiple: Int?
    public var method = Method.pad
    public var convention = CropConvention.torchio
    public init() {}

    public enum Method: String, CaseIterable, ParameterValue {
        case pad, crop
    }

    public func grid(after grid: Grid, box: Box?) throws(OperatorError) -> Grid {
        let k = multiple ?? 1
        func size(_ count: Int) -> Int {
            switch method {
            case .pad: count > Int.max - k ? count : (count + k - 1) / k * k
            case .crop: Swift.max(1, count / k * k)
            }
        }
        var change = CropOrPad()
        change.size = Triplet(size(grid.extent.x), size(grid.extent.y), size(grid.extent.z))
        change.convention = convention
        return try change.grid(after: grid, box: nil)
    }

    public var picksVoxels: Bool { true }

    public func sampling(of volume: Volume) -> Sampling { .label }
}
