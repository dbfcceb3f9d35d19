public import MedPrepCore
internal import MedPrepKernels

/// Adds voxels until each axis has at least a size; a larger axis stays.
///
///     before = ⌊w/2⌋, after = w − ⌊w/2⌋ (method end: 0 and w), w the missing voxels
///
/// - Shape: `size` where larger. Grid: moved by the voxels added in front.
/// - NaN: stays NaN; left out of mean, minimum, maximum and median.
/// - Cost: one copy; mean and the like one or two sweeps before.
/// - Same as: `monai.transforms.SpatialPad`, modes of `numpy.pad`.
public struct PadTo: SpatialOperator {
    public static let card = Card<Self>(
        "Adds voxels until each axis has at least a size.",
        [
            Parameter("size", \.size, "Voxels at least; null or -1 keeps the axis.", .required, .atLeast(-1)),
            Parameter("method", \.method, "On both sides (symmetric) or behind (end)."),
            Parameter(
                "mode", \.mode,
                "What the voxels hold, named as numpy.pad does; mean and the like of the whole volume."),
            Parameter("value", \.value, "Value in mode constant."),
        ], formula: "before = ⌊w/2⌋, after = w − ⌊w/2⌋", geometry: "size_ijk where larger",
        sameAs: "monai.transforms.SpatialPad")

    public var size: Triplet<Int?>?
    public var method = Method.symmetric
    public var mode = Mode.constant
    public var value: Float = 0
    public init() {}

    public enum Method: String, CaseIterable, ParameterValue {
        case symmetric, end
    }

    public enum Mode: String, CaseIterable, ParameterValue {
        case constant, edge, reflect, symmetric, wrap, mean, minimum, maximum, median

        /// How the lattice goes on; nil: with a value. numpy's reflect repeats no edge, its symmetric does.
        var boundary: Boundary? {
            switch self {
            case .edge: .edge
            case .reflect: .mirror
            case .symmetric: .reflect
            case .wrap: .wrap
            case .constant, .mean, .minimum, .maximum, .median: nil
            }
        }
    }

    public func check() throws(ParameterError) { try size?.checkSizes("size_ijk") }

    public func grid(after grid: Grid, box: Box?) throws(OperatorError) -> Grid {
        let sizes = size?.sizes(grid.extent) ?? grid.extent
        guard Shape.count(of: [sizes.x, sizes.y, sizes.z]) != nil else {
            throw .tooLarge(extent: [sizes.x, sizes.y, sizes.z])
        }
        var box = grid.box
        for axis in 0..<3 where sizes[axis] > grid.extent[axis] {
            if method == .symmetric { box.lower[axis] = -((sizes[axis] - grid.extent[axis]) / 2) }
            box.upper[axis] = box.lower[axis] + sizes[axis]
        }
        return try grid.cropped(to: box).checked(Self.name, from: grid)
    }

    /// Mean and the like are sums, which know the order of the voxels.
    public var picksVoxels: Bool { mode == .constant }

    public func sampling(of volume: Volume) -> Sampling { mode.sampling(of: volume, value: value) }

    public var labelSampling: Sampling { mode.labelSampling }
}

extension PadTo.Mode {
    /// How a volume goes on beyond its border.
    func sampling(of volume: Volume, value: Float) -> Sampling {
        guard boundary == nil else { return labelSampling }
        // Of the whole tensor; 0 where it holds no finite value.
        let tensor = volume.tensor
        let extremes = { Extremes(merging: tensor.extremes(.one).joined()) }
        let fill =
            switch self {
            case .mean: Float(Moments(merging: tensor.moments(.one).joined()).mean)
            case .minimum: extremes().min
            case .maximum: extremes().max
            case .median: Float(tensor.distributions([50], pooling: .all, .one)[0].percentiles[0])
            default: value
            }
        return Sampling(.nearest, fill: fill.isFinite ? fill : 0)
    }

    /// The same for labels, with 0 where a value would come.
    var labelSampling: Sampling {
        boundary.map { Sampling(.nearest, boundary: $0, continues: true) } ?? .label
    }
}
