/// What a step may use besides its volume.
public struct Context: Sendable {
    public var workers: Workers
    /// What non-finite voxels mean (SEMANTICS 1).
    public var nonfinite: Nonfinite
    /// The case's masks and label maps by name, on the grid of the image, for `mask: "file"`.
    public var masks: [(name: String, tensor: Tensor, role: Volume.Role)]
    /// What steps have to say about this case, in order.
    public var findings: [Finding]
    /// What the step did to all values, first to last, where each was one function of the value (and its channel) that
    /// never turns the order of two: order statistics are then known without a look at the voxels. Empty: nothing is
    /// known. nil: something else was done too.
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
package typealias ValueMap = @Sendable (_ channel: Int, _ value: Float) -> Float

/// What reading does with NaN and infinity, and what steps then meet.
public enum Nonfinite: String, CaseIterable, Sendable {
    /// The scan is refused.
    case error
    /// Set to 0 at reading, with a finding.
    case zero
    /// Kept; left out of statistics, read as `fill` by a resampler.
    case ignore
}
