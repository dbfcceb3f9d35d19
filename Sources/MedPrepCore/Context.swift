/// What a step may use besides its volume.
public struct Context: Sendable {
    public var workers: Workers
    /// What non-finite voxels mean (SEMANTICS 1).
    public var nonfinite: Nonfinite
    /// The case's masks and label maps by name, on the grid of the image, for `mask: "file"`.
    public var masks: [(name: String, tensor: Tensor, role: Volume.Role)]
    /// What steps have to say about this case, in order.
    public var findings: [Finding]
    /// What the step did to all values, first to last, where each was one function of the value (and its channel): order
    /// statistics are then known without a look at the voxels. Empty: nothing is known. nil: something else was done too.
    package var valueMaps: [ValueMap]?
    /// What the step adds to its record in the sidecar; the run takes it after each step.
    public var record: [JSONValue.Member]

    public init(workers: Workers = .one, nonfinite: Nonfinite = .error) {
        (self.workers, self.nonfinite) = (workers, nonfinite)
        masks = []
        findings = []
        record = []
        valueMaps = []
    }

    public mutating func note(_ code: Finding.Code, _ message: String) {
        findings.append(Finding(code, message))
    }
}

/// What a value of a channel becomes.
package struct ValueMap: Sendable {
    /// False where it may turn the order of two values.
    package let keepsOrder: Bool
    private let map: @Sendable (_ channel: Int, _ value: Float) -> Float

    package init(keepsOrder: Bool, _ map: @escaping @Sendable (_ channel: Int, _ value: Float) -> Float) {
        (self.keepsOrder, self.map) = (keepsOrder, map)
    }

    package func callAsFunction(_ channel: Int, _ value: Float) -> Float { map(channel, value) }
}

extension [ValueMap] {
    /// What a value becomes by all of them, first to last.
    package func callAsFunction(_ channel: Int, _ value: Float) -> Float { reduce(value) { $1(channel, $0) } }
}

/// What reading does with NaN and infinity, and what steps then meet.
public enum Nonfinite: String, CaseIterable, Sendable {
    /// The scan is refused.
    case error
    /// Set to 0 at reading, with a finding.
    case zero
    /// Kept; left out of statistics, read as `fill` by a resampler.
    case ignore
}
