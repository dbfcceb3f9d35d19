public import MedPrepCore

/// Adds voxels until each axis is a multiple of a number.
///
///     n' = ⌈n/k⌉·k; before = ⌊w/2⌋, after = w − ⌊w/2⌋ (method end: 0 and w), w the missing voxels
///
/// - Shape: sizes raised to a multiple. Grid: moved by the voxels added in front.
/// - NaN: stays NaN; left out of mean, minimum, maximum and median.
/// - Cost: one copy; mean and the like one or two sweeps before.
/// - Same as: `monai.transforms.DivisiblePad`.
public struct PadToMultiple: SpatialOperator {
    public static let card = Card<Self>(
        "Adds voxels until each axis is a multiple of a number.",
        [
            Parameter(
                "multiple", \.multiple, "What each size must divide by.", .required, .atLeast(1), .atMost(1e9)
            ),
            Parameter("method", \.method, "On both sides (symmetric) or behind (end)."),
            Parameter(
                "mode", \.mode,
                "What the voxels hold, named as numpy.pad does; mean and the like of the whole volume."),
            Parameter("value", \.value, "Value in mode constant."),
        ], formula: "n' = ⌈n/k⌉·k", geometry: "sizes raised to a multiple",
        sameAs: "monai.transforms.DivisiblePad(k)")

    public var multiple: Int?
    public var method = PadTo.Method.symmetric
    public var mode = PadTo.Mode.constant
    public var value: Float = 0
    public init() {}

    public func grid(after grid: Grid, box: Box?) throws(OperatorError) -> Grid {
        let k = multiple ?? 1
        func raised(_ size: Int) -> Int { size > Int.max - k ? size : (size + k - 1) / k * k }
        var pad = PadTo()
        pad.size = Triplet(raised(grid.extent.x), raised(grid.extent.y), raised(grid.extent.z))
        pad.method = method
        return try pad.grid(after: grid, box: box)
    }

    public var picksVoxels: Bool { mode == .constant }

    public func sampling(of volume: Volume) -> Sampling { mode.sampling(of: volume, value: value) }
    public var labelSampling: Sampling { mode.labelSampling }
}
