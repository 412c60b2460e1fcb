import CareDispatch
import CareEngine
import CareStore
import CareValues

/// `care tick` beside a service: how the service stands, which decides and delivers by itself.
struct TickBesideView {
    let process: Int32
    let epoch: Int64
    let fingerprint: String
    /// The earliest wake-up; nil: nobody waits.
    let nextWakeUp: Timestamp?
    /// The decision clock.
    let now: Timestamp
    /// Deliveries that wait or are being sent.
    let waiting: Int
    /// What lies for destinations.
    let left: StillWaiting
    let zone: Zone

    /// How the service stands between two of its passes, when all that was due is decided.
    static func read(
        _ service: RunningService, _ destinations: [DestinationSettings], zone: Zone, realNow: Timestamp
    ) throws -> TickBesideView {
        guard let rules = service.live.rules else { throw LiveRefusal.notRunning }
        return try service.store.writeByRules { store, inForce in
            let counts = try store.deliveryCounts()
            return TickBesideView(
                process: service.process, epoch: inForce.current.active.epoch, fingerprint: rules.fingerprint,
                nextWakeUp: try store.nextWakeUp(), now: service.now(),
                waiting: (counts[.waiting] ?? 0) + (counts[.sending] ?? 0),
                left: try StillWaiting.read(destinations, in: store, now: realNow), zone: zone)
        }
    }

    /// Whether it is still at what fell due before.
    private var isBehind: Bool { nextWakeUp.map { $0 <= now } ?? false }

    func text(_ style: Style) -> String {
        let first =
            isBehind
            ? "care serve, process \(process), is at work on what is due; nothing is to be done here."
            : "care serve, process \(process), decides and delivers by itself; nothing was left to be done."
        let time = TimeText(zone: zone)
        var table = Table([.left, .left])
        table.add(["rules", "epoch \(epoch), \(fingerprint.prefix(12))"])
        table.add(["next", nextWakeUp.map { "\(time.full($0)) \(zone.name)" } ?? "no customer has a wake-up"])
        table.add(["waiting", counted(waiting, "delivery", "deliveries")])
        return ([style.bold(first)] + table.lines() + left.lines(zone)).joined(separator: "\n") + "\n"
    }

    var json: JSONValue {
        [
            "service": .number(Double(process)), "epoch": .number(Double(epoch)), "rules": .string(fingerprint),
            "nextWakeUp": nextWakeUp.map { .string($0.iso8601) } ?? .null, "behind": .bool(isBehind),
            "waiting": .number(Double(waiting)),
        ]
    }
}
