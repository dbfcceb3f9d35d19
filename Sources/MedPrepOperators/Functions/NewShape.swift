internal import MedPrepCore

/// The size that nnU-Net gives a volume at another spacing.
///
///     n' = round(s/s'·n), half to even, evaluated in that order; at least 1
///
/// - Shape: three sizes. Grid: none.
/// - Same as: `nnunetv2` `compute_new_shape`.
public struct NewShape: LibraryFunction {
    public static let card = Card<Self>(
        "The size that nnU-Net gives a volume at another spacing.",
        [
            Parameter("shape", \.shape, "Voxels now.", .required, .atLeast(1)),
            Parameter("spacing", \.spacing, "Millimetres between them.", .required, .above(0), .unit("mm")),
            Parameter("target", \.target, "Millimetres afterwards.", .required, .above(0), .unit("mm")),
        ], formula: "n' = round(s/s'·n)", geometry: "none: three sizes",
        sameAs: "nnunetv2 compute_new_shape")

    public static let useInstead = "it works on numbers, not on scans; use resample with compat \"nnunet\""

    public var shape: Triplet<Int>?
    public var spacing: Triplet<Double>?
    public var target: Triplet<Double>?
    public init() {}

    /// (w, h, d).
    public func callAsFunction() throws(OperatorError) -> SIMD3<Int> {
        guard let shape, let spacing, let target else { return SIMD3(1, 1, 1) }
        var sizes = SIMD3(1, 1, 1)
        for axis in 0..<3 {
            let exact = spacing[axis] / target[axis] * Double(shape[axis])
            guard let size = SizeRounding.round(exact, isGuarded: true) else {
                throw .tooLarge(extent: (0..<3).map { $0 == axis ? Int.max : shape[$0] })
            }
            sizes[axis] = size
        }
        return sizes
    }
}
