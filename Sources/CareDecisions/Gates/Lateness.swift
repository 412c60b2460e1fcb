import CareRules
import CareValues

/// When an occurrence or an action is too late: gate `too_late`, first at entry and first per action.
enum LatenessGate {
    /// How long a `hold` or an `error` is tried again where the campaign sets no lateness.
    static let deadlineWithoutLateness = ISODuration(days: 30)

    /// The instant from which on it is too late; nil: never.
    ///
    /// Defaults, for the occurrence and the first step only: an anniversary, a date, a holiday or a schedule
    /// until the end of the local due date; a change, a segment or an inactivity 24 hours; an event or a call three days. Later steps have none.
    static func limit(of campaign: Campaign, due: Timestamp, isFirstStep: Bool, zone: Zone) -> Timestamp? {
        switch campaign.maxLateness {
        case .unlimited: return nil
        case .within(let duration): return zone.advance(due, by: duration)
        case nil: break
        }
        guard isFirstStep else { return nil }
        switch campaign.trigger {
        case .anniversary, .date, .holiday, .schedule: return zone.startOfDay(zone.date(at: due).advanced(byDays: 1))
        case .change, .segment, .inactivity: return due.advanced(byMilliseconds: 24 * 3_600_000)
        case .event, .api: return zone.advance(due, by: ISODuration(days: 3))
        }
    }

    /// When a pending action or waiting occurrence is given up: its lateness, else 30 days after it was due, not
    /// counting the milliseconds that it has lain in a paused campaign.
    static func deadline(limit: Timestamp?, due: Timestamp, zone: Zone, pausedFor: Int64 = 0) -> Timestamp {
        limit ?? zone.advance(due, by: deadlineWithoutLateness).advanced(byMilliseconds: pausedFor)
    }
}
