public import MedPrepCore

/// The tissue means of one tensor, ascending: by sample, channel and cluster.
public struct TissueMeans: Learned, Hashable {
    package let samples: [[[Double]]]

    package init(samples: [[[Double]]]) { self.samples = samples }

    public var json: JSONValue { ["tissue_means": samples.json] }

    public init(json: JSONValue) throws(OperatorError) {
        guard let samples = [[[Double]]](json: json["tissue_means"] ?? .null),
            samples.allSatisfy({ $0.allSatisfy { !$0.isEmpty } })
        else {
            throw .invalidState(
                operator: LSQ.name, reason: "expected tissue_means of each sample and channel")
        }
        self.samples = samples
    }
}

/// The standard means that `lsq` scales to, ascending.
public struct StandardTissueMeans: Learned, Hashable {
    public var means: PerChannelLists

    public init(means: PerChannelLists) { self.means = means }

    public var json: JSONValue { ["standard_tissue_means": means.json] }

    public init(json: JSONValue) throws(OperatorError) {
        guard let means = PerChannelLists(json: json["standard_tissue_means"] ?? .null) else {
            throw .invalidState(
                operator: LSQ.name, reason: "expected standard_tissue_means, a list of numbers")
        }
        self.means = means
    }
}
