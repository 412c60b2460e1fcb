import CareDecisions
import CareValues
import Testing

/// Gate `quiet_hours`.
@Suite struct QuietHoursTests {
    /// What an action on an event at `time` becomes: the first row, and when it acts.
    static func log(
        _ quietHours: String, at time: String, zone: String = "Asia/Shanghai", _ campaign: String = "",
        action: String = #""send": "crm", "type": "t""#
    ) throws -> [String] {
        let start = time.prefix(10) + " 00:00"
        var world = try World(
            rules: GateRules.file(
                GateRules.oneAction("hello", campaign, action: action), policies: "\"quietHours\": \(quietHours)"),
            start: String(start), zone: zone)
        try world.event("hello", at: time)
        try world.pass(until: "2027-12-30 00:00")
        return world.log
    }

    static let simple = #"{ "from": "12:00", "until": "14:00" }"#
    static let wrapping = #"{ "from": "21:00", "until": "08:00", "then": "hold" }"#

    static let bounds: [(String, String, String?)] = [
        (simple, "11:59:59", nil), (simple, "12:00", "05-10 14:00"), (simple, "13:59:59", "05-10 14:00"),
        (simple, "14:00", nil),
        (wrapping, "20:59:59", nil), (wrapping, "21:00", "05-11 08:00"), (wrapping, "23:59:59", "05-11 08:00"),
        (wrapping, "00:00", "05-10 08:00"), (wrapping, "07:59:59", "05-10 08:00"), (wrapping, "08:00", nil),
        (#"{ "from": "08:00", "until": "08:00" }"#, "08:00", nil),
        (#"{ "from": "00:00", "until": "06:00" }"#, "00:00", "05-10 06:00"),
        (#"{ "from": "22:00", "until": "00:00" }"#, "23:59:59", "05-11 00:00"),
        (#"{ "from": "22:00", "until": "00:00" }"#, "00:00", nil),
    ]

    @Test(arguments: bounds)
    func `quiet hours are half-open, may wrap midnight, and equal ends mean none`(
        hours: String, time: String, acts: String?
    ) throws {
        let log = try Self.log(hours, at: "2026-05-10 " + time)
        if let acts {
            #expect(log == ["05-10 \(time) hello/1 hold quiet_hours", "\(acts) hello/1 act"])
        } else {
            #expect(log == ["05-10 \(time) hello/1 act"])
        }
    }

    @Test func `they may suppress instead`() throws {
        #expect(
            try Self.log(#"{ "from": "21:00", "until": "08:00", "then": "suppress" }"#, at: "2026-05-10 22:00")
                == ["05-10 22:00 hello/1 suppress quiet_hours"])
    }

    @Test func `a campaign may ignore them, and actions for staff do`() throws {
        #expect(
            try Self.log(Self.wrapping, at: "2026-05-10 22:00", #""quietHours": "ignore""#)
                == ["05-10 22:00 hello/1 act"])
        #expect(
            try Self.log(
                Self.wrapping, at: "2026-05-10 22:00", action: #""send": "desk", "type": "t", "audience": "staff""#)
                == ["05-10 22:00 hello/1 act"])
    }

    @Test(arguments: [("mail", "05-10 22:30 hello/1 hold quiet_hours"), ("crm", "05-10 22:30 hello/1 act")])
    func `some bind certain destinations only`(destination: String, first: String) throws {
        let hours =
            #"[{ "from": "22:00", "until": "23:00", "destinations": ["sms", "mail"] }, { "from": "23:00", "until": "06:00" }]"#
        let log = try Self.log(hours, at: "2026-05-10 22:30", action: #""send": "\#(destination)", "type": "t""#)
        #expect(log.first == first)
    }

    @Test func `one after another they are asked anew`() throws {
        let hours = #"[{ "from": "21:00", "until": "23:00" }, { "from": "23:00", "until": "06:00" }]"#
        #expect(
            try Self.log(hours, at: "2026-05-10 21:30") == [
                "05-10 21:30 hello/1 hold quiet_hours", "05-10 23:00 hello/1 hold quiet_hours",
                "05-11 06:00 hello/1 act",
            ])
    }

    @Test func `they are those of the customer's zone, and a move is noticed at once`() throws {
        var world = try World(
            rules: GateRules.file(GateRules.oneAction("hello"), policies: "\"quietHours\": \(Self.wrapping)"),
            start: "2026-05-01 00:00")
        try world.set(["timeZone": "America/New_York"], at: "2026-05-02 09:00")
        try world.event("hello", at: "2026-05-10 10:00")  // 22:00 in New York
        try world.set(["timeZone": "Asia/Shanghai"], at: "2026-05-10 11:00")
        #expect(world.log == ["05-10 10:00 hello/1 hold quiet_hours", "05-10 11:00 hello/1 act"])
    }

    // Berlin puts the clock forward on 29 March 2026 from 02:00 to 03:00, and back on 25 October from 03:00 to 02:00.
    static let changes: [(String, String, [String])] = [
        // An end that does not exist is the end of the gap.
        (
            #"{ "from": "21:00", "until": "02:30" }"#, "2026-03-29 01:59",
            ["03-29 01:59 hello/1 hold quiet_hours", "03-29 03:00 hello/1 act"]
        ),
        // Hours that lie in the gap are none that day.
        (#"{ "from": "02:00", "until": "03:00" }"#, "2026-03-29 03:00", ["03-29 03:00 hello/1 act"]),
        // An end that exists twice is the first.
        (
            #"{ "from": "21:00", "until": "02:30" }"#, "2026-10-25 01:00",
            ["10-25 01:00 hello/1 hold quiet_hours", "10-25 02:30 hello/1 act"]
        ),
        // A beginning that exists twice is the first, and the hour that comes again belongs to the quiet hours.
        (
            #"{ "from": "02:30", "until": "06:00" }"#, "2026-10-25 02:30",
            ["10-25 02:30 hello/1 hold quiet_hours", "10-25 06:00 hello/1 act"]
        ),
    ]

    @Test(arguments: changes)
    func `they follow a clock that is put forward or back`(hours: String, time: String, expected: [String]) throws {
        #expect(try Self.log(hours, at: time, zone: "Europe/Berlin") == expected)
    }

    @Test func `the hour that comes again is not quiet twice`() throws {
        let rules = GateRules.file(
            GateRules.oneAction("hello"), policies: #""quietHours": { "from": "21:00", "until": "02:30" }"#)
        var world = try World(rules: rules, start: "2026-10-25 00:00", zone: "Europe/Berlin")
        // 02:10 for the second time: 70 minutes after 02:00 was shown first.
        let second = try world.instant("2026-10-25 02:00").advanced(byMilliseconds: 70 * 60_000)
        #expect(world.zone.local(second).time.text == "02:10")
        try world.tick(at: "2026-10-25 01:00")
        let event = Event(type: "hello", source: "s", id: "1", time: second, receivedAt: second, properties: [:])
        let row = world.decider.newRow(customer: "c", asOf: second)
        let outcome = world.decider.touch(row, facts: [.event(event)], clock: second).outcome
        #expect(outcome.decisions.map(\.outcome) == [.act])
    }
}
