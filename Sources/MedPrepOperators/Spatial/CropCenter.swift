public import MedPrepCore

/// Keeps a box in the middle; an axis that is smaller already stays.
///
///     start = ⌊n/2⌋ − ⌊m/2⌋ (convention torchio: ⌈(n − m)/2⌉)
///
/// - Shape: `size` where smaller. Grid: moved by the voxels in front that go.
/// - NaN: stays NaN.
/// - Cost: one copy.
/// - Same as: `monai.transforms.CenterSpatialCrop`.
public struct CropCenter: SpatialOperator {
    public static let card = Card<Self>(
        "Keeps a box in the middle; an axis that is smaller already stays.",
        [
            Parameter("size", \.size, "Voxels kept; null or -1 keeps the axis.", .required, .atLeast(-1)),
            Parameter(
                "convention", \.convention, "Where the odd voxel goes: monai (end) or torchio (start)."),
        ], formula: "start = ⌊n/2⌋ − ⌊m/2⌋", geometry: "size_ijk where smaller",
        sameAs: "monai.transforms.CenterSpatialCrop")

    public var size: Triplet<Int?>?
    public var convention = CropConvention.monai
    public init() {}

    public func check() throws(ParameterError) { try size?.checkSizes("size_ijk") }

    public func grid(after grid: Grid, box: Box?) throws(OperatorError) -> Grid {
        var kept = grid.box
        let sizes = size?.sizes(grid.extent) ?? grid.extent
        for axis in 0..<3 where sizes[axis] < grid.extent[axis] {
            kept.lower[axis] = convention.start(grid.extent[axis], sizes[axis])
            kept.upper[axis] = kept.lower[axis] + sizes[axis]
        }
        return try grid.cropped(to: kept).checked(Self.name, from: grid)
    }

    public var picksVoxels: Bool { true }

    public func sampling(of volume: Volume) -> Sampling { .label }
}
