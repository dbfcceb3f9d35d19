public import MedPrepCore
import MedPrepKernels

/// Scales so that the tissue means come as near as one factor can bring them to standard means.
///
///     y = x/scale,  scale = (tᵀt)/(tᵀt₀), t the means of the tissues by fuzzy c-means, t₀ the standard means
///
/// t₀ is given, or learned: the tissue means of the first image in name order, divided by its lowest (CSF) and times
/// `norm_value`.
///
/// - Shape: any, unchanged; every channel of every sample has its own scale. Grid: unchanged.
/// - Unit: that of the standard means.
/// - NaN: stays NaN; NaN and infinity are left out of the clusters, infinity is kept.
/// - Cost: measuring and applying each cluster as `fcm` does; one pass in place.
/// - Same as: intensity-normalization `LSQNormalizer`.
public struct LSQ: LearningOperator {
    public static let card = Card<Self>(
        "Scales so that the tissue means come near to standard means.",
        [
            Parameter(
                "norm_value", \.normValue, "What the lowest tissue mean of the standard is.", .above(0)),
            Parameter("clusters", \.clusters, "Tissues to tell apart.", .atLeast(2), .atMost(16)),
            Parameter("fuzziness", \.fuzziness, "Exponent m of the memberships.", .above(1), .atMost(100)),
            Parameter("error", \.error, "Stop when the memberships change less than this in all.", .above(0)),
            Parameter("max_iter", \.maxIter, "Most iterations.", .atLeast(1), .atMost(10_000)),
            Parameter("mask", \.mask, "Voxels that are clustered; all voxels are scaled."),
            Parameter(
                "standard_tissue_means", \.standardTissueMeans,
                "Standard means in ascending order, a list or one for each channel; null: learned."),
        ],
        formula: "y = x / ((t . t) / (t . t0)), t the tissue means, t0 the standard means",
        sameAs: "intensity_normalization LSQNormalizer")

    public var normValue = 1.0
    public var clusters = 3
    public var fuzziness = 2.0
    public var error = 0.005
    public var maxIter = 50
    public var mask = MaskChoice.positive
    public var standardTissueMeans: PerChannelLists?
    public init() {}

    public func check() throws(ParameterError) {
        for list in standardTissueMeans?.written ?? [] where list.count != clusters {
            throw .conflict(
                ["standard_tissue_means", "clusters"],
                reason:
                    "standard_tissue_means has \(list.count) values for \(clusters) clusters; give one for each"
            )
        }
    }

    public var learning: Learning { standardTissueMeans == nil ? .wholeDataset : .given }

    public func measure(_ tensor: Tensor, in context: inout Context) throws(OperatorError) -> TissueMeans {
        let fuzzy = FuzzyMeans(clusters: clusters, fuzziness: fuzziness, error: error, iterations: maxIter)
        return TissueMeans(
            samples: try tensor.tissueMeans(fuzzy, mask: mask, operator: name, in: &context))
    }

    public func learn(
        from measures: [TissueMeans], after earlier: StandardTissueMeans?
    ) throws(OperatorError) -> StandardTissueMeans {
        guard let first = measures.first?.samples.first else { throw .noFiniteValue(operator: name) }
        var means = [[Double]]()
        for (channel, tissues) in first.enumerated() {
            guard tissues[0] != 0 else { throw .zeroScale(channel: channel, scale: "lowest tissue mean") }
            means.append(tissues.map { $0 / tissues[0] * normValue })
        }
        return StandardTissueMeans(means: PerChannelLists(means))
    }

    public func apply(
        to tensor: inout Tensor, measures: [TissueMeans], state: StandardTissueMeans?,
        in context: inout Context
    ) throws(OperatorError) {
        let factors = try scalingFactors(of: tensor, state: state, in: &context)
        try tensor.divide(by: factors, what: "least squares scale", context.workers)
    }

    /// What each channel of each sample is divided by: by sample, then by channel.
    package func scalingFactors(
        of tensor: Tensor, state: StandardTissueMeans?, in context: inout Context
    ) throws(OperatorError) -> [[Double]] {
        guard let standard = state?.means ?? standardTissueMeans else {
            throw .notLearned(operator: name, parameter: "standard_tissue_means")
        }
        let lists = try standard.lists(for: tensor.shape.c, parameter: "standard_tissue_means")
        guard lists.allSatisfy({ $0.count == clusters }) else {
            throw .invalidState(
                operator: name, reason: "it has \(lists[0].count) tissue means for \(clusters) clusters")
        }
        let means = try measure(tensor, in: &context).samples
        return means.map { channels in
            zip(channels, lists).map { tissues, standard in
                let own = tissues.reduce(0) { $0 + $1 * $1 }
                let common = zip(tissues, standard).reduce(0) { $0 + $1.0 * $1.1 }
                return own / common
            }
        }
    }

    public func report(on measures: [TissueMeans], batchSize: Int) -> JSONValue? {
        (try? learn(from: measures, after: nil))?.json
    }
}
