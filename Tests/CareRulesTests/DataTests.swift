import CareValues
import Testing

@testable import CareRules

/// `data` of actions.
struct DataTests {
    static func event(_ data: String) -> String {
        #"{ "campaigns": { "c": { "trigger": { "event": "purchase" }, "actions": [{ "send": "crm", "type": "t", "data": \#(data) }] } } }"#
    }

    static func birthday(_ data: String) -> String {
        #"{ "campaigns": { "c": { "trigger": { "anniversary": { "of": "birthday" } }, "actions": [{ "send": "crm", "type": "t", "data": \#(data) }] } } }"#
    }

    @Test func `an unclosed place is told at its braces`() {
        expectFindings(
            in: Self.event(#"{ "a": "Dear 1️⃣{{name" }"#),
            [.error("1️⃣", "rule.bad-template", "'{{' is not closed", help: "write {{name}}; a single '{' needs no care")]
        )
    }

    @Test func `an unknown path is told at its place inside the text`() {
        expectFindings(
            in: Self.event(#"{ "list": [1, { "a": "尊敬的 {{name}}, {{1️⃣teir}}" }] }"#),
            [.error("1️⃣", "rule.unknown-name", "unknown attribute or trait 'teir'", help: "did you mean 'tier'?")])
    }

    @Test func `a place behind escapes is told at its place`() {
        expectFindings(
            in: Self.event(#"{ "a": "\"\u00fc\ud83d\ude00\n{{1️⃣teir}}" }"#),
            [.error("1️⃣", "rule.unknown-name", "unknown attribute or trait 'teir'", help: "did you mean 'tier'?")])
    }

    @Test func `several broken places are all told`() {
        expectFindings(
            in: Self.event(#"{ "a": "{{1️⃣teir}}", "b": { "$value": { "var": 2️⃣"purchasse" } }, "c": "3️⃣{{" }"#),
            [
                .error("1️⃣", "rule.unknown-name", "unknown attribute or trait 'teir'", help: "did you mean 'tier'?"),
                .error(
                    "2️⃣", "rule.unknown-name", "unknown attribute or trait 'purchasse'",
                    help: "did you mean 'purchases'?"),
                .error(
                    "3️⃣", "rule.bad-template", "'{{' is not closed", help: "write {{name}}; a single '{' needs no care"),
            ])
    }

    @Test func `the event at hand is over when data is filled`() {
        expectFindings(
            in: Self.event(#"{ "a": "{{1️⃣event.amount}}" }"#),
            [
                .error(
                    "1️⃣", "rule.unknown-name", "'event.amount' is not known here: the event is over when data is filled",
                    help: "write {{entry.amount}}: what began the entry is kept")
            ])
    }

    @Test func `what the trigger never gives is unknown`() {
        expectFindings(
            in: Self.birthday(
                #"{ "a": "{{1️⃣entry.year}}", "b": "{{entry.years}}", "c": { "$value": { "var": 2️⃣"entry.amount" } } }"#),
            [
                .error("1️⃣", "rule.unknown-name", "the entry has no 'year'", help: "did you mean 'years'?"),
                .error("2️⃣", "rule.unknown-name", "the entry has no 'amount'", help: "it has date, years, offset"),
            ])
    }

    @Test func `a property that the declared events do not have is a warning`() {
        expectFindings(
            in: Self.event(#"{ "a": "{{1️⃣entry.ammount}}", "b": "{{2️⃣entry.somethingElse}}", "c": "{{entry.id}}" }"#),
            [
                .warning(
                    "1️⃣", "rule.undeclared-property", "no property 'ammount' of that event is declared",
                    help: "did you mean 'amount'?"),
                .warning(
                    "2️⃣", "rule.undeclared-property", "no property 'somethingElse' of that event is declared",
                    help: "declare it under 'events'"),
            ])
    }

    @Test func `nothing stands beside $value`() {
        expectFindings(
            in: Self.event(#"{ "a": { "$value": 1, 1️⃣"b": 2 } }"#),
            [
                .error(
                    "1️⃣", "rule.bad-template", "'b' stands beside '$value'",
                    help: "'$value' is the only member of its object; name the value one level up")
            ])
    }

    @Test func `names are not filled, and 'to' is an expression`() {
        expectFindings(
            in: Self.event(#"{ 1️⃣"{{name}}": 2 }, "to": 2️⃣"{{name}}""#),
            [
                .error("1️⃣", "rule.bad-template", "names in data are not filled", help: "put the place into the value"),
                .error(
                    "2️⃣", "rule.bad-template", "'to' is not filled like 'data'", help: "write { \"var\": \"email\" }"),
            ])
    }

    @Test func `a 'to' that is the name of an attribute is most often a slip`() {
        func rules(_ to: String) -> String {
            "{ \"attributes\": { \"email\": { \"type\": \"string\" } }, \"campaigns\": { \"c\": { \"trigger\": { \"event\": \"purchase\" }, "
                + "\"actions\": [{ \"send\": \"crm\", \"to\": \(to), \"type\": \"t\" }] } } }"
        }
        expectFindings(
            in: rules(#"1️⃣"email""#),
            [
                .warning(
                    "1️⃣", "rule.literal-address",
                    "'to' is the text 'email', the same for everybody; 'email' is an attribute",
                    help: #"write { "var": "email" }"#)
            ])
        expectFindings(in: rules(#""service@shop.example""#), [])
        expectFindings(in: rules(#"{ "var": "email" }"#), [])
    }

    @Test func `data is an object`() {
        expectFindings(
            in: Self.event(#"1️⃣"hello""#),
            [
                .error(
                    "1️⃣", "rule.wrong-type", "data must be an object, not text",
                    help: "for example { \"customer\": \"{{customer.id}}\" }")
            ])
    }

    @Test func `what looks like an operator is data`() throws {
        let campaign = try Samples.onlyCampaign(
            Self.event(#"{ "max": 5, "a": { "var": "nobody" }, "list": [{ "<": [1, 2] }] }"#))
        guard case .literal(let value) = campaign.steps[0].actions[0].data else {
            Issue.record("not literal")
            return
        }
        #expect(value.canonicalText == #"{"a":{"var":"nobody"},"list":[{"<":[1,2]}],"max":5}"#)
    }

    @Test func `places and typed values become parts`() throws {
        let campaign = try Samples.onlyCampaign(
            Self.event(
                #"{ "a": "Dear {{name}}!", "b": { "$value": { "var": "entry.amount" } }, "c": [1, "{{customer.id}}"] }"#
            ))
        guard case .object(let members) = campaign.steps[0].actions[0].data else {
            Issue.record("not an object")
            return
        }
        #expect(members.map(\.name) == ["a", "b", "c"])
        guard case .text(let parts) = members[0].value, case .value(let value) = members[1].value,
            case .array(let list) = members[2].value
        else {
            Issue.record("other parts")
            return
        }
        #expect(parts.count == 3)
        #expect(value.source.canonicalText == #"{"var":"entry.amount"}"#)
        #expect(list.count == 2)
    }
}
