import CareCalendar
import CareDecisions
import CareEngine
import CarePlanning
import CareStore
import CareValues
import Testing

/// Conditions that move with the local date: columns ask about each date of a short period, in everybody's zone.
@Suite struct PlanByDayTests {
    static let start = PlanEqualsRunTests.start

    /// Ticks just after midnight, in the morning and just before midnight, dates and silences; conditions that turn on one
    /// day, that turn back, that ask for the hour, that hold of a zone.
    static let rules = """
        { "attributes": { "joinedOn": { "type": "date" }, "birthday": { "type": "birthday" }, "seenAt": { "type": "instant" },
            "timeZone": { "type": "zone" } },
          "segments": { "new": { "<": [{ "days_since": [{ "var": "joinedOn" }] }, 10] } },
          "campaigns": {
            "early": { "trigger": { "schedule": { "cron": "30 0 * * *" } },
              "condition": { "==": [{ "days_since": [{ "var": "joinedOn" }] }, 10] },
              "actions": [{ "send": "crm", "type": "a", "data": {} }] },
            "morning": { "trigger": { "schedule": { "cron": "0 10 * * *" } },
              "condition": { ">": [{ "days_since": [{ "var": "joinedOn" }] }, 15] },
              "actions": [{ "send": "crm", "type": "b", "data": {} }] },
            "late": { "trigger": { "schedule": { "cron": "45 23 * * *" } }, "condition": { "segment": "new" },
              "actions": [{ "send": "crm", "type": "c", "data": {} }] },
            "soon": { "trigger": { "schedule": { "cron": "0 9 * * *", "zone": "project" } },
              "condition": { "==": [{ "days_until_birthday": [{ "var": "birthday" }] }, 3] },
              "actions": [{ "send": "crm", "type": "d", "data": {} }] },
            "hour": { "trigger": { "schedule": { "cron": "0 */6 * * *" } },
              "condition": { "within": [{ "var": "seenAt" }, "P3D"] },
              "actions": [{ "send": "crm", "type": "e", "data": {} }] },
            "seen": { "trigger": { "schedule": { "cron": "0 12 * * *" } },
              "condition": { "==": [{ "days_since": [{ "var": "seenAt" }] }, 2] },
              "actions": [{ "send": "crm", "type": "f", "data": {} }] },
            "joined": { "trigger": { "date": { "of": "joinedOn", "offset": ["P10D", "P12D"] } },
              "condition": { ">=": [{ "days_since": [{ "var": "joinedOn" }] }, 12] },
              "actions": [{ "send": "crm", "type": "g", "data": {} }] },
            "birthday": { "trigger": { "anniversary": { "of": "birthday", "at": "23:30" } },
              "condition": { ">=": [{ "age": [{ "var": "birthday" }] }, 30] },
              "actions": [{ "send": "crm", "type": "h", "data": {} }] },
            "silence": { "trigger": { "inactivity": { "of": ["purchase"], "orSince": "joinedOn", "for": "P12D" } },
              "condition": { "<=": [{ "days_since": [{ "var": "joinedOn" }] }, 12] },
              "actions": [{ "send": "crm", "type": "i", "data": {} }] },
            "tokyo": { "trigger": { "schedule": { "cron": "30 0 * * *" } }, "zone": { "fixed": "Asia/Tokyo" },
              "condition": { "==": [{ "days_since": [{ "var": "joinedOn" }] }, 10] },
              "actions": [{ "send": "crm", "type": "k", "data": {} }] } } }
        """

    /// For each of twenty days and each zone somebody who joined then, was last seen then, and turns 30 as many days on.
    private static func world() throws -> EngineWorld {
        let world = try EngineWorld(rules: rules, at: start, zone: "UTC")
        let today = Zone.utc.date(at: start)
        for (place, zone) in [nil, "Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati"].enumerated() {
            for days in 0..<20 {
                let back = today.advanced(byDays: -days)
                let ahead = today.advanced(byDays: 10 - days).components
                var values: JSONObject = [
                    "joinedOn": .string(back.text),
                    "birthday": .string(
                        CivilDate(year: ahead.year - 30, month: ahead.month, day: ahead.day)?.text ?? "1990-01-01"),
                    "seenAt": .string(start.advanced(byMilliseconds: -Int64(days) * 11 * 3_600_000).iso8601),
                ]
                if let zone { values["timeZone"] = .string(zone) }
                try world.receive(
                    [.attributes(AttributeFact(values: values, time: start, receivedAt: start, hasOwnTime: false))],
                    customer: "z\(place)d\(days)", at: start)
            }
        }
        return world
    }

    @Test(arguments: [Int64(0), 9, 23], [1, 2, 3, 7, 8])
    func `columns tell of a period's dates what its decisions say`(hours: Int64, days: Int) throws {
        let world = try Self.world()
        let from = Self.start.advanced(byMilliseconds: hours * 3_600_000)
        try world.tick(at: from)
        let plans = try [true, false].map { usesColumns in
            try PlanRunner(store: world.store, zones: EngineWorld.zones, realNow: from).plan(
                EngineWorld.candidate(Self.rules, world.zone),
                PlanRunner.Request(at: from, days: days, keepsDecisions: true, usesColumns: usesColumns), threads: 1)
        }
        #expect(EngineWorld.lines(plans[0].decisions) == EngineWorld.lines(plans[1].decisions))
        #expect(plans[0].tally.notMatching == plans[1].tally.notMatching)
        #expect(plans[0].tally.steps == plans[1].tally.steps)
        #expect(plans[0].tally.total.act > 0)
        #expect(plans[1].tally.passedOver == 0)
    }

    @Test(arguments: [(days: 7, passedOver: 1, acts: 1), (days: 8, passedOver: 0, acts: 3)])
    func `who matches on no date of a week is passed over`(days: Int, passedOver: Int, acts: Int) throws {
        let rules = """
            { "attributes": { "joinedOn": { "type": "date" } }, "campaigns": {
                "old": { "trigger": { "schedule": { "cron": "0 10 * * *" } },
                  "condition": { ">": [{ "days_since": [{ "var": "joinedOn" }] }, 100] },
                  "actions": [{ "send": "crm", "type": "a", "data": {} }] } } }
            """
        let world = try EngineWorld(rules: rules, at: Self.start, zone: "UTC")
        // On the last date of the week planned the first has been there for a hundred days, the second for one more.
        for (customer, age) in [("a", 100 - 7), ("b", 101 - 7)] {
            let joined = Zone.utc.date(at: Self.start).advanced(byDays: -age)
            try world.receive(
                [
                    .attributes(
                        AttributeFact(
                            values: ["joinedOn": .string(joined.text)], time: Self.start, receivedAt: Self.start,
                            hasOwnTime: false))
                ], customer: customer, at: Self.start)
        }
        let noon = Zone.utc.startOfDay(Zone.utc.date(at: Self.start)).advanced(byMilliseconds: 43_200_000)
        try world.tick(at: noon)
        let plan = try PlanRunner(store: world.store, zones: EngineWorld.zones, realNow: noon).plan(
            EngineWorld.candidate(rules, world.zone), PlanRunner.Request(at: noon, days: days), threads: 1)
        #expect(plan.tally.passedOver == passedOver)
        #expect(plan.tally.notMatching["old"] == 7 + 6)
        #expect(plan.tally.total.act == acts)
    }
}
