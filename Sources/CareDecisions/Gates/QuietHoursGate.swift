import CareRules
import CareValues

/// Whether the customer is to be left alone at this hour: gate `quiet_hours`.
enum QuietHoursGate {
    /// The first of the list that binds the action's destination and that `now` lies in, in the customer's zone.
    static func stop(
        _ quietHours: [QuietHours], _ campaign: Campaign, _ action: Action, now: Timestamp, zone: Zone
    ) -> Stop? {
        guard !quietHours.isEmpty, action.audience == .customer, !campaign.gates.ignoresQuietHours else { return nil }
        for quiet in quietHours where quiet.binds(action.destination) {
            guard let end = LocalSpan(from: quiet.from, until: quiet.until).end(around: now, zone: zone) else {
                continue
            }
            switch quiet.then {
            case .hold: return Stop(outcome: .hold, reason: .quietHours, release: end)
            case .suppress: return Stop(outcome: .suppress, reason: .quietHours)
            }
        }
        return nil
    }

    /// All that bind the action, whatever they do with it: no attempt to deliver it is made in them.
    static func times(_ quietHours: [QuietHours], _ campaign: Campaign, _ action: Action, zone: Zone) -> QuietTimes? {
        guard !quietHours.isEmpty, action.audience == .customer, !campaign.gates.ignoresQuietHours else { return nil }
        let binding = quietHours.filter { $0.binds(action.destination) }
        return QuietTimes(zone: zone.name, spans: binding.map { LocalSpan(from: $0.from, until: $0.until) })
    }
}
