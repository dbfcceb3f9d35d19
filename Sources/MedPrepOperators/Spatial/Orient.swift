public import MedPrepCore

/// Turns the axes so that they grow towards three named directions; an oblique scan stays oblique.
///
///     A' = A·M, M the signed permutation from new index to old; flip: i_old = n − 1 − i_new
///
/// - Shape: sizes change places with their axes. Grid: axes permuted and flipped, no voxel moves in the world.
/// - NaN: stays NaN.
/// - Cost: one copy; none where the axes lie right.
/// - Same as: `monai.transforms.Orientation`, `nibabel.as_closest_canonical`, TorchIO `ToOrientation`.
public struct Orient: SpatialOperator {
    public static let card = Card<Self>(
        "Turns the axes so that they grow towards three named directions.",
        [
            Parameter(
                "to", \.to,
                "Positive directions of i, j and k, such as \"RAS\" (nibabel's letters, not ITK's)."),
            Parameter("on_unknown", \.onUnknown, "What a scan of unknown orientation meets: error or keep."),
        ], formula: "A' = A·M, M a signed permutation of the axes", geometry: "axes permuted and flipped",
        sameAs: "monai.transforms.Orientation(axcodes)")

    public var to = "RAS"
    public var onUnknown = UnknownOrientation.error
    public init() {}

    public enum UnknownOrientation: String, CaseIterable, ParameterValue {
        case error, keep
    }

    public func check() throws(ParameterError) {
        if Orientation(code: to) == nil {
            throw .wrongForm(
                "to", found: .string(to),
                expected: "three letters, one each of L or R, P or A, I or S, such as \"RAS\"")
        }
    }

    public func grid(after grid: Grid, box: Box?) throws(OperatorError) -> Grid {
        guard let now = grid.orientation, let target = Orientation(code: to) else {
            if onUnknown == .error { throw .unknownOrientation(operator: Self.name) }
            return grid
        }
        var result = grid
        for axis in 0..<3 {
            guard let old = now.axes.firstIndex(of: target.axes[axis]) else { return grid }
            let flips = now.positive[old] != target.positive[axis]
            result.extent[axis] = grid.extent[old]
            result.affine[axis] = flips ? -grid.affine[old] : grid.affine[old]
            if flips { result.affine.origin += coarse(grid.affine[old] * Double(grid.extent[old] - 1)) }
        }
        return result
    }

    /// Rounded to 2⁻³⁸ mm, so that the sum with an origin read from a file is exact and flipping back restores it.
    private func coarse(_ shift: SIMD3<Double>) -> SIMD3<Double> {
        (shift * 0x1p38).rounded(.toNearestOrEven) * 0x1p-38
    }

    public var picksVoxels: Bool { true }

    public func sampling(of volume: Volume) -> Sampling { .label }

    public func note(on grid: Grid, in context: inout Context) {
        if !grid.isOriented, onUnknown == .keep {
            context.note(.unknownOrientation, "the orientation is unknown, so the axes stay as they are")
        }
    }
}
