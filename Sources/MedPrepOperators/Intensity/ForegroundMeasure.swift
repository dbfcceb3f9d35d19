public import MedPrepCore
package import MedPrepKernels

/// What one channel's foreground tells: moments, and the counts of its values for percentiles.
package struct ForegroundValues: Hashable, Sendable {
    package var moments = Moments()
    package var counts = ValueCounts()
    /// False where the values were rounded to coarse bins.
    package var isExact = true

    /// More distinct values than this are rounded to coarse bins when cases are put together.
    private static let limit = 1 << 20

    package init() {}

    package init(_ values: ChannelValues) {
        moments = values.moments()
        (counts, isExact) = values.valueCounts()
    }

    fileprivate init(moments: Moments, counts: ValueCounts, isExact: Bool) {
        (self.moments, self.counts, self.isExact) = (moments, counts, isExact)
    }

    /// Both together. Exact values stay exact beside rounded ones: each is off by its own rounding at most.
    package mutating func merge(_ other: ForegroundValues) {
        moments.merge(other.moments)
        counts.merge(other.counts)
        isExact = isExact && other.isExact
        if counts.values.count > Self.limit { (counts, isExact) = (counts.coarsened(), false) }
    }
}

/// What one tensor tells of the data set's foreground, for each channel.
public struct ForegroundMeasure: Learned, Hashable {
    /// Which label map or mask said what is foreground: "label seg".
    package let foreground: String
    package let channels: [ForegroundValues]

    package init(foreground: String, channels: [ForegroundValues]) {
        (self.foreground, self.channels) = (foreground, channels)
    }

    public var json: JSONValue {
        [
            "foreground": .string(foreground),
            "channels": .array(
                channels.map { channel in
                    [
                        "moments": channel.moments.json, "exact": .bool(channel.isExact),
                        "values": .numbers(channel.counts.values), "counts": .integers(channel.counts.counts),
                    ]
                }),
        ]
    }

    public init(json: JSONValue) throws(OperatorError) {
        func fault(_ reason: String) -> OperatorError {
            .invalidState(operator: CTNormalize.name, reason: reason)
        }
        guard let foreground = json["foreground"]?.string, let list = json["channels"]?.array else {
            throw fault("expected foreground and channels")
        }
        var channels = [ForegroundValues]()
        for channel in list {
            guard let moments = Moments(json: channel["moments"] ?? .null),
                let isExact = channel["exact"]?.bool,
                let values = [Double](json: channel["values"] ?? .null),
                let counts = [Int](json: channel["counts"] ?? .null)
            else { throw fault("expected moments, exact, values and counts of each channel") }
            let isAscending = zip(values, values.dropFirst()).allSatisfy { $0 < $1 }
            let isSane =
                values.allSatisfy { Float($0).isFinite } && counts.allSatisfy { (1...1 << 40).contains($0) }
            guard values.count == counts.count, values.count <= 1 << 21, isAscending, isSane,
                counts.reduce(0, +) == moments.count
            else {
                throw fault("the values do not ascend, or their counts do not add up to the channel's count")
            }
            channels.append(
                ForegroundValues(
                    moments: moments, counts: ValueCounts(values: values, counts: counts), isExact: isExact))
        }
        self.init(foreground: foreground, channels: channels)
    }
}

extension Sequence<ForegroundMeasure> {
    /// One set of values for each channel: all tensors together, merged in their order.
    package func pooled() throws(OperatorError) -> [ForegroundValues] {
        var result: [ForegroundValues]?
        for measure in self {
            var pooled = result ?? Array(repeating: ForegroundValues(), count: measure.channels.count)
            guard pooled.count == measure.channels.count else {
                throw .channelCount(
                    parameter: "a case", found: measure.channels.count, expected: pooled.count)
            }
            for channel in pooled.indices { pooled[channel].merge(measure.channels[channel]) }
            result = pooled
        }
        return result ?? []
    }
}
