import CareDispatch
import CareEngine
import CareRules
import CareStore
import CareValues
import Testing

/// What a delivery keeps for the template that it will be sent by.
@Suite struct DeliveryLanguageTests {
    static let start = Timestamp(iso8601: "2026-03-02T00:00:00.000Z") ?? .distantPast

    static func rules(_ attributes: String) -> String {
        """
        { "attributes": { \(attributes) },
          "campaigns": { "thanks": { "trigger": { "event": "order" },
            "actions": [{ "send": "crm", "type": "t", "data": {} }] } } }
        """
    }

    /// The language of the delivery to a customer with these attributes.
    static func language(_ attributes: String, _ values: JSONObject) throws -> String {
        let world = try EngineWorld(rules: rules(attributes), at: start)
        let values = AttributeFact(values: values, time: start, receivedAt: start, hasOwnTime: false)
        let order = Event(type: "order", source: "shop", id: "o", time: start, receivedAt: start, properties: [:])
        try world.receive([.attributes(values), .event(order)], customer: "c", at: start)
        return try #require(try world.store.read { try $0.deliveries(states: [], limit: 2) }.first).order.language
    }

    @Test func `keeps the customer's language as it was when it was decided`() throws {
        let declared = #""speaks": { "type": "language" }"#
        #expect(try Self.language(declared, ["speaks": "zh-CN"]) == "zh-CN")
        #expect(try Self.language(declared, [:]) == "")
        #expect(try Self.language(#""speaks": { "type": "language", "default": "de" }"#, [:]) == "de")
        #expect(try Self.language(#""speaks": { "type": "string" }"#, ["speaks": "zh-CN"]) == "")
    }

    @Test func `says of every action what it sends through a template`() throws {
        let rules = """
            { "attributes": { "name": { "type": "string" } },
              "campaigns": { "thanks": { "trigger": { "event": "order" }, "steps": [
                { "name": "one", "actions": [{ "name": "mail", "send": "mail", "type": "t", "data": {
                  "a": "{{name}}", "b": { "$value": { "var": "name" } }, "c": [1, 2], "d": [{ "x": "{{name}}" }], "e": { "f": null } } }] },
                { "name": "two", "after": "P1D", "actions": [{ "send": "crm", "type": "u" }] }] } } }
            """
        let source = RuleSource(file: "r.json", bytes: Array(rules.utf8))
        let set = try #require(RuleSetLoader.load([source], destinations: nil).ruleSet)
        #expect(
            TemplateUses.of(set) == [
                TemplateUse(
                    destination: "mail", action: "action 'mail' in step 'one' of campaign 'thanks'", type: "t",
                    data: .object([
                        "a": .single, "b": .unknown, "c": .list(.single), "d": .list(.object(["x": .single])),
                        "e": .object(["f": .single]),
                    ])),
                TemplateUse(
                    destination: "crm", action: "action '1' in step 'two' of campaign 'thanks'", type: "u",
                    data: .object([:])),
            ])
    }
}
