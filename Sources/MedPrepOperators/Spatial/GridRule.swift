internal import MedPrepCore

/// How the grid after a resampling lies on the grid before (SEMANTICS 6).
public enum GridRule: String, CaseIterable, ParameterValue {
    /// Both fields of view share their centre; the spacing is exactly the one asked for.
    case center
    /// Both fields of view are the same; the spacing is s·n/n'.
    case edges
    /// The first voxel stays where it is; the spacing is exactly the one asked for.
    case firstVoxel = "first_voxel"
    /// First and last voxel stay where they are; the spacing is s·(n − 1)/(n' − 1).
    case corners
    /// The grid of `reference`.
    case reference
}

/// How n/r becomes a whole size. Floor and ceil forgive 1e-6, so that 19.9999999 counts as 20.
public enum SizeRounding: String, CaseIterable, ParameterValue {
    case round, floor, ceil

    /// At least 1; nil where the size is no number or above 2⁴⁰.
    func callAsFunction(_ size: Double, isGuarded: Bool) -> Int? {
        let slack = isGuarded ? 1e-6 : 0
        let whole =
            switch self {
            case .round: size.rounded(.toNearestOrEven)
            case .floor: (size + slack).rounded(.down)
            case .ceil: (size - slack).rounded(.up)
            }
        return whole <= 0x1p40 ? Swift.max(1, Int(whole)) : nil
    }
}

/// One axis of the grid after: n' voxels, r times the spacing, the first at input index c(0).
struct AxisGrid: Hashable {
    var size: Int
    var ratio: Double
    var first: Double

    /// - Parameters:
    ///   - ratio: asked for; `edges` and `corners` take what the sizes give.
    init(_ rule: GridRule, from count: Int, to size: Int, ratio: Double) {
        self.size = size
        let (n, m) = (Double(count), Double(size))
        switch rule {
        case .center, .reference:
            self.ratio = ratio
            first = (n - 1) / 2 - (m - 1) / 2 * ratio
        case .firstVoxel: (self.ratio, first) = (ratio, 0)
        case .corners where size == 1: (self.ratio, first) = (1, 0)
        case .corners where count > 1: (self.ratio, first) = ((n - 1) / (m - 1), 0)
        case .edges, .corners:
            // One voxel has no two corners: its field of view is shared out instead.
            self.ratio = n / m
            first = 0.5 * self.ratio - 0.5
        }
        if size == count && self.ratio == 1 { first = rule == .firstVoxel ? 0 : first.rounded() }
    }

    /// An axis that stays.
    init(keeping count: Int) { (size, ratio, first) = (count, 1, 0) }
}

extension Grid {
    /// Columns times the ratios; index 0 at c(0). Shear is kept.
    func resampled(_ axes: [AxisGrid]) -> Grid {
        var result = self
        result.affine.origin = affine(SIMD3(axes[0].first, axes[1].first, axes[2].first))
        for axis in 0..<3 {
            result.extent[axis] = axes[axis].size
            result.affine[axis] = affine[axis] * axes[axis].ratio
        }
        return result
    }

    /// How many of this grid's voxels one voxel of `other` steps over, along each axis.
    func steps(of other: Grid) -> SIMD3<Double> {
        let map = affine.inverse * other.affine
        return (map.x * map.x + map.y * map.y + map.z * map.z).squareRoot()
    }
}

/// How labels are read.
public enum LabelInterpolation: String, CaseIterable, ParameterValue {
    case nearest
    /// The label whose indicator, read linearly, is largest (SEMANTICS 7.2).
    case argmax

    func sampling(_ tiebreak: Tiebreak = .nearest) -> Sampling {
        guard self == .argmax else { return .label }
        var sampling = Sampling(.linear)
        sampling.tiebreak = tiebreak
        return sampling
    }
}

extension Tiebreak: ParameterValue {}

/// Says that fine detail will fold back where voxels grow by more than half.
func noteAliasing(_ steps: SIMD3<Double>, _ sampling: Sampling, in context: inout Context) {
    guard !sampling.interpolation.isNearest, sampling.interpolation != .area, sampling.antialias == .none,
        steps.max() > 1.5
    else { return }
    let axis = steps.x == steps.max() ? "i" : steps.y == steps.max() ? "j" : "k"
    let ratio = (steps.max() * 100).rounded() / 100
    context.note(
        .aliasingRisk,
        "voxels grow \(ratio) times along \(axis) without smoothing, so fine detail aliases; "
            + "set antialias, or choose a finer spacing")
}
