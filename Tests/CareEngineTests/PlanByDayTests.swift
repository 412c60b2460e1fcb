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
            "leftAt": { "type": "instant" }, "timeZone": { "type": "zone" } },
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
            "seen": { "trigger": { "schedule": { "cron": "0 12 * * *" } },
              "condition": { "==": [{ "days_since": [{ "var": "seenAt" }] }, 0] },
              "actions": [{ "send": "crm", "type": "f", "data": {} }] },
            "joined": { "trigger": { "date": { "of": "joinedOn", "offset": ["P10D", "P12D"] } },
              "condition": { ">=": [{ "days_since": [{ "var": "joinedOn" }] }, 12] },
              "actions": [{ "send": "crm", "type": "g", "data": {} }] },
            "birthday": { "trigger": { "anniversary": { "of": "birthday", "at": "23:30" } },
              "condition": { ">=": [{ "age": [{ "var": "birthday" }] }, 30] },
              "actions": [{ "send": "crm", "type": "h", "data": {} }] },
            "silence": { "trigger": { "inactivity": { "of": ["purchase"], "orSince": "joinedOn", "for": "P12D" } },
              "condition": { "<=": [{ "days_since": [{ "var": "joinedOn" }] }, 12] },
              "actions": [{ "send": "crm", "type": "i", "data": {} }] } } }
        """
    /// And what dates alone do not tell: two that hold for an hour or two, one on another clock than the customer's.
    static let hours = rules.replacing(
        "\"campaigns\": {",
        with: """
            "campaigns": {
            "hour": { "trigger": { "schedule": { "cron": "0 */2 * * *" } },
              "condition": { "within": [{ "var": "seenAt" }, "PT2H"] },
              "actions": [{ "send": "crm", "type": "e", "data": {} }] },
            "between": { "trigger": { "schedule": { "cron": "0 */2 * * *" } },
              "condition": { "<": [{ "var": "seenAt" }, { "now": [] }, { "var": "leftAt" }] },
              "actions": [{ "send": "crm", "type": "l", "data": {} }] },
            "tokyo": { "trigger": { "schedule": { "cron": "30 0 * * *" } }, "zone": { "fixed": "Asia/Tokyo" },
              "condition": { "==": [{ "days_since": [{ "var": "joinedOn" }] }, 10] },
              "actions": [{ "send": "crm", "type": "k", "data": {} }] },
            """)

    /// For each of twenty days and each zone somebody who joined then, turns 30 as many days on, and will be seen for two
    /// hours within the next thirty; and somebody of whom little is known.
    private static func world(_ rules: String) throws -> EngineWorld {
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
                    "seenAt": .string(start.advanced(byMilliseconds: Int64(days) * 5_400_000).iso8601),
                    "leftAt": .string(start.advanced(byMilliseconds: Int64(days) * 5_400_000 + 7_200_000).iso8601),
                ]
                if let zone { values["timeZone"] = .string(zone) }
                try world.receive(
                    [.attributes(AttributeFact(values: values, time: start, receivedAt: start, hasOwnTime: false))],
                    customer: "z\(place)d\(days)", at: start)
            }
        }
        let few: JSONObject = ["birthday": .string("--09-01")]
        try world.receive(
            [.attributes(AttributeFact(values: few, time: start, receivedAt: start, hasOwnTime: false))],
            customer: "few", at: start)
        return world
    }

    /// Rules, and how many hours after the start they are planned.
    static let plans: [(rules: String, hours: Int64)] = [(rules, 0), (rules, 23), (hours, 0), (hours, 9)]

    @Test(arguments: plans, [1, 2, 3, 7, 8])
    func `columns tell of a period's dates what its decisions say`(
        _ planned: (rules: String, hours: Int64), days: Int
    ) throws {
        let (rules, hours) = planned
        let world = try Self.world(rules)
        let from = Self.start.advanced(byMilliseconds: hours * 3_600_000)
        try world.tick(at: from)
        let plans = try [true, false].map { usesColumns in
            try PlanRunner(store: world.store, zones: EngineWorld.zones, realNow: from).plan(
                EngineWorld.candidate(rules, world.zone),
                PlanRunner.Request(at: from, days: days, keepsDecisions: true, usesColumns: usesColumns), threads: 1)
        }
        #expect(EngineWorld.lines(plans[0].decisions) == EngineWorld.lines(plans[1].decisions))
        #expect(plans[0].tally.notMatching == plans[1].tally.notMatching)
        #expect(plans[0].tally.steps == plans[1].tally.steps)
        #expect(plans[0].tally.total.act > 0)
        // Where the hour has a say, or a longer period is planned, everybody is asked.
        #expect((plans[0].tally.passedOver > 0) == (rules == Self.rules && days <= 7))
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
