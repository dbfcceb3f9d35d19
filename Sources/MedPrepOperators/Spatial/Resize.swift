public import MedPrepCore

/// Reads the volume on a grid of another size.
///
///     edges: c(o) = (o + ½)·n/n' − ½, spacing s·n/n'; corners: c(o) = o·(n − 1)/(n' − 1)
///
/// - Shape: `size`, or round(n·zoom). Grid: the field of view (edges) or the outermost voxels (corners) stay.
/// - NaN: spreads to its neighbours, unless `nonfinite` is ignore.
/// - Cost: three passes; a B-spline and antialias copy the volume once each.
/// - Same as: `skimage.transform.resize`, `scipy.ndimage.zoom`, `torch.nn.functional.interpolate`.
public struct Resize: SpatialOperator {
    public static let card = Card<Self>(
        "Reads the volume on a grid of another size.",
        [
            Parameter(
                "compat", \.compat, "A peer whose choices fill what is not set: scipy, torch or skimage.",
                .preset),
            Parameter(
                "size", \.size, "Voxels afterwards; null or -1 keeps the axis. Either this or zoom.",
                .atLeast(-1)),
            Parameter("zoom", \.zoom, "Voxels afterwards for each before; null keeps the axis.", .above(0)),
            Parameter(
                "grid", \.grid, "What stays: the field of view (edges) or the outermost voxels (corners)."),
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
        ], formula: "c(o) = (o + ½)·n/n' − ½", geometry: "size_ijk, or round(n·zoom)",
        sameAs: "skimage.transform.resize; scipy.ndimage.zoom; torch interpolate")

    public var compat: Compat?
    public var size: Triplet<Int?>?
    public var zoom: Triplet<Double?>?
    public var grid = Rule.edges
    public var interpolation = Interpolation.linear
    public var boundary: Boundary?
    public var fill: Float = 0
    public var antialias = Antialias.none
    public var labels = LabelInterpolation.nearest
    public var clipToInputRange = false
    public var normalizeWeights = false
    public init() {}

    public enum Compat: String, CaseIterable, ParameterValue {
        case scipy, torch, skimage
    }

    public enum Rule: String, CaseIterable, ParameterValue {
        case edges, corners
    }

    public mutating func adoptPreset() {
        switch compat {
        case .scipy: grid = .corners
        case .skimage: (antialias, clipToInputRange) = (.skimage, true)
        case .torch, nil: break
        }
    }

    public func check() throws(ParameterError) {
        if (size == nil) == (zoom == nil) {
            throw .conflict(
                ["size_ijk", "zoom_ijk"], reason: "resize needs size_ijk or zoom_ijk, one of them")
        }
        try size?.checkSizes("size_ijk")
    }

    public func grid(after grid: Grid, box: Box?) throws(OperatorError) -> Grid {
        var sizes = size?.sizes(grid.extent) ?? grid.extent
        for axis in 0..<3 {
            guard let factor = zoom?[axis] else { continue }
            guard let size = SizeRounding.round(Double(grid.extent[axis]) * factor, isGuarded: true) else {
                throw .tooLarge(extent: (0..<3).map { $0 == axis ? Int.max : sizes[$0] })
            }
            sizes[axis] = size
        }
        if sizes == grid.extent { return grid }
        let axes = (0..<3).map { axis in
            sizes[axis] == grid.extent[axis]
                ? AxisGrid(keeping: sizes[axis])
                : AxisGrid(
                    self.grid == .edges ? .edges : .corners, from: grid.extent[axis], to: sizes[axis],
                    ratio: 1)
        }
        return try grid.resampled(axes).checked(Self.name, from: grid)
    }

    public var readsPlanes: Bool { interpolation.splineDegree != nil }

    public func sampling(of volume: Volume) -> Sampling {
        sampling
    }

    private var sampling: Sampling {
        Sampling(
            interpolation, boundary: boundary, fill: fill, antialias: antialias,
            normalizesWeights: normalizeWeights)
    }

    public var labelSampling: Sampling { labels.sampling() }

    public func note(on grid: Grid, in context: inout Context) {
        guard let after = try? self.grid(after: grid, box: nil) else { return }
        noteAliasing(grid.steps(of: after), sampling, in: &context)
    }
}
