import Testing

/// Broken declarations, through the loader: each is told at its place, in the same run as everything else.
struct DeclarationFindingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var file: String
        /// The codes at the marks, in the order of the marks.
        var codes: [String]
        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "an unknown type", file: #"{ "attributes": { "a": { "type": 1️⃣"sting" } } }"#,
            codes: ["rule.unknown-type"]),
        Case(name: "no type", file: #"{ "attributes": { "a": 1️⃣{} } }"#, codes: ["rule.missing-key"]),
        Case(
            name: "an ordinal without values", file: #"{ "attributes": { "a": { "type": 1️⃣"ordinal" } } }"#,
            codes: ["rule.missing-key"]),
        Case(
            name: "a value twice", file: #"{ "attributes": { "a": { "type": "enum", "values": ["x", 1️⃣"x"] } } }"#,
            codes: ["rule.duplicate-name"]),
        Case(
            name: "a default of another type",
            file: #"{ "attributes": { "a": { "type": "number", "default": 1️⃣"5" } } }"#, codes: ["rule.type-mismatch"]),
        Case(
            name: "pii is text", file: #"{ "attributes": { "a": { "type": "number", "pii": 1️⃣"yes" } } }"#,
            codes: ["rule.wrong-type"]),
        Case(
            name: "an unknown key", file: #"{ "attributes": { "a": { "type": "number", 1️⃣"unit": "kg" } } }"#,
            codes: ["rule.unknown-key"]),
        Case(
            name: "reserved names",
            file: #"{ "attributes": { 1️⃣"entry": { "type": "number" }, 2️⃣"a.b": { "type": "number" } } }"#,
            codes: ["rule.bad-name", "rule.bad-name"]),
        Case(
            name: "a kind of trait that there is not",
            file: #"{ "traits": { "b": { 1️⃣"vaule": 1 } } }"#, codes: ["rule.unknown-key"]),
        Case(
            name: "a trait computed from itself",
            file:
                #"{ "traits": { "a": { "value": { "var": 1️⃣"b" } }, "b": { "lifecycle": [{ "name": "x", "when": { "segment": "s" } }] } }, "segments": { "s": { "==": [{ "var": "a" }, "x"] } } }"#,
            codes: ["rule.circular"]),
        Case(
            name: "types through computed traits",
            file:
                #"{ "traits": { "a": { "value": { "*": [2, { "var": "z" }] } }, "z": { "value": { "+": [1, { "var": "points" }] } }, "stage": { "lifecycle": [{ "name": "x", "when": { "==": [{ "var": "a" }, 1️⃣"four"] } }, { "name": "y", "when": true }] } }, "segments": { "s": { "==": [{ "var": "stage" }, 2️⃣"w"] } } }"#,
            codes: ["rule.type-mismatch"]),
        Case(
            name: "a computed trait that reads an event",
            file: #"{ "traits": { "a": { "value": { "var": 1️⃣"event.amount" } } } }"#,
            codes: ["rule.event-not-allowed"]),
        Case(
            name: "stages that are none",
            file:
                #"{ "traits": { "a": { "lifecycle": 1️⃣{} }, "b": { "lifecycle": [2️⃣{ "name": "x" }] }, "c": { "lifecycle": [{ "name": "x", "when": true }, { "name": 3️⃣"x", "when": true }] } } }"#,
            codes: ["rule.wrong-type", "rule.missing-key", "rule.duplicate-name"]),
        Case(
            name: "a stage that there is not",
            file: #"""
                { "traits": { "a": { "lifecycle": [{ "name": "x", "when": true }] } },
                  "campaigns": { "c": { "trigger": { "change": { "of": "a", "to": 1️⃣"y" } }, "actions": [{ "send": "crm", "type": "t", "data": {} }] } } }
                """#,
            codes: ["rule.type-mismatch"]),
        Case(
            name: "scores without keys, and cut points that do not ascend",
            file:
                #"{ "traits": { "a": { "rfm": 1️⃣{ "event": "purchase", "property": "amount" } }, "b": { "rfm": { "event": "purchase", "property": "amount", "scores": { "recency": [30, 90, 2️⃣60, 365], "frequency": [1, 2, 4, 8], "monetary": 3️⃣[1, 2, 3] } } } } }"#,
            codes: ["rule.missing-key", "rule.wrong-value", "rule.wrong-type"]),
        Case(
            name: "parts of scores",
            file:
                #"{ "traits": { "rfm": { "rfm": { "event": "purchase", "property": "amount", "scores": "quantiles" } } }, "segments": { "a": { "==": [{ "var": 1️⃣"rfm" }, 1] }, "b": { "==": [{ "var": 2️⃣"rfm.x" }, 1] }, "c": { "==": [{ "var": "rfm.group" }, 3️⃣"best"] } } }"#,
            codes: ["rule.unknown-name", "rule.unknown-name", "rule.type-mismatch"]),
        Case(
            name: "aggregates inline that are none",
            file:
                #"{ "segments": { "a": { ">": [{ "count": 1️⃣["purchase"] }, 1] }, "b": { ">": [{ "sum": 2️⃣{ "event": "purchase" } }, 1] }, "c": { ">": [{ "max": { "event": "complaint.opened", "property": 3️⃣"ticketId" } }, 1] } } }"#,
            codes: ["rule.wrong-type", "rule.missing-key", "rule.type-mismatch"]),
        Case(
            name: "aggregates that need a property",
            file:
                #"{ "traits": { "a": { "avg": 1️⃣{ "event": "purchase" } }, "b": { "distinct": 2️⃣{ "event": "purchase" } } } }"#,
            codes: ["rule.missing-key", "rule.missing-key"]),
        Case(
            name: "the least of texts",
            file: #"{ "traits": { "a": { "min": { "event": "complaint.opened", "property": 1️⃣"ticketId" } } } }"#,
            codes: ["rule.type-mismatch"]),
        Case(
            name: "ages in the wrong order, one age, and in months",
            file:
                #"{ "traits": { "a": { "count": { "event": "purchase", "between": 1️⃣["P1D", "P2D"] } }, "b": { "count": { "event": "purchase", "between": 2️⃣["P2D"] } }, "c": { "count": { "event": "purchase", "between": [3️⃣"P2M", "P1D"] } } } }"#,
            codes: ["rule.bad-duration", "rule.wrong-type", "rule.bad-duration"]),
        Case(
            name: "two windows, and no such period",
            file:
                #"{ "traits": { "a": { "count": { "event": "purchase", "within": "P1D", 1️⃣"calendar": "month" } }, "b": { "count": { "event": "purchase", "calendar": 2️⃣"monht" } } } }"#,
            codes: ["rule.conflict", "rule.wrong-value"]),
        Case(
            name: "windows in months",
            file: #"{ "traits": { "a": { "count": { "event": "purchase", "within": 1️⃣"P1M" } } } }"#,
            codes: ["rule.bad-duration"]),
        Case(
            name: "a sum of nothing", file: #"{ "traits": { "a": { "sum": 1️⃣{ "event": "purchase" } } } }"#,
            codes: ["rule.missing-key"]),
        Case(
            name: "a filter that reads an attribute",
            file:
                #"{ "traits": { "a": { "count": { "event": "purchase", "where": { "==": [{ "var": 1️⃣"tier" }, "gold"] } } } } }"#,
            codes: ["rule.event-only"]),
        Case(
            name: "a segment that reads an event",
            file: #"{ "segments": { "a": { ">": [{ "var": 1️⃣"event.amount" }, 1] } } }"#,
            codes: ["rule.event-not-allowed"]),
        Case(
            name: "a segment that reads an entry",
            file: #"{ "segments": { "a": { ">": [{ "var": 1️⃣"entry.amount" }, 1] } } }"#,
            codes: ["rule.entry-not-allowed"]),
        Case(
            name: "a condition that reads the event",
            file: Samples.campaign(
                #""trigger": { "event": "purchase" }, "condition": { ">": [{ "var": 1️⃣"event.amount" }, 1] }"#),
            codes: ["rule.event-not-allowed"]),
        Case(
            name: "a where that reads the entry",
            file: Samples.campaign(
                #""trigger": { "event": "purchase", "where": { ">": [{ "var": 1️⃣"entry.amount" }, 1] } }"#),
            codes: ["rule.entry-not-allowed"]),
        Case(
            name: "an anniversary of a broken attribute, told once",
            file:
                #"{ "attributes": { "joined": { "type": 1️⃣"dat" } }, "campaigns": { "c": { "trigger": { "anniversary": { "of": "joined" } }, "actions": [{ "send": "crm", "type": "t", "data": { "a": "{{joined}}" } }] } } }"#,
            codes: ["rule.unknown-type"]),
    ]

    @Test(arguments: cases) func `tells what is wrong with a declaration, at its place`(_ test: Case) {
        let file = MarkedText(test.file)
        let result = Samples.load(Samples.base, file.text)
        let found = result.diagnostics.map { "\($0.file):\($0.line):\($0.column) \($0.code)" }
        let marks = ["1️⃣", "2️⃣", "3️⃣"]
        let wanted = zip(marks, test.codes).map { mark, code in
            let place = file.places[mark] ?? (0, 0)
            return "2.json:\(place.line):\(place.column) \(code)"
        }
        #expect(found == wanted)
        #expect(result.ruleSet == nil)
    }
}
