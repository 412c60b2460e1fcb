import CareValues
import Testing

@Suite struct ZoneArithmeticTests {
    struct Case: Sendable {
        let zone: String
        let from: String
        let duration: String
        let to: String
        init(_ zone: String, _ from: String, _ duration: String, _ to: String) {
            self.zone = zone
            self.from = from
            self.duration = duration
            self.to = to
        }
    }

    static let berlin = "CET-1CEST,M3.5.0,M10.5.0/3"
    static let cases = [
        // Calendar time keeps the wall time over a change of the offset, elapsed time does not.
        Case(berlin, "2026-03-28T11:00:00Z", "P1D", "2026-03-29T10:00:00Z"),
        Case(berlin, "2026-03-28T11:00:00Z", "PT24H", "2026-03-29T11:00:00Z"),
        Case(berlin, "2026-10-24T10:00:00Z", "P1D", "2026-10-25T11:00:00Z"),
        Case(berlin, "2026-10-25T11:00:00Z", "-P1D", "2026-10-24T10:00:00Z"),
        // Into a gap: its end. Into an overlap: the first of two.
        Case(berlin, "2026-03-28T01:30:00Z", "P1D", "2026-03-29T01:00:00Z"),
        Case(berlin, "2026-03-30T00:30:00Z", "-P1D", "2026-03-29T01:00:00Z"),
        Case(berlin, "2026-10-24T00:30:00Z", "P1D", "2026-10-25T00:30:00Z"),
        // The second of two stays it when no day is moved.
        Case(berlin, "2026-10-25T01:30:00Z", "PT0S", "2026-10-25T01:30:00Z"),
        Case(berlin, "2026-10-25T01:30:00Z", "P0D", "2026-10-25T01:30:00Z"),
        Case(berlin, "2026-10-25T00:30:00Z", "PT1H", "2026-10-25T01:30:00Z"),
        // Months clamp to the month's end, before the days are added.
        Case("UTC0", "2026-01-31T09:00:00Z", "P1M", "2026-02-28T09:00:00Z"),
        Case("UTC0", "2024-01-31T09:00:00Z", "P1M", "2024-02-29T09:00:00Z"),
        Case("UTC0", "2026-01-31T09:00:00Z", "P1M1D", "2026-03-01T09:00:00Z"),
        Case("UTC0", "2024-02-29T09:00:00Z", "P1Y", "2025-02-28T09:00:00Z"),
        Case("UTC0", "2024-02-29T09:00:00Z", "P4Y", "2028-02-29T09:00:00Z"),
        Case("UTC0", "2026-03-31T09:00:00Z", "-P1M", "2026-02-28T09:00:00Z"),
        // The month's end is that of the wall calendar: already February in Shanghai.
        Case("CST-8", "2026-01-31T16:30:00Z", "P1M", "2026-02-28T16:30:00Z"),
        Case("UTC0", "2026-01-31T16:30:00Z", "P1M", "2026-02-28T16:30:00Z"),
        Case("CST-8", "2026-01-30T16:30:00Z", "P1M", "2026-02-27T16:30:00Z"),
        // The elapsed part comes last.
        Case(berlin, "2026-03-28T01:30:00Z", "P1DT1H", "2026-03-29T02:00:00Z"),
        Case("UTC0", "9999-12-31T00:00:00Z", "P9999Y", "9999-12-31T23:59:59.999Z"),
        Case("UTC0", "0001-01-01T00:00:00Z", "-P1D", "0001-01-01T00:00:00Z"),
    ]

    @Test(arguments: cases) func `moves an instant by calendar time, then by elapsed time`(_ test: Case) throws {
        let zone = try TestZones.zone(test.zone)
        let from = try #require(Timestamp(iso8601: test.from))
        let duration = try #require(ISODuration(text: test.duration))
        let moved = zone.advance(from, by: duration)
        // The end of time has no text; the last millisecond before it stands for it in the table.
        let shown = moved == .distantFuture ? moved.advanced(byMilliseconds: -1) : moved
        #expect(shown == Timestamp(iso8601: test.to))
    }

    @Test(arguments: TestZones.rules, 1...5)
    func `a longer wait never ends earlier`(rule: String, seed: Int) throws {
        let zone = try TestZones.zone(rule)
        var generator = SplitMix64(seed: UInt64(seed))
        for _ in 0..<300 {
            let instant = Timestamp(
                milliseconds: Int64.random(in: -60_000_000_000_000...250_000_000_000_000, using: &generator))
            let days = Int32.random(in: 0...800, using: &generator)
            let shorter = zone.advance(instant, by: ISODuration(days: days))
            let longer = zone.advance(instant, by: ISODuration(days: days + 1))
            #expect(shorter <= longer)
            #expect(zone.date(at: longer) >= zone.date(at: instant).advanced(byDays: Int(days) + 1))
            let months = Int32.random(in: 0...60, using: &generator)
            #expect(
                zone.advance(instant, by: ISODuration(months: months))
                    <= zone.advance(instant, by: ISODuration(months: months + 1)))
        }
    }

    struct Next: Sendable {
        let zone: String
        let time: String
        let bound: String
        let expected: String
        init(_ zone: String, _ time: String, _ bound: String, _ expected: String) {
            self.zone = zone
            self.time = time
            self.bound = bound
            self.expected = expected
        }
    }

    static let nexts = [
        Next("UTC0", "09:00", "2026-03-01T08:59:59.999Z", "2026-03-01T09:00:00Z"),
        Next("UTC0", "09:00", "2026-03-01T09:00:00Z", "2026-03-01T09:00:00Z"),
        Next("UTC0", "09:00", "2026-03-01T09:00:00.001Z", "2026-03-02T09:00:00Z"),
        Next("CST-8", "09:00", "2026-02-28T17:00:00Z", "2026-03-01T01:00:00Z"),
        // 02:30 does not exist on 29 March: the end of the gap, once.
        Next(berlin, "02:30", "2026-03-28T22:00:00Z", "2026-03-29T01:00:00Z"),
        Next(berlin, "02:30", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"),
        Next(berlin, "02:30", "2026-03-29T01:00:00.001Z", "2026-03-30T00:30:00Z"),
        // 02:30 exists twice on 25 October: only the first counts.
        Next(berlin, "02:30", "2026-10-25T00:30:00Z", "2026-10-25T00:30:00Z"),
        Next(berlin, "02:30", "2026-10-25T00:30:00.001Z", "2026-10-26T01:30:00Z"),
        // A gap over midnight, 23:00 to 00:00 of the next day: the evening before falls due at its end.
        Next("<-02>2<-01>,M3.5.6/23,M10.5.0/0", "23:30", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"),
        Next("<-02>2<-01>,M3.5.6/23,M10.5.0/0", "23:30", "2026-03-29T01:00:00.001Z", "2026-03-30T00:30:00Z"),
        Next("UTC0", "09:00", "9999-12-31T08:00:00Z", "9999-12-31T09:00:00Z"),
        Next("UTC0", "00:00", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    ]

    @Test(arguments: nexts) func `finds the next time the wall clock shows a time of day`(_ test: Next) throws {
        let zone = try TestZones.zone(test.zone)
        let time = try #require(LocalTime(text: test.time))
        let bound = try #require(Timestamp(iso8601: test.bound))
        #expect(zone.firstInstant(ofWallTime: time, atOrAfter: bound) == Timestamp(iso8601: test.expected))
    }

    @Test func `after the last day there is no next time of day`() throws {
        let bound = try #require(Timestamp(iso8601: "9999-12-31T10:00:00Z"))
        let nine = try #require(LocalTime(text: "09:00"))
        #expect(Zone.utc.firstInstant(ofWallTime: nine, atOrAfter: bound) == .distantFuture)
    }

    @Test(arguments: TestZones.rules, 1...5)
    func `the next time of day is at most two days away`(rule: String, seed: Int) throws {
        let zone = try TestZones.zone(rule)
        var generator = SplitMix64(seed: UInt64(seed))
        for _ in 0..<500 {
            let bound = Timestamp(
                milliseconds: Int64.random(in: -60_000_000_000_000...250_000_000_000_000, using: &generator))
            let time = LocalTime(millisecondsOfDay: Int32.random(in: 0..<86_400_000, using: &generator))
            let found = zone.firstInstant(ofWallTime: time, atOrAfter: bound)
            #expect(found >= bound)
            #expect(found.milliseconds(since: bound) <= 3 * 86_400_000)
        }
    }

    @Test(arguments: TestZones.rules, 1...3)
    func `an offset holds from its first second to before its end, and changes there`(rule: String, seed: Int) throws {
        let zone = try TestZones.zone(rule)
        var generator = SplitMix64(seed: UInt64(seed))
        let range = Timestamp.distantPast.milliseconds..<Timestamp.distantFuture.milliseconds
        for _ in 0..<200 {
            let instant = Timestamp(milliseconds: Int64.random(in: range, using: &generator))
            let span = zone.offset(around: instant)
            #expect(span.from <= instant && instant < span.until)
            for inside in [span.from, instant, span.until.advanced(byMilliseconds: -1)] {
                #expect(zone.offsetSeconds(at: inside) == span.seconds, "\(inside.milliseconds)")
            }
        }
        for outside in [Timestamp(milliseconds: range.lowerBound - 1), .distantFuture] {
            let span = zone.offset(around: outside)
            #expect(!(span.from <= outside && outside < span.until))
            #expect(span.seconds == zone.offsetSeconds(at: outside))
        }
    }
}
