internal import ArgumentParser
internal import Dispatch
internal import MedPrep

enum ProgressStyle: String, ExpressibleByArgument, CaseIterable {
    /// One changing line on a terminal, else a plain line every 30 s.
    case auto
    case plain
    /// One JSON object a line for each scan.
    case json
    case none
}

/// Tells how far a run is.
struct Progress {
    private enum Manner { case line, plain, json, silent }

    private let manner: Manner
    private var total: Int
    private var finished = 0
    private var failed = 0
    private var worked = 0
    private var bytes = 0
    private let start = DispatchTime.now().uptimeNanoseconds
    private var lastShown: UInt64 = 0
    private var isLineOpen = false

    init(style: ProgressStyle, cases: Int) {
        total = cases
        manner =
            switch style {
            case .auto: Terminal.isInteractive ? .line : .plain
            case .plain: .plain
            case .json: .json
            case .none: .silent
            }
    }

    mutating func show(_ event: Run.Event) {
        switch event {
        case .pass(let name, let cases):
            total = cases
            (finished, failed, worked, bytes) = (0, 0, 0, 0)
            if manner == .json {
                Terminal.message(
                    JSONValue.object([.init("pass", .string(name)), .init("scans", .integer(cases))]).line)
            }
        case .finished(let planned, let result, let read):
            count(planned, result, read)
        }
    }

    private mutating func count(_ planned: PlannedCase, _ result: Run.Result, _ read: Int) {
        finished += 1
        var status = "written"
        var failure: Failure?
        switch result {
        case .written:
            worked += 1
            bytes += read
        case .alreadyDone: status = "already done"
        case .failed(let reason):
            failed += 1
            status = "failed"
            failure = reason
        }
        switch manner {
        case .silent: return
        case .json:
            var members: [JSONValue.Member] = [
                .init("scan", .string(planned.name)), .init("status", .string(status)),
                .init("finished", .integer(finished)), .init("scans", .integer(total)),
                .init("failed", .integer(failed)),
            ]
            if let failure { members.append(.init("error", .string(failure.description))) }
            Terminal.message(JSONValue.object(members).line)
        case .plain, .line:
            let now = DispatchTime.now().uptimeNanoseconds
            let pause: UInt64 = manner == .line ? 100_000_000 : 30_000_000_000
            guard now - lastShown >= pause, manner == .line || now - start >= pause else { return }
            lastShown = now
            let text = line(planned.name, now)
            if manner == .line {
                Terminal.message("\r\u{1b}[K" + String(text.prefix(Terminal.width - 1)), terminator: "")
                isLineOpen = true
            } else {
                Terminal.message(text)
            }
        }
    }

    private func line(_ name: String, _ now: UInt64) -> String {
        let seconds = max(1e-9, Double(now - start) / 1e9)
        let rate = Double(worked) / seconds
        func tenth(_ value: Double) -> Double { (value * 10).rounded() / 10 }
        let left = rate > 0 ? Int(Double(total - finished) / rate) : 0
        let percent = total > 0 ? finished * 100 / total : 100
        return
            "\(finished)/\(total) \(percent)%  \(tenth(rate)) scans/s  \(tenth(Double(bytes) / seconds / 1e6)) MB/s  "
            + "ETA \(Duration.text(seconds: Double(left)))  \(failed) failed  \(name)"
    }

    /// Clears the changing line.
    mutating func finish() {
        if isLineOpen { Terminal.message("\r\u{1b}[K", terminator: "") }
        isLineOpen = false
    }
}

extension Duration {
    /// "4 min 12 s".
    static func text(seconds: Double) -> String {
        if seconds < 9.95 { return "\((seconds * 10).rounded() / 10) s" }
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        return whole < 3600
            ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
}
