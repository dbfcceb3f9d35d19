public import MedPrepCore

/// The moving statistics of batch_renorm, one value for each channel. The paper knows one pair, so its two pairs
/// are equal; Keras moves them at two speeds.
public struct RenormState: Learned, Hashable {
    /// What r and d compare a batch with.
    public var renormMean: [Double]
    public var renormDeviation: [Double]
    /// What eval normalizes by.
    public var runningMean: [Double]
    public var runningDeviation: [Double]
    public var batchesSeen: Int

    /// Means 0 and deviations 1, before the first batch.
    public init(channels: Int) {
        renormMean = Array(repeating: 0, count: channels)
        renormDeviation = Array(repeating: 1, count: channels)
        (runningMean, runningDeviation, batchesSeen) = (renormMean, renormDeviation, 0)
    }

    /// The running variance that Keras keeps: the running deviation squared, less the epsilon in it, at least 0.
    public func runningVariance(epsilon: Double) -> [Double] {
        runningDeviation.map { max($0 * $0 - epsilon, 0) }
    }

    /// The denominator of eval: σ itself (paper: epsilon is in it), or sqrt(running_var + epsilon) (keras).
    func evalDeviation(_ channel: Int, convention: BatchRenorm.Convention, epsilon: Double) -> Double {
        switch convention {
        case .paper: runningDeviation[channel]
        case .keras: (runningVariance(epsilon: epsilon)[channel] + epsilon).squareRoot()
        }
    }

    func check(channels: Int) throws(OperatorError) {
        guard renormMean.count == channels else {
            throw .channelCount(parameter: "state", found: renormMean.count, expected: channels)
        }
    }

    private static let keys = ["renorm_mean", "renorm_std", "running_mean", "running_std"]

    public var json: JSONValue {
        let lists = [renormMean, renormDeviation, runningMean, runningDeviation]
        let members = zip(Self.keys, lists).map { JSONValue.Member($0, .numbers($1)) }
        return .object(members + [.init("batches_seen", .integer(batchesSeen))])
    }

    public init(json: JSONValue) throws(OperatorError) {
        func fault(_ reason: String) -> OperatorError {
            .invalidState(operator: BatchRenorm.name, reason: reason)
        }
        let lists = Self.keys.compactMap { [Double](json: json[$0] ?? .null) }
        guard lists.count == 4, let batches = json["batches_seen"]?.int, (0...1 << 40).contains(batches)
        else {
            throw fault("expected \(Self.keys.joined(separator: ", ")) and batches_seen")
        }
        guard !lists[0].isEmpty, lists.allSatisfy({ $0.count == lists[0].count }) else {
            throw fault("its lists have \(lists.map { String($0.count) }.joined(separator: ", ")) values")
        }
        guard lists[1].allSatisfy({ $0 > 0 }), lists[3].allSatisfy({ $0 > 0 }) else {
            throw fault("a standard deviation is not above 0")
        }
        (renormMean, renormDeviation, runningMean, runningDeviation) = (
            lists[0], lists[1], lists[2], lists[3]
        )
        batchesSeen = batches
    }
}
