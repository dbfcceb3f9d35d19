import MedPrepCore
import MedPrepKernels

/// How far statistics of N scans can be trusted for training (SEMANTICS 2.2).
enum BatchSeverity: String {
    case severe, warning, ok

    /// By the number of scans, not of voxels: voxels of one scan are too much alike.
    init(batchSize: Int) {
        self = batchSize <= 8 ? .severe : batchSize < 32 ? .warning : .ok
    }

    /// What a person should know; it names the ways out.
    func text(batchSize: Int) -> String {
        let alternatives =
            "consider batch renormalization, instance, group or layer normalization, weight normalization, "
            + "or global statistics of the training set"
        let scans = "\(batchSize) \(batchSize == 1 ? "scan" : "scans")"
        return switch self {
        case .severe:
            "batches of \(scans) make statistics that vary strongly from batch to batch; \(alternatives)"
        case .warning: "batches of \(scans) make statistics that vary from batch to batch; \(alternatives)"
        case .ok: "batches of \(scans) make steady statistics"
        }
    }
}

extension Context {
    /// `small_batch_severe` or `small_batch`, where the batch deserves it.
    mutating func noteBatch(of scans: Int) {
        let severity = BatchSeverity(batchSize: scans)
        if severity == .ok { return }
        note(severity == .severe ? .smallBatchSevere : .smallBatch, severity.text(batchSize: scans))
    }

    /// `constant_channel` for each channel, or group of `channelsEach` channels, whose values are all equal.
    mutating func noteConstants(among groups: [Moments], channelsEach size: Int = 1, sample: Int? = nil) {
        for (group, moments) in groups.enumerated() where moments.count > 1 && moments.m2 == 0 {
            let (first, last) = (group * size, (group + 1) * size - 1)
            let channels = size == 1 ? "channel \(first)" : "channels \(first) to \(last)"
            let place = sample.map { " of sample \($0)" } ?? ""
            let verb = size == 1 ? "is" : "are"
            let value = JSONValue.number(moments.mean).line
            note(.constantChannel, "\(channels)\(place) \(verb) constant at \(value); beta is what remains")
        }
    }
}
