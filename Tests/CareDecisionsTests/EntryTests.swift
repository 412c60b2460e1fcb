import CareDecisions
import CareValues
import Testing

/// Entering, entering again, and being over.
@Suite struct EntryTests {
    static let paces = StoryTests.paces

    static func twoSteps(_ members: String, second: String = "") -> String {
        GateRules.file(
            """
            "c": { \(members) "trigger": { "event": "e" }, "steps": [
              { "name": "a", "actions": [{ "send": "crm", "type": "t" }] },
              { "name": "b", "sinceEntry": "P1D", \(second) "actions": [{ "send": "crm", "type": "t" }] } ] }
            """, policies: "")
    }

    @Test(arguments: paces)
    func `each occurrence begins an entry of its own, and several may live at once`(pace: World.Pace) throws {
        var world = try World(rules: Self.twoSteps(""), start: "2026-05-01 00:00", pace: pace)
        try world.event("e", at: "2026-05-10 10:00")
        try world.event("e", at: "2026-05-10 12:00")
        try world.pass(until: "2026-05-20 00:00")
        #expect(
            world.log == [
                "05-10 10:00 c/a act", "05-10 12:00 c/a act", "05-11 10:00 c/b act", "05-11 12:00 c/b act",
            ])
    }

    @Test(arguments: paces, [("2026-05-11 09:59", "suppress reentry"), ("2026-05-11 10:00", "act")])
    func `afterExit admits nobody while an entry lives, and the instant its last step ends it lives no more`(
        pace: World.Pace, again: (at: String, outcome: String)
    ) throws {
        var world = try World(
            rules: Self.twoSteps(#""reentry": "afterExit","#), start: "2026-05-01 00:00", pace: pace)
        try world.event("e", at: "2026-05-10 10:00")
        // At 10:00 the step ends in a pass before the event of the same instant is known.
        try world.pass(until: "2026-05-11 09:58")
        if again.at == "2026-05-11 10:00" { try world.pass(until: again.at) }
        try world.event("e", at: again.at)
        let last = world.log.last { $0.hasPrefix("05-11") && !$0.hasSuffix("c/b act") }
        #expect(last?.hasSuffix(again.outcome) ?? false)
    }

    @Test(arguments: paces)
    func `a missing entry key is a value of its own`(pace: World.Pace) throws {
        var world = try World(
            rules: Self.twoSteps(#""entryKey": { "var": "event.id2" }, "reentry": "once","#), start: "2026-05-01 00:00",
            pace: pace)
        try world.event("e", ["id2": "x"], at: "2026-05-10 10:00")
        try world.event("e", at: "2026-05-10 11:00")
        try world.event("e", ["id2": .null], at: "2026-05-10 12:00")
        try world.event("e", ["id2": "x"], at: "2026-05-10 13:00")
        #expect(
            world.log == [
                "05-10 10:00 c/a act", "05-10 11:00 c/a act", "05-10 12:00 c suppress reentry",
                "05-10 13:00 c suppress reentry",
            ])
    }

    static let sinceAct = twoSteps(
        #""reentry": { "cooldown": "P10D", "since": "act" },"#, second: #""condition": { "segment": "vip" },"#)

    @Test(arguments: paces)
    func `a cooldown since the last act blocks while an entry lives, and then from the last act on`(
        pace: World.Pace
    ) throws {
        var world = try World(rules: Self.sinceAct, start: "2026-05-01 00:00", pace: pace)
        try world.set(["tier": "gold"], at: "2026-05-02 10:00")
        try world.event("e", at: "2026-05-10 10:00")
        try world.event("e", at: "2026-05-10 12:00")
        // The second act was on 11 May: free again on the 21st, from midnight.
        try world.event("e", at: "2026-05-20 23:59")
        try world.event("e", at: "2026-05-21 00:00")
        #expect(
            world.log == [
                "05-10 10:00 c/a act", "05-10 12:00 c suppress reentry", "05-11 10:00 c/b act",
                "05-20 23:59 c suppress reentry", "05-21 00:00 c/a act",
            ])
    }

    static let errored = GateRules.file(
        """
        "c": { "reentry": "afterExit", "group": "g", "maxLateness": "P20D", "trigger": { "event": "e" },
          "exit": { "event": "x" }, "steps": [
          { "name": "a", "actions": [{ "send": "crm", "type": "t", "data": { "to": "{{addr}}" } }] } ] },
        "d": { "group": "g", "trigger": { "event": "f" }, "actions": [{ "send": "crm", "type": "t" }] }
        """, policies: "")

    @Test(arguments: paces)
    func `an entry whose steps have all ended is over for re-entry and group, and its errored actions stay with it`(
        pace: World.Pace
    ) throws {
        var world = try World(rules: Self.errored, start: "2026-05-01 00:00", pace: pace)
        try world.event("e", at: "2026-05-10 10:00")
        try world.event("f", at: "2026-05-10 11:00")
        try world.event("e", at: "2026-05-10 12:00")
        try world.set(["addr": "1 Main Street"], at: "2026-05-11 10:00")
        #expect(
            world.log == [
                "05-10 10:00 c/a error template_error", "05-10 11:00 d/1 act", "05-10 12:00 c/a error template_error",
                "05-11 10:00 c/a act", "05-11 10:00 c/a act",
            ])
    }

    @Test(arguments: paces)
    func `an exit ends it too, with one skip for each errored action`(pace: World.Pace) throws {
        var world = try World(rules: Self.errored, start: "2026-05-01 00:00", pace: pace)
        try world.event("e", at: "2026-05-10 10:00")
        try world.event("x", at: "2026-05-10 11:00")
        try world.set(["addr": "1 Main Street"], at: "2026-05-11 10:00")
        #expect(world.log == ["05-10 10:00 c/a error template_error", "05-10 11:00 c/a skip exited"])
    }

    static func exitByTime(_ days: Int) -> String {
        twoSteps(#""exit": { "condition": { ">=": [{ "days_since": { "var": "joinedOn" } }, \#(days)] } },"#)
    }

    @Test(arguments: paces, [(10, "c skip exited"), (11, "c/b act")])
    func `an exit condition is checked before every step`(pace: World.Pace, days: (Int, String)) throws {
        var world = try World(rules: Self.exitByTime(days.0), start: "2026-05-01 00:00", pace: pace)
        try world.set(["joinedOn": "2026-05-01"], at: "2026-05-02 10:00")
        try world.event("e", at: "2026-05-10 10:00")
        try world.pass(until: "2026-05-12 00:00")
        #expect(world.log.last == "05-11 10:00 \(days.1)")
    }

    @Test func `an exit condition is checked on every fact`() throws {
        let rules = Self.twoSteps(#""exit": { "condition": { "segment": "vip" } },"#)
        var world = try World(rules: rules, start: "2026-05-01 00:00")
        try world.event("e", at: "2026-05-10 10:00")
        try world.event("other", at: "2026-05-10 11:00")
        try world.set(["tier": "gold"], at: "2026-05-10 12:00")
        #expect(world.log == ["05-10 10:00 c/a act", "05-10 12:00 c skip exited"])
    }

    static func choice(_ members: String = "", step: String = "") -> String {
        GateRules.file(
            """
            "c": { \(members) "trigger": { "event": "e" }, "exit": { "event": "x" }, "steps": [{ \(step)
              "actions": [{ "firstOf": [
              { "name": "mail", "send": "mail", "to": { "var": "email" }, "type": "t" },
              { "name": "sms", "send": "sms", "to": { "var": "mobile" }, "type": "t" } ] }] }] }
            """, policies: #""quietHours": { "from": "21:00", "until": "08:00" }"#)
    }

    @Test func `of a choice too late, a false condition of the step and the end of the entry give one row`() throws {
        var late = try World(rules: Self.choice(#""maxLateness": "PT2H","#), start: "2026-05-01 00:00")
        try late.set(["mobile": "139"], at: "2026-05-02 09:00")
        try late.event("e", at: "2026-05-10 22:00")
        try late.pass(until: "2026-05-12 00:00")
        #expect(
            late.actionLog == ["05-10 22:00 c/1/sms hold quiet_hours", "05-11 00:00 c/1/sms skip too_late"],
            "under the name last held")

        var skipped = try World(rules: Self.choice(step: #""condition": false,"#), start: "2026-05-01 00:00")
        try skipped.set(["mobile": "139"], at: "2026-05-02 09:00")
        try skipped.event("e", at: "2026-05-10 12:00")
        #expect(skipped.actionLog == ["05-10 12:00 c/1/mail skip condition"], "else under the first")

        var exited = try World(rules: Self.choice(), start: "2026-05-01 00:00")
        try exited.set(["mobile": "139"], at: "2026-05-02 09:00")
        try exited.event("e", at: "2026-05-10 22:00")
        try exited.event("x", at: "2026-05-10 23:00")
        #expect(exited.actionLog == ["05-10 22:00 c/1/sms hold quiet_hours", "05-10 23:00 c/1/sms skip exited"])
    }

    static let erringWhere = GateRules.file(
        """
        "c": { "trigger": { "event": "e", "where": { "startsWith": [{ "var": "last" }, "a"] } },
          "actions": [{ "send": "crm", "type": "t" }] }
        """, policies: ""
    ).replacing(#""purchases":"#, with: #""last": { "last": { "event": "said", "property": "word" } }, "purchases":"#)

    @Test(arguments: paces)
    func `an occurrence whose where errs waits, is tried again after any fact, and is given up at its deadline`(
        pace: World.Pace
    ) throws {
        var world = try World(rules: Self.erringWhere, start: "2026-05-01 00:00", pace: pace)
        try world.event("said", ["word": .number(5)], at: "2026-05-02 09:00")
        try world.event("e", at: "2026-05-10 10:00")
        try world.event("other", at: "2026-05-10 11:00")
        try world.event("said", ["word": "abc"], at: "2026-05-11 09:00")
        #expect(world.log == ["05-10 10:00 c error evaluation_error", "05-11 09:00 c/1 act"])
        try world.event("said", ["word": .number(6)], at: "2026-05-12 09:00")
        try world.event("e", at: "2026-05-12 10:00")
        try world.pass(until: "2026-05-20 00:00")
        #expect(
            world.log.suffix(2) == ["05-12 10:00 c error evaluation_error", "05-15 10:00 c skip too_late"])
    }

    @Test(arguments: paces)
    func `a where that waits for a wall time is asked when the fact comes, not then`(pace: World.Pace) throws {
        let rules = GateRules.file(
            """
            "c": { "trigger": { "change": { "of": "tier", "at": "10:00" }, "where": { "==": [{ "var": "addr" }, "here"] } },
              "actions": [{ "send": "crm", "type": "t" }] }
            """, policies: "")
        var world = try World(rules: rules, start: "2026-05-01 00:00", pace: pace)
        try world.set(["tier": "silver", "addr": "here"], at: "2026-05-02 09:00")
        try world.set(["tier": "gold"], at: "2026-05-10 12:00")
        try world.set(["addr": "there"], at: "2026-05-10 13:00")
        try world.pass(until: "2026-05-12 00:00")
        try world.set(["tier": "silver"], at: "2026-05-12 12:00")
        try world.set(["addr": "here"], at: "2026-05-12 13:00")
        try world.pass(until: "2026-05-14 00:00")
        #expect(world.log == ["05-11 10:00 c/1 act"])
    }
}
