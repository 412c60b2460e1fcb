import CareValues
import Testing

@Suite struct ZoneRuleTests {
    struct Case: Sendable {
        let text: String
        let rule: ZoneRule
        init(_ text: String, _ standard: Int32) {
            self.text = text
            self.rule = ZoneRule(standardOffset: standard)
        }
        init(_ text: String, _ standard: Int32, _ daylight: Int32, _ start: ZoneRule.Moment, _ end: ZoneRule.Moment) {
            self.text = text
            self.rule = ZoneRule(
                standardOffset: standard, daylight: .init(offset: daylight, start: start, end: end))
        }
    }

    static func weekday(_ month: Int, _ week: Int, _ weekday: Int, _ seconds: Int) -> ZoneRule.Moment {
        .init(day: .weekday(month: month, week: week, weekday: weekday), seconds: seconds)
    }

    static let good = [
        Case("UTC0", 0), Case("CST-8", 28_800), Case("<+03>-3", 10_800), Case("<-02>2", -7200),
        Case("<+0545>-5:45", 20_700),
        Case("ABC+1:02:03", -3723), Case("ABC24", -86_400), Case("<+13>-13", 46_800),
        Case("CET-1CEST,M3.5.0,M10.5.0/3", 3600, 7200, weekday(3, 5, 0, 7200), weekday(10, 5, 0, 10_800)),
        Case("IST-1GMT0,M10.5.0,M3.5.0/1", 3600, 0, weekday(10, 5, 0, 7200), weekday(3, 5, 0, 3600)),
        Case("EST5EDT,M3.2.0,M11.1.0", -18_000, -14_400, weekday(3, 2, 0, 7200), weekday(11, 1, 0, 7200)),
        Case("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", -7200, -3600, weekday(3, 5, 0, -3600), weekday(10, 5, 0, 0)),
        Case("EET-2EEST,M3.4.4/50,M10.4.4/50", 7200, 10_800, weekday(3, 4, 4, 180_000), weekday(10, 4, 4, 180_000)),
        Case("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 37_800, 39_600, weekday(10, 1, 0, 7200), weekday(4, 1, 0, 7200)),
        Case(
            "EST5EDT,0/0,J365/25", -18_000, -14_400, .init(day: .zeroBased(0), seconds: 0),
            .init(day: .withoutLeapDay(365), seconds: 90_000)),
        Case(
            "ABC0DEF,J60/-167:59:59,365/167", 0, 3600, .init(day: .withoutLeapDay(60), seconds: -604_799),
            .init(day: .zeroBased(365), seconds: 601_200)),
    ]

    @Test(arguments: good) func `reads the footer of a zone file`(_ test: Case) {
        #expect(ZoneRule(posix: test.text) == test.rule)
    }

    @Test(arguments: [
        "", "A", "AB3", "ABC", "ABC25", "ABC-25", "ABC1:60", "ABC1:00:60", "ABC1:", "ABC1x", "<AB>3", "<ABC3", "ABC>3",
        "A1C3",
        "EST5EDT", "EST5EDT,", "EST5EDT,M3.2.0", "EST5EDT,M3.2.0,", "EST5EDT,M3.2.0,M11.1.0,", "EST5EDT,M0.2.0,M11.1.0",
        "EST5EDT,M13.2.0,M11.1.0", "EST5EDT,M3.0.0,M11.1.0", "EST5EDT,M3.6.0,M11.1.0", "EST5EDT,M3.2.7,M11.1.0",
        "EST5EDT,J0,J365", "EST5EDT,J1,J366", "EST5EDT,0,366", "EST5EDT,M3.2.0/168,M11.1.0",
        "EST5EDT,M3.2.0/-168,M11.1.0",
        "EST5EDT,M3.2,M11.1.0", "EST5EDT M3.2.0,M11.1.0", " EST5", "EST5 ", "EST99999999999999999999", ":Europe/Berlin",
    ])
    func `refuses what is no rule`(text: String) {
        #expect(ZoneRule(posix: text) == nil)
    }

    struct Edge: Sendable {
        let rule: String
        /// The first second of the new offset.
        let instant: String
        let before: Int
        let after: Int
        init(_ rule: String, _ instant: String, _ before: Int, _ after: Int) {
            self.rule = rule
            self.instant = instant
            self.before = before
            self.after = after
        }
    }

    static let berlin = "CET-1CEST,M3.5.0,M10.5.0/3"
    static let edges = [
        Edge(berlin, "2026-03-29T01:00:00Z", 3600, 7200), Edge(berlin, "2026-10-25T01:00:00Z", 7200, 3600),
        Edge(berlin, "2400-03-26T01:00:00Z", 3600, 7200), Edge(berlin, "9999-10-31T01:00:00Z", 7200, 3600),
        Edge(berlin, "0001-03-25T01:00:00Z", 3600, 7200), Edge(berlin, "0400-10-29T01:00:00Z", 7200, 3600),
        Edge("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-03-29T01:00:00Z", 0, 3600),
        Edge("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-10-25T01:00:00Z", 3600, 0),
        Edge("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", -7200, -3600),
        Edge("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-10-25T01:00:00Z", -3600, -7200),
        Edge("EET-2EEST,M3.4.4/50,M10.4.4/50", "2026-03-28T00:00:00Z", 7200, 10_800),
        Edge("EET-2EEST,M3.4.4/50,M10.4.4/50", "2026-10-23T23:00:00Z", 10_800, 7200),
        // Day 60 is 1 March in every year by Jn, and 29 February or 1 March counted from 0 as 59.
        Edge("AAA0BBB,J60/0,J300/0", "2024-03-01T00:00:00Z", 0, 3600),
        Edge("AAA0BBB,J60/0,J300/0", "2025-03-01T00:00:00Z", 0, 3600),
        Edge("AAA0BBB,59/0,J300/0", "2024-02-29T00:00:00Z", 0, 3600),
        Edge("AAA0BBB,59/0,J300/0", "2025-03-01T00:00:00Z", 0, 3600),
        // Times beyond the day carry into another year.
        Edge("AAA0BBB,J1/-24,J100/0", "2025-12-31T00:00:00Z", 0, 3600),
        Edge("AAA0BBB,J100/0,J365/49", "2026-01-02T00:00:00Z", 3600, 0),
    ]

    @Test(arguments: edges) func `changes the offset at its second, before it and from it on`(_ test: Edge) throws {
        let rule = try #require(ZoneRule(posix: test.rule))
        let zone = Zone(name: "Test/Zone", transitions: [], offsets: [0], rule: rule)
        let instant = try #require(Timestamp(iso8601: test.instant))
        #expect(zone.offsetSeconds(at: instant.advanced(byMilliseconds: -1)) == test.before)
        #expect(zone.offsetSeconds(at: instant) == test.after)
    }

    @Test(arguments: 1...10) func `daylight time that ends where it begins again holds all year`(seed: Int) throws {
        let rule = try #require(ZoneRule(posix: "EST5EDT,0/0,J365/25"))
        let zone = Zone(name: "Test/Zone", transitions: [], offsets: [0], rule: rule)
        var generator = SplitMix64(seed: UInt64(seed))
        for _ in 0..<500 {
            let range = Timestamp.distantPast.milliseconds...Timestamp.distantFuture.milliseconds
            let instant = Timestamp(milliseconds: Int64.random(in: range, using: &generator))
            #expect(zone.offsetSeconds(at: instant) == -14_400)
        }
    }
}
