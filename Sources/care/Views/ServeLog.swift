import CareAPI
import CareDecisions
import CareDispatch
import CareEngine
import CareValues

/// The log of `care serve`: counts and ids, never attributes. Text and JSON have the same keys.
struct ServeLog: Sendable {
    let console: Console
    let zone: Zone
    let isJSON: Bool
    /// Lines of lower levels are not written.
    var leastLevel = LogLevel.info

    /// The lines before the first event.
    func started(store: String, customers: Int) {
        guard !isJSON else {
            return write(
                "info", "started",
                [
                    ("version", .string(Version.number)), ("store", .string(store)),
                    ("customers", .number(Double(customers))),
                ])
        }
        console.line("care \(Version.number), \(store) with \(counted(customers, "customer")), locked. Ctrl-C ends.")
    }

    /// Commands that write cannot be carried out beside this service.
    func noCommands(_ reason: String) {
        write("warning", "no_commands", [("reason", .string(reason))])
    }

    func stopped() {
        write("info", "stopped", [])
    }

    /// One line for what the service tells; for a decision one for each campaign that acted.
    func write(_ event: Service.Event) {
        switch event {
        case .activated(let epoch, let fingerprint):
            write(
                "info", "activated",
                [("epoch", .number(Double(epoch))), ("rules", .string(String(fingerprint.prefix(12))))])
        case .received(let summary):
            var keys: [(String, JSONValue)] = [
                ("facts", .number(Double(summary.factsStored))), ("known", .number(Double(summary.factsKnown))),
            ]
            for outcome in Outcome.allCases {
                if let count = summary.decisions[outcome] { keys.append((outcome.rawValue, .number(Double(count)))) }
            }
            write("info", "received", keys)
        case .reloadRefused(let reason):
            write("error", "reload_refused", [("reason", .string(reason))])
        case .decided(let summary, let milliseconds):
            var keys: [(String, JSONValue)] = Outcome.allCases.compactMap { outcome in
                summary.decisions[outcome].map { (outcome.rawValue, .number(Double($0))) }
            }
            for (name, count) in summary.actsByCampaign.sorted(by: { $0.key < $1.key }) {
                keys.append(("act." + name, .number(Double(count))))
            }
            if summary.customersBroughtUp > 0 {
                keys.append(("brought_up", .number(Double(summary.customersBroughtUp))))
            }
            keys.append(("ms", .number(Double(milliseconds))))
            write("info", "decided", keys)
            for report in summary.approved { write(report) }
            if summary.duplicates > 0 {
                write(
                    "error", "decided_before",
                    [
                        ("count", .number(Double(summary.duplicates))),
                        ("help", .string("a defect of care: nothing was sent twice; please report it")),
                    ])
            }
        case .unreadable(let customer):
            write(
                "error", "customer_unreadable",
                [
                    ("place", .number(Double(customer.place))), ("detail", .string(customer.detail)),
                    (
                        "help",
                        .string("nothing is decided about that customer; restore a backup, or erase and send again")
                    ),
                ])
        case .pruned(let summary):
            write(
                "info", "pruned",
                [
                    ("facts", .number(Double(summary.facts))), ("customers", .number(Double(summary.customers))),
                    ("decisions", .number(Double(summary.decisions))),
                    ("deliveries", .number(Double(summary.deliveries))),
                ])
        case .storeFull:
            write("error", "store_full", [("help", .string("make room; it goes on by itself"))])
        case .clockBehind(let store):
            write(
                "error", "clock_behind",
                [
                    ("store", .string(TimeText(zone: zone).iso(store))),
                    ("help", .string("the machine's clock was set back; it goes on when the store's is reached")),
                ])
        }
    }

    /// One line for what the server tells.
    func write(_ event: ServerEvent) {
        switch event {
        case .listening(let url): write("info", "listening", [("url", .string(url))])
        case .setupLink(let url):
            write("info", "setup", [("url", .string(url)), ("help", .string("open it to make the first user"))])
        case .requestFailed(let request, let route, let detail):
            write(
                "error", "request_failed",
                [("request", .string(request)), ("route", .string(route)), ("detail", .string(detail))])
        case .certificateInUse(let until, let days):
            write(
                days < ServerCertificate.fewDays ? "warning" : "info", "certificate",
                [("until", .string(until.iso8601)), ("days", .number(Double(days)))])
        case .certificateRefused(let reason): write("error", "certificate_refused", [("reason", .string(reason))])
        case .signInFailed(let address): write("warning", "sign_in_failed", [("address", .string(address))])
        }
    }

    private func write(_ report: ApprovedPlans.Report) {
        var keys: [(String, JSONValue)] = [("plan", .string(report.name))]
        if let refusal = report.refusal {
            return write("error", "plan_refused", keys + [("reason", .string(refusal))])
        }
        keys.append(("applied", .number(Double(report.summary.appliedCount))))
        keys.append(("held", .number(Double(report.summary.held))))
        keys.append(("refused", .number(Double(report.summary.refused))))
        write(report.summary.refused > 0 ? "warning" : "info", "plan_applied", keys)
        for refusal in report.summary.refusals.prefix(20) {
            let key = refusal.planned.key.text(generation: refusal.life)
            write(
                "warning", "decision_refused",
                [
                    ("key", .string(DeliveryID(hashing: key).text)),
                    ("campaign", .string(refusal.planned.key.campaign)),
                    ("planned", .string(refusal.planned.outcome.rawValue)),
                ])
        }
    }

    /// Writes what the dispatcher tells.
    func dispatchOptions(zones: any ZoneDirectory) -> Dispatcher.Options {
        var options = Dispatcher.Options()
        let log = self
        options.zones = zones
        options.observe = { log.write($0) }
        return options
    }

    private func write(_ event: DispatchEvent) {
        switch event {
        case .attemptFailed(let id, let destination, let number, let detail, let state, let next):
            write(
                "warning", "attempt_failed",
                [
                    ("delivery", .string(id.text)), ("destination", .string(destination)),
                    ("attempt", .number(Double(number))), ("detail", .string(detail)),
                    ("state", .string(state.rawValue)),
                    ("next", .string(next.iso8601)),
                ])
        case .destinationPaused(let name, let until):
            write("warning", "destination_paused", [("destination", .string(name)), ("until", .string(until.iso8601))])
        case .breakerOpened(let name, let until):
            write("warning", "breaker_opened", [("destination", .string(name)), ("until", .string(until.iso8601))])
        case .breakerClosed(let name): write("info", "breaker_closed", [("destination", .string(name))])
        case .destinationDisabled(let name, let reason):
            write("error", "destination_disabled", [("destination", .string(name)), ("reason", .string(reason))])
        case .resourcesExhausted(let detail):
            write("error", "resources_exhausted", [("detail", .string(detail))])
        case .clockSetBack(let milliseconds):
            write("warning", "clock_set_back", [("ms", .number(Double(milliseconds)))])
        case .storeFull: write("error", "store_full", [("help", .string("make room; it goes on by itself"))])
        }
    }

    private func write(_ level: String, _ event: String, _ keys: [(String, JSONValue)]) {
        guard let rank = LogLevel(rawValue: level), rank >= leastLevel else { return }
        let now = console.now()
        if isJSON {
            var members: [(name: String, value: JSONValue)] = [
                ("time", .string(now.iso8601)), ("level", .string(level)), ("event", .string(event)),
            ]
            members += keys.map { (name: $0.0, value: $0.1) }
            console.line(JSONWriter.text(.object(JSONObject(uniqueMembers: members))))
        } else {
            let text = keys.map { key, value in
                if case .string(let text) = value {
                    let isPlain = !text.isEmpty && !text.utf8.contains { $0 <= 0x20 || $0 == 0x22 || $0 == 0x7F }
                    return "\(key)=" + (isPlain ? text : JSONWriter.text(value))
                }
                return "\(key)=\(JSONWriter.text(value))"
            }
            console.line(([TimeText(zone: zone).iso(now), level, event] + text).joined(separator: " "))
        }
    }
}
