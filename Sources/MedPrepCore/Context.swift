/// What a step may use besides its volume.
public struct Context: Sendable {
    public var workers: Workers
    /// What non-finite voxels mean (SEMANTICS 1).
    public var nonfinite: Nonfinite
    /// The case's masks and label maps by name, on the grid of the image, for `mask: "file"`.
    public var masks: [(name: String, tensor: Tensor, role: Volume.Role)]
    /// What steps have to say about this case, in order.
    public var findings: [Finding]
    /// What the step adds to its record in the sidecar; the run takes it after each step.
    public var record: [JSONValue.Member]

    public init(workers: Workers = .one, nonfinite: Nonfinite = .error) {
        (self.workers, self.nonfinite) = (workers, nonfinite)
        masks = []
        findings = []
        record = []
    }

    public mutating func note(_ code: Finding.Code, _ message: String) {
        findings.append(Finding(code, message))
    }
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
