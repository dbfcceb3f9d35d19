internal import Dispatch
internal import Glibc
internal import Synchronization

/// Notes SIGINT and SIGTERM: the run finishes the scans in hand and admits no more. A second signal ends the
/// process at once; outputs appear by rename, so none is left half written.
struct StopSignals: Sendable {
    private let flag = Flag()

    private final class Flag: Sendable {
        /// 0, or the signal that came first.
        let value = Atomic<Int32>(0)
    }

    /// Listens until the process ends. From here on a reader of the messages who goes away (`2>&1 | head`) does not
    /// end the run.
    init() {
        signal(SIGPIPE, SIG_IGN)
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(
                signal: number, queue: .global(qos: .userInteractive))
            source.setEventHandler { [flag] in
                // The handler keeps its source, and so the listening, alive.
                _ = source
                if flag.value.exchange(number, ordering: .relaxed) != 0 { _exit(128 + number) }
            }
            source.resume()
        }
    }

    /// The signal that came, if one did.
    var received: Int32? {
        let number = flag.value.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }
}
