import CareDecisions
import CareEngine
import CareLogic
import CarePlanning
import CareRules
import CareStore
import CareValues

/// A customer as clients read it.
struct CustomerView {
    let id: String
    let attributes: CurrentAttributes
    let row: CustomerRow
    let rules: RulesView
    let wakeUp: Timestamp?

    /// The customer of that id; nil: there is none.
    init?(
        _ id: String, _ rules: RulesView, at clock: Timestamp, in store: any StoreSnapshot, zones: any ZoneDirectory
    ) throws {
        guard let stored = try store.customer(id) else { return nil }
        self.id = id
        self.rules = rules
        attributes = CurrentAttributes(of: try store.facts(of: id, receivedUntil: nil))
        row = try RulesInForce(in: store, zones: zones, known: rules.candidate).row(
            of: stored, at: clock, in: store)
        wakeUp = stored.wakeUp
    }

    /// All of it; values of attributes marked `pii` masked unless they are to be shown.
    func json(showsPII: Bool) -> JSONValue {
        let decider = rules.decider
        let schema = rules.rules.schema
        let context = decider.context(of: row)
        let mask = showsPII ? nil : PersonalMask(context)
        let shown = attributes.values.members.map { name, value in
            (name: name, value: mask?.masked(value, of: name) ?? value)
        }
        // A value that is beyond a limit is shown as none; whoever needs it gets the error in the ledger.
        let traits = schema.traits.indices.filter { !schema.traits[$0].isHidden }.map { index in
            let name = schema.traits[index].name
            let value = (try? schema.trait(index, context).value.jsonValue) ?? JSONValue.null
            return (name: name, value: mask?.masked(value, of: name) ?? value)
        }
        let segments = schema.segments.indices.filter { index in
            (try? schema.segment(index, context).isMember) ?? false
        }.map { schema.segments[$0].name }
        let zone = decider.active.zone(of: row)
        let entries = row.memory.entries.filter(\.lives).map { entry -> JSONValue in
            [
                "campaign": .string(entry.campaign),
                "occurrence": .string(showsPII ? entry.occurrence : Mask.occurrence(entry.occurrence, schema)),
                "since": .string(entry.instant.iso8601), "todo": .array(entry.todo.map { .string($0) }),
                "held": .array(entry.pending.map { .string($0.reason.rawValue) }),
            ]
        }
        return .object(
            JSONObject(uniqueMembers: [
                ("id", .string(id)), ("attributes", .object(JSONObject(uniqueMembers: shown))),
                ("traits", .object(JSONObject(uniqueMembers: traits))),
                ("segments", .array(segments.map { .string($0) })), ("timeZone", .string(zone.zone.name)),
                ("entries", .array(entries)), ("asOf", .string(row.asOf.iso8601)),
                ("wakeUp", wakeUp.map { .string($0.iso8601) } ?? .null),
            ]))
    }

    /// Hides what is personal of the customer.
    ///
    /// Nothing of the customer's history is read, unless the row is of older rules. - Returns: nil: there is no such customer.
    static func mask(
        of id: String, _ rules: RulesView, at clock: Timestamp, in store: any StoreSnapshot, zones: any ZoneDirectory
    ) throws -> PersonalMask? {
        guard let stored = try store.customer(id) else { return nil }
        let row = try RulesInForce(in: store, zones: zones, known: rules.candidate).row(
            of: stored, at: clock, in: store)
        return PersonalMask(rules.decider.context(of: row))
    }
}

/// A decision of the ledger as clients read it.
enum LedgerView {
    static func json(_ entry: LedgerEntry, kind: Bool = false) -> JSONValue {
        var members: [(name: String, value: JSONValue)] = kind ? [("kind", "decision")] : []
        members += [
            ("time", .string(entry.now.iso8601)), ("due", .string(entry.due.iso8601)),
            ("customer", .string(entry.customer)), ("campaign", .string(entry.campaign)),
            ("occurrence", .string(entry.occurrence)), ("step", .string(entry.step)), ("action", .string(entry.action)),
            ("outcome", .string(entry.outcome)), ("reason", entry.reason.isEmpty ? .null : .string(entry.reason)),
            ("delivery", .string(entry.key.text)), ("number", .number(Double(entry.number))),
            ("epoch", .number(Double(entry.epoch))),
        ]
        return .object(JSONObject(uniqueMembers: members))
    }
}
