import CareDecisions
import CareValues
import Testing

/// Both sides of every boundary that decisions have.
@Suite struct BoundaryTests {
    // MARK: Lateness

    struct Late: CustomTestStringConvertible {
        var name: String
        var tick: String
        var expected: [String]
        var testDescription: String { name }
    }

    static let birthdayLateness = [
        Late(name: "on time", tick: "2026-05-23 09:00", expected: ["05-23 09:00 birthday-plain/1 act"]),
        Late(
            name: "a second before midnight", tick: "2026-05-23 23:59:59",
            expected: ["05-23 23:59:59 birthday-plain/1 act"]),
        Late(name: "at midnight", tick: "2026-05-24 00:00", expected: ["05-24 00:00 birthday-plain skip too_late"]),
    ]

    @Test(arguments: birthdayLateness)
    func `a birthday greeting is in time until the end of its local day`(_ test: Late) throws {
        var world = try World(
            rules: Rules.file(
                """
                "birthday-plain": { "trigger": { "anniversary": { "of": "birthday" } },
                  "actions": [{ "send": "crm", "type": "care.b", "data": {} }] }
                """), start: "2026-05-01 00:00")
        try world.set(["birthday": "--05-23"], at: "2026-05-02 09:00")
        try world.tick(at: test.tick)
        #expect(world.log == test.expected)
    }

    static let eventLateness = [
        Late(name: "a second early", tick: "2026-05-13 09:59:59", expected: ["05-13 09:59:59 thanks/1 act"]),
        Late(name: "three days on", tick: "2026-05-13 10:00", expected: ["05-13 10:00 thanks skip too_late"]),
    ]

    @Test(arguments: eventLateness)
    func `an event begins nothing three days after its time`(_ test: Late) throws {
        var world = try World(rules: Rules.oneStepAfterExit, start: "2026-05-01 00:00")
        try world.event("purchase", at: test.tick, happened: "2026-05-10 10:00")
        #expect(world.log == test.expected)
    }

    static let maximum = [
        Late(name: "a second early", tick: "2026-05-28 08:59:59", expected: ["05-28 08:59:59 birthday-gold/1 act"]),
        Late(name: "five days on", tick: "2026-05-28 09:00", expected: ["05-28 09:00 birthday-gold skip too_late"]),
    ]

    @Test(arguments: maximum)
    func `maxLateness ends where it says`(_ test: Late) throws {
        var world = try World(rules: Rules.birthdayGold, start: "2026-05-01 00:00")
        try world.set(["tier": "gold", "birthday": "1990-05-30"], at: "2026-05-02 09:00")
        try world.tick(at: test.tick)
        #expect(world.log == test.expected)
    }

    // MARK: The clock

    @Test(arguments: [
        (tick: "2026-05-23 09:15", now: "05-23 09:00"), (tick: "2026-05-23 09:15:01", now: "05-23 09:15:01"),
    ])
    func `up to fifteen minutes past, a decision is as of its instant`(tick: String, now: String) throws {
        var world = try World(rules: Rules.birthdayGold, start: "2026-05-01 00:00")
        try world.set(["tier": "gold", "birthday": "1990-05-30"], at: "2026-05-02 09:00")
        try world.tick(at: tick)
        #expect(world.log == ["\(now) birthday-gold/1 act"])
    }

    @Test func `what was due before a campaign's start is not due`() throws {
        var world = try World(rules: Rules.base, start: "2026-05-01 00:00")
        try world.set(["tier": "gold", "birthday": "1990-05-30"], at: "2026-05-02 09:00")
        try world.activate(Rules.birthdayGold, at: "2026-05-23 09:00")
        try world.pass(until: "2026-06-30 00:00")
        #expect(world.log == [])
    }

    @Test func `what is due right after a campaign's start is due`() throws {
        var world = try World(rules: Rules.base, start: "2026-05-01 00:00")
        try world.set(["tier": "gold", "birthday": "1990-05-30"], at: "2026-05-02 09:00")
        try world.activate(Rules.birthdayGold, at: "2026-05-23 08:59:59")
        try world.pass(until: "2026-06-30 00:00")
        #expect(world.log == ["05-23 09:00 birthday-gold/1 act"])
    }

    // MARK: Anniversaries

    struct Leap: CustomTestStringConvertible {
        var rule: String
        var year: Int
        var expected: [String]
        var testDescription: String { "\(rule) in \(year)" }
    }

    static let leaps = [
        Leap(rule: "feb28", year: 2027, expected: ["02-28 09:00 leap/1 act"]),
        Leap(rule: "mar1", year: 2027, expected: ["03-01 09:00 leap/1 act"]),
        Leap(rule: "skip", year: 2027, expected: []),
        Leap(rule: "skip", year: 2028, expected: ["02-29 09:00 leap/1 act"]),
        Leap(rule: "feb28", year: 2028, expected: ["02-29 09:00 leap/1 act"]),
    ]

    @Test(arguments: leaps)
    func `29 February is kept as the rule says`(_ test: Leap) throws {
        var world = try World(
            rules: Rules.file(
                """
                "leap": { "trigger": { "anniversary": { "of": "birthday", "leapDay": "\(test.rule)" } },
                  "actions": [{ "send": "crm", "type": "care.b", "data": {} }] }
                """), start: "\(test.year)-01-01 00:00")
        try world.set(["birthday": "1996-02-29"], at: "\(test.year)-01-02 09:00")
        try world.pass(until: "\(test.year)-12-31 00:00")
        #expect(world.log == test.expected)
    }

    @Test func `a corrected birthday does not greet twice in one year`() throws {
        var world = try World(rules: Rules.birthdayGold, start: "2026-05-01 00:00")
        try world.set(["tier": "gold", "birthday": "1990-05-30"], at: "2026-05-02 09:00")
        try world.pass(until: "2026-05-24 00:00")
        try world.set(["birthday": "1990-06-30"], at: "2026-05-24 09:00")
        try world.pass(until: "2026-12-31 00:00")
        #expect(world.log == ["05-23 09:00 birthday-gold/1 act"])
        try world.pass(until: "2027-12-31 00:00")
        #expect(world.log.last == "06-23 09:00 birthday-gold/1 act")
    }

    @Test func `the day itself is no anniversary, the next year's is the first`() throws {
        var world = try World(
            rules: Rules.file(
                """
                "year": { "trigger": { "anniversary": { "of": "firstPurchaseAt", "at": "10:00" } },
                  "actions": [{ "send": "crm", "type": "care.y", "data": { "years": { "$value": { "var": "entry.years" } } } }] }
                """), start: "2026-01-01 00:00")
        try world.event("purchase", at: "2026-03-01 08:00")
        try world.pass(until: "2027-12-31 00:00")
        #expect(world.log == ["03-01 10:00 year/1 act"])
        #expect(world.decisions[0].key.occurrence == "2027/1")
        #expect(world.decisions[0].order?.data == ["years": .number(1)])
    }

    @Test func `a birthday without a year has no years`() throws {
        var world = try World(rules: Rules.birthdayGold, start: "2026-05-01 00:00")
        try world.set(["tier": "gold", "birthday": "--05-30"], at: "2026-05-02 09:00")
        try world.pass(until: "2026-06-01 00:00")
        #expect(world.decisions[0].order?.data == ["customer": "c1", "turns": .null])
    }

    @Test func `a sentinel date is not greeted, and says so`() throws {
        var world = try World(rules: Rules.birthdayGold, start: "2026-12-01 00:00")
        try world.set(["tier": "gold", "birthday": "1900-01-01"], at: "2026-12-02 09:00")
        try world.pass(until: "2027-01-02 00:00")
        #expect(world.log == ["12-25 09:00 birthday-gold suppress sentinel_date"])
    }

    @Test func `a new customer's birthday is due at once while it is in time`() throws {
        var world = try World(rules: Rules.birthdayGold, start: "2026-05-01 00:00")
        try world.set(["tier": "gold", "birthday": "1990-05-30"], at: "2026-05-25 11:00")
        #expect(world.log == ["05-25 11:00 birthday-gold/1 act"])
        var late = try World(rules: Rules.birthdayGold, start: "2026-05-01 00:00")
        try late.set(["tier": "gold", "birthday": "1990-05-30"], at: "2026-05-28 09:00")
        try late.pass(until: "2026-06-30 00:00")
        #expect(late.log == [], "too late when it became known: nothing, and no row")
    }

    // MARK: Changes

    @Test func `the first known value is no change, unless null is asked for`() throws {
        let rules = Rules.file(
            """
            "any": { "trigger": { "change": { "of": "tier" } },
              "actions": [{ "send": "crm", "type": "care.any", "data": {} }] },
            "first": { "trigger": { "change": { "of": "tier", "from": [null] } },
              "actions": [{ "send": "crm", "type": "care.first", "data": {} }] }
            """)
        var world = try World(rules: rules, start: "2026-05-01 00:00")
        try world.set(["tier": "gold"], at: "2026-05-02 09:00")
        try world.set(["tier": "gold"], at: "2026-05-03 09:00")
        try world.set(["tier": "silver"], at: "2026-05-04 09:00")
        #expect(world.log == ["05-02 09:00 first/1 act", "05-04 09:00 any/1 act"])
    }

    @Test func `an attribute fact that is not the newest fires nothing`() throws {
        var world = try World(rules: Rules.tierRescue, start: "2026-05-01 00:00")
        try world.set(["tier": "gold"], at: "2026-05-10 09:00")
        let old = try world.instant("2026-05-05 09:00")
        try world.request(
            [.attributes(AttributeFact(values: ["tier": "bronze"], time: old, receivedAt: old, hasOwnTime: true))],
            at: "2026-05-11 09:00")
        try world.pass(until: "2026-06-30 00:00")
        #expect(world.log == [])
    }

    // MARK: Facts ahead

    @Test func `an event ahead of the clock fires at its time`() throws {
        var world = try World(rules: Rules.oneStepAfterExit, start: "2026-05-01 00:00")
        try world.event("purchase", at: "2026-05-18 12:00", happened: "2026-05-18 15:00")
        #expect(world.log == [])
        try world.pass(until: "2026-05-19 00:00")
        #expect(world.log == ["05-18 15:00 thanks/1 act"])
    }

    // MARK: Re-entry

    @Test(arguments: [
        (again: "2026-05-20 23:59:59", expected: "05-20 23:59:59 c suppress reentry"),
        (again: "2026-05-21 00:00", expected: "05-21 00:00 c/1 act"),
    ])
    func `a cooldown in whole days compares local dates`(again: String, expected: String) throws {
        var world = try World(
            rules: Rules.file(
                """
                "c": { "trigger": { "event": "visit" }, "reentry": { "cooldown": "P3D" },
                  "actions": [{ "send": "crm", "type": "care.c", "data": {} }] }
                """), start: "2026-05-01 00:00")
        try world.event("visit", at: "2026-05-18 12:00")
        try world.event("visit", at: again)
        #expect(world.log == ["05-18 12:00 c/1 act", expected])
    }

    @Test(arguments: [
        (again: "2026-05-19 11:59:59", expected: "05-19 11:59:59 c suppress reentry"),
        (again: "2026-05-19 12:00", expected: "05-19 12:00 c/1 act"),
    ])
    func `a cooldown in hours is elapsed time`(again: String, expected: String) throws {
        var world = try World(
            rules: Rules.file(
                """
                "c": { "trigger": { "event": "visit" }, "reentry": { "cooldown": "PT24H" },
                  "actions": [{ "send": "crm", "type": "care.c", "data": {} }] }
                """), start: "2026-05-01 00:00")
        try world.event("visit", at: "2026-05-18 12:00")
        try world.event("visit", at: again)
        #expect(world.log == ["05-18 12:00 c/1 act", expected])
    }

    @Test func `once is once, per key`() throws {
        var world = try World(
            rules: Rules.file(
                """
                "c": { "trigger": { "event": "friend" }, "reentry": "once", "entryKey": { "var": "event.id2" },
                  "actions": [{ "send": "crm", "type": "care.c", "data": {} }] }
                """), start: "2026-05-01 00:00")
        try world.event("friend", ["id2": "a"], at: "2026-05-18 12:00")
        try world.event("friend", ["id2": "b"], at: "2026-05-18 12:01")
        try world.event("friend", ["id2": "a"], at: "2026-08-18 12:00")
        try world.event("friend", at: "2026-08-19 12:00")
        try world.event("friend", at: "2026-08-20 12:00")
        #expect(
            world.log == [
                "05-18 12:00 c/1 act", "05-18 12:01 c/1 act", "08-18 12:00 c suppress reentry", "08-19 12:00 c/1 act",
                "08-20 12:00 c suppress reentry",
            ], "a missing key is a value of its own")
    }

    // MARK: Order

    @Test func `at one now the higher priority goes first, then the name`() throws {
        var world = try World(
            rules: Rules.file(
                """
                "b": { "trigger": { "event": "visit" }, "actions": [{ "send": "crm", "type": "b", "data": {} }] },
                "a": { "trigger": { "event": "visit" }, "actions": [{ "send": "crm", "type": "a", "data": {} }] },
                "z": { "trigger": { "event": "visit" }, "priority": 1, "actions": [{ "send": "crm", "type": "z", "data": {} }] }
                """), start: "2026-05-01 00:00")
        try world.event("visit", at: "2026-05-18 12:00")
        #expect(world.log == ["05-18 12:00 z/1 act", "05-18 12:00 a/1 act", "05-18 12:00 b/1 act"])
    }

    @Test func `a false where or condition leaves no row, only a count`() throws {
        var world = try World(rules: Rules.birthdayGold, start: "2026-05-01 00:00")
        try world.set(["tier": "silver", "birthday": "1990-05-30"], at: "2026-05-02 09:00")
        let forecast = world.forecast(days: 40)
        #expect(forecast.decisions.isEmpty)
        #expect(forecast.notMatching == ["birthday-gold"])
        try world.pass(until: "2026-06-30 00:00")
        #expect(world.log == [])
        // That occurrence is over: becoming gold the day after does not bring it back.
        try world.set(["tier": "gold"], at: "2026-06-30 09:00")
        #expect(world.log == [])
    }
}
