public import MedPrepCore
import MedPrepKernels

/// Divides by the mean of one tissue, which fuzzy c-means finds.
///
///     y = x / (Σ u x / Σ u), u the membership in the tissue's cluster; tissues are clusters in ascending order
///
/// The centres start at the percentiles (2i + 1)/(2C) of the mask, so a run is repeatable; the peer starts at random.
///
/// - Shape: any, unchanged; every channel of every sample is clustered by itself. Grid: unchanged.
/// - Unit: multiples of the tissue's mean.
/// - NaN: stays NaN; NaN and infinity are left out of the clusters, infinity is kept.
/// - Cost: a pass an iteration; few distinct values (8- and 16-bit scans) are counted once instead. No memberships
///   are stored.
/// - Same as: intensity-normalization `FCMNormalizer`; Bezdek 1981.
public struct FCM: IntensityOperator {
    public static let card = Card<Self>(
        "Divides by the mean of one tissue, which fuzzy c-means finds.",
        [
            Parameter("clusters", \.clusters, "Tissues to tell apart.", .atLeast(2), .atMost(16)),
            Parameter(
                "tissue", \.tissue, "Whose mean becomes 1: the lowest, middle or highest cluster of a T1."),
            Parameter("max_iter", \.maxIter, "Most iterations.", .atLeast(1), .atMost(10_000)),
            Parameter("error", \.error, "Stop when the memberships change less than this in all.", .above(0)),
            Parameter("fuzziness", \.fuzziness, "Exponent m of the memberships.", .above(1), .atMost(100)),
            Parameter("mask", \.mask, "Voxels that are clustered; all voxels are divided."),
        ],
        formula: "y = x / mean of the tissue",
        sameAs: "intensity_normalization FCMNormalizer")

    public var clusters = 3
    public var tissue = Tissue.wm
    public var maxIter = 50
    public var error = 0.005
    public var fuzziness = 2.0
    public var mask = MaskChoice.positive
    public init() {}

    public enum Tissue: String, CaseIterable, ParameterValue { case csf, gm, wm }

    public func apply(to tensor: inout Tensor, in context: inout Context) throws(OperatorError) {
        let means = try tissueMeans(of: tensor, in: &context)
        try tensor.divide(by: means, what: "mean of \(tissue.rawValue)", context.workers)
    }

    /// What each channel of each sample is divided by: by sample, then by channel.
    package func tissueMeans(of tensor: Tensor, in context: inout Context) throws(OperatorError) -> [[Double]]
    {
        let index =
            switch tissue {
            case .csf: 0
            case .gm: clusters / 2
            case .wm: clusters - 1
            }
        let fuzzy = FuzzyMeans(clusters: clusters, fuzziness: fuzziness, error: error, iterations: maxIter)
        return try tensor.tissueMeans(fuzzy, mask: mask, operator: name, in: &context).map { channels in
            channels.map { $0[index] }
        }
    }
}
