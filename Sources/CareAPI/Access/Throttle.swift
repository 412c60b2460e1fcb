import CareThreads

/// Slows guessing down: after some wrong ones, each more doubles the wait.
///
/// Counts by name and by address apart, so that one address cannot try many names, nor many addresses one name.
struct Throttle: Sendable {
    /// Wrong ones that cost nothing.
    static let free = 5
    /// The longest wait, in milliseconds.
    static let longest: Int64 = 15 * 60_000
    /// After so long without one, in milliseconds, all is forgotten.
    static let forgetsAfter: Int64 = 60 * 60_000
    /// The most keys that are remembered; the oldest are forgotten beyond it.
    static let most = 10_000

    private struct Entry {
        var failures = 0
        var lastAt: Int64
        var blockedUntil: Int64 = 0
    }
    private var entries: [String: Entry] = [:]

    /// Nothing noted.
    init() {}

    /// How long one has to wait, in milliseconds; 0: not at all.
    ///
    /// - Parameter now: of a clock that only runs forward, in milliseconds.
    func wait(_ keys: [String], now: Int64) -> Int64 {
        keys.map { max((entries[$0]?.blockedUntil ?? 0) - now, 0) }.max() ?? 0
    }

    /// Notes a wrong one.
    mutating func fail(_ keys: [String], now: Int64) {
        if entries.count >= Self.most { entries = entries.filter { now - $0.value.lastAt < Self.longest } }
        if entries.count >= Self.most { entries.removeAll() }
        for key in keys {
            var entry = entries[key] ?? Entry(lastAt: now)
            if now - entry.lastAt > Self.forgetsAfter { entry = Entry(lastAt: now) }
            entry.failures += 1
            entry.lastAt = now
            let over = entry.failures - Self.free
            if over >= 0 { entry.blockedUntil = now + min(Int64(1000) << min(over, 20), Self.longest) }
            entries[key] = entry
        }
    }

    /// Notes a right one.
    mutating func succeed(_ keys: [String]) {
        for key in keys { entries[key] = nil }
    }
}
