import CareValues
import Testing

/// Zones made up for the tests, and texts turned to values.
enum TestZones {
    static func zone(_ rule: String) throws -> Zone {
        let parsed = try #require(ZoneRule(posix: rule) as ZoneRule?)
        return Zone(name: rule, transitions: [], offsets: [0], rule: parsed)
    }

    static let rules = [
        "UTC0", "CST-8", "CET-1CEST,M3.5.0,M10.5.0/3", "IST-1GMT0,M10.5.0,M3.5.0/1", "EST5EDT,M3.2.0,M11.1.0",
        "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "EET-2EEST,M3.4.4/50,M10.4.4/50",
        "<+00>0<+02>-2,M3.5.0/1,M10.5.0/3", "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45", "AAA24BBB-24,J1/-24,J100/0",
    ]

    /// Two days that never were: the wall jumps from the end of 29 December 2011 to 31 December.
    static let apia = Zone(
        name: "Test/Apia", transitions: [1_325_239_200], offsets: [-36_000, 50_400], rule: nil)

    /// Turns back twice within 30 minutes, each time by an hour.
    static let twice = Zone(
        name: "Test/Twice", transitions: [1_000_000_800, 1_000_002_600], offsets: [7200, 3600, 0], rule: nil)

    static func local(_ text: String) throws -> LocalDateTime {
        let parts = text.split(separator: "T").map(String.init)
        let date = try #require(CivilDate(text: parts[0]))
        return LocalDateTime(date: date, time: try #require(LocalTime(text: parts[1])))
    }
}

@Suite struct ZoneTests {
    struct Wall: Sendable {
        let rule: String
        let local: String
        let instant: String
        init(_ rule: String, _ local: String, _ instant: String) {
            self.rule = rule
            self.local = local
            self.instant = instant
        }
    }

    static let berlin = "CET-1CEST,M3.5.0,M10.5.0/3"
    static let walls = [
        Wall("UTC0", "2026-03-01T09:00", "2026-03-01T09:00:00Z"),
        Wall(berlin, "2026-03-29T01:59:59", "2026-03-29T00:59:59Z"),
        // The gap, [02:00, 03:00): all of it is its end.
        Wall(berlin, "2026-03-29T02:00", "2026-03-29T01:00:00Z"),
        Wall(berlin, "2026-03-29T02:30", "2026-03-29T01:00:00Z"),
        Wall(berlin, "2026-03-29T02:59:59", "2026-03-29T01:00:00Z"),
        Wall(berlin, "2026-03-29T03:00", "2026-03-29T01:00:00Z"),
        Wall(berlin, "2026-03-29T03:00:01", "2026-03-29T01:00:01Z"),
        // The overlap, [02:00, 03:00): the first of two.
        Wall(berlin, "2026-10-25T01:59:59", "2026-10-24T23:59:59Z"),
        Wall(berlin, "2026-10-25T02:00", "2026-10-25T00:00:00Z"),
        Wall(berlin, "2026-10-25T02:59:59", "2026-10-25T00:59:59Z"),
        Wall(berlin, "2026-10-25T03:00", "2026-10-25T02:00:00Z"),
        // The same far beyond the years that are written out.
        Wall(berlin, "9999-03-28T02:30", "9999-03-28T01:00:00Z"),
        Wall(berlin, "9999-10-31T02:30", "9999-10-31T00:30:00Z"),
        Wall(berlin, "0001-10-28T02:30", "0001-10-28T00:30:00Z"),
        Wall("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2026-10-04T02:15", "2026-10-03T15:30:00Z"),
        Wall("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2026-04-05T01:45", "2026-04-04T14:45:00Z"),
    ]

    @Test(arguments: walls) func `finds the instant of a wall time, at gaps and overlaps too`(_ test: Wall) throws {
        let zone = try TestZones.zone(test.rule)
        #expect(zone.instant(of: try TestZones.local(test.local)) == Timestamp(iso8601: test.instant))
    }

    @Test func `a day that never was begins where the next one does`() throws {
        let end = Timestamp(iso8601: "2011-12-30T10:00:00Z")
        for text in ["2011-12-30T00:00", "2011-12-30T09:00", "2011-12-30T23:59:59", "2011-12-31T00:00"] {
            #expect(TestZones.apia.instant(of: try TestZones.local(text)) == end)
        }
        #expect(TestZones.apia.startOfDay(try #require(CivilDate(text: "2011-12-30"))) == end)
        #expect(TestZones.apia.date(at: try #require(end)).text == "2011-12-31")
    }

    @Test func `takes the first of three equal wall times`() throws {
        // 04:00 is shown at 1,000,000,800 - 3600, and after both changes again.
        let first = Timestamp(seconds: 1_000_000_800 - 1800)
        let wall = TestZones.twice.local(first)
        #expect(TestZones.twice.local(Timestamp(seconds: 1_000_000_800 + 1800 - 1)) < wall)
        #expect(TestZones.twice.instant(of: wall) == first)
        let after = Timestamp(seconds: 1_000_002_600 + 10_000)
        #expect(TestZones.twice.instant(of: TestZones.twice.local(after)) == after)
    }

    @Test(arguments: TestZones.rules, 1...5)
    func `a wall time leads back to its instant, or to the first of two`(rule: String, seed: Int) throws {
        let zone = try TestZones.zone(rule)
        var generator = SplitMix64(seed: UInt64(seed))
        let margin: Int64 = 200_000_000
        let range =
            Timestamp.distantPast.milliseconds + margin...Timestamp.distantFuture.milliseconds - margin
        for _ in 0..<2000 {
            let instant = Timestamp(milliseconds: Int64.random(in: range, using: &generator))
            let wall = zone.local(instant)
            let found = zone.instant(of: wall)
            // Every wall time that an instant shows exists, so it must be shown again, not later.
            if zone.local(found) != wall || found > instant { Issue.record("\(instant.iso8601) in \(rule)") }
            #expect(zone.offsetSeconds(at: instant) * 1000 == Int(wall.wallMilliseconds - instant.milliseconds))
        }
    }

    @Test(arguments: TestZones.rules, 1...5)
    func `no earlier instant shows a wall time as late`(rule: String, seed: Int) throws {
        let zone = try TestZones.zone(rule)
        var generator = SplitMix64(seed: UInt64(seed))
        for _ in 0..<300 {
            let day = Int32.random(in: -700_000...2_900_000, using: &generator)
            let time = LocalTime(millisecondsOfDay: Int32.random(in: 0..<86_400_000, using: &generator))
            let wall = LocalDateTime(date: CivilDate(dayNumber: day), time: time)
            let found = zone.instant(of: wall)
            // By definition: the first instant at which the wall clock shows that time or a later one.
            #expect(zone.local(found) >= wall)
            for back: Int64 in [1, 1000, 1_800_000, 3_600_000, 7_200_000, 90_000_000, 180_000_000] {
                #expect(zone.local(found.advanced(byMilliseconds: -back)) < wall)
            }
        }
    }

    @Test(arguments: TestZones.rules) func `does not trap outside the years 1 to 9999`(rule: String) throws {
        let zone = try TestZones.zone(rule)
        for milliseconds in [Int64.min, -62_135_596_800_001, -62_135_596_800_000, 0, 253_402_300_800_000, .max] {
            let instant = Timestamp(milliseconds: milliseconds)
            let wall = zone.local(instant)
            _ = (wall.date.text, zone.offsetSeconds(at: instant), zone.startOfDay(wall.date))
            let found = zone.instant(of: wall)
            #expect(found >= .distantPast && found <= .distantFuture)
            _ = zone.firstInstant(ofWallTime: .midnight, atOrAfter: instant)
        }
        for day in [Int32.min, .max] {
            let found = zone.startOfDay(CivilDate(dayNumber: day))
            #expect(found == (day < 0 ? .distantPast : .distantFuture))
        }
    }
}
