public import MedPrepCore
internal import MedPrepKernels

/// The spacing that nnU-Net brings a data set to.
///
///     per axis the median; where the coarsest axis w is above 3 times the others, and 3 times its median size below
///     theirs: the 10th percentile of its spacings, but above the others
///
/// - Shape: three spacings. Grid: none.
/// - Same as: `nnunetv2` `ExperimentPlanner.determine_fullres_target_spacing`.
public struct TargetSpacing: LibraryFunction {
    public static let card = Card<Self>(
        "The spacing that nnU-Net brings a data set to.",
        [
            Parameter(
                "spacings", \.spacings, "Of each case, all axes in one order.", .required, .above(0),
                .unit("mm")),
            Parameter("shapes", \.shapes, "Of each case after cropping.", .required, .atLeast(1)),
            Parameter(
                "anisotropy_threshold", \.anisotropyThreshold,
                "How many times coarser an axis must be to be treated apart.", .above(0)),
        ], formula: "median of each axis; of a coarse axis the 10th percentile",
        geometry: "none: three spacings", sameAs: "nnunetv2 determine_fullres_target_spacing")

    public static let useInstead =
        "it works on a list of spacings; resample with \"spacing_ijk\": \"median\" learns it from the data set"

    public var spacings: [Triplet<Double>]?
    public var shapes: [Triplet<Int>]?
    public var anisotropyThreshold = 3.0
    public init() {}

    /// Of cases on these grids.
    public init(of grids: [Grid]) {
        spacings = grids.map { Triplet($0.spacing.x, $0.spacing.y, $0.spacing.z) }
        shapes = grids.map { Triplet($0.extent.x, $0.extent.y, $0.extent.z) }
    }

    public func check() throws(ParameterError) {
        let (first, second) = (spacings?.count ?? 0, shapes?.count ?? 0)
        if first != second || first == 0 {
            throw .conflict(
                ["spacings_ijk", "shapes_ijk"],
                reason:
                    "\(first) spacings and \(second) shapes; give one of each for every case, and one case at least"
            )
        }
    }

    /// (x, y, z).
    public func callAsFunction() -> SIMD3<Double> {
        guard let spacings, let shapes, !spacings.isEmpty, !shapes.isEmpty else {
            return SIMD3(repeating: .nan)
        }
        func percentile(_ rank: Double, _ values: [Double]) -> Double {
            MedPrepOperators.percentile(rank, of: values)
        }
        var target = SIMD3<Double>.zero
        var sizes = SIMD3<Double>.zero
        for axis in 0..<3 {
            target[axis] = percentile(50, spacings.map { $0[axis] })
            sizes[axis] = percentile(50, shapes.map { Double($0[axis]) })
        }
        let worst = Self.coarsest(target)
        let others = [0, 1, 2].filter { $0 != worst }
        let (fine, small) = (
            max(target[others[0]], target[others[1]]), min(sizes[others[0]], sizes[others[1]])
        )
        if target[worst] > anisotropyThreshold * fine && sizes[worst] * anisotropyThreshold < small {
            let low = percentile(10, spacings.map { $0[worst] })
            target[worst] = low < fine ? fine + 1e-5 : low
        }
        return target
    }

    /// The axis of largest spacing; of equals the last, which nnU-Net's order z, y, x meets first.
    static func coarsest(_ spacing: SIMD3<Double>) -> Int {
        spacing.z >= spacing.x && spacing.z >= spacing.y ? 2 : spacing.y >= spacing.x ? 1 : 0
    }
}

/// Linear interpolation between order statistics, type 7; NaN of none.
func percentile(_ rank: Double, of values: [Double]) -> Double {
    let sorted = values.sorted()
    guard let last = sorted.indices.last else { return .nan }
    let position = rank / 100 * Double(last)
    let lower = min(Int(position), last)
    let upper = min(lower + 1, last)
    return sorted[lower] + (position - Double(lower)) * (sorted[upper] - sorted[lower])
}
