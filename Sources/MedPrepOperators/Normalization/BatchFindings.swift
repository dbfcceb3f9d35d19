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

    /// `constant_channel` for each channel whose values are all equal.
    mutating func noteConstants(among channels: [Moments], sample: Int? = nil) {
        for (channel, moments) in channels.enumerated() where moments.count > 1 && moments.m2 == 0 {
            let place = sample.map { " of sample \($0)" } ?? ""
            note(
                .constantChannel,
                "channel \(channel)\(place) is constant at \(JSONValue.number(moments.mean).line); it becomes beta"
            )
        }
    }
}
