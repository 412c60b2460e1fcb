import CareRules
import CareValues

/// Whether there were enough acts of late: gate `frequency_cap`. All caps must pass; the first that does not is named.
enum FrequencyCapGate {
    /// A cap that is full opens when so many of its acts have left its period that there is room for one.
    static func stop(
        _ caps: [FrequencyCap], _ campaign: Campaign, _ action: Action, acts: CountedActs, now: Timestamp, zone: Zone
    ) -> Stop? {
        guard !caps.isEmpty, action.audience == .customer, !campaign.gates.ignoresCaps else { return nil }
        for cap in caps where cap.fits(tags: campaign.tags, destination: action.destination) {
            var releases: [Timestamp] = []
            for group in acts.groups where cap.fits(tags: group.tags, destination: group.destination) {
                for time in group.times {
                    let release = cap.period.release(of: time, zone: zone)
                    if release > now { releases.append(release) }
                }
            }
            guard releases.count >= cap.max else { continue }
            let cause = Stop.Cause(kind: "cap", name: cap.name)
            switch cap.then {
            case .suppress: return Stop(outcome: .suppress, reason: .frequencyCap, cause: cause)
            case .hold:
                releases.sort()
                let release = cap.max == 0 ? .distantFuture : releases[releases.count - cap.max]
                return Stop(outcome: .hold, reason: .frequencyCap, release: release, cause: cause)
            }
        }
        return nil
    }
}

extension FrequencyCap.Period {
    /// The first instant at which an act of `time` is no longer counted.
    ///
    /// A rolling period of whole days compares local dates: it ends at a local midnight. Any other ends to the
    /// millisecond. A calendar's ends with the local date that begins the next.
    package func release(of time: Timestamp, zone: Zone) -> Timestamp {
        switch self {
        case .rolling(let duration):
            guard duration.milliseconds == 0 else { return zone.advance(time, by: duration) }
            let date = zone.date(at: time).advanced(byMonths: Int(duration.months))
            return zone.startOfDay(date.advanced(byDays: Int(duration.days)))
        case .calendar(let period):
            return zone.startOfDay(period.dates(around: zone.date(at: time)).until)
        }
    }
}
