import CareRules
import CareValues
import Testing

/// Canonical text, fingerprint, definition hashes.
struct CanonicalTests {
    static let one = """
        { "$schema": "x", "campaigns": {
          "b": { "trigger": { "event": "purchase" }, "condition": { "segment": "vip" }, "actions": [{ "type": "t", "send": "crm", "data": { "z": "{{name}}", "a": 1.0 } }] },
          "a": { "trigger": { "inactivity": { "of": ["purchase", "complaint.opened"], "for": "P60D" } }, "actions": [{ "send": "crm", "type": "t" }] } } }
        """

    @Test func `the canonical text loads again as one file with the same fingerprint`() throws {
        let first = try #require(Samples.load(Samples.base, Self.one).ruleSet)
        let again = Samples.load(first.canonicalText)
        let second = try #require(again.ruleSet)
        #expect(second.canonicalText == first.canonicalText)
        #expect(second.fingerprint == first.fingerprint)
        #expect(second.campaigns.map(\.definitionHash) == first.campaigns.map(\.definitionHash))
        #expect(second.schema.layoutHash == first.schema.layoutHash)
        #expect(first.fingerprint == Hex.encode(SHA256.hash(Array(first.canonicalText.utf8))))
        #expect(first.fingerprint.count == 64)
    }

    @Test func `the shipped rules load again with the same fingerprint`() throws {
        let first = try #require(RuleSetLoader.load(try ProjectFiles.rules(), destinations: nil).ruleSet)
        let second = try #require(Samples.load(first.canonicalText).ruleSet)
        #expect(second.fingerprint == first.fingerprint)
        #expect(second.campaigns.map(\.definitionHash) == first.campaigns.map(\.definitionHash))
    }

    @Test(arguments: [UInt64](1...20)) func `files, their order and the order of members do not matter`(
        seed: UInt64
    ) throws {
        let expected = try #require(Samples.load(Samples.base, Self.one).ruleSet)
        var generator = SplitMix64(seed: seed)
        // Every member of every section becomes a file of its own, or joins one of three.
        var files: [JSONObject] = [JSONObject(), JSONObject(), JSONObject()]
        for text in [Samples.base, Self.one] {
            guard case .object(let root)? = JSONValue(jsonText: text) else { continue }
            for section in root.members.shuffled(using: &generator) {
                guard case .object(let members) = section.value else { continue }
                for member in members.members.shuffled(using: &generator) {
                    let target = Int.random(in: 0..<files.count, using: &generator)
                    var part =
                        files[target][section.name].flatMap { if case .object(let object) = $0 { object } else { nil } }
                        ?? JSONObject()
                    part[member.name] = shuffled(member.value, &generator)
                    files[target][section.name] = .object(part)
                }
            }
        }
        let texts = files.map { written(.object($0), &generator) }.shuffled(using: &generator)
        let result = Samples.load(texts)
        #expect(result.diagnostics == [])
        #expect(result.ruleSet?.canonicalText == expected.canonicalText)
        #expect(result.ruleSet?.fingerprint == expected.fingerprint)
        #expect(result.ruleSet?.campaigns.map(\.definitionHash) == expected.campaigns.map(\.definitionHash))
    }

    @Test func `campaigns are sorted by name`() throws {
        let ruleSet = try #require(Samples.load(Samples.base, Self.one).ruleSet)
        #expect(ruleSet.campaigns.map(\.name) == ["a", "b"])
        #expect(ruleSet.index(ofCampaign: "b") == 1)
        #expect(ruleSet.index(ofCampaign: "c") == nil)
    }

    @Test func `no files are a rule set without campaigns`() throws {
        let result = RuleSetLoader.load([], destinations: [])
        #expect(result.diagnostics == [])
        #expect(result.ruleSet?.canonicalText == "{}")
        #expect(result.ruleSet?.defaultAt == LocalTime(text: "09:00"))
    }

    /// An edit of a rule file, and whether it makes campaign `c` another one.
    struct Edit: Sendable, CustomTestStringConvertible {
        var name: String
        var from: String
        var to: String
        var isEdit: Bool
        var testDescription: String { name }
    }

    static let watched = """
        {
          "attributes": {
            "spare": { "type": "string", "default": "s" },
            "grade": { "type": "ordinal", "values": ["low", "high"] },
            "score": { "type": "number", "default": 1, "pii": true }
          },
          "traits": {
            "bought": { "count": { "event": "purchase", "where": { ">": [{ "var": "event.amount" }, 10] } } },
            "paid": { "sum": { "event": "purchase", "property": "amount" } },
            "other": { "count": { "event": "purchase" } }
          },
          "segments": {
            "inner": { ">": [{ "var": "bought" }, 3] },
            "outer": { "and": [{ "segment": "inner" }, { "segment": "vip" }, { ">=": [{ "var": "grade" }, "high"] }] },
            "elsewhere": { ">": [{ "var": "other" }, 5] }
          },
          "policies": { "at": "10:00" },
          "campaigns": {
            "c": {
              "description": "first words",
              "trigger": { "anniversary": { "of": "birthday" } },
              "condition": { "segment": "outer" },
              "actions": [{ "send": "crm", "type": "t", "data": { "paid": "{{paid}}", "s": "{{score}}" } }]
            }
          }
        }
        """

    static let edits = [
        Edit(name: "a comma's worth of blanks", from: "\"send\": \"crm\"", to: "\"send\":   \"crm\"", isEdit: false),
        Edit(name: "description", from: "first words", to: "other words", isEdit: false),
        Edit(
            name: "a trait nobody reads here", from: "{ \"count\": { \"event\": \"purchase\" } }",
            to: "{ \"count\": { \"event\": \"visit\" } }", isEdit: false),
        Edit(name: "a segment nobody reads here", from: "\"other\" }, 5", to: "\"other\" }, 6", isEdit: false),
        Edit(
            name: "condition", from: "\"condition\": { \"segment\": \"outer\" }",
            to: "\"condition\": { \"segment\": \"vip\" }", isEdit: true),
        Edit(name: "segment", from: "{ \"segment\": \"vip\" }, {", to: "true, {", isEdit: true),
        Edit(
            name: "the order of an ordinal that a segment compares", from: #"["low", "high"]"#,
            to: #"["high", "low"]"#, isEdit: true),
        Edit(name: "the default of an attribute it reads", from: #""default": 1"#, to: #""default": 2"#, isEdit: true),
        Edit(name: "the default of one it does not", from: #""default": "s""#, to: #""default": "t""#, isEdit: false),
        Edit(name: "who may see an attribute", from: #", "pii": true"#, to: "", isEdit: false),
        Edit(name: "segment of a segment", from: "\"bought\" }, 3", to: "\"bought\" }, 4", isEdit: true),
        Edit(name: "trait of a segment of a segment", from: "}, 10]", to: "}, 11]", isEdit: true),
        Edit(
            name: "trait that only data reads", from: "\"property\": \"amount\"", to: "\"property\": \"items\"",
            isEdit: true),
        Edit(name: "the wall time it takes from the policies", from: "10:00", to: "11:00", isEdit: true),
        Edit(name: "the message", from: "\"type\": \"t\"", to: "\"type\": \"u\"", isEdit: true),
    ]

    @Test(arguments: edits) func `a campaign is another one when what it reads is edited`(_ edit: Edit) throws {
        let before = try Samples.onlyCampaign(Self.watched)
        let text = Self.watched.replacing(edit.from, with: edit.to)
        #expect(text != Self.watched)
        let after = try Samples.onlyCampaign(text)
        #expect((before.definitionHash != after.definitionHash) == edit.isEdit)
    }
}

/// The same value with its objects' members in another order.
private func shuffled(_ value: JSONValue, _ generator: inout SplitMix64) -> JSONValue {
    switch value {
    case .array(let elements):
        return .array(elements.map { shuffled($0, &generator) })
    case .object(let object):
        var members: [(name: String, value: JSONValue)] = []
        for member in object.members.shuffled(using: &generator) {
            members.append((member.name, shuffled(member.value, &generator)))
        }
        return .object(JSONObject(uniqueMembers: members))
    default:
        return value
    }
}

/// The value as JSON text in its own order of members, with random blanks.
private func written(_ value: JSONValue, _ generator: inout SplitMix64) -> String {
    let blank = ["", " ", "\n\t"].randomElement(using: &generator) ?? ""
    switch value {
    case .array(let elements):
        return "[" + blank + elements.map { written($0, &generator) }.joined(separator: ",") + "]"
    case .object(let object):
        let members = object.members.map {
            CanonicalJSON.text(.string($0.name)) + ":" + blank + written($0.value, &generator)
        }
        return "{" + members.joined(separator: blank + ",") + "}"
    default:
        return CanonicalJSON.text(value)
    }
}
