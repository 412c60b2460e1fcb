import CareValues

/// How many attempts a destination bears at once: less after it has said 429 or 503, more again while it takes what
/// comes.
///
/// It begins with two, so that a destination that never answers holds two places and not all it may have; each success
/// adds one. From the first refusal on: half as many, once a second at most, and with as many successes as there are
/// places one more (additive increase, multiplicative decrease).
package struct ConcurrencyLimit: Sendable, Hashable {
    /// How many at first.
    package static let first = 2
    /// Refusals within so many milliseconds count as one: they answer what was under way together.
    package static let patienceMilliseconds: Int64 = 1_000

    private let most: Double
    private var limit: Double
    private var loweredAt: Timestamp?

    /// A limit that never exceeds `most`.
    package init(most: Int) {
        self.most = Double(most)
        limit = Double(min(most, Self.first))
    }

    /// How many now, at least one.
    package var value: Int { Int(limit) }

    /// An attempt was successful.
    package mutating func succeeded() {
        limit = min(most, limit + (loweredAt == nil ? 1 : 1 / limit))
    }

    /// The destination asked to be spared.
    package mutating func refused(now: Timestamp) {
        if let loweredAt, loweredAt != .distantPast, now.milliseconds(since: loweredAt) < Self.patienceMilliseconds {
            return
        }
        loweredAt = now
        limit = max(1, limit / 2)
    }

    /// The breaker has closed again: as careful as at first.
    package mutating func beginAnew() {
        limit = min(most, Double(Self.first))
    }

    /// The wall clock was set back.
    package mutating func clockMoved() {
        if loweredAt != nil { loweredAt = .distantPast }
    }
}
