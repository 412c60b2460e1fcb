import CareDecisions
import CareEngine
import CareLogic
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
        let shown = attributes.values.members.map { name, value in
            (name: name, value: showsPII ? value : Self.masked(name, value, schema))
        }
        // A value that is beyond a limit is shown as none; whoever needs it gets the error in the ledger.
        let traits = schema.traits.indices.map { index in
            (
                name: schema.traits[index].name,
                value: (try? schema.trait(index, context).value.jsonValue) ?? JSONValue.null
            )
        }
        let segments = schema.segments.indices.filter { index in
            (try? schema.segment(index, context).isMember) ?? false
        }.map { schema.segments[$0].name }
        let zone = decider.active.zone(of: row)
        let entries = row.memory.entries.filter(\.lives).map { entry -> JSONValue in
            [
                "campaign": .string(entry.campaign), "occurrence": .string(entry.occurrence),
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

    /// The value of an attribute as people may see it who did not ask for more.
    static func masked(_ name: String, _ value: JSONValue, _ schema: Schema) -> JSONValue {
        guard let index = schema.attributeIndex(name), schema.attributes[index].isPII, value != .null else {
            return value
        }
        if case .string(let text) = value { return .string(PersonalText.masked(text)) }
        return .string(PersonalText.mark)
    }
}

/// What happened to a customer and what was decided, by time.
struct Timeline {
    private enum Item {
        case fact(Fact)
        case decision(LedgerEntry)

        var time: Timestamp {
            switch self {
            case .fact(let fact): fact.time
            case .decision(let entry): entry.now
            }
        }
    }
    private var items: [Item]

    /// All of a customer's.
    init(_ id: String, in store: any StoreSnapshot) throws {
        items = try store.facts(of: id, receivedUntil: nil).filter { !$0.isBase }.map(Item.fact)
        items += try store.ledger(of: id, campaign: nil).map(Item.decision)
        // A decision of the same instant comes after the fact it rests on.
        let places = items.indices.sorted { left, right in
            (items[left].time, left) < (items[right].time, right)
        }
        items = places.map { items[$0] }
    }

    /// So many of them, the newest first, after the first `skipped`.
    func newestFirst(from skipped: Int, limit: Int, _ rules: RulesView, showsPII: Bool) -> [JSONValue] {
        items.reversed().dropFirst(skipped).prefix(limit).map { item in
            switch item {
            case .fact(.event(let event)):
                return .object(
                    JSONObject(uniqueMembers: [
                        ("kind", "event"), ("time", .string(event.time.iso8601)), ("type", .string(event.type)),
                        ("source", .string(event.source)), ("id", .string(event.id)),
                        ("receivedAt", .string(event.receivedAt.iso8601)), ("properties", .object(event.properties)),
                    ]))
            case .fact(.attributes(let fact)):
                let values = fact.values.members.map { name, value in
                    (name: name, value: showsPII ? value : CustomerView.masked(name, value, rules.rules.schema))
                }
                return .object(
                    JSONObject(uniqueMembers: [
                        ("kind", "attributes"), ("time", .string(fact.time.iso8601)),
                        ("receivedAt", .string(fact.receivedAt.iso8601)),
                        ("attributes", .object(JSONObject(uniqueMembers: values))),
                    ]))
            case .decision(let entry): return LedgerView.json(entry, kind: true)
            }
        }
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
