import CareDecisions
import CareLogic
import CareRules
import CareValues

/// What-if facts of a plan, read from a JSON array of lines in the words of rule tests:
/// `{ "customer": "c1", "at": "2026-09-22 10:00", "event": "purchase", "with": { "amount": 40 } }`,
/// `{ …, "set": { "tier": "gold" } }`, `{ …, "call": "recall-notice", "with": {} }`.
public struct AssumptionReader {
    /// The file's biggest size, in bytes.
    public static let maximumBytes = 64 << 20

    /// The facts by customer, each customer's by the time they come; and what is wrong with the file.
    public private(set) var facts: [String: [Fact]] = [:]
    /// Where each customer is named first, for what only the store knows to be wrong.
    public private(set) var places: [(customer: String, diagnostic: Diagnostic)] = []
    /// The findings; any is an error.
    public private(set) var diagnostics: [Diagnostic] = []
    private let rules: RuleSet
    private let zone: Zone
    private let zones: any ZoneDirectory
    private let from: Timestamp
    private let until: Timestamp
    private var count = 0

    private static let keys = ["customer", "at", "event", "set", "call", "with", "id", "source", "key", "note"]

    /// Reads a file of facts that come in `[from, until)`.
    public init(
        file: String, bytes: [UInt8], rules: RuleSet, zone: Zone, zones: any ZoneDirectory, from: Timestamp,
        until: Timestamp
    ) {
        self.rules = rules
        self.zone = zone
        self.zones = zones
        self.from = from
        self.until = until
        let document: JSONDocument
        do {
            document = try JSONDocument(file: file, bytes: bytes)
        } catch {
            diagnostics = error.diagnostics
            return
        }
        guard document.root.kind == .array else {
            refuse(
                "plan.assume", document.root, "what is assumed is a list",
                "[{ \"customer\": \"c1\", \"at\": …, \"event\": … }]")
            return
        }
        for line in document.root.elements { read(line) }
        for customer in facts.keys { facts[customer] = Self.inOrder(facts[customer] ?? []) }
    }

    private mutating func read(_ line: JSONNode) {
        guard line.kind == .object else {
            return refuse("plan.assume", line, "a line of what is assumed is an object", nil)
        }
        for (key, _) in line.members where !Self.keys.contains(key.string ?? "") {
            let near = nearest(key.string ?? "", in: Self.keys).map { "did you mean '\($0)'?" }
            return refuse("plan.assume", key, "unknown key '\(key.string ?? "")'", near)
        }
        guard let customer = line["customer"]?.string, !customer.isEmpty else {
            return refuse("plan.assume", line, "a line needs 'customer', the id of one in the store", nil)
        }
        guard let at = line["at"], let instant = time(at) else {
            if line["at"] == nil { refuse("plan.assume", line, "a line needs 'at'", "\"at\": \"2026-09-22 10:00\"") }
            return
        }
        guard instant >= from, instant < until else {
            let when = instant < from ? "before the plan begins" : "after it ends"
            return refuse("plan.assume-time", at, "\(at.string ?? "") is \(when)", "another time, or --at and --days")
        }
        let kinds = ["event", "set", "call"].filter { line[$0] != nil }
        guard kinds.count == 1, let kind = kinds.first, let value = line[kind] else {
            return refuse("plan.assume", line, "a line needs one of 'event', 'set' and 'call'", nil)
        }
        guard let fact = fact(kind, value, line, at: instant) else { return }
        if facts[customer] == nil {
            places.append(
                (
                    customer,
                    line.document.diagnostic(
                        at: line["customer"] ?? line, severity: .error, code: "plan.assume-customer",
                        message: "the store has no customer '\(customer)'", help: "its id is as in the file imported")
                ))
        }
        facts[customer, default: []].append(fact)
    }

    private mutating func time(_ node: JSONNode) -> Timestamp? {
        guard let text = node.string else {
            refuse("plan.assume-time", node, "'at' is a text", "\"2026-09-22 10:00\"")
            return nil
        }
        if let instant = Timestamp(iso8601: text) { return instant }
        do {
            return try RuleTestTime(zone: zone, zones: zones, previous: nil).read(text)
        } catch {
            refuse("plan.assume-time", node, error.message, error.help)
            return nil
        }
    }

    private mutating func fact(_ kind: String, _ value: JSONNode, _ line: JSONNode, at: Timestamp) -> Fact? {
        count += 1
        var properties = JSONObject()
        if let with = line["with"] {
            guard case .object(let object) = with.value, kind != "set" else {
                refuse("plan.assume", with, "'with' is an object of properties, beside 'event' and 'call'", nil)
                return nil
            }
            properties = object
        }
        if kind == "set" {
            guard value.kind == .object, value.members.contains(where: { _ in true }) else {
                refuse("plan.assume", value, "'set' is an object of attributes", "{ \"tier\": \"gold\" }")
                return nil
            }
            guard let values = attributes(value) else { return nil }
            return .attributes(AttributeFact(values: values, time: at, receivedAt: at, hasOwnTime: false))
        }
        guard let name = value.string, !name.isEmpty else {
            refuse("plan.assume", value, "'\(kind)' is a text", nil)
            return nil
        }
        if kind == "call" {
            guard let index = rules.index(ofCampaign: name), case .api = rules.campaigns[index].trigger else {
                refuse(
                    "plan.assume", value, "no campaign '\(name)' with a trigger 'api'",
                    nearest(name, in: rules.campaigns.map(\.name)).map { "did you mean '\($0)'?" })
                return nil
            }
            return .event(
                Event(
                    callOf: rules.campaigns[index].identity, key: line["key"]?.string ?? "assumed-\(count)",
                    properties: properties, time: at, receivedAt: at))
        }
        if let declared = rules.schema.events[name]?.properties, let with = line["with"] {
            for (key, value) in with.members {
                if let type = declared[key.string ?? ""], type.read(value.value) == nil {
                    refuse("plan.assume", value, "\(key.string ?? "") of \(name) is \(type.expectation)", nil)
                    return nil
                }
            }
        }
        return .event(
            Event(
                type: name, source: line["source"]?.string ?? "assumed", id: line["id"]?.string ?? "assumed-\(count)",
                time: at, receivedAt: at, properties: properties))
    }

    private mutating func attributes(_ node: JSONNode) -> JSONObject? {
        var values = JSONObject()
        for (key, value) in node.members {
            let name = key.string ?? ""
            guard let index = rules.schema.attributeIndex(name) else {
                let near = nearest(name, in: rules.schema.attributes.map(\.name))
                refuse("plan.assume", key, "no attribute '\(name)'", near.map { "did you mean '\($0)'?" })
                return nil
            }
            let type = rules.schema.attributes[index].type
            if value.kind != .null, type.read(value.value) == nil {
                refuse("plan.assume", value, "\(name) is \(type.expectation)", nil)
                return nil
            }
            values[name] = value.value
        }
        return values
    }

    /// By time; each is a request of its own, so no two of one customer are received in one millisecond.
    private static func inOrder(_ facts: [Fact]) -> [Fact] {
        let sorted = facts.enumerated().sorted {
            ($0.element.receivedAt, $0.offset) < ($1.element.receivedAt, $1.offset)
        }
        var last = Timestamp.distantPast
        return sorted.map { _, fact in
            let at = max(fact.receivedAt, last.advanced(byMilliseconds: 1))
            last = at
            switch fact {
            case .event(var event):
                event.receivedAt = at
                return .event(event)
            case .attributes(var fact):
                fact.receivedAt = at
                fact.time = at
                return .attributes(fact)
            }
        }
    }

    private mutating func refuse(_ code: String, _ node: JSONNode, _ message: String, _ help: String?) {
        diagnostics.append(
            node.document.diagnostic(at: node, severity: .error, code: code, message: message, help: help))
    }
}
