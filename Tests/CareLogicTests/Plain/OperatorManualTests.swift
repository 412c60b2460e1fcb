import CareValues
import Foundation
import Testing

@testable import CareLogic

/// `docs/operators.md`: its tables are what both dialects answer. `RECORD_SNAPSHOTS=1` writes them anew, and fails.
struct OperatorManualTests {
    /// An operator, what it gives, and an example of it.
    struct Row {
        var operators: [String]
        var meaning: String
        var example: String
        init(_ operators: String, _ meaning: String, _ example: String) {
            self.operators = operators.split(separator: " ").map(String.init)
            self.meaning = meaning
            self.example = example
        }
    }

    static let rows: [Row] = [
        Row(
            "var",
            "an attribute, a trait, `customer.id`, `event.…`, `entry.…`; with a second operand in place of missing",
            #"{ "var": "points" }"#),
        Row("missing", "the names that have no value", #"{ "missing": ["points", "score"] }"#),
        Row("missing_some", "the same, unless so many have one", #"{ "missing_some": [1, ["points", "score"]] }"#),
        Row(
            "if ?:", "the value after the first condition that is true, else the last",
            #"{ "if": [{ ">": [{ "var": "points" }, 3] }, "many", "few"] }"#),
        Row(
            "and", "false if one is, else missing if one is, else true; of values the first that decides",
            #"{ "and": [true, { ">": [{ "var": "points" }, 3] }] }"#),
        Row(
            "or", "true if one is, else missing if one is, else false; of values the first that decides",
            #"{ "or": [false, { "var": "points" }] }"#),
        Row("!", "the opposite", #"{ "!": [{ "var": "flag" }] }"#),
        Row("!!", "whether it counts as true: not 0, not empty", #"{ "!!": [{ "var": "tags" }] }"#),
        Row("== ===", "whether two values are equal", #"{ "==": [{ "var": "tier" }, "gold"] }"#),
        Row("!= !==", "whether they are not", #"{ "!=": [{ "var": "tier" }, "gold"] }"#),
        Row(
            "< <= > >=",
            "their order: of numbers, of texts, of dates, of an ordinal's words; `<` and `<=` also between two",
            #"{ ">=": [{ "var": "tier" }, "silver"] }"#),
        Row("+ *", "sum, product", #"{ "+": [{ "var": "points" }, 1, 2] }"#),
        Row("- / %", "difference (of one: its negative), quotient, remainder", #"{ "-": [{ "var": "points" }, 2] }"#),
        Row("min max", "the least, the greatest", #"{ "max": [{ "var": "points" }, 3] }"#),
        Row(
            "in", "whether a list holds a value, or a text a text",
            #"{ "in": [{ "var": "tier" }, ["gold", "platinum"]] }"#),
        Row("cat", "texts put together", #"{ "cat": ["Dear ", { "var": "name" }] }"#),
        Row(
            "substr", "a part of a text, from a position, of a length; negative ones count from the end",
            #"{ "substr": [{ "var": "name" }, 0, 1] }"#),
        Row("merge", "lists put together", #"{ "merge": [{ "var": "tags" }, ["c"]] }"#),
        Row("map", "what an expression gives for each element", #"{ "map": [[1, 2], { "*": [{ "var": "" }, 2] }] }"#),
        Row(
            "filter", "the elements for which a condition is true",
            #"{ "filter": [[1, 2], { ">": [{ "var": "" }, 1] }] }"#),
        Row(
            "reduce", "one value from all, `accumulator` and `current`",
            #"{ "reduce": [[1, 2], { "+": [{ "var": "accumulator" }, { "var": "current" }] }, 0] }"#),
        Row(
            "all some none", "whether a condition is true for all, for one, for none",
            #"{ "some": [{ "var": "tags" }, { "==": [{ "var": "" }, "a"] }] }"#),
        Row(
            "startsWith endsWith", "whether a text begins, ends with another",
            #"{ "startsWith": [{ "var": "name" }, "A"] }"#),
        Row("segment", "whether the customer is a member", #"{ "segment": "regular" }"#),
        Row("now", "the instant", #"{ "now": [] }"#),
        Row("today", "the customer's local date", #"{ "today": [] }"#),
        Row("days_since days_until", "local dates between then and today", #"{ "days_since": { "var": "since" } }"#),
        Row("age", "full years", #"{ "age": { "var": "birthday" } }"#),
        Row(
            "days_until_birthday", "local dates until the next one; 0 on the day",
            #"{ "days_until_birthday": { "var": "birthday" } }"#),
        Row("within", "whether then ≤ now < then + a duration", #"{ "within": [{ "var": "lastSeen" }, "P30D"] }"#),
        Row("bucket", "a stable number in [0, 1) by salt and customer", #"{ "bucket": ["offer"] }"#),
        Row(
            "count",
            "an aggregate of events where it stands; so do `sum`, `avg`, `distinct`, `first`, `last`, `open`, `min`, `max`",
            #"{ "count": { "event": "purchase" } }"#),
    ]

    /// What stands where a value is missing.
    static let missing: [String] = [
        #"{ "var": "score" }"#, #"{ "var": ["score", 7] }"#, #"{ "missing": ["score"] }"#,
        #"{ "missing_some": [1, ["score"]] }"#, #"{ "if": [{ "var": "off" }, "yes", "no"] }"#,
        #"{ "?:": [{ "var": "off" }, "yes", "no"] }"#, #"{ "!": [{ "var": "off" }] }"#,
        #"{ "!!": [{ "var": "off" }] }"#,
        #"{ "==": [{ "var": "score" }, 0] }"#, #"{ "==": [{ "var": "score" }, null] }"#,
        #"{ "===": [{ "var": "score" }, null] }"#, #"{ "!=": [{ "var": "score" }, 0] }"#,
        #"{ "!==": [{ "var": "score" }, 0] }"#, #"{ "!=": [{ "var": "score" }, null] }"#,
        #"{ "<": [{ "var": "score" }, 1] }"#, #"{ "<=": [{ "var": "score" }, 6] }"#,
        #"{ ">": [{ "var": "score" }, -1] }"#,
        #"{ ">=": [{ "var": "score" }, 0] }"#, #"{ "<": [0, { "var": "score" }, 10] }"#,
        #"{ "+": [{ "var": "score" }, 1] }"#, #"{ "-": [{ "var": "score" }, 1] }"#,
        #"{ "*": [{ "var": "score" }, 2] }"#,
        #"{ "/": [{ "var": "score" }, 2] }"#, #"{ "/": [2, { "var": "score" }] }"#,
        #"{ "%": [{ "var": "score" }, 2] }"#,
        #"{ "min": [{ "var": "score" }, 2] }"#, #"{ "max": [{ "var": "score" }, 2] }"#,
        #"{ "in": [{ "var": "nick" }, ["a", "b"]] }"#, #"{ "in": ["a", { "var": "hobbies" }] }"#,
        #"{ "cat": ["Dear ", { "var": "nick" }] }"#, #"{ "substr": [{ "var": "nick" }, 0, 1] }"#,
        #"{ "merge": [{ "var": "hobbies" }, ["c"]] }"#, #"{ "map": [{ "var": "hobbies" }, { "var": "" }] }"#,
        #"{ "filter": [{ "var": "hobbies" }, true] }"#,
        #"{ "reduce": [{ "var": "hobbies" }, { "var": "current" }, 0] }"#,
        #"{ "all": [{ "var": "hobbies" }, true] }"#, #"{ "some": [{ "var": "hobbies" }, true] }"#,
        #"{ "none": [{ "var": "hobbies" }, true] }"#, #"{ "startsWith": [{ "var": "nick" }, "A"] }"#,
        #"{ "endsWith": [{ "var": "nick" }, "A"] }"#, #"{ "segment": "scored" }"#,
        #"{ "days_since": { "var": "left" } }"#, #"{ "days_until": { "var": "left" } }"#,
        #"{ "age": { "var": "born" } }"#,
        #"{ "days_until_birthday": { "var": "born" } }"#, #"{ "within": [{ "var": "left" }, "P30D"] }"#,
        #"{ "bucket": ["offer", { "var": "nick" }] }"#, #"{ "sum": { "event": "visit", "property": "n" } }"#,
        #"{ "last": { "event": "visit" } }"#,
    ]

    /// Everything with a value, and beside it everything without one.
    static let declarations = #"""
        {
          "attributes": {
            "points": { "type": "number" }, "score": { "type": "number" },
            "flag": { "type": "boolean" }, "off": { "type": "boolean" },
            "name": { "type": "string" }, "nick": { "type": "string" },
            "tags": { "type": "list" }, "hobbies": { "type": "list" },
            "tier": { "type": "ordinal", "values": ["bronze", "silver", "gold", "platinum"] },
            "since": { "type": "date" }, "left": { "type": "date" }, "lastSeen": { "type": "instant" },
            "birthday": { "type": "birthday" }, "born": { "type": "birthday" }
          },
          "events": { "visit": { "properties": { "n": { "type": "number" } } } },
          "segments": {
            "regular": { ">=": [{ "var": "points" }, 5] }, "scored": { ">": [{ "var": "score" }, 5] },
            "inline": { "and": [{ ">": [{ "count": { "event": "purchase" } }, 0] },
              { ">": [{ "sum": { "event": "visit", "property": "n" } }, 0] }, { "!=": [{ "last": { "event": "visit" } }, null] }] }
          }
        }
        """#
    static let known = #"""
        { "points": 5, "flag": true, "name": "Ada", "tags": ["a", "b"], "tier": "silver", "since": "2026-09-01",
          "lastSeen": "2026-09-10T09:00:00Z", "birthday": "1990-09-28" }
        """#
    static let now = Timestamp(milliseconds: 1_789_981_200_000)  // 2026-09-21T09:00Z

    // MARK: The two dialects

    static func care(_ text: String, _ schema: Schema) throws -> String {
        let document = try JSONDocument(file: "", bytes: Array(text.utf8))
        var diagnostics: [Diagnostic] = []
        guard
            let expression = schema.compile(
                document.root, in: document, scope: .none, expecting: .any, diagnostics: &diagnostics)
        else { return "refused: " + (diagnostics.first?.message ?? "") }
        guard case .object(let values) = json(known) else { return "" }
        let fact = AttributeFact(values: values, time: now, receivedAt: now, hasOwnTime: false)
        let cache = FactCache.rebuilt(from: [.attributes(fact)], schema: schema)
        let context = EvaluationContext(schema: schema, cache: cache, customer: "c1", now: now, zone: .utc)
        do {
            let value = try expression.evaluate(context).value
            return value.isMissing ? "missing" : value.jsonValue.canonicalText
        } catch {
            return "error"
        }
    }

    static func plain(_ text: String) throws -> String {
        do {
            return try PlainProgram(json(text)).evaluate(json(known)).canonicalText
        } catch {
            return "error"
        }
    }

    // MARK: The tables

    static func tables() throws -> [String: [String]] {
        let schema = try CareLogicTests.schema(declarations)
        var operators = ["| operator | gives | for example | rule files | plain |", "|---|---|---|---|---|"]
        for row in rows {
            let names = row.operators.map { "`\($0)`" }.joined(separator: " ")
            operators.append(
                "| \(names) | \(row.meaning) | `\(row.example)` | \(try care(row.example, schema)) | \(try plain(row.example)) |"
            )
        }
        var none = ["| with the value missing | rule files | plain |", "|---|---|---|"]
        for text in missing { none.append("| `\(text)` | \(try care(text, schema)) | \(try plain(text)) |") }
        var logic = ["| a | b | `and` | `or` | plain `and` | plain `or` |", "|---|---|---|---|---|---|"]
        let values = [("true", "true"), ("false", "false"), ("missing", #"{ "var": "off" }"#)]
        for left in values {
            for right in values {
                let both = "[\(left.1), \(right.1)]"
                let cells = [
                    try care("{ \"and\": \(both) }", schema), try care("{ \"or\": \(both) }", schema),
                    try plain("{ \"and\": \(both) }"), try plain("{ \"or\": \(both) }"),
                ]
                logic.append("| \(left.0) | \(right.0) | \(cells.joined(separator: " | ")) |")
            }
        }
        return ["operators": operators, "missing": none, "logic": logic]
    }

    static let manual = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs/operators.md")

    @Test func `the tables of the manual are what both dialects answer`() throws {
        let text = try String(contentsOf: Self.manual, encoding: .utf8)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for (name, table) in try Self.tables() {
            let start = try #require(lines.firstIndex(of: "<!-- table: \(name) -->"))
            let end = try #require(lines[start...].firstIndex(of: "<!-- end -->"))
            lines.replaceSubrange((start + 1)..<end, with: table)
        }
        let expected = lines.joined(separator: "\n")
        if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1", expected != text {
            try expected.write(to: Self.manual, atomically: true, encoding: .utf8)
            Issue.record("written anew: look at what has changed")
        }
        #expect(expected == text)
    }

    @Test func `every operator has a row, and every one that takes a value says what it does without`() {
        let described = Self.rows.flatMap(\.operators)
        #expect(Set(described) == Set(ExpressionCompiler.operators + ["count"]))
        #expect(described.count == Set(described).count)
        for name in ExpressionCompiler.operators where !["and", "or", "now", "today"].contains(name) {
            #expect(Self.missing.contains { $0.hasPrefix("{ \"\(name)\":") }, "\(name)")
        }
    }

    @Test func `the examples between the tables give a value, too`() throws {
        let text = try String(contentsOf: Self.manual, encoding: .utf8)
        let schema = try CareLogicTests.schema(Self.declarations)
        let known = Set(Self.rows.map(\.example) + Self.missing)
        // Between every other pair of back quotes stands code.
        let code = text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 && $0.element.hasPrefix("{") }.map { String($0.element) }
        #expect(Set(code).isSuperset(of: known))
        let others = code.filter { !known.contains($0) }
        #expect(!others.isEmpty)
        for example in others {
            let answers = [try Self.care(example, schema), try Self.plain(example)]
            #expect(answers.allSatisfy { $0 != "missing" && $0 != "error" && !$0.hasPrefix("refused") }, "\(example)")
        }
    }
}
