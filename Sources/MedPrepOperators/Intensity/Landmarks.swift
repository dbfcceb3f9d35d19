public import MedPrepCore

/// The percentiles of one tensor: by sample, channel and rank.
public struct ImageLandmarks: Learned, Hashable {
    package let samples: [[[Double]]]

    package init(samples: [[[Double]]]) { self.samples = samples }

    public var json: JSONValue { ["landmarks": samples.json] }

    public init(json: JSONValue) throws(OperatorError) {
        guard let samples = [[[Double]]](json: json["landmarks"] ?? .null),
            samples.allSatisfy({ $0.allSatisfy { $0.count >= 2 } })
        else {
            throw .invalidState(operator: Nyul.name, reason: "expected landmarks of each sample and channel")
        }
        self.samples = samples
    }
}

/// The standard scale of `nyul`, as its landmark file holds it: {"percentiles", "scale", "convention"}.
public struct StandardLandmarks: Learned, Hashable {
    /// Ranks, ascending.
    public var percentiles: [Double]
    /// What each percentile becomes; a list for all channels or one for each.
    public var scale: PerChannelLists
    public var convention: Nyul.Convention

    public init(percentiles: [Double], scale: PerChannelLists, convention: Nyul.Convention) {
        (self.percentiles, self.scale, self.convention) = (percentiles, scale, convention)
    }

    public var json: JSONValue {
        ["percentiles": percentiles.json, "scale": scale.json, "convention": convention.json]
    }

    public init(json: JSONValue) throws(OperatorError) {
        func fault(_ reason: String) -> OperatorError { .invalidState(operator: Nyul.name, reason: reason) }
        guard let percentiles = [Double](json: json["percentiles"] ?? .null),
            let scale = PerChannelLists(json: json["scale"] ?? .null)
        else { throw fault("expected percentiles and scale, lists of numbers") }
        guard let convention = Nyul.Convention(json: json["convention"] ?? "torchio") else {
            throw fault("convention is \((json["convention"] ?? .null).line)")
        }
        let isAscending = zip(percentiles, percentiles.dropFirst()).allSatisfy { $0 < $1 }
        let kept = percentiles.filter { !convention.skips($0) }
        guard kept.count >= 2, isAscending, percentiles.allSatisfy({ (0...100).contains($0) }) else {
            throw fault(
                "percentiles is \(percentiles.json.line); expected at least two between 0 and 100, ascending")
        }
        for list in scale.written where list.count != percentiles.count {
            throw fault("scale has \(list.count) values for \(percentiles.count) percentiles")
        }
        self.init(percentiles: percentiles, scale: scale, convention: convention)
    }
}
