public import MedPrepCore

/// Reads the volume on a grid of another spacing, or on the grid of a reference.
///
///     y(o) = x(A_in⁻¹·A_out·o); grid center: n' = round(n·s/s'), c(o) = (o − (n' − 1)/2)·s'/s + (n − 1)/2
///
/// - Shape: round(n·s/s') by default, the reference's else. Grid: columns scaled to the spacing (shear is kept).
/// - Unit: the scan's own; linear stays within its range, a B-spline can overshoot.
/// - NaN: spreads to its neighbours, unless `nonfinite` is ignore.
/// - Cost: three passes, an oblique reference one gather; a B-spline and antialias copy the volume once each.
/// - Same as: `torchio.Resample`, `SimpleITK.Resample`, `monai.transforms.Spacing` by `compat`.
public struct Resample: SpatialOperator {
    public static let card = Card<Self>(
        "Reads the volume on a grid of another spacing, or on the grid of a reference.",
        [
            Parameter(
                "compat", \.compat,
                "A peer whose choices fill what is not set: monai, torchio, sitk, scipy, torch, skimage, nnunet.",
                .preset),
            Parameter(
                "spacing", \.spacing,
                "Millimetres between voxels; null keeps the axis; \"median\": nnU-Net's target for the data set.",
                .above(0), .unit("mm")),
            Parameter(
                "reference", \.reference,
                "An image of the case, a NIfTI file or {affine, shape_dhw} to bring the volume onto."),
            Parameter("grid", \.grid, "How the new grid lies on the old one."),
            Parameter("size_rounding", \.sizeRounding, "How n·s/s' becomes a whole number."),
            Parameter("size_rule", \.sizeRule, "Size in grid first_voxel: extent n/r or centers (n-1)/r+1."),
            Parameter("interpolation", \.interpolation, "How images are read between voxels."),
            Parameter("boundary", \.boundary, "How the lattice goes on; null: edge, for a B-spline mirror."),
            Parameter("fill", \.fill, "Value outside the field of view; CT: -1024."),
            Parameter(
                "antialias", \.antialias, "Smoothing before voxels grow: none, skimage or cardoso (TorchIO)."),
            Parameter("labels", \.labels, "How labels and masks are read between voxels: nearest or argmax."),
            Parameter("tiebreak", \.tiebreak, "Which label wins where several score highest."),
            Parameter(
                "clip_to_input_range", \.clipToInputRange, "Limits the result to the range of the input."),
            Parameter(
                "normalize_weights", \.normalizeWeights,
                "True: weights of lanczos5 and hamming5 are divided by their sum, so constants stay."),
            Parameter(
                "diagonal", \.diagonal, "True: the new grid lies along right, anterior and superior (MONAI)."),
            Parameter(
                "order", \.order, "Compat nnunet: 0 nearest, 1 linear, 3 cubic in all axes or in slices.",
                .atLeast(0), .atMost(3)),
            Parameter(
                "order_z", \.orderZ, "Compat nnunet: the same across slices; 0 or 1.", .atLeast(0), .atMost(1)
            ),
            Parameter(
                "separate_z", \.separateZ, "Compat nnunet: slices first, then the axis of largest spacing."),
            Parameter(
                "anisotropy_threshold", \.anisotropyThreshold,
                "Compat nnunet: separate_z auto separates above this largest to smallest spacing.", .above(0)),
        ], formula: "y(o) = x(A_in⁻¹·A_out·o)", geometry: "n' = round(n·s/s'), or the reference's",
        sameAs:
            "torchio.Resample with compat torchio; SimpleITK.Resample; monai.transforms.Spacing with compat monai"
    )

    public var compat: Compat?
    public var spacing: Spacing?
    public var reference: GridReference?
    public var grid = GridRule.center
    public var sizeRounding = SizeRounding.round
    public var sizeRule = SizeRule.extent
    public var interpolation = Interpolation.linear
    public var boundary: Boundary?
    public var fill: Float = 0
    public var antialias = Antialias.none
    public var labels = LabelInterpolation.nearest
    public var tiebreak = Tiebreak.nearest
    public var clipToInputRange = false
    public var normalizeWeights = false
    public var diagonal = false
    public var order = 3
    public var orderZ = 0
    public var separateZ = SeparateZ.auto
    public var anisotropyThreshold = 3.0
    public init() {}

    public enum Compat: String, CaseIterable, ParameterValue {
        case monai, torchio, sitk, scipy, torch, skimage, nnunet
    }

    public enum SizeRule: String, CaseIterable, ParameterValue {
        case extent, centers
    }

    public mutating func adoptPreset() {
        switch compat {
        case .monai: (grid, sizeRule, boundary) = (.firstVoxel, .centers, .edge)
        case .torchio: sizeRounding = .floor
        case .sitk: grid = .firstVoxel
        case .scipy: grid = .corners
        case .torch: grid = .edges
        case .skimage: (grid, antialias, clipToInputRange) = (.edges, .skimage, true)
        case .nnunet: (grid, interpolation, boundary, labels) = (.edges, .bspline3, .edge, .argmax)
        case nil: break
        }
    }

    public func check() throws(ParameterError) {
        try checkNNUNet()
        if spacing == nil && reference == nil {
            let reason =
                grid == .reference
                ? "grid \"reference\" needs a reference; add one"
                : "resample needs spacing_ijk, reference or both; add one"
            throw .conflict(["spacing_ijk", "reference"], reason: reason)
        }
        if reference == nil && grid == .reference {
            throw .conflict(["grid", "reference"], reason: "grid \"reference\" needs a reference; add one")
        }
        if reference != nil && diagonal {
            throw .conflict(
                ["diagonal", "reference"], reason: "a reference brings its own axes; leave diagonal out")
        }
        if reference != nil && compat == nil && grid != .reference && grid != .center {
            throw .conflict(
                ["grid", "reference"],
                reason: "grid \"\(grid.rawValue)\" and a reference exclude each other; keep one")
        }
    }

    public func resolved(on grid: Grid) -> Self {
        var result = self
        result.reference = .grid(grid)
        return result
    }

    public func grid(after grid: Grid, box: Box?) throws(OperatorError) -> Grid {
        let after: Grid
        switch reference {
        case .named(let name): throw .unresolvedReference(name)
        case .grid(let target):
            if !grid.isOriented || !target.isOriented { throw .unknownOrientation(operator: Self.name) }
            after = spacing == nil ? target : try scaled(target, .center)
        case nil where compat == .nnunet: after = try zoomed(grid)
        case nil: after = diagonal ? try diagonalGrid(after: grid) : try scaled(grid, self.grid)
        }
        return try after.checked(Self.name, from: grid)
    }

    /// The grid at `spacing`; itself where all spacings agree within 1e-6.
    private func scaled(_ grid: Grid, _ rule: GridRule) throws(OperatorError) -> Grid {
        let before = grid.spacing
        let after = try targetSpacing(of: grid)
        if (0..<3).allSatisfy({ abs(after[$0] / before[$0] - 1) <= 1e-6 }) { return grid }
        var axes = [AxisGrid]()
        for axis in 0..<3 {
            let (n, ratio) = (grid.extent[axis], after[axis] / before[axis])
            if given?[axis] == nil {
                axes.append(AxisGrid(keeping: n))
                continue
            }
            if compat == .torchio && n == 1 {
                axes.append(AxisGrid(rule, from: 1, to: 1, ratio: ratio))
                continue
            }
            let exact =
                rule == .firstVoxel && sizeRule == .centers
                ? Double(n - 1) / ratio + 1 : Double(n) * before[axis] / after[axis]
            guard let size = sizeRounding(exact, isGuarded: compat != .torchio) else {
                throw .tooLarge(extent: (0..<3).map { $0 == axis ? Int.max : grid.extent[$0] })
            }
            axes.append(AxisGrid(rule, from: n, to: size, ratio: ratio))
        }
        var result = grid.resampled(axes)
        if compat == .monai, rule == .firstVoxel, let origin = monaiOrigin(of: result, on: grid) {
            result.affine.origin = origin
        }
        return result
    }

    /// The spacing asked for; the grid's own along axes that stay.
    func targetSpacing(of grid: Grid) throws(OperatorError) -> SIMD3<Double> {
        if spacing == .median { throw .unresolvedSpacing(operator: Self.name) }
        let now = grid.spacing
        return SIMD3(given?.x ?? now.x, given?.y ?? now.y, given?.z ?? now.z)
    }

    public func sampling(of volume: Volume) -> Sampling {
        if compat == .nnunet { return zoomSampling(on: volume.grid) }
        return sampling
    }

    /// nnU-Net's sampling hangs on the axes in memory, a range on the values there.
    public var readsThroughViews: Bool { compat != .nnunet && !clipToInputRange }

    /// A B-spline filters Floats.
    public var readsNumbers: Bool { compat == .nnunet || interpolation.splineDegree == nil }

    public var readsPlanes: Bool {
        !readsNumbers && spacing != .median
    }

    private var sampling: Sampling {
        Sampling(
            interpolation, boundary: boundary, fill: fill, antialias: antialias,
            normalizesWeights: normalizeWeights)
    }

    public var labelSampling: Sampling { labels.sampling(tiebreak) }

    public func labelSampling(on grid: Grid) -> Sampling {
        compat == .nnunet && labels == .argmax ? zoomLabelSampling(on: grid) : labelSampling
    }

    public func note(on grid: Grid, in context: inout Context) {
        recordSpacing(of: grid, in: &context)
        guard let after = try? self.grid(after: grid, box: nil) else { return }
        noteAliasing(grid.steps(of: after), sampling, in: &context)
    }
}
