import CareRules
import CareValues

/// Whether a step's window is open: gate `window_closed`. It binds actions for staff too.
enum WindowGate {
    /// A closed window opens again.
    static func stop(_ hours: OpeningHours, now: Timestamp) -> Stop? {
        let opening = hours.opening(atOrAfter: now)
        guard opening > now else { return nil }
        return Stop(
            outcome: .hold, reason: .windowClosed, release: opening,
            cause: Stop.Cause(kind: "window", name: hours.window.name))
    }
}

extension ActiveRules {
    /// The opening hours of a window for a customer of `zone`.
    func hours(of window: Window, customer zone: Zone) -> OpeningHours {
        let clock =
            switch window.clock {
            case .project: projectZone
            case .customer: zone
            case .named(let name): zones.zone(named: name) ?? projectZone
            }
        return OpeningHours(window: window, zone: clock, region: window.holidays.flatMap { holidays.region($0) })
    }
}
