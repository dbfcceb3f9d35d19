public import MedPrepCore
internal import MedPrepKernels

/// Brings the volume to a size: what is too much goes on both sides, what is missing is padded.
///
///     monai: crop from ⌊n/2⌋ − ⌊m/2⌋, pad ⌊(m − n)/2⌋ in front; torchio: ⌈|m − n|/2⌉ in front for both
///
/// - Shape: `size`. Grid: moved by the voxels in front that go or come.
/// - NaN: stays NaN.
/// - Cost: one copy.
/// - Same as: `monai.transforms.ResizeWithPadOrCrop`, `torchio.CropOrPad`.
public struct CropOrPad: SpatialOperator {
    public static let card = Card<Self>(
        "Brings the volume to a size by cropping and padding both sides.",
        [
            Parameter(
                "size", \.size, "Voxels afterwards; null or -1 keeps the axis.", .required, .atLeast(-1)),
            Parameter(
                "convention", \.convention, "Where the odd voxel goes: monai (end) or torchio (start)."),
            Parameter("value", \.value, "Value of the voxels that are added."),
            Parameter(
                "center", \.center, "What stays in the middle: the volume or the box of the case's mask."),
        ], formula: "start = ⌊n/2⌋ − ⌊m/2⌋ to crop, −⌊(m − n)/2⌋ to pad", geometry: "size_ijk",
        sameAs: "monai.transforms.ResizeWithPadOrCrop(size); torchio.CropOrPad(size)")

    public var size: Triplet<Int?>?
    public var convention = CropConvention.monai
    public var value: Float = 0
    public var center = Center.volume
    public init() {}

    public enum Center: String, CaseIterable, ParameterValue {
        case volume, mask
    }

    public func check() throws(ParameterError) { try size?.checkSizes("size_ijk") }

    public var dependsOnVoxels: Bool { center == .mask }

    public var picksVoxels: Bool { true }

    public func foreground(in image: Volume, context: inout Context) throws(OperatorError) -> Box? {
        let mask = try context.onlyMask(over: image.tensor.shape, for: MaskRequest("center \"mask\""))
        guard let found = mask.tensor.boundingBox(of: .above(0), context.workers) else {
            throw .emptyMask(mask: mask.name)
        }
        return found
    }

    /// TorchIO: c = (min + max + 1)/2 of the mask; ½ less where the size is even and c is not whole or the other
    /// way; start = c − size/2.
    public func box(
        around foreground: Box?, on grid: Grid, context: inout Context
    ) throws(OperatorError) -> Box? {
        guard let foreground else { return nil }
        let sizes = size?.sizes(grid.extent) ?? grid.extent
        var box = Box(lower: .zero, upper: sizes)
        for axis in 0..<3 {
            // Twice the centre; halves count as one.
            let twice = foreground.lower[axis] + foreground.upper[axis]
            let odd = sizes[axis].isMultiple(of: 2) != twice.isMultiple(of: 2)
            box.lower[axis] = (twice - (odd ? 1 : 0) - sizes[axis]) / 2
            box.upper[axis] = box.lower[axis] + sizes[axis]
        }
        return box
    }

    public func grid(after grid: Grid, box: Box?) throws(OperatorError) -> Grid {
        let sizes = size?.sizes(grid.extent) ?? grid.extent
        guard Shape.count(of: [sizes.x, sizes.y, sizes.z]) != nil else {
            throw .tooLarge(extent: [sizes.x, sizes.y, sizes.z])
        }
        var kept = Box(lower: .zero, upper: sizes)
        for axis in 0..<3 {
            kept.lower[axis] = convention.start(grid.extent[axis], sizes[axis])
            kept.upper[axis] = kept.lower[axis] + sizes[axis]
        }
        return try grid.cropped(to: box ?? kept).checked(Self.name, from: grid)
    }

    public func sampling(of volume: Volume) -> Sampling { Sampling(.nearest, fill: value) }
}
