import Glibc
import Synchronization

/// Whether this process came out of `fork()`. The threads of its parent did not come along, and Dispatch waits for
/// them for ever, so a forked child computes on the calling thread.
package enum Fork {
    private static let happened = Atomic<Bool>(false)

    private static let watch: Void = {
        _ = pthread_atfork(nil, nil, { Fork.happened.store(true, ordering: .relaxed) })
    }()

    /// Asked once in the parent, it notices every later fork.
    package static var isChild: Bool {
        _ = watch
        return happened.load(ordering: .relaxed)
    }
}
