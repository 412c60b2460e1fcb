import CareStore
import CareThreads
import CareValues

/// The ledger's sums by day. Days that are over are kept for a while: only late facts still add to them.
final class DaySums: Sendable {
    private struct Known {
        var sums: [LedgerSum]
        var readAt: Timestamp
    }

    private let known = Lock<[CivilDate: Known]>([:])
    /// How long the sums of a day that is over are kept, in milliseconds.
    private static let keptFor: Int64 = 600_000
    /// How many days are kept.
    private static let maximumDays = 120

    /// The sums of each of the `count` days up to and including `last`, oldest first.
    ///
    /// - Parameter readAt: the real clock.
    func sums(
        through last: CivilDate, count: Int, zone: Zone, today: CivilDate, readAt: Timestamp,
        in store: any StoreSnapshot
    ) throws -> [(date: CivilDate, sums: [LedgerSum])] {
        try (0..<count).map { offset in
            let date = last.advanced(byDays: offset - count + 1)
            if date < today, let old = known.withLock({ $0[date] }),
                readAt.milliseconds(since: old.readAt) < Self.keptFor,
                readAt >= old.readAt
            {
                return (date, old.sums)
            }
            let sums = try store.ledgerSums(
                from: zone.startOfDay(date), until: zone.startOfDay(date.advanced(byDays: 1)), campaign: nil)
            if date < today {
                known.withLock { known in
                    if known.count >= Self.maximumDays { known.removeAll() }
                    known[date] = Known(sums: sums, readAt: readAt)
                }
            }
            return (date, sums)
        }
    }
}

extension [LedgerSum] {
    /// By outcome, of one campaign (by identity) or of all.
    func byOutcome(campaign: String? = nil) -> [ShownOutcome: Int] {
        var sums: [ShownOutcome: Int] = [:]
        for sum in self where campaign == nil || sum.campaign == campaign {
            if let outcome = ShownOutcome(rawValue: sum.outcome) { sums[outcome, default: 0] += sum.count }
        }
        return sums
    }
}
