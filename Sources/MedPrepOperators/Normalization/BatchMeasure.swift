public import MedPrepCore
package import MedPrepKernels

/// What one tensor tells of its batch: for each sample and channel the count, mean and central moments. Batches,
/// running statistics and the small-batch report are folded from these, without the voxels.
public struct BatchMeasure: Learned, Hashable {
    package let shape: Shape
    /// By sample, then by channel.
    package let samples: [[Moments]]

    package init(shape: Shape, samples: [[Moments]]) {
        (self.shape, self.samples) = (shape, samples)
    }

    public var json: JSONValue {
        [
            "shape_ndhwc": .integers(shape.sizes),
            "samples": .array(samples.map { channels in .array(channels.map(\.json)) }),
        ]
    }

    public init(json: JSONValue) throws(OperatorError) {
        let sizes = json["shape_ndhwc"]?.array?.compactMap(\.int) ?? []
        guard sizes.count == 5, Shape.count(of: sizes) != nil, let list = json["samples"]?.array else {
            throw Self.fault("expected shape_ndhwc and samples")
        }
        shape = Shape(n: sizes[0], d: sizes[1], h: sizes[2], w: sizes[3], c: sizes[4])
        var samples = [[Moments]]()
        for channels in list {
            var sample = [Moments]()
            for channel in channels.array ?? [] {
                guard let moments = Moments(json: channel) else {
                    throw Self.fault("found \(channel.line), expected count, mean and m2 of one channel")
                }
                sample.append(moments)
            }
            samples.append(sample)
        }
        guard samples.count == shape.n, samples.allSatisfy({ [c = shape.c] in $0.count == c }) else {
            throw Self.fault("the samples and channels are not those of \(shape)")
        }
        self.samples = samples
    }

    private static func fault(_ reason: String) -> OperatorError {
        .invalidState(operator: "batch statistics", reason: reason)
    }
}

extension Sequence<BatchMeasure> {
    /// One value for each channel: all samples of all tensors together, merged in their order.
    package func pooled() throws(OperatorError) -> [Moments] {
        var result: [Moments]?
        for measure in self {
            var pooled = result ?? Array(repeating: Moments(), count: measure.shape.c)
            guard pooled.count == measure.shape.c else {
                throw .channelCount(parameter: "a batch", found: measure.shape.c, expected: pooled.count)
            }
            for sample in measure.samples {
                for channel in pooled.indices { pooled[channel].merge(sample[channel]) }
            }
            result = pooled
        }
        return result ?? []
    }
}

extension [BatchMeasure] {
    /// N and m' of the batch: its samples, and the values that stand behind the statistics of a channel, of all
    /// channels the fewest.
    var sizes: [JSONValue.Member] {
        let channels = map { $0.shape.c }.min() ?? 0
        let counts = (0..<channels).map { channel in
            reduce(0) { $0 + $1.samples.reduce(0) { $0 + $1[channel].count } }
        }
        return [
            .init("n", .integer(reduce(0) { $0 + $1.samples.count })),
            .init("m_effective", .integer(counts.min() ?? 0)),
        ]
    }
}

extension Moments {
    var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("count", .integer(count)), .init("nonfinite", .integer(nonfinite)),
            .init("mean", .number(mean)),
            .init("m2", .number(m2)),
        ]
        if let higher { members += [.init("m3", .number(higher.m3)), .init("m4", .number(higher.m4))] }
        return .object(members)
    }

    /// nil where the JSON could not have come from `json`: counts are kept so small that no sum of them overflows.
    init?(json: JSONValue) {
        let counts = 0...1 << 40
        guard let count = json["count"]?.int, let nonfinite = json["nonfinite"]?.int, counts.contains(count),
            counts.contains(nonfinite), let mean = json["mean"]?.double, mean.isFinite,
            let m2 = json["m2"]?.double, m2.isFinite, m2 >= 0
        else { return nil }
        var higher: Higher?
        if let m3 = json["m3"]?.double, let m4 = json["m4"]?.double, m3.isFinite, m4.isFinite {
            higher = Higher(m3: m3, m4: m4)
        }
        self.init(count: count, nonfinite: nonfinite, mean: mean, m2: m2, higher: higher)
    }
}

extension [BatchMeasure] {
    /// The pooled moments that a batch is normalized by, with what a person should know of them.
    ///
    /// - Parameter allowSingleValue: the step's parameter of this name; nil: it has none.
    func batch(
        for shape: Shape, operator name: String, allowSingleValue: Bool? = nil, in context: inout Context
    ) throws(OperatorError) -> [Moments] {
        let extents = Set(map { $0.shape.extent } + [shape.extent])
        if extents.count > 1 { throw .unequalShapes(map { $0.shape.sizes }) }
        let pooled = try pooled()
        guard pooled.count == shape.c else {
            throw .channelCount(parameter: "a batch", found: pooled.count, expected: shape.c)
        }
        for moments in pooled {
            if moments.count == 0 { throw .noFiniteValue(operator: name) }
            if moments.count == 1, allowSingleValue != true {
                throw .oneValuePerChannel(
                    count: 1, accept: allowSingleValue == nil ? nil : "allow_single_value")
            }
        }
        if pooled.contains(where: { $0.count == 1 }) {
            context.note(.oneValuePerChannel, "the batch has one value per channel, which becomes beta")
        }
        context.noteBatch(of: reduce(0) { $0 + $1.samples.count })
        context.noteConstants(among: pooled)
        return pooled
    }
}

extension Moments {
    /// m2/(n − 1); of one value 0, as its biased variance.
    var usableUnbiasedVariance: Double { count > 1 ? unbiasedVariance : variance }
}
