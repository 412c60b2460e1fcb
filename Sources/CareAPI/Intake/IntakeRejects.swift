import CareThreads
import CareValues

/// What was refused of requests that answer success all the same, the newest of it: where from, of which kind and why, never
/// whose.
public final class IntakeRejects: Sendable {
    /// One refusal.
    public struct Entry: Sendable, Hashable {
        /// When, of the real clock.
        public var at: Timestamp
        /// The token it came by.
        public var who: String
        /// The route, `/v1/batch`.
        public var route: String
        /// The stable name of why.
        public var code: String
        /// The same in words.
        public var reason: String
    }

    /// How many are kept.
    static let most = 1_000

    private struct State {
        var entries: [Entry] = []
        var start = 0
        var total = 0
    }
    private let state = Lock(State())

    /// None yet.
    public init() {}

    /// How many there were.
    public var total: Int { state.withLock { $0.total } }

    /// The newest first, at most `limit`.
    public func newest(_ limit: Int) -> [Entry] {
        state.withLock { state in
            let ordered = state.entries[state.start...] + state.entries[..<state.start]
            return Array(ordered.suffix(limit).reversed())
        }
    }

    func add(_ entry: Entry) {
        state.withLock { state in
            state.total += 1
            if state.entries.count < Self.most {
                state.entries.append(entry)
            } else {
                state.entries[state.start] = entry
                state.start = (state.start + 1) % Self.most
            }
        }
    }
}
