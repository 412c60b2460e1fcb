import CareDecisions
import CareStore
import CareValues

extension CustomerRecord {
    /// Everything as JSON, nothing masked: what is handed to the person it is about.
    ///
    /// - Parameters:
    ///   - now: of the real clock.
    ///   - planned: lines of plans approved ahead, by the plan's name.
    ///   - rejected: rows that imports refused and that name the customer.
    public func export(
        at now: Timestamp, planned: [(plan: String, line: String)], rejected: [String]
    ) -> JSONValue {
        .object(
            JSONObject(uniqueMembers: [
                ("customer", .string(row.customer)), ("exportedAt", .string(now.iso8601)),
                ("asOf", .string(row.asOf.iso8601)), ("timeZone", .string(zone.name)),
                ("life", .number(Double(generation))), ("attributes", Self.values(attributes)),
                ("traits", Self.values(traits)), ("segments", .array(segments.map(JSONValue.string))),
                ("facts", .array(facts.map(\.json))), ("memory", memory),
                ("decisions", .array(decisions.map(\.json))),
                ("deliveries", .array(deliveries.map { json($0) })),
                (
                    "approvedPlans",
                    .array(
                        planned.map { plan, line in
                            .object(
                                JSONObject(uniqueMembers: [
                                    ("plan", .string(plan)), ("decision", JSONValue(storedText: line) ?? .string(line)),
                                ]))
                        })
                ),
                ("rejectedRows", .array(rejected.map(JSONValue.string))),
            ]))
    }

    private static func values(_ values: [Value]) -> JSONValue {
        .object(JSONObject(uniqueMembers: values.compactMap { one in one.value.map { (name: one.name, value: $0) } }))
    }

    private func json(_ delivery: StoredDelivery) -> JSONValue {
        let order = delivery.order
        return .object(
            JSONObject(uniqueMembers: [
                ("id", .string(order.id.text)), ("campaign", .string(order.campaign)), ("key", .string(order.key)),
                ("destination", .string(order.destination)), ("address", .string(order.address)),
                ("type", .string(order.type)), ("data", JSONValue(storedText: order.data) ?? .null),
                ("language", .string(order.language)), ("decidedAt", .string(order.decidedAt.iso8601)),
                ("expiresAt", instant(order.expiresAt)), ("consents", .array(order.consents.map(JSONValue.string))),
                ("state", .string(delivery.state.rawValue)), ("reason", .string(delivery.reason)),
                (
                    "attempts",
                    .array(
                        (attempts[order.id] ?? []).map { attempt in
                            .object(
                                JSONObject(uniqueMembers: [
                                    ("number", .number(Double(attempt.number))),
                                    ("startedAt", .string(attempt.startedAt.iso8601)),
                                    ("milliseconds", .number(Double(attempt.durationMilliseconds))),
                                    ("outcome", .string(attempt.outcome.rawValue)),
                                    ("status", .number(Double(attempt.status))), ("detail", .string(attempt.detail)),
                                ]))
                        })
                ),
            ]))
    }

    /// What the row remembers beside the facts.
    private var memory: JSONValue {
        let memory = row.memory
        func texts(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }
        func list<Element>(
            _ elements: [Element], _ members: (Element) -> [(name: String, value: JSONValue)]
        ) -> JSONValue {
            .array(elements.map { .object(JSONObject(uniqueMembers: members($0))) })
        }
        return .object(
            JSONObject(uniqueMembers: [
                (
                    "entries",
                    list(memory.entries) { entry in
                        [
                            ("campaign", .string(entry.campaign)), ("occurrence", .string(entry.occurrence)),
                            ("instant", .string(entry.instant.iso8601)), ("values", .object(entry.values)),
                            ("entryKey", .string(entry.entryKey)), ("todo", texts(entry.todo)),
                            ("done", texts(entry.done.map(\.name))),
                            ("pending", texts(entry.pending.map { "\($0.step)/\($0.action): \($0.reason.rawValue)" })),
                        ]
                    }
                ),
                (
                    "waiting",
                    list(memory.waiting.map(\.occurrence) + memory.delayed.map(\.occurrence)) { occurrence in
                        [
                            ("campaign", .string(occurrence.campaign)), ("occurrence", .string(occurrence.key)),
                            ("due", .string(occurrence.due.iso8601)), ("values", .object(occurrence.values)),
                        ]
                    }
                ),
                ("factsAhead", .array(memory.factsAhead.map(\.json))),
                (
                    "lastEntries",
                    list(memory.marks) { mark in
                        [
                            ("campaign", .string(mark.campaign)), ("entryKey", .string(mark.entryKey)),
                            ("lastEntry", .string(mark.lastEntry.iso8601)), ("lastAct", instant(mark.lastAct)),
                        ]
                    }
                ),
                (
                    "decidedOccurrences",
                    list(memory.decided) { decided in
                        [
                            ("campaign", .string(decided.campaign)), ("occurrence", .string(decided.occurrence)),
                            ("due", .string(decided.due.iso8601)),
                        ]
                    }
                ),
            ]))
    }
}

private func instant(_ instant: Timestamp?) -> JSONValue { instant.map { .string($0.iso8601) } ?? .null }

extension Fact {
    /// The fact as JSON, nothing masked.
    public var json: JSONValue {
        switch self {
        case .event(let event):
            .object(
                JSONObject(uniqueMembers: [
                    ("kind", .string("event")), ("type", .string(event.type)), ("source", .string(event.source)),
                    ("id", .string(event.id)), ("time", .string(event.time.iso8601)),
                    ("receivedAt", .string(event.receivedAt.iso8601)), ("properties", .object(event.properties)),
                ]))
        case .attributes(let fact):
            .object(
                JSONObject(uniqueMembers: [
                    ("kind", .string("attributes")), ("time", .string(fact.time.iso8601)),
                    ("receivedAt", .string(fact.receivedAt.iso8601)), ("values", .object(fact.values)),
                ]))
        }
    }
}

extension LedgerEntry {
    /// The decision as JSON, nothing masked.
    public var json: JSONValue {
        .object(
            JSONObject(uniqueMembers: [
                ("key", .string(key.text)), ("number", .number(Double(number))), ("campaign", .string(campaign)),
                ("occurrence", .string(occurrence)), ("step", .string(step)), ("action", .string(action)),
                ("outcome", .string(outcome)), ("reason", .string(reason)), ("now", .string(now.iso8601)),
                ("due", .string(due.iso8601)), ("epoch", .number(Double(epoch))),
                ("inputs", JSONValue(storedText: inputs) ?? .null),
            ]))
    }
}
