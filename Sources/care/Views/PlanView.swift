import CareDecisions
import CareLogic
import CarePlanning
import CareValues

/// `care plan`: one line tells the period; the table adds up both ways; rows say what they rest on.
struct PlanView {
    let plan: Plan
    /// The store as people read it.
    let store: String
    /// How many messages a second each destination takes, where `care.json` says so.
    var rates: [String: Double] = [:]
    /// The file the plan was saved in; nil: none.
    var savedTo: String?
    /// The file the page was written to; nil: none.
    var page: String?
    /// What says which occurrences name a personal value; nil: such values are shown.
    var hiding: Schema?

    var time: TimeText { TimeText(zone: plan.zone) }
    private var total: PlanTally.StepCounts { plan.tally.total }

    func text(_ style: Style) -> String {
        if let savedTo { return saved(to: savedTo, style) }
        if let customer = plan.customer {
            return CustomerPlanView(plan: plan, customer: customer, hiding: hiding).text(style)
        }
        var lines = [style.bold(headline)]
        if plan.isInterrupted {
            lines.insert(
                style.warning(
                    "Interrupted: these totals are of \(grouped(plan.tally.customers)) of "
                        + "\(counted(plan.customers, "customer")) only. No file was written."), at: 0)
        }
        if let line = LeftOut.line(plan.unreadable) { lines.append(style.warning(line)) }
        lines.append("")
        lines += header
        let rows = PlanRows(plan: plan)
        if !rows.isEmpty {
            lines.append("")
            lines += rows.table
            lines.append(
                "  due = act + held + suppress + skip."
                    + (rows.hasSilence ? " 'silence' is an upper bound: an event ends it." : ""))
        }
        let approved = plan.campaigns.filter { $0.needsApproval && rows.names.contains($0.name) }
        if !approved.isEmpty {
            lines.append("  Only if it is approved: \(approved.map(\.name).joined(separator: ", ")).")
        }
        let idle = plan.campaigns.filter {
            isListed($0.name) && $0.basis.isForeseeable && !rows.names.contains($0.name)
        }
        if !idle.isEmpty { lines += wrapped("  Nothing due: \(idle.map(\.name).joined(separator: ", ")).") }
        lines += section(reasons)
        lines += section(PlanStrip(plan: plan).lines)
        lines += section(hours)
        lines += section(unforeseeable)
        if let page { lines += ["", "Page: \(page)"] }
        lines += ["", "Next: " + next]
        return lines.joined(separator: "\n") + "\n"
    }

    private func isListed(_ campaign: String) -> Bool {
        plan.campaign == nil || plan.campaign == campaign
    }

    private func section(_ lines: [String]) -> [String] {
        lines.isEmpty ? [] : [""] + lines
    }

    // MARK: Beginning

    private var headline: String {
        let total = total
        if total.due == 0, let name = plan.campaign, let facts = plan.campaigns.first(where: { $0.name == name }),
            !facts.basis.isForeseeable
        {
            return "Nothing can be foreseen: \(name) starts only when \(Self.ground(facts)). Nothing was sent.\n"
                + "Try what would happen: add --assume FILE"
        }
        if total.due == 0 { return "Nothing would go out in this period. Nothing was sent." }
        var text = "\(counted(total.act, "action")) would go out"
        var rest: [String] = []
        if total.suppress > 0 { rest.append("\(grouped(total.suppress)) suppressed") }
        if total.skip > 0 { rest.append("\(grouped(total.skip)) skipped") }
        if total.held > 0 { rest.append("\(grouped(total.held)) held at the end") }
        if !rest.isEmpty { text += "; " + rest.joined(separator: ", ") }
        return text + ". Nothing was sent."
    }

    /// `an event comes; 31 such events in the last 28 days`
    static func ground(_ facts: Plan.CampaignFacts) -> String {
        guard let events = facts.eventsInLast28Days else {
            return "an attribute changes; \(none(facts.entriesInLast28Days, "entry", "entries")) in the last 28 days"
        }
        return "an event comes; \(none(events, "such event", "such events")) and "
            + "\(none(facts.entriesInLast28Days, "entry", "entries")) in the last 28 days"
    }

    private static func none(_ count: Int, _ singular: String, _ plural: String) -> String {
        count == 0 ? "no \(singular)" : counted(count, singular, plural)
    }

    private var header: [String] {
        let force = plan.isActive ? "epoch \(plan.epoch)" : "not in force yet: would be epoch \(plan.epoch)"
        let clock = plan.storeClock.map { "clock \(time.full($0)), " } ?? ""
        let until =
            plan.zone.date(at: plan.from).components.year == plan.zone.date(at: plan.until).components.year
            ? time.short(plan.until) : time.full(plan.until)
        let assumed = plan.assumedFacts > 0 ? ["assumed \(counted(plan.assumedFacts, "fact"))"] : []
        return [
            "rules   \(plan.fingerprint.prefix(12)) (\(force))",
            "store   \(store), \(clock)\(counted(plan.customers, "customer"))",
            "period  \(time.full(plan.from)) until \(until) \(plan.zone.name)",
        ] + assumed
    }

    // MARK: Reasons

    private var reasons: [String] {
        var table = Table([.left, .right, .left])
        let groups: [(String, [Reason: [String: Int]])] = [
            ("Held", plan.tally.heldReasons),
            ("Suppressed", plan.tally.reasons.filter { !$0.key.isOfSkips }),
            ("Skipped", plan.tally.reasons.filter { $0.key.isOfSkips }),
            ("Not entered", plan.tally.notEntered), ("Ended", plan.tally.ended),
        ]
        for (title, reasons) in groups where !reasons.isEmpty {
            let sum = reasons.values.reduce(0) { $0 + $1.values.reduce(0, +) }
            let order = reasons.sorted { ($1.value.total, $0.key.rawValue) < ($0.value.total, $1.key.rawValue) }
            let parts = order.map { reason, campaigns in
                "\(reason.rawValue) \(grouped(campaigns.total)) (\(campaigns.keys.sorted().joined(separator: ", ")))"
            }
            table.add([title, grouped(sum), parts.joined(separator: " · ")])
        }
        let unmatched = plan.tally.notMatching.total
        if unmatched > 0 {
            table.add(["Not matching", grouped(unmatched), "where or condition was false: no row is written"])
        }
        return table.lines(indent: "")
    }

    // MARK: Hours

    private var hours: [String] {
        var table = Table([.left, .left, .right, .left])
        for (destination, hours) in plan.tally.actsByHour.sorted(by: { $0.key < $1.key }) {
            guard let busiest = hours.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else { continue }
            let days = Int32(busiest.key >= 0 ? busiest.key / 24 : (busiest.key - 23) / 24)
            let hour = Int(busiest.key - Int64(days) * 24)
            let text = "\(time.day(CivilDate(dayNumber: days))) \(hour < 10 ? "0" : "")\(hour):00"
            table.add([destination, text, grouped(busiest.value), drain(destination, busiest.value, hour: hour)])
        }
        var lines = table.lines()
        if !lines.isEmpty { lines.insert("Busiest hours", at: 0) }
        let most = plan.tally.contactedMost.filter { $0.acts > 1 }
        if let top = most.first {
            let same = most.filter { $0.acts == top.acts }
            let names = same.map(\.customer).joined(separator: ", ")
            lines.append("Contacted most  \(names): \(counted(top.acts, "message"))\(same.count > 1 ? " each" : "")")
        }
        return lines
    }

    /// `limit 50/s: drains by 09:14`, if all of the hour came at its beginning; empty: there is no limit.
    private func drain(_ destination: String, _ count: Int, hour: Int) -> String {
        guard let rate = rates[destination], rate > 0 else { return "" }
        let seconds = Int((Double(count) / rate).rounded(.up))
        let limit = "limit \(CanonicalJSON.numberText(rate))/s: "
        if seconds < 60 { return limit + "drains in \(seconds) s" }
        let minutes = hour * 60 + (seconds + 59) / 60
        let clock = String(String(10_000 + minutes / 60 % 24 * 100 + minutes % 60).dropFirst())
        let days = minutes / 1_440
        return limit + "drains by \(clock.prefix(2)):\(clock.suffix(2))"
            + (days > 0 ? ", \(counted(days, "day")) later" : "")
    }

    // MARK: What cannot be foreseen

    private var unforeseeable: [String] {
        let campaigns = plan.campaigns.filter { isListed($0.name) && !$0.basis.isForeseeable }
        guard !campaigns.isEmpty else { return [] }
        var table = Table([.left, .right, .right, .right, .right])
        table.add([
            "Cannot be foreseen", "EVENTS IN THE LAST 28 DAYS", "ENTRIES", "RUNNING NOW", "STEPS PLANNED",
        ])
        for facts in campaigns {
            let due = plan.tally.steps.reduce(0) { $0 + ($1.key.campaign == facts.name ? $1.value.due : 0) }
            let running = plan.tally.running[facts.name] ?? 0
            table.add([
                "  " + facts.name, facts.eventsInLast28Days.map { $0 == 0 ? "none" : grouped($0) } ?? "-",
                facts.entriesInLast28Days == 0 ? "none" : grouped(facts.entriesInLast28Days),
                facts.steps.count < 2 ? "-" : running == 0 ? "none" : grouped(running),
                due == 0 ? "none" : grouped(due),
            ])
        }
        return table.lines(indent: "")
    }

    // MARK: Saved

    private func saved(to file: String, _ style: Style) -> String {
        let total = total
        var parts = ["\(grouped(total.act)) act"]
        for (word, count, reasons) in [
            ("suppressed", total.suppress, plan.tally.reasons.filter { !$0.key.isOfSkips }),
            ("skipped", total.skip, plan.tally.reasons.filter { $0.key.isOfSkips }),
            ("held", total.held, plan.tally.heldReasons),
        ] where count > 0 {
            let listed = reasons.sorted { ($1.value.total, $0.key.rawValue) < ($0.value.total, $1.key.rawValue) }
            let names = listed.map { "\($0.key.rawValue) \(grouped($0.value.total))" }
            parts.append("\(grouped(count)) \(word) (\(names.joined(separator: ", ")))")
        }
        let until =
            plan.zone.date(at: plan.from).components.year == plan.zone.date(at: plan.until).components.year
            ? time.short(plan.until) : time.full(plan.until)
        var lines = [
            style.bold("\(counted(total.due, "action")): \(parts.joined(separator: " · ")). Nothing was sent."),
            "Saved for \(time.full(plan.from)) until \(until) \(plan.zone.name). To approve: care apply \(file)",
        ]
        if let line = LeftOut.line(plan.unreadable) { lines.append(style.warning(line)) }
        if !plan.isActive {
            lines.append("These rules are not in force yet: they are once it is applied, and nothing before counts.")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var next: String {
        if let most = plan.tally.contactedMost.first {
            return "care plan --customer \(most.customer), --why-not CAMPAIGN, --out FILE, or care tick"
        }
        return plan.campaign == nil ? "care plan --days 30" : "care plan --days 30 --campaign \(plan.campaign ?? "")"
    }
}

/// Where a column of ``Table`` stands.
typealias TableSide = Table.Side

extension [String: Int] {
    /// The sum of all counts.
    var total: Int { values.reduce(0, +) }
}

extension Reason {
    /// Whether it is why an action's time or ground has gone.
    var isOfSkips: Bool {
        switch self {
        case .tooLate, .condition, .exited, .displaced, .campaignRemoved, .erased, .restored: true
        default: false
        }
    }
}
