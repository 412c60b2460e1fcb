import CareCalendar
import CareDecisions
import CareEngine
import CarePlanning
import CareStore
import CareValues
import Foundation
import Testing

/// Passing over customers by columns leaves every plan as it is.
@Suite struct SievedPlanTests {
    static let start = PlanEqualsRunTests.start

    /// Edits of the rules that change no attribute and no trait: rows keep their cache.
    static let edits: [[(String, String)]] = [
        [("\"-P7D\", \"P0D\"", "\"-P9D\", \"P1D\", \"-P1M\"")], [("\"for\": \"P20D\"", "\"for\": \"P1M\"")],
        [("\"leapDay\": \"mar1\"", "\"offset\": \"PT20H\", \"leapDay\": \"feb28\"")],
        [
            (
                "\"anniversary\": { \"of\": \"joinedOn\", \"at\": \"23:30\", \"leapDay\": \"mar1\" }",
                "\"date\": { \"of\": \"joinedOn\", \"offset\": [\"P6Y\", \"P72M2D\"] }"
            )
        ],
        [("\"reentry\": \"once\",", "")], [("\"cron\": \"0 10 * * mon\"", "\"cron\": \"0 11 * * mon\"")],
        [
            ("\"calendar\": \"chinese\", ", ""), ("\"orSince\": \"joinedOn\",", ""), ("\"every\": \"P10D\", ", ""),
        ],
    ]

    /// Dates and silences alone: nothing is watched that moves with time, which columns could not follow.
    static let dates = """
        { "attributes": { "tier": { "type": "string" }, "birthday": { "type": "birthday" },
            "joinedOn": { "type": "date" }, "timeZone": { "type": "zone" } },
          "campaigns": {
            "birthday": { "trigger": { "anniversary": { "of": "birthday", "offset": ["-P7D", "P0D"] } },
              "condition": { "==": [{ "var": "tier" }, "gold"] },
              "actions": [{ "send": "crm", "type": "b", "data": {} }] },
            "joined": { "trigger": { "anniversary": { "of": "joinedOn", "at": "23:30", "leapDay": "mar1" } },
              "actions": [{ "send": "crm", "type": "j", "data": {} }] },
            "silence": { "trigger": { "inactivity": { "of": ["purchase"], "for": "P20D", "at": "10:00" } },
              "actions": [{ "send": "crm", "type": "s", "data": {} }] },
            "once": { "trigger": { "event": "visit" }, "reentry": "once",
              "actions": [{ "send": "crm", "type": "o", "data": {} }] } } }
        """

    /// Ticks for everybody, most of whom do not match: conditions that stay, one that moves with time, one that reads the
    /// entry; what is spread, and what fires again.
    static let ticks = """
        { "attributes": { "tier": { "type": "string" }, "birthday": { "type": "birthday" },
            "joinedOn": { "type": "date" }, "timeZone": { "type": "zone" } },
          "segments": { "dear": { "==": [{ "var": "tier" }, "dear"] } },
          "campaigns": {
            "monday": { "trigger": { "schedule": { "cron": "0 10 * * mon" } },
              "condition": { "==": [{ "var": "tier" }, "silver"] },
              "actions": [{ "send": "crm", "type": "m", "data": {} }] },
            "hourly": { "trigger": { "schedule": { "cron": "30 */8 * * *", "zone": "project" } },
              "condition": { "segment": "dear" },
              "actions": [{ "send": "crm", "type": "h", "data": {} }] },
            "elder": { "trigger": { "schedule": { "cron": "0 9 1,15 * *" } },
              "condition": { ">": [{ "days_since": [{ "var": "joinedOn" }] }, 2200] },
              "actions": [{ "send": "crm", "type": "e", "data": {} }] },
            "labour": { "trigger": { "holiday": { "name": "labour-day", "region": "DE", "offset": ["-P60D", "P0D"] } },
              "condition": { "==": [{ "var": "tier" }, "dear"] },
              "actions": [{ "send": "crm", "type": "l", "data": {} }] },
            "spread": { "trigger": { "schedule": { "cron": "0 8 * * tue", "spread": "P2D" } },
              "condition": { "==": [{ "var": "tier" }, "silver"] },
              "actions": [{ "send": "crm", "type": "p", "data": {} }] },
            "silence": { "trigger": { "inactivity": { "of": ["purchase"], "for": "P20D", "every": "P9D", "at": "10:00" } },
              "condition": { "==": [{ "var": "tier" }, "silver"] },
              "actions": [{ "send": "crm", "type": "s", "data": {} }] },
            "birthday": { "trigger": { "anniversary": { "of": "birthday", "offset": ["-P7D", "P0D"] },
                "where": { "==": [{ "var": "tier" }, "gold"] } }, "condition": { "!=": [{ "var": "entry.years" }, 40] },
              "actions": [{ "send": "crm", "type": "b", "data": {} }] } } }
        """

    /// Lives, and many who have done little: most of these have nothing to plan.
    private func world(seed: UInt64, _ world: EngineWorld) throws -> EngineWorld {
        var random = SplitMix64(seed: seed &* 7_919)
        for number in 0..<40 {
            let day = CivilDate(dayNumber: Int32.random(in: 0...11_000, using: &random))
            var values: JSONObject = ["tier": "gold"]
            let isKnown = number % 4 > 0
            if isKnown, Int.random(in: 0..<3, using: &random) > 0 { values["birthday"] = .string(day.text) }
            if isKnown, Bool.random(using: &random) {
                values["joinedOn"] = .string(
                    CivilDate(dayNumber: 18_300 + Int32.random(in: 0...800, using: &random)).text)
            }
            if Bool.random(using: &random) {
                values["timeZone"] = .string(Life.zones.randomElement(using: &random) ?? "UTC")
            }
            var facts: [Fact] = [
                .attributes(
                    AttributeFact(values: values, time: Self.start, receivedAt: Self.start, hasOwnTime: false))
            ]
            let age = Int64.random(in: 0...500, using: &random) * 86_400_000
            if isKnown, Bool.random(using: &random) {
                facts.append(
                    .event(
                        Event(
                            type: "purchase", source: "shop", id: "x\(number)",
                            time: Self.start.advanced(byMilliseconds: -age), receivedAt: Self.start,
                            properties: ["amount": .number(7)])))
            }
            try world.receive(facts, customer: "x\(number)", at: Self.start)
        }
        return world
    }

    @Test(arguments: [UInt64](1...TestScale.seeds(4)))
    func `with and without columns plans of edited rules are equal`(seed: UInt64) throws {
        let lives = try world(seed: seed, Life(seed: seed).world(until: Self.start))
        let dates = try world(seed: seed, EngineWorld(rules: Self.dates, at: Life.beginning(Self.start)))
        let ticks = try world(seed: seed, EngineWorld(rules: Self.ticks, at: Life.beginning(Self.start)))
        var applied = 0
        for (world, rules, most) in [(lives, Life.rules, 0), (dates, Self.dates, 10), (ticks, Self.ticks, 0)] {
            var hasPlannedInForce = false
            for edit in Self.edits {
                var text = rules
                for (old, new) in edit {
                    if text.contains(old) { applied += 1 }
                    text = text.replacingOccurrences(of: old, with: new)
                }
                let candidate = try EngineWorld.candidate(text + (text == rules ? " " : ""), world.zone)
                // An edit that says nothing new leaves the rules in force, whose rows are found by their wake-ups.
                let isNew = text != rules
                if !isNew, hasPlannedInForce { continue }
                if !isNew { hasPlannedInForce = true }
                for days in rules == Self.ticks ? [30] : [1, 9, 30] {
                    let plans = try [true, false].map { usesColumns in
                        try PlanRunner(store: world.store, zones: EngineWorld.zones, realNow: Self.start).plan(
                            candidate,
                            PlanRunner.Request(
                                at: Self.start, days: days, keepsDecisions: true, usesColumns: usesColumns),
                            threads: usesColumns ? 2 : 1)
                    }
                    #expect(EngineWorld.lines(plans[0].decisions) == EngineWorld.lines(plans[1].decisions))
                    #expect(plans[0].tally.steps == plans[1].tally.steps)
                    #expect(plans[0].tally.entered == plans[1].tally.entered)
                    #expect(plans[0].tally.notMatching == plans[1].tally.notMatching)
                    #expect(plans[0].tally.notEntered == plans[1].tally.notEntered)
                    #expect(plans[0].tally.customers == plans[1].tally.customers)
                    #expect(plans[0].tally.passedOver >= (isNew ? most : 0), "\(days) days")
                    #expect(plans[1].tally.passedOver == 0)
                }
            }
        }
        #expect(applied >= Self.edits.count)
    }

    @Test func `customers whom no tick matches are passed over, and counted`() throws {
        let rules = Self.ticks
            .replacingOccurrences(
                of: "{ \"days_since\": [{ \"var\": \"joinedOn\" }] }, 2200",
                with: "{ \"var\": \"joinedOn\" }, \"2031-01-01\""
            )
            .replacingOccurrences(of: ", \"spread\": \"P2D\"", with: "")
        let world = try world(seed: 3, EngineWorld(rules: rules, at: Life.beginning(Self.start)))
        // Everybody is past the ticks before.
        try world.tick(at: Self.start)
        let plans = try [true, false].map { usesColumns in
            try PlanRunner(store: world.store, zones: EngineWorld.zones, realNow: Self.start).plan(
                EngineWorld.candidate(rules, world.zone),
                PlanRunner.Request(at: Self.start, days: 30, keepsDecisions: true, usesColumns: usesColumns),
                threads: 1)
        }
        #expect(plans[0].tally.passedOver > 5)
        #expect(plans[0].tally.notMatching == plans[1].tally.notMatching)
        #expect(plans[0].tally.notMatching["hourly"] == 30 * 3 * 40)
        #expect(EngineWorld.lines(plans[0].decisions) == EngineWorld.lines(plans[1].decisions))
    }

    @Test(arguments: [(hours: 1, acts: 1), (hours: -1, acts: 0)])
    func `what has become due since an activation that has not come to a row is planned`(
        hours: Int64, acts: Int
    ) throws {
        func rules(_ offset: String) -> String {
            #"{ "attributes": { "joinedOn": { "type": "date" } }, "campaigns": { "joined": { "trigger": { "date": "#
                + #"{ "of": "joinedOn", "at": "10:00", "offset": "\#(offset)" } }, "#
                + #""actions": [{ "send": "crm", "type": "j", "data": {} }] } } }"#
        }
        let world = try EngineWorld(rules: rules("P900D"), at: Self.start)
        let day = world.zone.date(at: Self.start).advanced(byDays: 5)
        try world.receive(
            [
                .attributes(
                    AttributeFact(
                        values: ["joinedOn": .string(day.text)], time: Self.start, receivedAt: Self.start,
                        hasOwnTime: false))
            ], customer: "x", at: Self.start)
        let due = world.zone.instant(of: LocalDateTime(date: day, time: LocalTime(hour: 10, minute: 0)!))
        // In force an hour before it falls due, or after; nobody has touched the row since.
        world.time.withLock { $0 = due.advanced(byMilliseconds: -hours * 3_600_000) }
        try world.activate(rules("P0D"))
        let at = due.advanced(byMilliseconds: 2 * 3_600_000)
        let plans = try [true, false].map { usesColumns in
            try PlanRunner(store: world.store, zones: EngineWorld.zones, realNow: at).plan(
                EngineWorld.candidate(rules("P0D"), world.zone),
                PlanRunner.Request(at: at, days: 1, keepsDecisions: true, usesColumns: usesColumns), threads: 1)
        }
        #expect(EngineWorld.lines(plans[0].decisions) == EngineWorld.lines(plans[1].decisions))
        #expect(plans.map(\.tally.total.act) == [acts, acts])
    }
}
