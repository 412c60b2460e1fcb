import CareValues

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The zones read so far, shared by all threads.
///
/// Names that are no zone are not kept: they come from customers' data and have no end.
// Safety: `zones` is read and written only between lock and unlock of the mutex, whose address never changes.
final class ZoneCache: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var zones: [String: Zone] = [:]

    init() {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        let result = pthread_mutex_init(mutex, nil)
        precondition(result == 0, "a default mutex can always be made")
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deinitialize(count: 1)
        mutex.deallocate()
    }

    /// The zone kept under that name.
    func zone(named name: String) -> Zone? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return zones[name]
    }

    /// Keeps `zone` unless one of its name is kept already, and gives the one that is kept.
    func keep(_ zone: Zone) -> Zone {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if let known = zones[zone.name] { return known }
        zones[zone.name] = zone
        return zone
    }
}
