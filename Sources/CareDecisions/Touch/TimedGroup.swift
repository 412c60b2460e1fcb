import CareRules
import CareValues

/// Campaigns whose instants are reckoned from one value: what a fact makes of that is asked once for all of them.
struct TimedGroup: Sendable {
    /// What one of them is reckoned from.
    enum Source: Hashable {
        case watched(WatchedValue)
        case silence(trait: Int, orSince: Int?)
        case region(HolidayTrigger.Region)
        case clock

        /// nil: the trigger has no instants of its own.
        init?(_ trigger: Trigger) {
            switch trigger {
            case .anniversary(let trigger): self = .watched(trigger.of)
            case .date(let trigger): self = .watched(trigger.of)
            case .inactivity(let trigger): self = .silence(trait: trigger.lastTrait, orSince: trigger.orSince)
            case .holiday(let trigger): self = .region(trigger.region)
            case .schedule: self = .clock
            case .event, .api, .change, .segment: return nil
            }
        }
    }

    /// One campaign.
    struct Member: Sendable {
        var campaign: Int
        /// Its place among the timed campaigns; nil: it is scanned.
        var place: Int?
        /// Of a silence: no firing is complete sooner after its beginning, in milliseconds.
        var shortest: Int64?
    }

    var members: [Member]

    /// The groups of `timed` and `scanned` campaigns; where campaigns have zones each is for itself.
    static func all(_ campaigns: [Campaign], timed: [Int], scanned: [Int], haveZones: Bool) -> [TimedGroup] {
        var groups: [TimedGroup] = []
        var places: [Source: Int] = [:]
        func add(_ index: Int, place: Int?) {
            var member = Member(campaign: index, place: place)
            if case .inactivity(let trigger) = campaigns[index].trigger { member.shortest = trigger.shortest }
            guard !haveZones, let source = Source(campaigns[index].trigger) else {
                groups.append(TimedGroup(members: [member]))
                return
            }
            if let known = places[source] {
                groups[known].members.append(member)
            } else {
                places[source] = groups.count
                groups.append(TimedGroup(members: [member]))
            }
        }
        for (place, index) in timed.enumerated() { add(index, place: place) }
        for index in scanned { add(index, place: nil) }
        return groups
    }
}

extension InactivityTrigger {
    /// No firing is complete sooner after the beginning of a silence, in milliseconds; told without reckoning wall times:
    /// three days less than its days are more than any clock is put forward.
    var shortest: Int64 {
        (Int64(duration.months) * 28 + Int64(duration.days) - 3) * 86_400_000 + duration.milliseconds
    }
}
