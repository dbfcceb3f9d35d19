public import MedPrepCore
import MedPrepKernels

/// Maps the percentiles of every image onto the mean percentiles of a population: landmark standardisation.
///
///     learn: S_k = mean over images of (L_k − L_first)/(L_last − L_first)·(out_max − out_min) + out_min
///     apply: piecewise linear from the image's own landmarks L to S; the end segments go on with their own slope
///
/// A segment narrower than 1e-5 gets slope 0. Convention "torchio" learns 13 landmarks and applies all but the 25th
/// and 75th percentile; its first percentile is at most 9, its last at least 91. "jcreinhold" applies all it learns.
///
/// - Shape: any, unchanged; every channel has its own scale, every sample its own landmarks. Grid: unchanged.
/// - Unit: that of `out_min`, `out_max`.
/// - NaN: stays NaN; NaN and infinity are left out of the percentiles, infinity is mapped like any value.
/// - Cost: measuring takes two passes; applying two and one in place.
/// - Same as: TorchIO `HistogramStandardization`, intensity-normalization `NyulNormalizer`; Nyúl and Udupa 2000.
public struct Nyul: LearningOperator {
    public static let card = Card<Self>(
        "Maps the percentiles of every image onto those of a population.",
        [
            Parameter("convention", \.convention, "Whose landmarks, range and mask.", .preset),
            Parameter(
                "percentiles", \.percentiles, "Ranks of the landmarks, ascending.", .atLeast(0), .atMost(100)),
            Parameter("out_min", \.outMin, "What the first landmark becomes."),
            Parameter("out_max", \.outMax, "What the last landmark becomes."),
            Parameter("mask", \.mask, "Voxels that landmarks are taken from; all voxels are mapped."),
            Parameter("landmarks", \.landmarks, "A landmark file; null: learned from the data set."),
        ],
        formula: "y = piecewise linear from the percentiles of x to the population's standard scale",
        sameAs: "torchio HistogramStandardization, intensity_normalization NyulNormalizer (see convention)")

    public var convention = Convention.torchio
    public var percentiles = Convention.torchio.percentiles
    public var outMin = 0.0
    public var outMax = 100.0
    public var mask = MaskChoice.none
    public var landmarks: String?
    public init() {}

    public enum Convention: String, CaseIterable, ParameterValue {
        case torchio, jcreinhold

        /// The landmarks it learns where none are written.
        public var percentiles: [Double] {
            switch self {
            case .torchio: [1, 10, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90, 99]
            case .jcreinhold: [1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 99]
            }
        }

        /// True where a landmark is learned but not applied.
        func skips(_ percentile: Double) -> Bool {
            self == .torchio && (percentile == 25 || percentile == 75)
        }
    }

    public mutating func adoptPreset() {
        percentiles = convention.percentiles
        switch convention {
        case .torchio: break
        case .jcreinhold: (outMin, mask) = (1, .positive)
        }
    }

    public func check() throws(ParameterError) {
        guard percentiles.count >= 2, zip(percentiles, percentiles.dropFirst()).allSatisfy({ $0 < $1 }) else {
            let found = percentiles.json.line
            throw .conflict(
                ["percentiles"], reason: "percentiles is \(found); expected at least two, ascending")
        }
        if outMin >= outMax {
            throw .conflict(
                ["out_min", "out_max"], reason: "out_min \(outMin) is not below out_max \(outMax)")
        }
    }

    public var learning: Learning { landmarks == nil ? .wholeDataset : .given }
    public var stateFile: StateFile? { landmarks.map { StateFile(parameter: "landmarks", path: $0) } }

    /// The ranks, with TorchIO's limits on the outer two.
    private var ranks: [Double] {
        guard convention == .torchio else { return percentiles }
        var ranks = percentiles
        ranks[0] = min(ranks[0], 9)
        ranks[ranks.count - 1] = max(ranks[ranks.count - 1], 91)
        return ranks
    }

    public func measure(_ tensor: Tensor, in context: inout Context) throws(OperatorError) -> ImageLandmarks {
        let landmarks = try landmarks(of: tensor, ranks, in: context)
        for channels in landmarks {
            for (channel, list) in channels.enumerated() where !(list[0] < list[list.count - 1]) {
                throw .zeroScale(channel: channel, scale: "distance of the outer landmarks")
            }
        }
        return ImageLandmarks(samples: landmarks)
    }

    private func landmarks(
        of tensor: Tensor, _ ranks: [Double], in context: Context
    ) throws(OperatorError) -> [[[Double]]] {
        try tensor.statistics(mask: mask, percentiles: ranks, operator: name, in: context) {
            (_, order, _) throws(OperatorError) in order.percentiles
        }
    }

    public func learn(
        from measures: [ImageLandmarks], after earlier: StandardLandmarks?
    ) throws(OperatorError) -> StandardLandmarks {
        let images = measures.flatMap(\.samples)
        guard let channels = images.first?.count else { throw .noFiniteValue(operator: name) }
        var sums = Array(repeating: [Double](repeating: 0, count: ranks.count), count: channels)
        for image in images {
            guard image.count == channels else {
                throw .channelCount(parameter: "a case", found: image.count, expected: channels)
            }
            for (channel, list) in image.enumerated() {
                guard list.count == ranks.count, list[0] < list[list.count - 1] else {
                    throw .invalidState(
                        operator: name, reason: "expected \(ranks.count) ascending landmarks of each channel")
                }
                let slope = (outMax - outMin) / (list[list.count - 1] - list[0])
                for k in list.indices { sums[channel][k] += (list[k] - list[0]) * slope + outMin }
            }
        }
        let scale = sums.map { $0.map { $0 / Double(images.count) } }
        return StandardLandmarks(percentiles: ranks, scale: PerChannelLists(scale), convention: convention)
    }

    public func apply(
        to tensor: inout Tensor, measures: [ImageLandmarks], state: StandardLandmarks?,
        in context: inout Context
    ) throws(OperatorError) {
        let lines = try lines(for: tensor, state, in: &context)
        tensor.map(by: lines, context.workers)
    }

    /// From each image's own landmarks to the standard scale.
    private func lines(
        for tensor: Tensor, _ state: StandardLandmarks?, in context: inout Context
    ) throws(OperatorError) -> [[Polyline]] {
        guard let state else { throw .notLearned(operator: name, parameter: "landmarks") }
        guard state.convention == convention else {
            throw .invalidState(
                operator: name,
                reason:
                    "it is of convention \"\(state.convention.rawValue)\", the step of \"\(convention.rawValue)\"; "
                    + "write the same convention in the step")
        }
        let scales = try state.scale.lists(for: tensor.shape.c, parameter: "scale")
        let kept = state.percentiles.indices.filter { !convention.skips(state.percentiles[$0]) }
        let ranks = kept.map { state.percentiles[$0] }
        var lines = [[Polyline]]()
        for channels in try landmarks(of: tensor, ranks, in: context) {
            var row = [Polyline]()
            for (channel, own) in channels.enumerated() {
                if own[0] == own[own.count - 1] {
                    context.note(
                        .constantChannel,
                        "the landmarks of channel \(channel) are one value; each voxel becomes a landmark of the scale"
                    )
                }
                let values = kept.map { scales[channel][$0] }
                row.append(Polyline(knots: own, values: values, narrowest: 1e-5, isClamped: false))
            }
            lines.append(row)
        }
        return lines
    }

    public func report(on measures: [ImageLandmarks], batchSize: Int) -> JSONValue? {
        learning == .wholeDataset ? (try? learn(from: measures, after: nil))?.json : nil
    }
}
