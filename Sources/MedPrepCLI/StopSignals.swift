internal import Dispatch
internal import Glibc
internal import Synchronization

/// Notes SIGINT and SIGTERM: the run finishes the scans in hand and admits no more. A second signal ends the
/// process at once; outputs appear by rename, so none is left half written.
final class StopSignals: Sendable {
    private let first = Atomic<Int32>(0)
    private let sources: [any DispatchSourceSignal]

    init() {
        let flag = Flag()
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInteractive))
            source.setEventHandler {
                if flag.value.exchange(number, ordering: .relaxed) != 0 { _exit(128 + number) }
            }
            source.resume()
            return source
        }
        self.flag = flag
    }

    private let flag: Flag

    private final class Flag: Sendable {
        let value = Atomic<Int32>(0)
    }

    /// The signal that came, if one did.
    var received: Int32? {
        let number = flag.value.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }
}
