import Glibc

/// A thread of our own, for work that blocks: the store, the network loop, name lookups.
public final class Worker: @unchecked Sendable {
    // Safety: `thread` is written once in `init`, before the object is shared.
    private let thread: pthread_t

    /// Starts `body` on a new thread; nil: the system has no thread left.
    public init?(_ body: @escaping @Sendable () -> Void) {
        final class Box {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) {
                self.body = body
            }
        }
        var started = pthread_t()
        let box = Unmanaged.passRetained(Box(body))
        let code = pthread_create(
            &started, nil,
            { raw in
                guard let raw else { return nil }
                Unmanaged<Box>.fromOpaque(raw).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
        guard code == 0 else {
            box.release()
            return nil
        }
        thread = started
    }

    /// Waits until the thread has ended. Call it once, from another thread.
    public func join() {
        pthread_join(thread, nil)
    }

    /// Lets the thread end by itself, unobserved.
    public func detach() {
        pthread_detach(thread)
    }
}
