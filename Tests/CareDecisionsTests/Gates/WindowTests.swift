import CareDecisions
import CareRules
import CareValues
import Testing

/// Windows: the due instant of a step waits for them, waits count in them, and gate `window_closed`.
@Suite struct WindowTests {
    static let office =
        #""business": { "days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "until": "18:00" }"#

    static func rules(
        _ step: String, windows: String = office, _ members: String = "", audience: String = "staff"
    )
        -> String
    {
        GateRules.file(
            """
            "hello": { "trigger": { "event": "hello" }, \(members) "steps": [
              { "name": "s", \(step), "actions": [{ "send": "desk", "audience": "\(audience)", "type": "t" }] }] }
            """, policies: "\"windows\": { \(windows) }")
    }

    static func log(_ rules: String, at time: String, zone: String = "Asia/Shanghai") throws -> [String] {
        var world = try World(rules: rules, start: String(time.prefix(10)) + " 00:00", zone: zone)
        try world.event("hello", at: time)
        try world.pass(until: "2027-12-30 00:00")
        return world.log
    }

    // 22 May 2026 is a Friday.
    static let openings = [
        ("2026-05-22 08:59", "05-22 09:00"), ("2026-05-22 09:00", "05-22 09:00"),
        ("2026-05-22 17:59:59", "05-22 17:59:59"), ("2026-05-22 18:00", "05-25 09:00"),
        ("2026-05-23 12:00", "05-25 09:00"),
    ]

    @Test(arguments: openings)
    func `a step with a window is due when it opens, for staff too, and is not late`(
        time: String, acts: String
    ) throws {
        #expect(
            try Self.log(Self.rules(#""window": "business""#, #""maxLateness": "PT1M","#), at: time)
                == ["\(acts) hello/s act"])
    }

    static let waits = [
        // The wait, then the opening.
        (#""sinceEntry": "P1D", "window": "business""#, "2026-05-21 19:00", "05-25 09:00"),
        (#""sinceEntry": "P1D", "window": "business""#, "2026-05-21 10:00", "05-22 10:00"),
        // Counted in the window: 30 minutes on Friday, 90 on Monday.
        (#""sinceEntry": "PT2H", "countIn": "business""#, "2026-05-22 17:30", "05-25 10:30"),
        (#""after": "PT2H", "countIn": "business""#, "2026-05-22 15:00", "05-22 17:00"),
        (#""after": "PT2H", "countIn": "business""#, "2026-05-22 16:00", "05-22 18:00"),
        (#""after": "PT2H", "countIn": "business""#, "2026-05-22 16:00:01", "05-25 09:00:01"),
        (#""after": "PT2H", "countIn": "business""#, "2026-05-23 12:00", "05-25 11:00"),
        (#""after": "PT45H", "countIn": "business""#, "2026-05-22 09:00", "05-28 18:00"),
        (#""after": "PT0S", "countIn": "business""#, "2026-05-23 12:00", "05-23 12:00"),
        // Complete when it closes: then it waits for the next opening.
        (#""after": "PT2H", "countIn": "business", "window": "business""#, "2026-05-22 16:00", "05-25 09:00"),
        // countIn, then the first `at` inside the window.
        (
            #""after": "PT2H", "countIn": "business", "at": "10:00", "window": "business""#, "2026-05-22 15:00",
            "05-25 10:00"
        ),
        (#""at": "10:00", "window": "business""#, "2026-05-22 10:00", "05-22 10:00"),
        (#""at": "10:00", "window": "business""#, "2026-05-22 10:01", "05-25 10:00"),
        (#""at": "10:00""#, "2026-05-22 10:01", "05-23 10:00"),
    ]

    @Test(arguments: waits)
    func `the due instant holds the wait, countIn, at and the opening, in this order`(
        step: String, time: String, acts: String
    ) throws {
        #expect(try Self.log(Self.rules(step), at: time) == ["\(acts) hello/s act"])
    }

    @Test func `a window that is closed again holds, staff too, and that counts as lateness`() throws {
        let rules = Self.rules(#""window": "business""#, #""maxLateness": "P2D","#)
        var monday = try World(rules: rules, start: "2026-05-18 00:00")
        try monday.event("hello", at: "2026-05-18 08:00")
        try monday.tick(at: "2026-05-18 19:00")  // the service was down
        try monday.pass(until: "2026-05-30 00:00")
        #expect(monday.log == ["05-18 19:00 hello/s hold window_closed", "05-19 09:00 hello/s act"])
        #expect(monday.decisions.first?.inputs["window"] == .string("business"))

        var friday = try World(rules: rules, start: "2026-05-22 00:00")
        try friday.event("hello", at: "2026-05-22 08:00")
        try friday.tick(at: "2026-05-22 19:00")
        try friday.pass(until: "2026-05-30 00:00")
        #expect(friday.log == ["05-22 19:00 hello/s hold window_closed", "05-24 09:00 hello/s skip too_late"])
    }

    static let shapes = [
        // Wraps midnight, and belongs to the day it begins on: Friday night until Saturday six.
        (#""night": { "days": ["fri"], "from": "22:00", "until": "06:00" }"#, "2026-05-23 05:59", "05-23 05:59"),
        (#""night": { "days": ["fri"], "from": "22:00", "until": "06:00" }"#, "2026-05-23 06:00", "05-29 22:00"),
        (#""night": { "days": ["fri"], "from": "22:00", "until": "06:00" }"#, "2026-05-22 05:00", "05-22 22:00"),
        // Equal ends: the whole day.
        (#""night": { "days": ["sat"], "from": "00:00", "until": "00:00" }"#, "2026-05-23 23:59", "05-23 23:59"),
        (#""night": { "days": ["sat"], "from": "00:00", "until": "00:00" }"#, "2026-05-24 00:00", "05-30 00:00"),
        // Every day unless said.
        (#""night": { "from": "09:00", "until": "18:00" }"#, "2026-05-23 20:00", "05-24 09:00"),
    ]

    @Test(arguments: shapes)
    func `a window may wrap midnight, last a whole day, and be open on every day`(
        window: String, time: String, acts: String
    ) throws {
        #expect(
            try Self.log(Self.rules(#""window": "night""#, windows: window), at: time) == ["\(acts) hello/s act"])
    }

    @Test(arguments: [
        ("", "05-22 21:00"), (#", "zone": "project""#, "05-22 21:00"), (#", "zone": "customer""#, "05-22 09:00"),
        (#", "zone": "Europe/Berlin""#, "05-22 15:00"), (#", "zone": "Nowhere/At_All""#, "05-22 21:00"),
    ])
    func `a window is read on the project's clock, unless it says whose`(zone: String, acts: String) throws {
        let window = #""w": { "from": "09:00", "until": "18:00"\#(zone) }"#
        var world = try World(
            rules: Self.rules(#""window": "w""#, windows: window), start: "2026-05-01 00:00", zone: "America/New_York")
        // The customer is in Shanghai, twelve hours ahead of the project.
        try world.set(["timeZone": "Asia/Shanghai"], at: "2026-05-01 02:00")
        try world.event("hello", at: "2026-05-21 20:59")
        try world.pass(until: "2026-05-30 00:00")
        let shanghai = try #require(World.zones.zone(named: "Asia/Shanghai"))
        let local = try #require(world.decisions.first).now
        #expect("\(shanghai.local(local).date.text.dropFirst(5)) \(shanghai.local(local).time.text)" == acts)
    }

    // Berlin: forward on 29 March 2026 from 02:00 to 03:00, back on 25 October from 03:00 to 02:00.
    static let changes = [
        (#""window": "w""#, #""w": { "from": "02:00", "until": "03:00" }"#, "2026-03-29 01:00", "03-30 02:00"),
        (#""window": "w""#, #""w": { "from": "02:30", "until": "05:00" }"#, "2026-03-29 01:00", "03-29 03:00"),
        (
            #""after": "PT4H", "countIn": "w""#, #""w": { "from": "00:00", "until": "06:00" }"#, "2026-10-25 00:00",
            "10-25 03:00"
        ),
        (
            #""after": "PT4H", "countIn": "w""#, #""w": { "from": "00:00", "until": "06:00" }"#, "2026-03-29 00:00",
            "03-29 05:00"
        ),
        (
            #""after": "PT48H", "countIn": "w""#, #""w": { "from": "00:00", "until": "00:00" }"#, "2026-10-24 12:00",
            "10-26 11:00"
        ),
    ]

    @Test(arguments: changes)
    func `windows follow a clock that is put forward or back, and hours count as they pass`(
        step: String, window: String, time: String, acts: String
    ) throws {
        #expect(
            try Self.log(Self.rules(step, windows: window), at: time, zone: "Europe/Berlin")
                == ["\(acts) hello/s act"])
    }

    @Test
    func `a wait not yet over is reckoned anew when the window changes, and one that moves into the past is due then`()
        throws
    {
        let step = #""after": "PT2H", "countIn": "business""#
        var world = try World(rules: Self.rules(step), start: "2026-05-01 00:00")
        try world.event("hello", at: "2026-05-22 17:30")
        let longer = Self.office.replacing("18:00", with: "21:00")
        try world.activate(Self.rules(step, windows: longer), at: "2026-05-22 20:00")
        try world.pass(until: "2026-05-30 00:00")
        #expect(world.log == ["05-22 20:00 hello/s act"])
    }
}
