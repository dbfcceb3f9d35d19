public import MedPrepCore
internal import MedPrepKernels

/// Keeps the box around what is not 0, and names what lies outside in the labels.
///
///     mask = some channel ≠ 0, holes filled; box = [first, last + 1) of the mask; label 0 outside it: outside_label
///
/// - Shape: the box. Grid: moved by the voxels in front that go. Without a voxel ≠ 0 the volume stays whole.
/// - Labels: `outside_label` where the label is 0 and the voxel outside the mask.
/// - NaN: never foreground of the box, else stays.
/// - Cost: one look, one copy; with labels a filled region of one value a voxel.
/// - Same as: `nnunetv2.preprocessing.cropping.crop_to_nonzero`.
public struct CropNonzero: SpatialOperator {
    public static let card = Card<Self>(
        "Keeps the box around what is not 0, and names what lies outside in the labels.",
        [
            Parameter(
                "fill_holes", \.fillHoles,
                "True: zeros that no path of face neighbours joins to the border count as inside."),
            Parameter(
                "any_channel", \.anyChannel, "True: one channel that is not 0 is enough; false: all must be."),
            Parameter(
                "outside_label", \.outsideLabel, "What a label of 0 becomes outside the mask.",
                .atLeast(-16_777_216), .atMost(16_777_216)),
        ], formula: "box = [first, last + 1) of the voxels ≠ 0", geometry: "at most the volume",
        sameAs: "nnunetv2 crop_to_nonzero")

    public var fillHoles = true
    public var anyChannel = true
    public var outsideLabel = -1
    public init() {}

    public var dependsOnVoxels: Bool { true }

    public var picksVoxels: Bool { true }

    public func foreground(in image: Volume, context: inout Context) throws(OperatorError) -> Box? {
        // Filled holes lie inside the box of what surrounds them.
        anyChannel
            ? image.tensor.boundingBox(of: .nonzero, context.workers)
            : region(of: image.tensor, fillsHoles: false, context.workers)
                .boundingBox(of: .nonzero, context.workers)
    }

    public func box(
        around foreground: Box?, on grid: Grid, context: inout Context
    ) throws(OperatorError) -> Box? {
        if foreground == nil {
            context.note(.emptyForeground, "no voxel is nonzero, so the volume stays whole")
        }
        return foreground ?? grid.box
    }

    public func grid(after grid: Grid, box: Box?) throws(OperatorError) -> Grid {
        try grid.cropped(to: box ?? grid.box).checked(Self.name, from: grid)
    }

    public func changesOnlyZeros(lowest: Double) -> Bool { anyChannel }

    public func sampling(of volume: Volume) -> Sampling { .label }

    public func mark(_ labels: inout Tensor, on image: Tensor, _ workers: Workers) {
        guard labels.shape.extent == image.shape.extent else { return }
        let region = region(of: image, fillsHoles: fillHoles, workers)
        let (shape, outside) = (labels.shape, Float(outsideLabel))
        let voxels = shape.voxelCount
        labels.withUnsafeMutableValues { values in
            region.withUnsafeValues { region in
                for index in 0..<shape.n * voxels {
                    // One image serves label maps of several samples.
                    let place = region.count == voxels ? index % voxels : index
                    if place >= region.count || region[place] != 0 { continue }
                    for value in index * shape.c..<(index + 1) * shape.c where values[value] == 0 {
                        values[value] = outside
                    }
                }
            }
        }
    }

    /// The filled region and the rows that wait to be filled.
    public func markingBytes(_ shape: Shape) -> Int {
        let bytes = 8 * Double(shape.n) * Double(shape.d) * Double(shape.h) * Double(shape.w)
        return Int(min(bytes, 0x1p62))
    }

    private func region(of image: Tensor, fillsHoles: Bool, _ workers: Workers) -> Tensor {
        image.nonzeroRegion(anyChannel: anyChannel, fillsHoles: fillsHoles, workers)
    }
}
