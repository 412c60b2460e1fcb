import CareDecisions
import CareValues
import Testing

/// The order of the gates: everything stands in the way at once, and is taken away one by one.
@Suite struct GateOrderTests {
    static let rules = GateRules.file(
        """
        "hello": { "trigger": { "event": "hello" }, "maxLateness": "P1D", "holdout": 1,
          "exit": { "condition": { "==": [{ "var": "addr" }, "exit"] } },
          "condition": { "!=": [{ "var": "tier" }, "bronze"] },
          "steps": [{ "name": "s", "after": "PT1H", "window": "day",
            "condition": { "!=": [{ "var": "tier" }, "silver"] },
            "actions": [{ "send": "mail", "to": { "var": "email" }, "consent": "email", "type": "t",
              "condition": { "!=": [{ "var": "tier" }, "gold"] }, "data": { "text": "{{mobile}}" } }] }] },
        "before": { "trigger": { "event": "before" }, "quietHours": "ignore",
          "actions": [{ "send": "crm", "type": "t" }] }
        """,
        policies: """
            "pauses": [{ "name": "p", "when": { "var": "doNotContact" }, "then": "suppress" }],
            "windows": { "day": { "from": "06:00", "until": "18:00" } },
            "quietHours": { "from": "17:00", "until": "08:00", "then": "suppress" },
            "caps": [{ "name": "c", "max": 1, "per": { "calendar": "day" } }]
            """)

    struct Gate: CustomTestStringConvertible {
        var expected: String
        /// When the step is decided, a day after it was due at 11:00 at the latest.
        var tick: String
        var values: JSONObject
        var acted = true
        var testDescription: String { expected }
    }

    static let free: JSONObject = [
        "tier": "platinum", "email": "a@b.example", "emailConsent": "granted", "doNotContact": .bool(false),
        "mobile": "1",
    ]

    static func with(_ changes: [(String, JSONValue)]) -> JSONObject {
        var values = free
        for (name, value) in changes { values[name] = value }
        return values
    }

    /// Each stands in the way together with all that come after it, as far as they can be at one time.
    static let gates = [
        Gate(expected: "skip too_late", tick: "11 11:00", values: with([("addr", "exit"), ("tier", "bronze")])),
        Gate(
            expected: "entry skip exited", tick: "10 19:00",
            values: with([("addr", "exit"), ("tier", "bronze"), ("emailConsent", "denied")])),
        Gate(
            expected: "entry skip condition", tick: "10 19:00",
            values: with([("tier", "bronze"), ("emailConsent", "denied")])),
        Gate(
            expected: "skip condition", tick: "10 19:00",
            values: with([("tier", "silver"), ("emailConsent", "denied")])),
        Gate(
            expected: "skip condition", tick: "10 19:00", values: with([("tier", "gold"), ("emailConsent", "denied")])),
        Gate(
            expected: "suppress no_consent", tick: "10 19:00",
            values: with([("emailConsent", "denied"), ("email", ""), ("doNotContact", .bool(true))])),
        Gate(
            expected: "suppress no_address", tick: "10 19:00",
            values: with([("email", ""), ("doNotContact", .bool(true))])),
        Gate(expected: "suppress paused", tick: "10 19:00", values: with([("doNotContact", .bool(true))])),
        Gate(expected: "hold window_closed", tick: "10 19:00", values: free),
        Gate(expected: "suppress quiet_hours", tick: "10 17:30", values: free),
        Gate(expected: "suppress frequency_cap", tick: "10 12:00", values: with([("mobile", "")])),
        Gate(expected: "suppress holdout", tick: "10 12:00", values: free, acted: false),
    ]

    @Test(arguments: gates)
    func `the first refusal is the reason`(_ gate: Gate) throws {
        var world = try World(rules: Self.rules, start: "2026-05-01 00:00")
        try world.set(gate.values, at: "2026-05-02 09:00")
        // Nothing that would end or refuse the entry holds while it begins.
        try world.set(["tier": "platinum", "addr": "here"], at: "2026-05-03 09:00")
        if gate.acted { try world.event("before", at: "2026-05-10 00:30") }
        try world.event("hello", at: "2026-05-10 10:00")
        // What stands in the way comes as a fact of now that is known only when the step is decided.
        let now = try world.instant("2026-05-" + gate.tick)
        var row = try #require(world.row)
        let decider = world.decider
        let facts = gate.values.members.filter { ["tier", "addr"].contains($0.name) }
        for fact in facts {
            _ = row.cache.apply(
                AttributeFact(
                    values: JSONObject(uniqueMembers: [fact]), time: row.asOf, receivedAt: row.asOf, hasOwnTime: false),
                schema: decider.active.rules.schema)
        }
        let outcome = decider.touch(row, clock: now).outcome
        let decision = try #require(outcome.decisions.first)
        let text =
            (decision.key.step.isEmpty ? "entry " : "") + decision.outcome.rawValue + " "
            + (decision.reason?.rawValue ?? "")
        #expect(text == gate.expected)
    }

    @Test func `at entry: where and condition leave no row, then too late, re-entry, group`() throws {
        let rules = GateRules.file(
            """
            "other": { "trigger": { "event": "other" }, "group": "g", "priority": 9, "steps": [
              { "name": "s", "after": "P9D", "actions": [{ "send": "crm", "type": "t" }] }] },
            "hello": { "trigger": { "event": "hello", "where": { "==": [{ "var": "event.ok" }, true] } }, "group": "g",
              "condition": { "segment": "vip" }, "reentry": "once", "maxLateness": "P1D",
              "actions": [{ "send": "crm", "type": "t" }] }
            """)
        var world = try World(rules: rules, start: "2026-05-01 00:00")
        try world.set(["tier": "gold"], at: "2026-05-01 09:00")
        try world.event("hello", ["ok": .bool(true)], at: "2026-05-02 10:00")
        try world.event("other", at: "2026-05-02 11:00")
        try world.event("hello", ["ok": .bool(true)], at: "2026-05-05 10:00", happened: "2026-05-03 10:00")
        try world.event("hello", ["ok": .bool(true)], at: "2026-05-05 10:00")
        try world.set(["tier": "silver"], at: "2026-05-06 09:00")
        try world.event("hello", ["ok": .bool(true)], at: "2026-05-06 10:00", happened: "2026-05-03 10:00")
        #expect(
            world.log == [
                "05-02 10:00 hello/1 act", "05-05 10:00 hello skip too_late", "05-05 10:00 hello suppress reentry",
            ])
    }
}
