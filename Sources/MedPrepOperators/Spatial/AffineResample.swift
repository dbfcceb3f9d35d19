public import MedPrepCore

/// Reads the volume through an affine map of voxel indices; size and number of voxels stay.
///
///     y(o) = x(M·o + t), M and t given, or from `theta` on coordinates that run from −1 to 1
///
/// - Shape: unchanged. Grid: A' = A·[M t], so each value stays where it was in the world.
/// - NaN: spreads to its neighbours, unless `nonfinite` is ignore.
/// - Cost: one gather, three passes where axes stay axes; a B-spline and antialias copy the volume once each.
/// - Same as: `scipy.ndimage.affine_transform`, torch `affine_grid` + `grid_sample`.
public struct AffineResample: SpatialOperator {
    public static let card = Card<Self>(
        "Reads the volume through an affine map of voxel indices; its size stays.",
        [
            Parameter(
                "matrix", \.matrix, "Three rows: input index for each output index, in voxels.",
                .atLeast(-1e9), .atMost(1e9)),
            Parameter(
                "offset", \.offset, "The input index of the first output voxel.", .atLeast(-1e9), .atMost(1e9)
            ),
            Parameter(
                "theta", \.theta,
                "Three rows of four numbers as torch affine_grid takes them, instead of matrix and offset.",
                .atLeast(-1e9), .atMost(1e9)),
            Parameter(
                "align_corners", \.alignCorners,
                "With theta: −1 and 1 are the outermost centres (true) or the faces of the volume (false)."),
            Parameter("interpolation", \.interpolation, "How images are read between voxels."),
            Parameter(
                "boundary", \.boundary,
                "How the lattice goes on everywhere, as in the peers; null: fill outside the field of view."),
            Parameter("fill", \.fill, "Value outside the field of view; CT: -1024."),
            Parameter(
                "antialias", \.antialias, "Smoothing before voxels grow: none, skimage or cardoso (TorchIO)."),
            Parameter("labels", \.labels, "How labels and masks are read between voxels: nearest or argmax."),
            Parameter(
                "clip_to_input_range", \.clipToInputRange, "Limits the result to the range of the input."),
            Parameter(
                "normalize_weights", \.normalizeWeights,
                "True: weights of lanczos5 and hamming5 are divided by their sum, so constants stay."),
        ], formula: "y(o) = x(M·o + t)", geometry: "A' = A·[M t], sizes stay",
        sameAs: "scipy.ndimage.affine_transform(matrix, offset); torch affine_grid + grid_sample")

    public var matrix: Triplet<Triplet<Double>>?
    public var offset = Triplet<Double>(0)
    public var theta: [[Double]]?
    public var alignCorners = false
    public var interpolation = Interpolation.linear
    public var boundary: Boundary?
    public var fill: Float = 0
    public var antialias = Antialias.none
    public var labels = LabelInterpolation.nearest
    public var clipToInputRange = false
    public var normalizeWeights = false
    public init() {}

    public func check() throws(ParameterError) {
        if (matrix == nil) == (theta == nil) {
            throw .conflict(
                ["matrix_ijk", "theta"], reason: "affine_resample needs matrix_ijk or theta, one of them")
        }
        if theta != nil, offset != Triplet(0) {
            throw .conflict(
                ["offset_ijk", "theta"], reason: "theta brings its own offset; leave offset_ijk out")
        }
        if let theta, theta.count != 3 || theta.contains(where: { $0.count != 4 }) {
            throw .wrongForm("theta", found: theta.json, expected: "three rows of four numbers")
        }
        if given.isSingular {
            let key = matrix == nil ? "theta" : "matrix_ijk"
            throw .conflict([key], reason: "\(key) has no inverse: it maps the volume onto a plane")
        }
    }

    /// As the parameters write it: on voxels, or on −1…1.
    private var given: Affine {
        if let theta, theta.count == 3, theta.allSatisfy({ $0.count == 4 }) { return Affine(rows: theta) }
        let rows = (0..<3).map { row in
            [matrix?[row].x ?? 0, matrix?[row].y ?? 0, matrix?[row].z ?? 0, offset[row]]
        }
        return Affine(rows: rows)
    }

    /// Output index to input index.
    private func map(_ extent: SIMD3<Int>) -> Affine {
        theta == nil ? given : toVoxels(extent) * given * toVoxels(extent).inverse
    }

    /// From −1…1 to voxels: u to (u + 1)/2·(n − 1), or ((u + 1)·n − 1)/2. A single voxel lies at 0.
    private func toVoxels(_ extent: SIMD3<Int>) -> Affine {
        let n = SIMD3<Double>(extent)
        if !alignCorners { return Affine(scale: n / 2, origin: (n - 1) / 2) }
        let single = n .== SIMD3(repeating: 1)
        return Affine(scale: ((n - 1) / 2).replacing(with: 1, where: single), origin: (n - 1) / 2)
    }

    public func grid(after grid: Grid, box: Box?) throws(OperatorError) -> Grid {
        var result = grid
        result.affine = grid.affine * map(grid.extent)
        return result
    }

    public func sampling(of volume: Volume) -> Sampling { sampling }

    private var sampling: Sampling {
        Sampling(
            interpolation, boundary: boundary, fill: fill, continues: continues, antialias: antialias,
            normalizesWeights: normalizeWeights)
    }

    private var continues: Bool { boundary != nil && boundary != .constantSharp }

    public var labelSampling: Sampling {
        var sampling = labels.sampling()
        (sampling.boundary, sampling.continues) = (boundary, continues)
        return sampling
    }

    public func note(on grid: Grid, in context: inout Context) {
        guard let after = try? self.grid(after: grid, box: nil) else { return }
        noteAliasing(grid.steps(of: after), sampling, in: &context)
    }
}
