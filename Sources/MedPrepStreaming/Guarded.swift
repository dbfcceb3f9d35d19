import Glibc

/// A value behind a lock, and a way to wait until it has changed.
///
/// A pthread mutex and condition: `Synchronization.Mutex` gives false races under ThreadSanitizer.
package final class Guarded<Value: Sendable>: @unchecked Sendable {
    // `value` is touched between lock and unlock only; the two pointers never change.
    private var value: Value
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    package init(_ value: Value) {
        self.value = value
        pthread_mutex_init(lock, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        changed.deallocate()
        lock.deallocate()
    }

    /// Changes the value and wakes all who wait.
    package func change<Answer>(_ body: (inout Value) -> Answer) -> Answer {
        pthread_mutex_lock(lock)
        defer {
            pthread_cond_broadcast(changed)
            pthread_mutex_unlock(lock)
        }
        return body(&value)
    }

    /// Asks `attempt` now and after each change by others, until it answers. An attempt without an answer changes
    /// nothing.
    @discardableResult
    package func wait<Answer>(until attempt: (inout Value) -> Answer?) -> Answer {
        pthread_mutex_lock(lock)
        defer {
            pthread_cond_broadcast(changed)
            pthread_mutex_unlock(lock)
        }
        while true {
            if let answer = attempt(&value) { return answer }
            pthread_cond_wait(changed, lock)
        }
    }
}
