import CareDecisions
import CareEngine
import CareStore
import CareValues
import Testing

/// What a campaign says of its life, as the store and the passes see it.
@Suite struct CampaignTermsTests {
    static let start = Timestamp(iso8601: "2026-03-02T00:00:00.000Z") ?? .distantPast

    static func instant(_ text: String) -> Timestamp { Timestamp(iso8601: text + ":00.000Z") ?? .distantPast }

    static func rules(_ campaigns: String) -> String {
        #"{ "attributes": { "tier": { "type": "string" } }, "segments": { "vip": { "==": [{ "var": "tier" }, "gold"] } }, "campaigns": { \#(campaigns) } }"#
    }

    static let members = rules(
        """
        "hello": { "backfill": "members", "trigger": { "segment": { "entered": "vip" } },
          "actions": [{ "send": "crm", "type": "t" }] }
        """)

    static func event(_ type: String, _ id: String, at: Timestamp, _ properties: JSONObject = [:]) -> Fact {
        .event(Event(type: type, source: "shop", id: id, time: at, receivedAt: at, properties: properties))
    }

    static func gold(at: Timestamp) -> Fact {
        .attributes(AttributeFact(values: ["tier": "gold"], time: at, receivedAt: at, hasOwnTime: false))
    }

    @Test func `those whom a backfill lets in go out at the recovery rate, and a plan foresees them`() throws {
        let world = try EngineWorld(rules: Self.rules(""), at: Self.start)
        for number in 0..<250 { try world.receive([Self.gold(at: Self.start)], customer: "c\(number)", at: Self.start) }
        let now = Self.start.advanced(byMilliseconds: 3_600_000)
        world.time.withLock { $0 = now }
        #expect(try world.plan(Self.members, at: now, days: 1).map(\.outcome) == Array(repeating: .act, count: 250))
        try world.activate(Self.members)
        let pauses = CatchingUpTests.Pauses()
        let summary = try CatchingUpTests.ticker(world, pauses).tick(world.rules)
        #expect(summary.decisions == [.act: 250])
        #expect(pauses.total == 2_500)
    }

    @Test func `a backfill of events reads the stored events, and what the ledger has of them`() throws {
        func complaint(_ more: String) -> String {
            Self.rules(#""c": { \#(more) "trigger": { "event": "e" }, "actions": [{ "send": "crm", "type": "t" }] }"#)
        }
        let world = try EngineWorld(rules: Self.rules(""), at: Self.start)
        try world.receive([Self.event("e", "1", at: Self.start)], customer: "a", at: Self.start)
        let second = Self.start.advanced(byMilliseconds: 86_400_000)
        world.time.withLock { $0 = second }
        try world.activate(complaint(""))
        try world.receive([Self.event("e", "2", at: second)], customer: "a", at: second)
        let third = second.advanced(byMilliseconds: 86_400_000)
        world.time.withLock { $0 = third }
        try world.activate(complaint(#""backfill": "P7D","#))
        let summary = try world.tick(at: third)
        #expect(summary.duplicates == 0)
        let ledger = try world.store.read { try $0.ledger(of: "a", campaign: "c").map(\.occurrence) }
        #expect(ledger.sorted() == [#"["shop","1"]"#, #"["shop","2"]"#])
    }

    @Test func `goals are counted by day and campaign, apart for the customers held out`() throws {
        let rules = Self.rules(
            #"""
            "c": { "goal": { "event": "bought", "within": "P14D" }, "holdout": { "fraction": 0.5, "salt": "s" },
              "trigger": { "event": "e" }, "actions": [{ "send": "crm", "type": "t" }] }
            """#)
        let world = try EngineWorld(rules: rules, at: Self.start)
        let bought = Self.start.advanced(byMilliseconds: 86_400_000)
        for number in 0..<40 {
            try world.receive([Self.event("e", "e", at: Self.start)], customer: "c\(number)", at: Self.start)
            try world.receive([Self.event("bought", "b", at: bought)], customer: "c\(number)", at: bought)
        }
        let heldOut = (0..<40).count { Bucket.share(of: ["holdout:s", "c\($0)"]) < 0.5 }
        #expect(heldOut > 5 && heldOut < 35)
        let day = Zone.utc.date(at: bought)
        let counts = try world.store.read { store in
            try [CounterKind.entry, .goal, .goalHeldOut].map {
                try store.count($0, name: "c", from: day.advanced(byDays: -1), until: day.advanced(byDays: 1))
            }
        }
        #expect(counts == [40, 40 - heldOut, heldOut])
    }

    @Test func `a plan reads rows that wait for approval`() throws {
        let rules = Self.rules(
            #"""
            "c": { "approval": true, "maxLateness": "P20D", "trigger": { "event": "e" },
              "actions": [{ "send": "crm", "type": "t" }] }
            """#)
        let world = try EngineWorld(rules: rules, at: Self.start)
        for number in 0..<3 {
            try world.receive([Self.event("e", "e", at: Self.start)], customer: "c\(number)", at: Self.start)
        }
        let now = Self.start.advanced(byMilliseconds: 3_600_000)
        // Their wake-up is the deadline, far behind the period of the plan.
        #expect(try world.plan(rules, at: now, days: 1).map(\.outcome) == [.act, .act, .act])
    }

    @Test func `ticks of the rules before are in the plan of the next ones, as they are in the run`() throws {
        let before = Self.rules(
            #"""
            "c": { "trigger": { "schedule": { "cron": "0 10 * * *", "zone": "customer" } },
              "steps": [{ "name": "later", "after": "PT2H", "actions": [{ "send": "crm", "type": "t" }] }] }
            """#)
        let after = Self.rules(
            #"""
            "c": { "trigger": { "event": "e" },
              "steps": [{ "name": "later", "after": "PT2H", "actions": [{ "send": "crm", "type": "t" }] }] }
            """#)
        let world = try EngineWorld(rules: before, at: Self.start)
        for number in 0..<3 { try world.receive([Self.gold(at: Self.start)], customer: "c\(number)", at: Self.start) }
        // 10:05 in Shanghai: nobody has come by for the tick of ten.
        let edited = Self.instant("2026-03-02T02:05")
        world.time.withLock { $0 = edited }
        try world.activate(after)
        let now = Self.instant("2026-03-02T02:06")
        let plan = EngineWorld.lines(try world.plan(after, at: now, days: 1))
        #expect(plan.count == 3)
        try world.tick(at: now)
        while let next = try world.nextDue(), next < now.advanced(byMilliseconds: 86_400_000) {
            try world.tick(at: next)
        }
        #expect(try world.ledger(from: now, until: .distantFuture) == plan)
    }

    @Test func `a renamed campaign is planned and explained under its name, from the ledger of its first`() throws {
        func rules(_ name: String, _ more: String = "") -> String {
            Self.rules(
                #"""
                "\#(name)": { \#(more) "trigger": { "event": "e" }, "reentry": "once", "steps": [
                  { "name": "a", "actions": [{ "send": "crm", "type": "t" }] },
                  { "name": "b", "after": "P1D", "actions": [{ "send": "crm", "type": "t" }] } ] }
                """#)
        }
        let world = try EngineWorld(rules: rules("old"), at: Self.start)
        try world.receive([Self.event("e", "1", at: Self.start)], customer: "a", at: Self.start)
        let renamed = rules("new", #""formerly": "old","#)
        let now = Self.start.advanced(byMilliseconds: 3_600_000)
        let plan = try PlanRunner(store: world.store, zones: EngineWorld.zones, realNow: now).plan(
            EngineWorld.candidate(renamed, world.zone),
            PlanRunner.Request(at: now, days: 3, campaign: "new", keepsDecisions: true), threads: 1)
        #expect(plan.tally.steps.keys.map(\.campaign) == ["new"])
        #expect(plan.decisions.map(\.key.campaign) == ["old"])
        #expect(plan.decisions.map { plan.campaignName(of: $0) } == ["new"])
        #expect(plan.campaigns.map(\.entriesInLast28Days) == [1])
        world.time.withLock { $0 = now }
        try world.activate(renamed)
        try world.tick(at: now.advanced(byMilliseconds: 2 * 86_400_000))
        let explanation = try world.store.read {
            try Explainer.explain(
                Explainer.Question(customer: "a", campaign: "new"), EngineWorld.candidate(renamed, world.zone), in: $0,
                zones: EngineWorld.zones, realNow: now)
        }
        #expect(explanation.past.map(\.step) == ["a", "b"])
        #expect(!explanation.outlook.admitsEntry)
    }
}
