import CareDecisions
import CareValues
import Testing

/// Traits that are computed from others, and aggregates inline, as triggers and conditions see them.
@Suite struct ComputedTraitTests {
    static let paces: [World.Pace] = [.everyDueInstant, .every(minutes: 10)]

    static func rules(traits: String, segments: String = "", _ campaigns: String) -> String {
        """
        {
          "attributes": { "tier": { "type": "ordinal", "values": ["silver", "gold"] }, "timeZone": { "type": "zone" } },
          "events": { "purchase": { "properties": { "amount": { "type": "number" } } } },
          "traits": { "purchases": { "count": { "event": "purchase" } },
            "lastPurchaseAt": { "last": { "event": "purchase" } }, \(traits) },
          "segments": { \(segments) },
          "campaigns": { \(campaigns) }
        }
        """
    }

    static let earlyWarning = rules(
        traits: """
            "spend90d": { "sum": { "event": "purchase", "property": "amount", "within": "P90D" } },
            "spendPrior90d": { "sum": { "event": "purchase", "property": "amount", "between": ["P180D", "P90D"] } },
            "buyingLess": { "value": { "<": [{ "var": "spend90d" }, { "*": [0.5, { "var": "spendPrior90d" }] }] } }
            """,
        segments: """
            "buying-less": { "and": [{ "var": "buyingLess" }, { ">=": [{ "var": "spendPrior90d" }, 300] }] }
            """,
        """
        "early-warning": {
          "trigger": { "segment": { "entered": "buying-less", "at": "09:00" } }, "reentry": { "cooldown": "P90D" },
          "actions": [{ "send": "tasks", "audience": "staff", "type": "care.warning.spend",
            "data": { "now": { "$value": { "var": "spend90d" } }, "before": { "$value": { "var": "spendPrior90d" } } } }] }
        """)

    @Test(arguments: paces) func `story 19: a customer who spends less than half of before is noticed once`(
        pace: World.Pace
    ) throws {
        var world = try World(rules: Self.earlyWarning, start: "2026-01-01 00:00", pace: pace)
        try world.event("purchase", ["amount": .number(400)], at: "2026-01-10 12:00")
        try world.event("purchase", ["amount": .number(100)], at: "2026-05-20 12:00")
        try world.pass(until: "2027-03-30 00:00")
        // It fell on 10 April at 12:00; the next nine o'clock is a day later.
        #expect(world.log == ["04-11 09:00 early-warning/1 act"])
    }

    static let lapsed = rules(
        traits: """
            "stage": { "lifecycle": [
              { "name": "prospect", "when": { "==": [{ "var": "purchases" }, 0] } },
              { "name": "lapsed", "when": { ">": [{ "days_since": [{ "var": "lastPurchaseAt" }] }, 180] } },
              { "name": "loyal", "when": { ">=": [{ "var": "purchases" }, 5] } },
              { "name": "repeat", "when": { ">=": [{ "var": "purchases" }, 2] } },
              { "name": "first-purchase", "when": true } ] }
            """,
        """
        "stage-lapsed": { "trigger": { "change": { "of": "stage", "to": ["lapsed"], "at": "10:00" } },
          "actions": [{ "send": "crm", "type": "care.lapsed", "data": { "was": "{{entry.from}}" } }] },
        "now-repeat": { "trigger": { "change": { "of": "stage", "to": "repeat" } },
          "actions": [{ "send": "crm", "type": "care.repeat", "data": {} }] }
        """)

    @Test(arguments: paces, [true, false]) func `story 11: who buys before ten o'clock has not lapsed`(
        pace: World.Pace, buys: Bool
    ) throws {
        var world = try World(rules: Self.lapsed, start: "2026-01-01 00:00", pace: pace)
        try world.event("purchase", at: "2026-01-02 12:00")
        try world.event("purchase", at: "2026-01-03 12:00")
        if buys { try world.event("purchase", at: "2026-07-03 08:00") }
        try world.pass(until: "2026-07-20 00:00")
        // Coming back from `lapsed`, for eight hours, is a change to `repeat` too.
        #expect(
            world.log
                == ["01-03 12:00 now-repeat/1 act"]
                + (buys ? ["07-03 08:00 now-repeat/1 act"] : ["07-03 10:00 stage-lapsed/1 act"]))
    }

    @Test(arguments: paces) func `a value of an attribute turns with it, and with time`(pace: World.Pace) throws {
        let rules = Self.rules(
            traits: """
                "buys30d": { "count": { "event": "purchase", "within": "P30D" } },
                "needs": { "value": { "if": [{ "==": [{ "var": "tier" }, "gold"] }, 2, 1] } },
                "enough": { "value": { ">=": [{ "var": "buys30d" }, { "var": "needs" }] } }
                """,
            """
            "down": { "trigger": { "change": { "of": "enough", "from": true } },
              "actions": [{ "send": "crm", "type": "t", "data": {} }] },
            "up": { "trigger": { "change": { "of": "enough", "to": true } },
              "actions": [{ "send": "crm", "type": "t", "data": {} }] }
            """)
        var world = try World(rules: rules, start: "2026-01-01 00:00", pace: pace)
        try world.set(["tier": "silver"], at: "2026-01-01 08:00")
        try world.event("purchase", at: "2026-01-02 12:00")
        try world.set(["tier": "gold"], at: "2026-01-03 12:00")
        try world.event("purchase", at: "2026-01-04 12:00")
        try world.pass(until: "2026-03-30 00:00")
        #expect(
            world.log == [
                "01-02 12:00 up/1 act", "01-03 12:00 down/1 act", "01-04 12:00 up/1 act", "02-01 12:00 down/1 act",
            ])
    }

    @Test(arguments: paces) func `an aggregate inline is noticed like a trait of its own`(pace: World.Pace) throws {
        let rules = Self.rules(
            traits: #""other": { "count": { "event": "x" } }"#,
            segments: """
                "busy": { ">": [{ "count": { "event": "purchase", "within": "P10D" } },
                  { "count": { "event": "purchase", "between": ["P20D", "P10D"] } }] }
                """,
            """
            "in": { "trigger": { "segment": { "entered": "busy" } },
              "condition": { ">=": [{ "max": { "event": "purchase", "property": "amount" } }, 5] },
              "actions": [{ "send": "crm", "type": "t",
                "data": { "count": { "event": "x" }, "n": { "$value": { "count": { "event": "purchase" } } } } }] },
            "out": { "trigger": { "segment": { "left": "busy" } },
              "actions": [{ "send": "crm", "type": "t", "data": {} }] }
            """)
        var world = try World(rules: rules, start: "2026-01-01 00:00", pace: pace)
        try world.event("purchase", ["amount": .number(1)], at: "2026-01-02 12:00")
        try world.event("purchase", ["amount": .number(9)], at: "2026-01-30 12:00")
        try world.pass(until: "2026-03-30 00:00")
        #expect(world.log == ["01-12 12:00 out/1 act", "01-30 12:00 in/1 act", "02-09 12:00 out/1 act"])
        #expect(world.decisions[1].order?.data == ["count": ["event": "x"], "n": .number(2)])
    }

    @Test(arguments: paces) func `fixed scores fall as days pass and as events leave`(pace: World.Pace) throws {
        let rules = Self.rules(
            traits: """
                "rfm": { "rfm": { "event": "purchase", "property": "amount", "within": "P100D", "scores": {
                  "recency": [10, 20, 30, 40], "frequency": [1, 2, 3, 4], "monetary": [10, 20, 30, 40] } } }
                """,
            """
            "turn": { "trigger": { "change": { "of": "rfm.code" } },
              "actions": [{ "send": "crm", "type": "t", "data": { "code": "{{entry.to}}" } }] }
            """)
        var world = try World(rules: rules, start: "2026-01-01 00:00", pace: pace)
        try world.set(["tier": "silver"], at: "2026-01-01 08:00")
        try world.event("purchase", ["amount": .number(30)], at: "2026-01-02 12:00")
        try world.event("purchase", ["amount": .number(15)], at: "2026-01-03 12:00")
        try world.event("purchase", ["note": "no amount"], at: "2026-01-04 12:00")
        try world.pass(until: "2026-06-30 00:00")
        #expect(
            world.log == [
                "01-03 12:00 turn/1 act", "01-13 00:00 turn/1 act", "01-23 00:00 turn/1 act",
                "02-02 00:00 turn/1 act", "02-12 00:00 turn/1 act", "04-12 12:00 turn/1 act",
                // The last purchase has left: there is no code to speak of.
                "04-13 12:00 turn/1 error template_error", "04-14 12:00 turn/1 skip too_late",
            ])
        #expect(
            world.decisions.compactMap { $0.order.flatMap { $0.data.canonicalText } }
                == ["525", "425", "325", "225", "125", "112"].map { "{\"code\":\"\($0)\"}" })
    }
}
