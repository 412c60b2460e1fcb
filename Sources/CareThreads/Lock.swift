import Glibc

/// A value that one thread at a time may touch: the only lock in Care.
///
/// A pthread mutex, because the thread sanitizer sees those: with `Synchronization.Mutex` it reports races that are
/// none (Swift 6.3, Linux). Hold it for a few instructions; never call out, wait or do I/O inside.
public final class Lock<State>: @unchecked Sendable {
    // Safety: `state` is touched only between lock and unlock of `mutex`.
    @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
    @usableFromInline var state: State

    /// A lock over `state`.
    public init(_ state: State) {
        self.state = state
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        let code = pthread_mutex_init(mutex, nil)
        precondition(code == 0, "pthread_mutex_init failed")
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deinitialize(count: 1)
        mutex.deallocate()
    }

    /// Runs `body` alone. Not reentrant.
    @inlinable
    public func withLock<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state)
    }
}
