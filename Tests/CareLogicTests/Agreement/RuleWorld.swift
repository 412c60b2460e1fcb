import CareCalendar
import CareLogic
import CareValues
import Testing

/// One set of declarations, and customers over them with everything that is unusual.
struct RuleWorld: Sendable {
    static let zones = SystemZones()

    static let declarations = #"""
        {
          "attributes": {
            "n": { "type": "number" }, "m": { "type": "number", "default": 5 }, "s": { "type": "string" },
            "t": { "type": "string", "default": "abc" }, "flag": { "type": "boolean" },
            "opted": { "type": "boolean", "default": false }, "born": { "type": "birthday" },
            "on": { "type": "date" }, "due": { "type": "date", "default": "2026-03-01" }, "at": { "type": "instant" },
            "tier": { "type": "ordinal", "values": ["bronze", "silver", "gold", "platinum"] },
            "rank": { "type": "ordinal", "values": ["bronze", "silver", "gold", "platinum"], "default": "silver" },
            "city": { "type": "enum", "values": ["Köln", "北京", "gold"] }, "tags": { "type": "list" },
            "mail": { "type": "consent", "channel": "email" }, "zone": { "type": "zone" }
          },
          "events": {
            "buy": { "properties": {
              "amount": { "type": "number" }, "kind": { "type": "ordinal", "values": ["low", "mid", "high"] },
              "when": { "type": "date" }, "note": { "type": "string" } } },
            "refund": { "properties": { "amount": { "type": "number" }, "when": { "type": "instant" } } }
          },
          "traits": {
            "buys": { "count": { "event": "buy" } },
            "recent": { "count": { "event": ["buy", "refund"], "within": "P30D" } },
            "big": { "count": { "event": "buy", "where": { ">": [{ "var": "event.amount" }, 10] } } },
            "spent": { "sum": { "event": "buy", "property": "amount" } },
            "spentLately": { "sum": { "event": ["buy", "refund"], "property": "amount", "within": "P7D" } },
            "lastBuy": { "last": { "event": "buy" } },
            "firstBuy": { "first": { "event": ["buy", "visit"] } },
            "lastLately": { "last": { "event": "visit", "within": "PT36H" } },
            "firstLately": { "first": { "event": "buy", "property": "note", "within": "P400D" } },
            "lastKind": { "last": { "event": "buy", "property": "kind" } },
            "lastWhen": { "last": { "event": "buy", "property": "when" } },
            "firstNote": { "first": { "event": "buy", "property": "note",
              "where": { "!=": [{ "var": "event.kind" }, "low"] } } },
            "anything": { "last": { "event": "visit", "property": "x.y" } },
            "open": { "open": { "opened": "opened", "closed": "closed", "by": "id" } },
            "avgSpent": { "avg": { "event": "buy", "property": "amount" } },
            "mostKind": { "max": { "event": "buy", "property": "kind" } },
            "leastWhen": { "min": { "event": "buy", "property": "when" } },
            "notes": { "distinct": { "event": "buy", "property": "note", "within": "P90D" } },
            "thisMonth": { "count": { "event": ["buy", "visit"], "calendar": "month" } },
            "before": { "sum": { "event": "buy", "property": "amount", "between": ["P60D", "P7D"] } },
            "ratio": { "value": { "/": [{ "var": "spentLately" }, { "var": "before" }] } },
            "lively": { "value": { "or": [{ "segment": "quiet" },
              { ">": [{ "count": { "event": "visit", "within": "P7D" } }, { "var": "recent" }] }] } },
            "luck": { "value": { "bucket": ["luck", { "var": "buys" }] } },
            "breaks": { "value": { "+": [1, { "if": [{ "<": [{ "var": "anything" }, 3] }, 1, 2] }] } },
            "stage": { "lifecycle": [
              { "name": "new", "when": { "==": [{ "var": "buys" }, 0] } },
              { "name": "asleep", "when": { ">": [{ "days_since": [{ "var": "lastBuy" }] }, 40] } },
              { "name": "gold", "when": { "and": [{ "var": "lively" }, { ">=": [{ "var": "tier" }, "gold"] }] } },
              { "name": "busy", "when": { ">": [{ "var": "ratio" }, 0.5] } }] },
            "rfm": { "rfm": { "event": ["buy", "refund"], "property": "amount", "within": "P90D", "scores": {
              "recency": [1, 7, 30, 60], "frequency": [1, 2, 3, 4], "monetary": [0, 5, 10.5, 100] } } },
            "ever": { "rfm": { "event": "buy", "property": "amount", "scores": {
              "recency": [1, 7, 30, 300], "frequency": [1, 2, 3, 4], "monetary": [0, 5, 10.5, 100] } } }
          },
          "segments": {
            "vip": { "and": [{ ">=": [{ "var": "tier" }, "gold"] }, { ">": [{ "var": "buys" }, 1] }] },
            "quiet": { "or": [{ ">": [{ "days_since": [{ "var": "lastBuy" }] }, 90] }, { "!": [{ "var": "flag" }] }] },
            "both": { "and": [{ "segment": "vip" }, { "!": [{ "segment": "quiet" }] }] },
            "staged": { "in": [{ "var": "stage" }, ["new", "busy"]] },
            "fails": { "<": [{ "var": "anything" }, 3] }
          },
          "inline": [
            { "count": { "event": "buy", "within": "P30D" } },
            { "count": { "event": "visit", "within": "P7D" } },
            { "sum": { "event": ["buy", "refund"], "property": "amount", "calendar": "year" } },
            { "avg": { "event": "buy", "property": "amount", "between": ["P60D", "P7D"] } },
            { "max": { "event": "buy", "property": "amount", "where": { "==": [{ "var": "event.kind" }, "low"] } } },
            { "min": { "event": "refund", "property": "amount" } },
            { "distinct": { "event": "buy", "property": "kind" } },
            { "open": { "opened": "opened", "closed": "closed", "by": "id" } }
          ]
        }
        """#

    /// Aggregates that may stand inline in rules: each is a number.
    static let inline: [JSONValue] = {
        guard case .object(let object)? = JSONValue(jsonText: declarations), case .array(let inline)? = object["inline"]
        else { return [] }
        return inline
    }()

    let json: JSONObject
    let schema: Schema
    let interpreter: CareInterpreter

    init() throws {
        let document = try JSONDocument(file: "w.json", bytes: Array(Self.declarations.utf8), limits: .ruleFile)
        guard case .object(let object) = document.root.value else { throw Refused(text: "no object") }
        json = object
        func members(_ section: String) -> [SchemaBuilder.Member] {
            document.root[section].map { $0.members.map { ($0.key, $0.value) } } ?? []
        }
        var builder = SchemaBuilder()
        builder.add(
            attributes: members("attributes"), events: members("events"), traits: members("traits"),
            segments: members("segments"))
        if let inline = document.root["inline"] { builder.addConditions(in: [inline]) }
        var diagnostics: [Diagnostic] = []
        let built = builder.build(diagnostics: &diagnostics)
        guard let built, !diagnostics.contains(where: { $0.severity == .error }) else {
            throw Refused(text: "\(diagnostics)")
        }
        schema = built
        interpreter = CareInterpreter(declarations: object)
    }

    struct Refused: Error {
        var text: String
    }

    /// A customer's facts at an instant.
    struct Customer: Sendable {
        var id: String
        var attributes: JSONObject
        var events: [Event]
        var now: Timestamp
        var zone: Zone
        var hasEvent: Bool
        var entry: JSONObject?

        var text: String {
            let happened = events.map {
                "\($0.type) \($0.time.iso8601) \(JSONValue.object($0.properties).canonicalText)"
            }
            return """
                id \(id), now \(now.iso8601) in \(zone.name)
                attributes \(JSONValue.object(attributes).canonicalText)
                events \(happened.joined(separator: "; "))\(hasEvent ? ", the last is at hand" : "")
                entry \(entry.map { JSONValue.object($0).canonicalText } ?? "none")
                """
        }
    }

    /// What the compiled form is evaluated against.
    func context(_ customer: Customer, at now: Timestamp? = nil) -> EvaluationContext {
        var cache = FactCache(schema: schema)
        _ = cache.apply(
            AttributeFact(
                values: customer.attributes, time: .distantPast, receivedAt: .distantPast, hasOwnTime: true),
            schema: schema)
        for event in customer.events { cache.apply(event, schema: schema) }
        return EvaluationContext(
            schema: schema, cache: cache, customer: customer.id, now: now ?? customer.now, zone: customer.zone,
            event: customer.hasEvent ? customer.events.last : nil, entry: customer.entry)
    }

    /// What the judge looks at.
    func subject(_ customer: Customer, eventTypes: [String]) -> CareInterpreter.Customer {
        interpreter.customer(
            id: customer.id, attributes: customer.attributes, happened: customer.events, now: customer.now,
            zone: customer.zone, event: customer.hasEvent ? customer.events.last : nil, eventTypes: eventTypes,
            entry: customer.entry)
    }

    /// A rule with what it may read.
    struct Rule: Sendable {
        var json: JSONValue
        var allowsEvent: Bool
        var eventTypes: [String]
    }

    /// The rule compiled, nil when the checks refuse it.
    func compile(_ rule: Rule, expecting: ExpressionExpectation = .any) throws -> (Expression, JSONValue)? {
        let bytes = Array(rule.json.canonicalText.utf8)
        let document = try JSONDocument(file: "r.json", bytes: bytes, limits: .ruleFile)
        var diagnostics: [Diagnostic] = []
        let scope = ExpressionScope(allowsEvent: rule.allowsEvent, allowsEntry: true, eventTypes: rule.eventTypes)
        guard
            let expression = schema.compile(
                document.root, in: document, scope: scope, expecting: expecting, diagnostics: &diagnostics)
        else { return nil }
        return (expression, document.root.value)
    }
}
