import CareDecisions
import CarePlanning
import CareValues
import Testing

/// What holding an action means, whatever gate holds it.
@Suite struct HoldTests {
    static let quiet = #""quietHours": { "from": "21:00", "until": "08:00" }"#
    static let hello = GateRules.file(GateRules.oneAction("hello"), policies: quiet)

    static func world(_ rules: String) throws -> World { try World(rules: rules, start: "2026-05-01 00:00") }

    @Test func `a hold row is written once while reason and wake-up stay, and rows are numbered`() throws {
        var world = try Self.world(Self.hello)
        try world.event("hello", at: "2026-05-10 22:00")
        try world.event("visit", at: "2026-05-10 23:00")
        try world.activate(Self.hello, at: "2026-05-11 01:00")
        #expect(world.log == ["05-10 22:00 hello/1 hold quiet_hours"])
        #expect(world.decisions.map(\.number) == [1])
        let later = GateRules.file(
            GateRules.oneAction("hello"), policies: #""quietHours": { "from": "21:00", "until": "09:00" }"#)
        try world.activate(later, at: "2026-05-11 02:00")
        try world.pass(until: "2026-05-12 00:00")
        #expect(
            world.log == [
                "05-10 22:00 hello/1 hold quiet_hours", "05-11 02:00 hello/1 hold quiet_hours",
                "05-11 09:00 hello/1 act",
            ])
        #expect(world.decisions.map(\.number) == [1, 2, 0])
    }

    @Test func `a held action is tried again after any fact, and goes out then if nothing holds it`() throws {
        let rules = GateRules.file(GateRules.oneAction("hello", #""tags": ["marketing"]"#))
        var world = try Self.world(rules)
        try world.event("complaint.opened", ["ticketId": "1"], at: "2026-05-11 09:00")
        try world.event("hello", at: "2026-05-11 10:00")
        try world.event("visit", at: "2026-05-11 11:00")
        try world.event("complaint.resolved", ["ticketId": "1"], at: "2026-05-11 12:00")
        #expect(world.log == ["05-11 10:00 hello/1 hold paused", "05-11 12:00 hello/1 act"])
    }

    @Test func `a held action is tried again after an activation`() throws {
        var world = try Self.world(Self.hello)
        try world.event("hello", at: "2026-05-10 22:00")
        try world.activate(GateRules.file(GateRules.oneAction("hello"), policies: ""), at: "2026-05-10 23:00")
        #expect(world.log == ["05-10 22:00 hello/1 hold quiet_hours", "05-10 23:00 hello/1 act"])
    }

    @Test func `a hold ends at the lateness, else thirty days after the action was due`() throws {
        let paused = #""pauses": [{ "name": "stop", "when": { "var": "doNotContact" }, "then": "hold" }]"#
        var world = try Self.world(
            GateRules.file(
                [
                    GateRules.oneAction("short", #""maxLateness": "PT90M""#), GateRules.oneAction("default"),
                    GateRules.oneAction("endless", #""maxLateness": "none""#),
                ].joined(separator: ","), policies: paused))
        try world.set(["doNotContact": .bool(true)], at: "2026-05-01 09:00")
        for name in ["short", "default", "endless"] { try world.event(name, at: "2026-05-10 10:00") }
        try world.pass(until: "2026-06-30 00:00")
        #expect(
            world.log.suffix(3) == [
                "05-10 11:30 short/1 skip too_late", "05-13 10:00 default/1 skip too_late",
                "06-09 10:00 endless/1 skip too_late",
            ])
    }

    @Test(arguments: [("22:00", "skip too_late"), ("20:00", "act")])
    func `without lateness an action may go out after its deadline, but not wait`(
        time: String, expected: String
    ) throws {
        var world = try Self.world(
            GateRules.file(
                """
                "hello": { "trigger": { "event": "hello" }, "maxLateness": "none", "steps": [
                  { "name": "b", "after": "P1D", "actions": [{ "send": "crm", "type": "t" }] }] }
                """, policies: Self.quiet))
        try world.event("hello", at: "2026-05-01 10:00")
        try world.tick(at: "2026-06-10 " + time)
        #expect(world.log == ["06-10 \(time) hello/b \(expected)"])
    }

    static let twoSteps = """
        "two": { "trigger": { "event": "two" }, "reentry": "afterExit", "exit": { "event": "stop" },
          "condition": { "!": [{ "var": "doNotContact" }] },
          "steps": [
            { "name": "a", "actions": [
              { "name": "customer", "send": "crm", "type": "t" }, { "name": "other", "send": "crm", "type": "t" },
              { "name": "desk", "send": "desk", "audience": "staff", "type": "t" }] },
            { "name": "b", "after": "PT1H", "actions": [{ "send": "desk", "audience": "staff", "type": "t" }] },
            { "name": "c", "sinceEntry": "PT30M", "actions": [{ "send": "desk", "audience": "staff", "type": "t" }] } ] }
        """

    @Test
    func `a step has ended when each action is final or an error: after waits for what is held, sinceEntry does not`()
        throws
    {
        var world = try Self.world(GateRules.file(Self.twoSteps, policies: Self.quiet))
        try world.event("two", at: "2026-05-10 22:00")
        try world.event("two", at: "2026-05-10 23:00")
        try world.pass(until: "2026-05-12 00:00")
        #expect(
            world.actionLog == [
                "05-10 22:00 two/a/customer hold quiet_hours", "05-10 22:00 two/a/other hold quiet_hours",
                "05-10 22:00 two/a/desk act", "05-10 22:30 two/c/1 act", "05-10 23:00 two suppress reentry",
                "05-11 08:00 two/a/customer act", "05-11 08:00 two/a/other act", "05-11 09:00 two/b/1 act",
            ])
    }

    @Test func `an exit ends an entry with one skip for each action still held`() throws {
        var world = try Self.world(GateRules.file(Self.twoSteps, policies: Self.quiet))
        try world.event("two", at: "2026-05-10 22:00")
        try world.event("stop", at: "2026-05-10 22:10")
        try world.pass(until: "2026-05-12 00:00")
        #expect(
            world.actionLog.suffix(2) == [
                "05-10 22:10 two/a/customer skip exited", "05-10 22:10 two/a/other skip exited",
            ])
    }

    @Test func `a condition that is false when an action is tried again ends the entry`() throws {
        var world = try Self.world(GateRules.file(Self.twoSteps, policies: Self.quiet))
        try world.event("two", at: "2026-05-10 22:00")
        try world.set(["doNotContact": .bool(true)], at: "2026-05-10 22:10")
        try world.pass(until: "2026-05-12 00:00")
        #expect(
            world.actionLog.suffix(2) == [
                "05-10 22:10 two/a/customer skip condition", "05-10 22:10 two/a/other skip condition",
            ])
    }

    @Test func `a held action whose name an edit takes away is skipped, and its step is not begun anew`() throws {
        var world = try Self.world(GateRules.file(Self.twoSteps, policies: Self.quiet))
        try world.event("two", at: "2026-05-10 22:00")
        let edited = Self.twoSteps.replacing(
            #"{ "name": "customer", "send": "crm", "type": "t" }, { "name": "other", "send": "crm", "type": "t" },"#,
            with: "")
        try world.activate(GateRules.file(edited, policies: Self.quiet), at: "2026-05-10 22:20")
        try world.pass(until: "2026-05-12 00:00")
        #expect(
            world.actionLog.suffix(4) == [
                "05-10 22:20 two/a/customer skip campaign_removed", "05-10 22:20 two/a/other skip campaign_removed",
                "05-10 22:30 two/c/1 act", "05-10 23:20 two/b/1 act",
            ])
    }

    @Test(arguments: [("07:44:59", "08:00"), ("08:15", "08:00"), ("08:15:01", "08:15:01")])
    func `a hold that is noticed up to fifteen minutes late is decided as of its wake-up`(
        tick: String, now: String
    ) throws {
        var world = try Self.world(Self.hello)
        try world.event("hello", at: "2026-05-10 22:00")
        try world.tick(at: "2026-05-11 " + tick)
        try world.pass(until: "2026-05-12 00:00")
        #expect(world.log == ["05-10 22:00 hello/1 hold quiet_hours", "05-11 \(now) hello/1 act"])
    }

    @Test func `what is held counts as held in the sums of a plan, with its reason`() throws {
        let paused = #""pauses": [{ "name": "stop", "when": { "var": "doNotContact" }, "then": "hold" }]"#
        var world = try Self.world(
            GateRules.file(GateRules.oneAction("hello", #""maxLateness": "P20D""#), policies: paused + "," + Self.quiet)
        )
        try world.set(["doNotContact": .bool(true)], at: "2026-05-01 09:00")
        try world.event("hello", at: "2026-05-10 22:00")
        var forecast = CustomerForecast()
        forecast.decisions = world.decisions
        var tally = PlanTally()
        tally.add(forecast, customer: "c1", campaign: nil, zone: world.zone)
        #expect(tally.total.due == 1)
        #expect(tally.total.held == 1)
        #expect(tally.heldReasons == [.paused: ["hello": 1]])
        #expect(tally.reasons.isEmpty)
        forecast.decisions += world.forecast(days: 30).decisions
        var later = PlanTally()
        later.add(forecast, customer: "c1", campaign: nil, zone: world.zone)
        #expect(later.total.due == 1)
        #expect(later.total.skip == 1)
        #expect(later.heldReasons.isEmpty)
        #expect(later.reasons == [.tooLate: ["hello": 1]])
    }

    @Test func `a campaign that takes another's old name has its sums beside it`() {
        var tally = PlanTally()
        let first = PlanTally.StepKey(campaign: "id-of-b", step: "s", basis: .calendar)
        let second = PlanTally.StepKey(campaign: "b", step: "s", basis: .calendar)
        tally.steps[first, default: PlanTally.StepCounts()].act = 2
        tally.steps[second, default: PlanTally.StepCounts()].act = 3
        let named = tally.named(["id-of-b": "b"])
        #expect(named.steps[second]?.act == 5)
        #expect(named.total.act == tally.total.act)
    }
}
