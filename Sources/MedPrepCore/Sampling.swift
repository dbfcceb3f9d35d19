/// How a resampler reads between and beyond voxels.
public struct Sampling: Hashable, Sendable {
    public var interpolation: Interpolation
    /// How the lattice continues beyond its outermost centres; nil: the interpolation's own default (`edge`, for a
    /// B-spline `mirror`).
    public var boundary: Boundary?
    /// The value outside the field of view.
    public var fill: Float
    /// False: points outside the field of view are `fill`. True: `boundary` holds everywhere, as when padding.
    public var continues: Bool
    /// Set: nnU-Net's reading takes the place of `interpolation`, `boundary` and the field of view.
    public var zoom: Zoom?
    /// Set: values are labels, and the one with the largest linear score wins.
    public var tiebreak: Tiebreak?

    public init(
        _ interpolation: Interpolation, boundary: Boundary? = nil, fill: Float = 0, continues: Bool = false
    ) {
        self.interpolation = interpolation
        self.boundary = boundary
        self.fill = fill
        self.continues = continues
    }

    public var resolvedBoundary: Boundary { boundary ?? (interpolation == .bspline3 ? .mirror : .edge) }

    /// Labels and masks: nearest, 0 outside.
    public static let label = Sampling(.nearest)
}

/// The kernel between voxel centres (SEMANTICS 7).
public enum Interpolation: String, CaseIterable, Sendable {
    /// Index ⌊c + ½ + 1e-6⌋.
    case nearest
    /// Weights 1 − t and t; monotone, never overshoots.
    case linear
    /// Cubic B-spline after an exact prefilter; interpolates, can overshoot at edges.
    case bspline3
}

/// How the lattice continues beyond its outermost centres (SEMANTICS 6).
public enum Boundary: String, CaseIterable, Sendable {
    /// a a | a b c | c c
    case edge
    /// c b | a b c | b a
    case mirror
    /// b a | a b c | c b
    case reflect
    /// b c | a b c | a b
    case wrap
    /// f f | a b c | f f, and f is interpolated with.
    case constant
    /// `fill` as soon as the point leaves the outermost centres.
    case constantSharp = "constant_sharp"
}
