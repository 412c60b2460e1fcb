import CareDecisions
import CarePlanning
import CareValues

extension PlanView {
    /// The plan's numbers under the text's names, instants in UTC, the zone beside.
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
        members.append(("decisions", .array(plan.decisions.map(decision))))
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
                ]))
        }
    }

    private func decision(_ decision: Decision) -> JSONValue {
        var members: [(name: String, value: JSONValue)] = [
            ("now", .string(decision.now.iso8601)), ("due", .string(decision.due.iso8601)),
            ("customer", .string(decision.key.customer)), ("campaign", .string(plan.campaignName(of: decision))),
            ("occurrence", .string(decision.key.occurrence)), ("step", .string(decision.key.step)),
            ("action", .string(decision.key.action)), ("outcome", .string(decision.outcome.rawValue)),
            ("reason", decision.reason.map { .string($0.rawValue) } ?? .null),
            ("delivery", .string(DeliveryID(hashing: decision.key.text).text)),
        ]
        if let order = decision.order {
            members.append(("destination", .string(order.destination)))
            members.append(("type", .string(order.type)))
            members.append(("data", order.data))
            members.append(("expiresAt", order.expiresAt.map { .string($0.iso8601) } ?? .null))
        }
        return .object(JSONObject(uniqueMembers: members))
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
