public import MedPrepCore

/// Turns the axes, then reads the volume on a grid of fixed size and spacing around the same middle.
///
///     after orienting: A'[:,a] = A[:,a]·s'/s, voxel ⌊(n' − 1)/2⌋ where voxel ⌊(n − 1)/2⌋ was
///
/// - Shape: `size`. Grid: `orientation`, `spacing`; voxels beyond the scan are `fill`.
/// - NaN: spreads to its neighbours, unless `nonfinite` is ignore.
/// - Cost: one copy for turned axes and three passes; a B-spline copies the volume for its coefficients.
/// - Same as: `nibabel.processing.conform`.
public struct Conform: SpatialOperator {
    public static let card = Card<Self>(
        "Turns the axes, then reads the volume on a grid of fixed size and spacing around the same middle.",
        [
            Parameter("compat", \.compat, "The peer whose rule places the grid: nibabel.", .preset),
            Parameter("size", \.size, "Voxels afterwards.", .atLeast(1)),
            Parameter("spacing", \.spacing, "Millimetres between voxels.", .above(0), .unit("mm")),
            Parameter(
                "orientation", \.orientation, "Positive directions of i, j and k, such as \"RAS\"."),
            Parameter("interpolation", \.interpolation, "How images are read between voxels."),
            Parameter("boundary", \.boundary, "How the lattice goes on; null: edge, for a B-spline mirror."),
            Parameter("fill", \.fill, "Value outside the field of view; CT: -1024."),
            Parameter(
                "antialias", \.antialias, "Smoothing before voxels grow: none, skimage or cardoso (TorchIO)."),
            Parameter("labels", \.labels, "How labels and masks are read between voxels: nearest or argmax."),
            Parameter(
                "clip_to_input_range", \.clipToInputRange, "Limits the result to the range of the input."),
            Parameter(
                "normalize_weights", \.normalizeWeights,
                "True: weights of lanczos5 and hamming5 are divided by their sum, so constants stay."),
        ], formula: "A'·⌊(n' − 1)/2⌋ = A·⌊(n − 1)/2⌋, columns of length s'",
        geometry: "size_ijk at spacing_ijk, axes in orientation",
        sameAs: "nibabel.processing.conform(out_shape, voxel_size, order, orientation)")

    public var compat = Compat.nibabel
    public var size = Triplet<Int>(256)
    public var spacing = Triplet<Double>(1)
    public var orientation = "RAS"
    public var interpolation = Interpolation.bspline3
    public var boundary: Boundary? = .constantSharp
    public var fill: Float = 0
    public var antialias = Antialias.none
    public var labels = LabelInterpolation.nearest
    public var clipToInputRange = false
    public var normalizeWeights = false
    public init() {}

    public enum Compat: String, CaseIterable, ParameterValue {
        case nibabel
    }

    public func check() throws(ParameterError) {
        if Orientation(code: orientation) == nil {
            throw .wrongForm(
                "orientation", found: .string(orientation),
                expected: "three letters, one each of L or R, P or A, I or S, such as \"RAS\"")
        }
    }

    public func grid(after grid: Grid, box: Box?) throws(OperatorError) -> Grid {
        if !grid.isOriented { throw .unknownOrientation(operator: Self.name) }
        var orient = Orient()
        orient.to = orientation
        let turned = try orient.grid(after: grid, box: nil)
        var result = turned
        result.extent = size.simd
        for axis in 0..<3 { result.affine[axis] *= spacing[axis] / turned.spacing[axis] }
        let one = SIMD3(repeating: 1)
        let middle = turned.affine(SIMD3<Double>((turned.extent &- one) / 2))
        result.affine.origin += middle - result.affine(SIMD3<Double>((result.extent &- one) / 2))
        return try result.checked(Self.name, from: grid)
    }

    public var labelSampling: Sampling { labels.sampling() }

    public func sampling(of volume: Volume) -> Sampling { sampling }

    private var sampling: Sampling {
        Sampling(
            interpolation, boundary: boundary, fill: fill, antialias: antialias,
            normalizesWeights: normalizeWeights)
    }

    public func note(on grid: Grid, in context: inout Context) {
        guard let after = try? self.grid(after: grid, box: nil) else { return }
        noteAliasing(grid.steps(of: after), sampling, in: &context)
    }
}
