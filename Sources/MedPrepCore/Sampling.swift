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
    /// What is smoothed away before voxels grow.
    public var antialias: Antialias
    /// True: the weights of a windowed sinc are divided by their sum, which ITK does not do.
    public var normalizesWeights: Bool
    /// Set: nnU-Net's reading takes the place of `interpolation`, `boundary` and the field of view.
    public var zoom: Zoom?
    /// Set: values are labels, and the one with the largest linear score wins.
    public var tiebreak: Tiebreak?

    public init(
        _ interpolation: Interpolation, boundary: Boundary? = nil, fill: Float = 0, continues: Bool = false,
        antialias: Antialias = .none, normalizesWeights: Bool = false
    ) {
        self.interpolation = interpolation
        self.boundary = boundary
        self.fill = fill
        self.continues = continues
        self.antialias = antialias
        self.normalizesWeights = normalizesWeights
    }

    public var resolvedBoundary: Boundary {
        boundary ?? (interpolation.splineDegree == nil ? .edge : .mirror)
    }

    /// Labels and masks: nearest, 0 outside.
    public static let label = Sampling(.nearest)
}

/// The kernel between voxel centres (SEMANTICS 7).
public enum Interpolation: String, CaseIterable, Sendable {
    /// Index ⌊c + ½ + 1e-6⌋.
    case nearest
    /// The voxel that holds the output voxel's lower edge (torch `nearest`): half a voxel off, never a default.
    case nearestFloor = "nearest_floor"
    /// Weights 1 − t and t; monotone, never overshoots.
    case linear
    /// Quadratic B-spline after an exact prefilter.
    case bspline2
    /// Cubic B-spline after an exact prefilter; interpolates, can overshoot at edges.
    case bspline3
    /// Quartic B-spline after an exact prefilter.
    case bspline4
    /// Quintic B-spline after an exact prefilter.
    case bspline5
    /// Ten taps of sinc(t)·sinc(t/5), as ITK: not normalised, a constant ripples by up to 1 %.
    case lanczos5
    /// Ten taps of sinc(t)·(0.54 + 0.46 cos(πt/5)), as ITK: not normalised.
    case hamming5
    /// A Gaussian of 0.8 voxels, cut at 4σ, normalised inside the image; smooths even where nothing moves.
    case gaussian
    /// The mean of the voxels that an output voxel touches (torch adaptive average).
    case area

    /// 2…5; nil: no B-spline.
    public var splineDegree: Int? {
        switch self {
        case .bspline2: 2
        case .bspline3: 3
        case .bspline4: 4
        case .bspline5: 5
        default: nil
        }
    }

    /// True where each output is one voxel.
    public var isNearest: Bool { self == .nearest || self == .nearestFloor }
}

/// The Gaussian that images are smoothed with, along each axis where r > 1 input voxels make one output voxel
/// (SEMANTICS 7.1).
public enum Antialias: String, CaseIterable, Sendable {
    case none
    /// σ = (r − 1)/2 voxels.
    case skimage
    /// σ = √((r² − 1)/(8 ln 2)) voxels (TorchIO, after Cardoso).
    case cardoso
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
