import CareDecisions
import CareValues
import Testing

/// The trigger `date`, and calls of `api`.
@Suite struct DateTriggerTests {
    static let paces: [World.Pace] = [.everyDueInstant, .every(minutes: 10)]

    static func rules(_ date: String, _ rest: String = "") -> String {
        """
        {
          "attributes": {
            "endsOn": { "type": "date" }, "bookedAt": { "type": "instant" }, "timeZone": { "type": "zone" }
          },
          "campaigns": { "end": { "trigger": { "date": \(date) }, \(rest)
            "actions": [{ "send": "crm", "type": "t", "data": { "on": "{{entry.date}}", "offset": "{{entry.offset}}" } }] } }
        }
        """
    }

    static let twice = rules(#"{ "of": "endsOn", "offset": ["-P7D", "-P1D"], "at": "10:00" }"#)

    @Test(arguments: paces)
    func `each offset is due once`(pace: World.Pace) throws {
        var world = try World(rules: Self.twice, start: "2026-05-01 00:00", pace: pace)
        try world.set(["endsOn": "2026-05-30"], at: "2026-05-02 10:00")
        try world.pass(until: "2027-06-30 00:00")
        #expect(world.log == ["05-23 10:00 end/1 act", "05-29 10:00 end/1 act"])
        #expect(world.decisions.map(\.key.occurrence) == ["2026-05-30/1", "2026-05-30/2"])
        #expect(world.decisions.first?.order?.data == ["offset": "-P7D", "on": "2026-05-30"])
    }

    @Test(arguments: paces)
    func `another value is another date, and the old one again is not`(pace: World.Pace) throws {
        var world = try World(rules: Self.twice, start: "2026-05-01 00:00", pace: pace)
        try world.set(["endsOn": "2026-05-30"], at: "2026-05-02 10:00")
        try world.set(["endsOn": "2026-05-31"], at: "2026-05-23 12:00")
        try world.set(["endsOn": "2026-05-30"], at: "2026-05-24 12:00")
        try world.pass(until: "2026-06-30 00:00")
        #expect(world.log == ["05-23 10:00 end/1 act", "05-24 10:00 end/1 act", "05-29 10:00 end/1 act"])
    }

    @Test(arguments: [("23:59", true), ("24:00", false)])
    func `a date known late is due at once until the end of its local day, else nothing`(
        known: String, isInTime: Bool
    ) throws {
        var world = try World(rules: Self.twice, start: "2026-05-01 00:00")
        let time = known == "24:00" ? "2026-05-24 00:00" : "2026-05-23 \(known)"
        try world.set(["endsOn": "2026-05-30"], at: time)
        try world.pass(until: "2026-05-25 00:00")
        #expect(world.log == (isInTime ? ["05-23 23:59 end/1 act"] : []))
        // The same of a customer that was not looked at for weeks: its clock tells nothing about the fact.
        var known = try World(rules: Self.twice, start: "2026-05-01 00:00")
        try known.set(["timeZone": "Asia/Shanghai"], at: "2026-05-02 00:00")
        try known.set(["endsOn": "2026-05-30"], at: time)
        try known.pass(until: "2026-05-25 00:00")
        #expect(known.log == world.log)
    }

    @Test(arguments: [("2026-05-23 10:00", 1), ("2026-05-23 09:59", 2)])
    func `nothing due at or before the start fires`(start: String, count: Int) throws {
        var world = try World(rules: Rules.base, start: "2026-05-01 00:00")
        try world.activate(Self.rules(#"{ "of": "endsOn", "offset": "P1D", "at": "10:00" }"#), at: "2026-05-02 00:00")
        try world.set(["endsOn": "2026-05-30"], at: "2026-05-02 10:00")
        try world.activate(Self.twice, at: start)
        try world.pass(until: "2026-06-30 00:00")
        #expect(world.log.count == count)
    }

    @Test(arguments: paces)
    func `a moved zone greets no second time`(pace: World.Pace) throws {
        var world = try World(rules: Self.twice, start: "2026-05-01 00:00", pace: pace)
        try world.set(["endsOn": "2026-05-30"], at: "2026-05-02 10:00")
        try world.set(["timeZone": "America/New_York"], at: "2026-05-23 11:00")
        try world.pass(until: "2026-05-25 00:00")
        #expect(world.log == ["05-23 10:00 end/1 act"])
    }

    @Test func `an instant counts on its local date, and keeps its key when the zone moves`() throws {
        var world = try World(
            rules: Self.rules(#"{ "of": "bookedAt", "at": "18:00", "offset": "-P1D" }"#), start: "2026-05-01 00:00")
        try world.set(["bookedAt": "2026-05-30T20:00:00Z"], at: "2026-05-02 10:00")
        try world.pass(until: "2026-05-30 18:00")
        #expect(world.log == ["05-30 18:00 end/1 act"])
        #expect(world.decisions.first?.key.occurrence == "2026-05-30T20:00:00.000Z/1")
        try world.set(["timeZone": "America/New_York"], at: "2026-05-30 18:30")
        try world.pass(until: "2026-06-30 18:00")
        #expect(world.log.count == 1)
    }

    @Test func `a sentinel date is not greeted`() throws {
        var world = try World(
            rules: Self.rules(#"{ "of": "endsOn", "at": "10:00" }"#, #""maxLateness": "none","#),
            start: "2026-05-01 00:00")
        try world.set(["endsOn": "1970-01-01"], at: "2026-05-02 10:00")
        try world.pass(until: "2026-05-30 18:00")
        #expect(world.log.isEmpty)
    }

    // MARK: Calls

    static let recall = """
        { "campaigns": {
          "recall": { "trigger": { "api": {}, "where": { "==": [{ "var": "event.part" }, "brake"] } },
            "actions": [{ "send": "crm", "type": "t", "data": { "part": "{{entry.part}}" } }] },
          "other": { "trigger": { "api": {} }, "actions": [{ "send": "crm", "type": "t", "data": {} }] } } }
        """

    @Test func `a call fires its campaign alone, under the caller's key`() throws {
        var world = try World(rules: Self.recall, start: "2026-05-01 00:00")
        let now = try world.instant("2026-05-10 22:00")
        func call(_ key: String, _ part: JSONValue) -> Fact {
            .event(Event(callOf: "recall", key: key, properties: ["part": part], time: now, receivedAt: now))
        }
        try world.request([call("req-7f3a", "brake")], at: "2026-05-10 22:00")
        try world.request([call("req-7f3b", "horn")], at: "2026-05-10 22:01")
        #expect(world.log == ["05-10 22:00 recall/1 act"])
        #expect(world.decisions.first?.key.occurrence == "req-7f3a")
    }

    @Test func `an event of the campaign's name from elsewhere is no call`() throws {
        var world = try World(rules: Self.recall, start: "2026-05-01 00:00")
        try world.event("recall", ["part": "brake"], at: "2026-05-10 22:00")
        #expect(world.log.isEmpty)
    }

    @Test(arguments: [("2026-05-12 21:59", "act"), ("2026-05-13 22:00", "skip too_late")])
    func `a call is in time for three days`(received: String, outcome: String) throws {
        var world = try World(rules: Self.recall, start: "2026-05-01 00:00")
        let made = try world.instant("2026-05-10 22:00")
        try world.request(
            [.event(Event(callOf: "other", key: "k", properties: [:], time: made, receivedAt: made))], at: received)
        #expect(world.log.count == 1)
        #expect(world.log.first?.hasSuffix(outcome) == true)
    }
}
