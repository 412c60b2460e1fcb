import CareDecisions
import CareEngine
import CarePlanning
import CareStore
import CareValues
import Testing

/// Every reason stands in the ledger, in a plan and in an explanation, under one word.
@Suite struct ReasonTests {
    /// One customer's morning of 3 March 2026, UTC, on which a date of `c` is due at 09:00.
    struct Case: CustomTestStringConvertible {
        var reason: Reason
        var outcome: Outcome
        /// What `c` says besides its trigger and steps.
        var members = ""
        var steps = Self.oneStep()
        var policies = ""
        /// Other campaigns.
        var others = ""
        /// Edited rules, activated before the pass, replace this in the text.
        var edit: (from: String, to: String)?
        /// What is known of the customer besides the date.
        var attributes: JSONObject = [:]
        var trigger = #""date": { "of": "on", "at": "09:00" }"#

        var testDescription: String { reason.rawValue }

        static func oneStep(_ action: String = "", step: String = "") -> String {
            #"{ "name": "a", \#(step) "actions": [{ \#(action) "send": "crm", "type": "t" }] }"#
        }

        static func action(_ text: String) -> String { #"{ "name": "\#(text)", "send": "crm", "type": "t" }"# }

        var rules: String {
            """
            {
              "attributes": { "on": { "type": "date" }, "born": { "type": "birthday" }, "email": { "type": "string" },
                "until": { "type": "instant" }, "emailConsent": { "type": "consent", "channel": "email" } },
              "traits": { "word": { "last": { "event": "said", "property": "word" } },
                "open": { "open": { "opened": "opened", "closed": "closed", "by": "id" } } },
              "policies": { \(policies) },
              "campaigns": { "c": { \(members) "trigger": { \(trigger) }, "steps": [\(steps)] } \(others) }
            }
            """
        }
    }

    static let pauseUntilSeven = """
        "pauses": [{ "name": "p", "when": { "<": [{ "now": [] }, { "var": "until" }] }, "then": "hold" }]
        """

    static let cases = [
        Case(
            reason: .quietHours, outcome: .suppress,
            policies: #""quietHours": { "from": "08:00", "until": "10:00", "then": "suppress" }"#),
        Case(
            reason: .windowClosed, outcome: .hold, members: #""maxLateness": "P3D","#,
            steps: Case.oneStep(step: #""window": "w","#),
            policies: pauseUntilSeven + #", "windows": { "w": { "from": "09:00", "until": "18:00" } }"#,
            attributes: ["until": "2026-03-04T19:00:00Z"]),
        Case(
            reason: .paused, outcome: .hold, members: #""maxLateness": "P3D","#, policies: pauseUntilSeven,
            attributes: ["until": "2026-03-05T19:00:00Z"]),
        Case(
            reason: .frequencyCap, outcome: .suppress,
            policies: #""caps": [{ "name": "none", "max": 0, "per": { "calendar": "day" } }]"#),
        Case(reason: .holdout, outcome: .suppress, members: #""holdout": 1,"#),
        Case(reason: .noConsent, outcome: .suppress, steps: Case.oneStep(#""consent": "email","#)),
        Case(reason: .noAddress, outcome: .suppress, steps: Case.oneStep(#""to": { "var": "email" },"#)),
        Case(
            reason: .notChosen, outcome: .suppress,
            steps: #"{ "actions": [{ "firstOf": [\#(Case.action("x")), \#(Case.action("y"))] }] }"#),
        Case(
            reason: .reentry, outcome: .suppress, members: #""reentry": "once","#,
            trigger: #""date": { "of": "on", "offset": ["P0D", "PT1H"], "at": "09:00" }"#),
        Case(
            reason: .excluded, outcome: .suppress, members: #""group": "g","#,
            others: other(#""group": "g", "priority": 5,"#, at: "09:00")),
        Case(
            reason: .displaced, outcome: .skip, members: #""group": "g","#, steps: later(),
            others: other(#""group": "g", "priority": 5,"#, at: "10:00")),
        Case(
            reason: .sentinelDate, outcome: .suppress, attributes: ["born": "1970-01-01"],
            trigger: #""anniversary": { "of": "born", "offset": "P61D", "at": "09:00" }"#),
        Case(
            reason: .tooLate, outcome: .skip, members: #""maxLateness": "PT1H","#, policies: pauseUntilSeven,
            attributes: ["until": "2026-03-03T19:00:00Z"]),
        Case(reason: .condition, outcome: .skip, steps: Case.oneStep(step: #""condition": false,"#)),
        Case(
            reason: .exited, outcome: .skip,
            members: #""exit": { "condition": { ">": [{ "days_since": { "var": "on" } }, 0] } },"#, steps: later()),
        Case(
            reason: .campaignRemoved, outcome: .skip, members: #""maxLateness": "P3D","#, policies: pauseUntilSeven,
            edit: (#""name": "a""#, #""name": "b""#), attributes: ["until": "2026-03-05T19:00:00Z"]),
        Case(
            reason: .evaluationError, outcome: .error, members: #""maxLateness": "P3D","#,
            steps: Case.oneStep(#""condition": { "startsWith": [{ "var": "word" }, "a"] },"#)),
        Case(
            reason: .limitExceeded, outcome: .error, members: #""maxLateness": "P3D","#,
            steps: Case.oneStep(#""condition": { ">": [{ "var": "open" }, 0] },"#)),
        Case(
            reason: .templateError, outcome: .error, members: #""maxLateness": "P3D","#,
            steps: Case.oneStep(#""data": { "to": "{{email}}" },"#)),
    ]

    static func other(_ members: String, at: String) -> String {
        #", "d": { \#(members) "trigger": { "date": { "of": "on", "at": "\#(at)" } }, "steps": [\#(later())] }"#
    }

    static func later() -> String {
        Case.oneStep() + #", { "name": "z", "after": "PT20H", "actions": [\#(Case.action("1"))] }"#
    }

    @Test func `all reasons are asked for here but those of erasing and restoring, which no decision gives`() {
        #expect(Set(Self.cases.map(\.reason)).union([.erased, .restored]) == Set(Reason.allCases))
        #expect(Self.cases.count + 2 == Reason.allCases.count)
    }

    @Test(arguments: cases)
    func `a reason stands in the plan, in the ledger and in the explanation`(_ test: Case) throws {
        let start = try #require(Timestamp(iso8601: "2026-03-02T00:00:00.000Z"))
        let midnight = try #require(Timestamp(iso8601: "2026-03-03T00:00:00.000Z"))
        let world = try EngineWorld(rules: test.rules, at: start, zone: "UTC")
        var facts: [Fact] = (0...1_000).map { id in
            Self.event("opened", ["id": .string("t\(id)")], id: "o\(id)", at: start)
        }
        facts.append(Self.event("said", ["word": .number(5)], id: "said", at: start))
        var attributes = test.attributes
        attributes["on"] = "2026-03-03"
        facts.append(
            .attributes(AttributeFact(values: attributes, time: start, receivedAt: start, hasOwnTime: false)))
        try world.receive(facts, customer: "c1", at: start)

        var rules = test.rules
        var from = midnight
        if let edit = test.edit {
            from = try #require(Timestamp(iso8601: "2026-03-03T12:00:00.000Z"))
            try world.tick(at: midnight.advanced(byMilliseconds: 9 * 3_600_000))
            rules = rules.replacing(edit.from, with: edit.to)
        }
        let plan = try world.plan(rules, at: from, days: 2)
        let planned = plan.filter { $0.reason == test.reason && $0.key.campaign == "c" }
        #expect(planned.map(\.outcome) == [test.outcome], "plan: \(EngineWorld.lines(plan))")

        world.time.withLock { $0 = from }
        try world.activate(rules)
        let end = from.advanced(byMilliseconds: 2 * 86_400_000 - 1)
        try Self.pass(world, until: end)
        let ledger = try world.store.read { try $0.ledger(of: "c1", campaign: "c") }
        #expect(ledger.contains { $0.reason == test.reason.rawValue && $0.outcome == test.outcome.rawValue })

        let explanation = try world.store.read {
            try Explainer.explain(
                Explainer.Question(customer: "c1", campaign: "c"), EngineWorld.candidate(rules, world.zone), in: $0,
                zones: EngineWorld.zones, realNow: end)
        }
        #expect(
            explanation.past.contains { $0.reason == test.reason.rawValue && $0.outcome == test.outcome.rawValue })
    }

    private static func event(_ type: String, _ properties: JSONObject, id: String, at: Timestamp) -> Fact {
        .event(Event(type: type, source: "test", id: id, time: at, receivedAt: at, properties: properties))
    }

    /// A pass at every due instant.
    private static func pass(_ world: EngineWorld, until end: Timestamp) throws {
        while let next = try world.store.read({ try $0.nextWakeUp() }), next <= end { try world.tick(at: next) }
        try world.tick(at: end)
    }
}
