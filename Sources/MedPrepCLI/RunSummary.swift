internal import MedPrep

/// The last lines of a run: what happened, and what to type next.
struct RunSummary {
    private let outcome: Run.Outcome
    private let again: String
    /// More failures than this are left to summary.tsv.
    private static let listed = 20

    private let maxFailures: Int?

    init(_ outcome: Run.Outcome, again: String, maxFailures: Int?) {
        (self.outcome, self.again, self.maxFailures) = (outcome, again, maxFailures)
    }

    var text: String {
        let failed = outcome.failures.count
        let all = outcome.written + outcome.alreadyDone + failed + outcome.left + outcome.dropped
        var parts = ["\(outcome.written) written"]
        if outcome.alreadyDone > 0 { parts.append("\(outcome.alreadyDone) already done") }
        if failed > 0 { parts.append("\(failed) failed") }
        if outcome.dropped > 0 { parts.append("\(outcome.dropped) dropped") }
        if outcome.left > 0 { parts.append("\(outcome.left) left") }
        let head = "\(all) scan\(all == 1 ? "" : "s"): " + parts.joined(separator: ", ")
        let gap = String(repeating: " ", count: max(2, 64 - head.count))
        var lines = [head + gap + Duration.text(seconds: outcome.seconds)]
        for (name, failure) in outcome.failures.prefix(Self.listed) {
            lines.append("failed:    \(name)  \(failure)")
        }
        if failed > Self.listed {
            lines.append("           … and \(failed - Self.listed) more, in summary.tsv")
        }
        if let maxFailures, failed > maxFailures, outcome.left > 0 {
            lines.append("stopped:   more than \(maxFailures) failures, as --max-failures says")
        }
        if failed > 0 || outcome.left > 0 || outcome.reportError != nil {
            lines.append("again:     \(again)          (does only what is missing)")
        }
        return lines.joined(separator: "\n")
    }
}
