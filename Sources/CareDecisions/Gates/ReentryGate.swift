import CareRules
import CareValues

/// Whether a customer may enter a campaign again: gate `reentry`, at entry.
enum ReentryGate {
    /// True when `memory` lets a new entry of `campaign` with `entryKey` begin at `now`.
    ///
    /// A cooldown in whole days compares local dates: it is over on the date that many days on, from midnight.
    /// Any other is over at `last + cooldown`, that instant included.
    static func admits(
        _ campaign: Campaign, entryKey: String, memory: Memory, now: Timestamp, zone: Zone
    ) -> Bool {
        let lives = memory.entries.contains {
            $0.lives && $0.campaign == campaign.identity && $0.entryKey == entryKey
        }
        let mark = memory.marks.first { $0.campaign == campaign.identity && $0.entryKey == entryKey }
        switch campaign.reentry {
        case .always:
            return true
        case .once:
            return mark == nil
        case .afterExit:
            return !lives
        case .cooldown(let cooldown, since: .entry):
            guard let mark else { return true }
            return isOver(cooldown, since: mark.lastEntry, now: now, zone: zone)
        case .cooldown(let cooldown, since: .act):
            if lives { return false }
            guard let lastAct = mark?.lastAct else { return true }
            return isOver(cooldown, since: lastAct, now: now, zone: zone)
        }
    }

    private static func isOver(_ cooldown: ISODuration, since last: Timestamp, now: Timestamp, zone: Zone) -> Bool {
        guard cooldown.milliseconds == 0 else { return now >= zone.advance(last, by: cooldown) }
        let free = zone.date(at: last).advanced(byMonths: Int(cooldown.months)).advanced(byDays: Int(cooldown.days))
        return zone.date(at: now) >= free
    }
}
