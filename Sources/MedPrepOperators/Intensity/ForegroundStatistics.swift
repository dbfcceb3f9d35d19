public import MedPrepCore

/// The four numbers of `ct_normalize`, one of each for each channel.
public struct ForegroundStatistics: Learned, Hashable {
    public var mean: [Double]
    public var std: [Double]
    public var percentile005: [Double]
    public var percentile995: [Double]

    public init(mean: [Double], std: [Double], percentile005: [Double], percentile995: [Double]) {
        (self.mean, self.std) = (mean, std)
        (self.percentile005, self.percentile995) = (percentile005, percentile995)
    }

    public var json: JSONValue {
        [
            "mean": mean.json, "std": std.json, "percentile_00_5": percentile005.json,
            "percentile_99_5": percentile995.json,
        ]
    }

    /// Its own form, or nnU-Net's fingerprint: {"foreground_intensities_per_channel": {"0": {"mean": …}, …}}.
    public init(json: JSONValue) throws(OperatorError) {
        func fault(_ reason: String) -> OperatorError {
            .invalidState(operator: CTNormalize.name, reason: reason)
        }
        let keys = ["mean", "std", "percentile_00_5", "percentile_99_5"]
        let lists: [[Double]]
        if let channels = json["foreground_intensities_per_channel"]?.members {
            lists = keys.map { key in
                (0..<channels.count).compactMap { index in
                    channels.first { $0.key == String(index) }?.value[key]?.double
                }
            }
        } else {
            lists = keys.map { key in PerChannel(json: json[key] ?? .null)?.numbers ?? [] }
        }
        guard let count = lists.first?.count, count > 0, lists.allSatisfy({ $0.count == count }) else {
            throw fault("expected \(keys.joined(separator: ", ")), one number for each channel")
        }
        guard lists.joined().allSatisfy({ $0.isFinite }), lists[1].allSatisfy({ $0 >= 0 }) else {
            throw fault("std is below 0, or a number is not finite")
        }
        guard zip(lists[2], lists[3]).allSatisfy({ $0 <= $1 }) else {
            throw fault("percentile_00_5 is above percentile_99_5")
        }
        self.init(mean: lists[0], std: lists[1], percentile005: lists[2], percentile995: lists[3])
    }
}
