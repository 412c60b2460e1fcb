import CareDecisions
import CarePlanning
import CareValues

extension PlanView {
    /// The plan's numbers under the text's names, instants in UTC, the zone beside; all but the decisions.
    var json: JSONValue {
        let total = plan.tally.total
        var members: [(name: String, value: JSONValue)] = [
            ("fingerprint", .string(plan.fingerprint)), ("epoch", .number(Double(plan.epoch))),
            ("inForce", .bool(plan.isActive)), ("from", .string(plan.from.iso8601)),
            ("until", .string(plan.until.iso8601)),
            ("timeZone", .string(plan.zone.name)), ("storeClock", plan.storeClock.map { .string($0.iso8601) } ?? .null),
            ("customers", .number(Double(plan.customers))),
        ]
        if let campaign = plan.campaign { members.append(("campaign", .string(campaign))) }
        if let customer = plan.customer { members.append(("customer", .string(customer))) }
        members.append(("total", counts(total)))
        members.append(("rows", .array(rows)))
        members.append(("heldReasons", reasons(plan.tally.heldReasons)))
        members.append(("reasons", reasons(plan.tally.reasons)))
        members.append(("notEntered", reasons(plan.tally.notEntered)))
        members.append(("ended", reasons(plan.tally.ended)))
        members.append(("notMatching", numbers(plan.tally.notMatching)))
        let days = plan.tally.actsByDay.sorted { $0.key < $1.key }
        members.append(
            ("actsPerDay", .object(JSONObject(uniqueMembers: days.map { ($0.key.text, .number(Double($0.value))) }))))
        members.append(("cannotBeForeseen", .array(unforeseeableJSON)))
        if let most = plan.tally.contactedMost.first?.acts, most > 1 {
            members.append(
                (
                    "contactedMost",
                    .array(
                        plan.tally.contactedMost.map {
                            .object(
                                JSONObject(uniqueMembers: [
                                    ("customer", .string($0.customer)), ("acts", .number(Double($0.acts))),
                                ]))
                        })
                ))
        }
        members.append(("busiestHours", .array(busiest)))
        members.append(("interrupted", .bool(plan.isInterrupted)))
        members.append(("assumedFacts", .number(Double(plan.assumedFacts))))
        members.append(("lookedAt", .number(Double(plan.tally.customers))))
        members.append(("unreadable", .number(Double(plan.unreadable))))
        if let savedTo { members.append(("savedTo", .string(savedTo))) }
        return .object(JSONObject(uniqueMembers: members))
    }

    private var rows: [JSONValue] {
        PlanRows(plan: plan).rows.map { row in
            var members: [(name: String, value: JSONValue)] = [
                ("name", .string(row.name)), ("basis", .string(row.basis.rawValue)),
            ]
            if row.isFirst { members.append(("entered", row.entered.map { .number(Double($0)) } ?? .null)) }
            if case .object(let counts) = counts(row.counts) { members += counts.members }
            members.append(("to", numbers(row.counts.destinations)))
            return .object(JSONObject(uniqueMembers: members))
        }
    }

    private var unforeseeableJSON: [JSONValue] {
        plan.campaigns.filter { !$0.basis.isForeseeable && (plan.campaign == nil || plan.campaign == $0.name) }.map {
            facts in
            .object(
                JSONObject(uniqueMembers: [
                    ("campaign", .string(facts.name)),
                    ("eventsInLast28Days", facts.eventsInLast28Days.map { .number(Double($0)) } ?? .null),
                    ("entriesInLast28Days", .number(Double(facts.entriesInLast28Days))),
                    (
                        "running",
                        facts.steps.count < 2 ? .null : .number(Double(plan.tally.running[facts.name] ?? 0))
                    ),
                ]))
        }
    }

    /// The busiest hour of each destination, as the instant it begins at.
    private var busiest: [JSONValue] {
        plan.tally.actsByHour.sorted { $0.key < $1.key }.compactMap { destination, hours in
            guard let most = hours.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else { return nil }
            let days = Int32(most.key >= 0 ? most.key / 24 : (most.key - 23) / 24)
            let time = LocalTime(millisecondsOfDay: Int32((most.key - Int64(days) * 24) * 3_600_000))
            let local = LocalDateTime(date: CivilDate(dayNumber: days), time: time)
            return .object(
                JSONObject(uniqueMembers: [
                    ("destination", .string(destination)), ("hour", .string(plan.zone.instant(of: local).iso8601)),
                    ("acts", .number(Double(most.value))),
                    ("limitPerSecond", rates[destination].map { .number($0) } ?? .null),
                ]))
        }
    }

    private func counts(_ counts: PlanTally.StepCounts) -> JSONValue {
        .object(
            JSONObject(uniqueMembers: [
                ("due", .number(Double(counts.due))), ("act", .number(Double(counts.act))),
                ("held", .number(Double(counts.held))), ("suppress", .number(Double(counts.suppress))),
                ("skip", .number(Double(counts.skip))),
            ]))
    }

    private func reasons(_ reasons: [Reason: [String: Int]]) -> JSONValue {
        .object(
            JSONObject(
                uniqueMembers: reasons.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                    ($0.key.rawValue, numbers($0.value))
                }))
    }

    private func numbers(_ counts: [String: Int]) -> JSONValue {
        .object(
            JSONObject(uniqueMembers: counts.sorted { $0.key < $1.key }.map { ($0.key, .number(Double($0.value))) }))
    }
}
