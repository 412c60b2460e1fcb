import CareThreads

/// Slows guessing down: after some wrong ones, each more doubles the wait.
///
/// Counts by name and by address apart, so that one address cannot try many names, nor many addresses one name. Where a
/// name has come in from an address before, only that pair counts: strangers cannot keep its owner out.
struct Throttle: Sendable {
    /// Wrong ones that cost nothing.
    static let free = 5
    /// The longest wait, in milliseconds.
    static let longest: Int64 = 15 * 60_000
    /// After so long without one, in milliseconds, all is forgotten.
    static let forgetsAfter: Int64 = 60 * 60_000
    /// The most keys that are remembered; the oldest are forgotten beyond it.
    static let most = 10_000

    /// The most names with addresses that are remembered.
    static let mostKnown = 1_000

    private struct Entry {
        var failures = 0
        var lastAt: Int64
        var blockedUntil: Int64 = 0
    }
    private var entries: [String: Entry] = [:]
    /// Names with the addresses that they came in from, the oldest first.
    private var known: [String] = []

    /// Nothing noted.
    init() {}

    /// What counts for a try at a name from an address.
    func keys(name: String, address: String) -> [String] {
        let network = Self.network(of: address)
        let pair = Self.pair(name, network)
        return known.contains(pair) ? ["pair:" + pair] : ["name:\(name.prefix(64))", "address:\(network)"]
    }

    /// Who has one address of IPv6 has all of its first 64 bits.
    static func network(of address: String) -> String {
        let parts = address.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count > 2 else { return address }
        var groups: [Substring] = []
        for part in parts.prefix(while: { !$0.isEmpty }).prefix(4) { groups.append(part) }
        return groups.joined(separator: ":") + "::/64"
    }

    private static func pair(_ name: String, _ network: String) -> String { "\(network) \(name.prefix(64))" }

    /// How long one has to wait, in milliseconds; 0: not at all.
    ///
    /// - Parameter now: of a clock that only runs forward, in milliseconds.
    func wait(_ keys: [String], now: Int64) -> Int64 {
        keys.map { max((entries[$0]?.blockedUntil ?? 0) - now, 0) }.max() ?? 0
    }

    /// Notes a wrong one.
    mutating func fail(_ keys: [String], now: Int64) {
        if entries.count >= Self.most { entries = entries.filter { now - $0.value.lastAt < Self.longest } }
        if entries.count >= Self.most {
            // Those that have been quiet for longest go; whoever is blocked was loud.
            let oldest = entries.sorted { $0.value.lastAt < $1.value.lastAt }.prefix(Self.most / 4)
            for (key, _) in oldest { entries[key] = nil }
        }
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
    mutating func succeed(name: String, address: String) {
        for key in keys(name: name, address: address) { entries[key] = nil }
        let pair = Self.pair(name, Self.network(of: address))
        known.removeAll { $0 == pair }
        known.append(pair)
        if known.count > Self.mostKnown { known.removeFirst() }
    }
}
