import CareDecisions
import CareRules
import CareValues
import Testing

/// Gate `frequency_cap`.
@Suite struct FrequencyCapTests {
    static func cap(
        _ members: String, per: String = #"{ "rolling": "P7D" }"#, max: Int = 1, name: String = "cap"
    ) -> String {
        "{ \"name\": \"\(name)\", \(members.isEmpty ? "" : members + ",") \"max\": \(max), \"per\": \(per) }"
    }

    static func world(
        _ caps: [String], _ campaigns: [String] = [GateRules.oneAction("hello")], zone: String = "Asia/Shanghai"
    )
        throws -> World
    {
        try World(
            rules: GateRules.file(
                campaigns.joined(separator: ","), policies: "\"caps\": [\(caps.joined(separator: ","))]"),
            start: "2026-01-01 00:00", zone: zone)
    }

    struct Period: CustomTestStringConvertible {
        var per: String
        var first: String
        var blocked: String
        var free: String
        var zone = "Asia/Shanghai"
        var testDescription: String { "\(per) \(first)" }
    }

    static let periods = [
        // Whole days compare local dates.
        Period(
            per: #"{ "rolling": "P7D" }"#, first: "2026-05-10 10:00", blocked: "2026-05-16 23:59:59",
            free: "2026-05-17 00:00"),
        Period(
            per: #"{ "rolling": "P1M" }"#, first: "2026-01-31 23:00", blocked: "2026-02-27 23:59:59",
            free: "2026-02-28 00:00"),
        Period(
            per: #"{ "rolling": "P1D" }"#, first: "2026-05-10 23:59", blocked: "2026-05-10 23:59:59",
            free: "2026-05-11 00:00"),
        // Hours count as they pass.
        Period(
            per: #"{ "rolling": "PT24H" }"#, first: "2026-05-10 10:00", blocked: "2026-05-11 09:59:59",
            free: "2026-05-11 10:00"),
        Period(
            per: #"{ "rolling": "P1DT12H" }"#, first: "2026-05-10 10:00", blocked: "2026-05-11 21:59:59",
            free: "2026-05-11 22:00"),
        // The calendar of the customer.
        Period(
            per: #"{ "calendar": "day" }"#, first: "2026-05-10 00:00", blocked: "2026-05-10 23:59:59",
            free: "2026-05-11 00:00"),
        Period(
            per: #"{ "calendar": "week" }"#, first: "2026-05-18 00:00", blocked: "2026-05-24 23:59:59",
            free: "2026-05-25 00:00"),
        Period(
            per: #"{ "calendar": "month" }"#, first: "2026-02-28 12:00", blocked: "2026-02-28 23:59:59",
            free: "2026-03-01 00:00"),
        Period(
            per: #"{ "calendar": "quarter" }"#, first: "2026-04-01 00:00", blocked: "2026-06-30 23:59:59",
            free: "2026-07-01 00:00"),
        Period(
            per: #"{ "calendar": "year" }"#, first: "2026-01-01 00:01", blocked: "2026-12-31 23:59:59",
            free: "2027-01-01 00:00"),
        // A day of 23 hours.
        Period(
            per: #"{ "rolling": "P1D" }"#, first: "2026-03-28 12:00", blocked: "2026-03-28 23:59:59",
            free: "2026-03-29 00:00", zone: "Europe/Berlin"),
        Period(
            per: #"{ "rolling": "PT24H" }"#, first: "2026-03-28 12:00", blocked: "2026-03-29 12:59:59",
            free: "2026-03-29 13:00", zone: "Europe/Berlin"),
    ]

    @Test(arguments: periods)
    func `a cap counts the acts of its period, to its last second`(_ test: Period) throws {
        var world = try Self.world([Self.cap("", per: test.per)], zone: test.zone)
        try world.event("hello", at: test.first)
        try world.event("hello", at: test.blocked)
        try world.event("hello", at: test.free)
        #expect(world.decisions.map(\.outcome) == [.act, .suppress, .act])
        #expect(world.decisions[1].reason == .frequencyCap)
    }

    @Test(arguments: periods)
    func `a cap that holds opens when its period is over`(_ test: Period) throws {
        var world = try Self.world(
            [Self.cap(#""then": "hold""#, per: test.per)], [GateRules.oneAction("hello", #""maxLateness": "none""#)],
            zone: test.zone)
        try world.event("hello", at: test.first)
        try world.event("hello", at: test.blocked)
        let held = try #require(world.row?.memory.entries.first?.pending.first)
        #expect(held.reason == .frequencyCap)
        #expect(held.wakeUp == min(try world.instant(test.free), held.deadline))
    }

    @Test func `the calendar is that of the customer's zone`() throws {
        var world = try Self.world([Self.cap("", per: #"{ "calendar": "day" }"#)])
        try world.set(["timeZone": "America/New_York"], at: "2026-05-01 09:00")
        try world.event("hello", at: "2026-05-10 10:00")  // the 9th in New York
        try world.event("hello", at: "2026-05-10 11:59:59")
        try world.event("hello", at: "2026-05-10 12:00")
        #expect(world.decisions.map(\.outcome) == [.act, .suppress, .act])
    }

    @Test(arguments: [1, 2, 5])
    func `at most max acts, and one that is suppressed is none`(max: Int) throws {
        var world = try Self.world([Self.cap("", max: max)])
        for day in 10...16 { try world.event("hello", at: "2026-05-\(day) 10:00") }
        #expect(world.decisions.filter { $0.outcome == .act }.count == max)
        // The first leaves the period on the 17th: room for one, not for two.
        try world.event("hello", at: "2026-05-17 10:00")
        try world.event("hello", at: "2026-05-17 11:00")
        #expect(world.decisions.suffix(2).map(\.outcome) == [.act, max == 1 ? .suppress : .suppress])
    }

    @Test
    func `it binds and counts campaigns with one of its tags, to one of its destinations, both where it names both`()
        throws
    {
        func campaign(_ name: String, _ tags: String, _ destination: String) -> String {
            GateRules.oneAction(name, "\"tags\": [\(tags)]", action: "\"send\": \"\(destination)\", \"type\": \"t\"")
        }
        let campaigns = [
            campaign("a", #""marketing""#, "mail"), campaign("b", #""x", "marketing""#, "sms"),
            campaign("c", #""service""#, "mail"), campaign("d", #""marketing""#, "mail"),
        ]
        let cases: [(String, [Outcome])] = [
            (#""tags": ["marketing"]"#, [.act, .suppress, .act, .suppress]),
            (#""destinations": ["mail"]"#, [.act, .act, .suppress, .suppress]),
            (
                #""tags": ["marketing", "service"], "destinations": ["mail", "post"]"#,
                [.act, .act, .suppress, .suppress]
            ),
            (#""tags": ["marketing"], "destinations": ["mail"]"#, [.act, .act, .act, .suppress]),
            ("", [.act, .suppress, .suppress, .suppress]),
        ]
        for (members, expected) in cases {
            var world = try Self.world([Self.cap(members)], campaigns)
            for name in ["a", "b", "c", "d"] { try world.event(name, at: "2026-05-10 10:00") }
            #expect(world.decisions.map(\.outcome) == expected, "\(members)")
        }
    }

    @Test func `all caps must pass, and the decision names the one that blocked`() throws {
        var world = try Self.world([
            Self.cap("", per: #"{ "calendar": "month" }"#, max: 3, name: "month"),
            Self.cap("", per: #"{ "rolling": "PT1H" }"#, name: "hour"),
        ])
        for time in ["01 10:00", "01 10:59", "02 10:00", "03 10:00", "04 10:00"] {
            try world.event("hello", at: "2026-05-" + time)
        }
        #expect(world.decisions.map(\.outcome) == [.act, .suppress, .act, .act, .suppress])
        #expect(world.decisions[1].inputs["cap"] == .string("hour"))
        #expect(world.decisions[4].inputs["cap"] == .string("month"))
    }

    @Test func `actions for staff pass and count for none, and so does what was held out`() throws {
        var world = try Self.world(
            [Self.cap("")],
            [
                GateRules.oneAction("staff", action: #""send": "desk", "audience": "staff", "type": "t""#),
                GateRules.oneAction("out", #""holdout": 1"#), GateRules.oneAction("hello"),
            ])
        for name in ["staff", "staff", "out", "hello", "staff", "hello"] {
            try world.event(name, at: "2026-05-10 10:00")
        }
        #expect(world.decisions.map(\.outcome) == [.act, .act, .suppress, .act, .act, .suppress])
    }

    @Test func `a campaign may not count, or may pass`() throws {
        var world = try Self.world(
            [Self.cap("")],
            [
                GateRules.oneAction("silent", #""caps": { "counts": false }"#),
                GateRules.oneAction("passes", #""caps": { "ignores": true }"#), GateRules.oneAction("hello"),
            ])
        for name in ["silent", "silent", "passes", "silent", "passes", "hello"] {
            try world.event(name, at: "2026-05-10 10:00")
        }
        #expect(world.decisions.map(\.outcome) == [.act, .act, .act, .suppress, .act, .suppress])
    }

    @Test func `acts count with the tags they had when they were decided`() throws {
        let cap = Self.cap(#""tags": ["marketing"]"#)
        let tagged = GateRules.oneAction("a", #""tags": ["marketing"]"#)
        let other = GateRules.oneAction("b", #""tags": ["marketing"]"#)
        var world = try Self.world([cap], [tagged, other])
        try world.event("a", at: "2026-05-10 10:00")
        // The tag is taken off the campaign, not off what it did.
        try world.activate(
            GateRules.file([GateRules.oneAction("a"), other].joined(separator: ","), policies: "\"caps\": [\(cap)]"),
            at: "2026-05-10 11:00")
        try world.event("b", at: "2026-05-10 12:00")
        try world.event("a", at: "2026-05-10 13:00")
        #expect(world.decisions.map(\.outcome) == [.act, .suppress, .act])
    }

    @Test func `acts are kept as far back as the longest cap, and not at all without caps`() throws {
        var world = try Self.world([Self.cap("", per: #"{ "rolling": "P7D" }"#, max: 100)])
        for day in 1...30 { try world.event("hello", at: "2026-05-\(day < 10 ? "0" : "")\(day) 10:00") }
        let times = try #require(world.row?.acts.groups.first).times
        #expect(world.row?.acts.groups.count == 1)
        #expect(times.count < 12)
        #expect(times.first.map { $0 <= (try? world.instant("2026-05-23 10:00")) ?? .distantPast } == true)

        var plain = try Self.world([])
        try plain.event("hello", at: "2026-05-10 10:00")
        #expect(plain.row?.acts.isEmpty == true)
    }

    @Test(arguments: [("P3D", "act"), ("P4D", "suppress frequency_cap")])
    func `a cap that an edit makes, or makes longer, counts what was done before`(
        length: String, expected: String
    ) throws {
        for before in ["", "{ \"name\": \"short\", \"max\": 9, \"per\": { \"rolling\": \"PT1H\" } }"] {
            var world = try Self.world(before.isEmpty ? [] : [before])
            try world.event("hello", at: "2026-05-10 10:00")
            try world.event("page", at: "2026-05-12 23:00")
            let cap = Self.cap("", per: "{ \"rolling\": \"\(length)\" }")
            try world.activate(
                GateRules.file(GateRules.oneAction("hello"), policies: "\"caps\": [\(cap)]"), at: "2026-05-13 09:00")
            try world.event("hello", at: "2026-05-13 10:00")
            #expect(world.log.last == "05-13 10:00 hello/1 \(expected)")
        }
    }

    @Test func `a row without acts is as long as one of rules without caps`() throws {
        let with = try Self.world([Self.cap("")])
        let without = try Self.world([])
        for world in [with, without] {
            let row = world.decider.newRow(customer: "c", asOf: world.clock)
            #expect(RowCodec.encode(row, schema: world.decider.active.rules.schema).count < 40)
        }
        let row = with.decider.newRow(customer: "c", asOf: with.clock)
        #expect(
            RowCodec.encode(row, schema: with.decider.active.rules.schema)
                == RowCodec.encode(row, schema: without.decider.active.rules.schema))
    }
}
