import CareValues
import Testing

/// Cron expressions: what matches, what is wrong with them, and their ticks on a wall clock.
@Suite struct CronTests {
    static func date(_ text: String) throws -> CivilDate { try #require(CivilDate(text: text)) }

    static let days: [(cron: String, date: String, matches: Bool)] = [
        ("0 0 1 * *", "2026-03-01", true), ("0 0 1 * *", "2026-03-02", false),
        ("0 0 31 * *", "2026-04-30", false), ("0 0 29 2 *", "2028-02-29", true),
        // 1 March 2026 is a Sunday.
        ("0 0 * * 0", "2026-03-01", true), ("0 0 * * 7", "2026-03-01", true), ("0 0 * * SUN", "2026-03-01", true),
        ("0 0 * * mon-fri", "2026-03-01", false), ("0 0 * * mon-fri", "2026-03-02", true),
        ("0 0 * * fri-sun", "2026-03-01", true), ("0 0 * * 5-0", "2026-03-01", true),
        ("0 0 * * 5-7", "2026-02-26", false),
        // Either, when both are narrowed; both, when one begins with a star.
        ("0 0 1 * mon", "2026-03-01", true), ("0 0 1 * mon", "2026-03-02", true), ("0 0 1 * mon", "2026-03-03", false),
        ("0 0 */2 * mon", "2026-03-01", false), ("0 0 */2 * mon", "2026-03-02", false),
        ("0 0 */2 * mon", "2026-03-09", true),
        ("0 0 1 * */2", "2026-03-01", true), ("0 0 1 * */2", "2026-04-01", false),
        ("0 0 * jan,MAR-apr *", "2026-02-28", false), ("0 0 * jan,MAR-apr *", "2026-03-31", true),
        ("0 0 10-20/5 * *", "2026-03-15", true), ("0 0 10-20/5 * *", "2026-03-16", false),
    ]

    @Test(arguments: days) func `a day matches or does not`(cron: String, day: String, matches: Bool) throws {
        #expect(try CronExpression(text: cron).matches(try Self.date(day)) == matches)
    }

    @Test func `minutes and hours make the times of a day`() throws {
        #expect(
            try CronExpression(text: "*/20 9-10 * * *").times.map(\.text)
                == ["09:00", "09:20", "09:40", "10:00", "10:20", "10:40"])
        #expect(try CronExpression(text: "5,0\t0,23  * * *").times.map(\.text) == ["00:00", "00:05", "23:00", "23:05"])
        #expect(try CronExpression(text: "* * * * *").times.count == 1_440)
    }

    static let mistakes: [(cron: String, part: String, message: String, help: String)] = [
        (
            "0 10 * *", "0 10 * *", "a cron has five fields, not 4",
            "minute, hour, day of the month, month, weekday: \"0 10 1 * *\""
        ),
        ("", " ", "a cron has five fields, not 0", "minute, hour, day of the month, month, weekday: \"0 10 1 * *\""),
        (
            "0 0 10 1 * *", "*", "a cron has five fields, not 6",
            "no seconds and no years: minute, hour, day of the month, month, weekday: \"0 10 1 * *\""
        ),
        ("@daily", "@daily", "'@daily' is not five fields", "write '0 0 * * *'"),
        ("60 0 * * *", "60", "'60' is no minute", "from 0 to 59"),
        ("0 24 * * *", "24", "'24' is no hour", "from 0 to 23"),
        ("0 0 0 * *", "0", "'0' is no day of the month", "from 1 to 31"),
        ("0 0 1 13 *", "13", "'13' is no month", "from 1 to 12"),
        ("0 0 * * 8", "8", "'8' is no weekday", "from 0 to 7"),
        ("0 0 * fev *", "fev", "'fev' is no month", "did you mean 'feb'?"),
        ("0 0 ? * *", "?", "'?' is no day of the month", "a number from 1 to 31, *, a range, a step or a list"),
        ("0 0 L * *", "L", "'L' is no day of the month", "a number from 1 to 31, *, a range, a step or a list"),
        ("0 22-6 * * *", "22-6", "'22-6' runs backwards", "write two ranges: 22-23,0-6"),
        ("0 0 * * fri-mon", "fri-mon", "'fri-mon' runs backwards", "write two ranges: 5-6,0-1"),
        ("1-2-3 0 * * *", "1-2-3", "'1-2-3' is no range", "write a-b"),
        ("5/15 0 * * *", "5/15", "'5/15' has a step but no range", "write 5-59/…"),
        ("*/0 0 * * *", "0", "'0' is no step", "a whole number above 0: */15"),
        ("*/2/3 0 * * *", "*/2/3", "'*/2/3' has two steps", "one '/' at most"),
        ("1,,2 0 * * *", ",", "a minute is missing", "a number from 0 to 59, *, a range, a step or a list"),
        (
            "99999999999999999999 0 * * *", "99999999999999999999", "'99999999999999999999' is no minute",
            "a number from 0 to 59, *, a range, a step or a list"
        ),
        ("-1 0 * * *", "-", "a minute is missing", "a number from 0 to 59, *, a range, a step or a list"),
        (
            "0 0 30 2 *", "30 2", "no month has such a day: this cron never matches",
            "name a day that one of the months has"
        ),
        (
            "0 0 31 2,4,6,9,11 *", "31 2,4,6,9,11", "no month has such a day: this cron never matches",
            "name a day that one of the months has"
        ),
    ]

    @Test(arguments: mistakes) func `a mistake has its place and its help`(
        cron: String, part: String, message: String, help: String
    ) throws {
        let error = try #require(throws: CronSyntaxError.self) { try CronExpression(text: cron) }
        #expect(error.message == message)
        #expect(error.help == help)
        let bytes = Array((cron.isEmpty ? " " : cron).utf8)
        #expect(String(decoding: bytes[error.range], as: UTF8.self) == part)
    }

    @Test(arguments: ["0 0 29 2 *", "0 0 30 1,2 *", "0 0 30 2 mon", "0 0 31 * *"])
    func `a day that some month has can come`(cron: String) throws {
        #expect(try CronExpression(text: cron).everMatches)
    }

    /// Texts made of cron's own characters: an answer or a located mistake, and whatever parses has a next tick.
    @Test(arguments: [UInt64](1...20)) func `no text makes it stumble`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let alphabet = Array("0123456789*/-, \tJANmonsun?L#@é".unicodeScalars)
        for _ in 0..<500 {
            var text = ""
            for _ in 0..<Int.random(in: 0...24, using: &random) {
                text.unicodeScalars.append(alphabet.randomElement(using: &random) ?? "0")
            }
            do {
                let cron = try CronExpression(text: text)
                #expect(cron.first(after: Timestamp(milliseconds: 0), in: .utc) != nil, "\(text)")
            } catch {
                #expect(error.range.upperBound <= max(1, text.utf8.count) && !error.range.isEmpty, "\(text)")
            }
        }
    }

    // MARK: Ticks

    /// One hour ahead from 2026-03-08 02:00, back again on 2026-11-01 02:00.
    static let zone = Zone(
        name: "Test/Gap", transitions: [1_772_953_200, 1_793_512_800], offsets: [-18_000, -14_400, -18_000], rule: nil)

    static func instant(_ text: String) throws -> Timestamp { try #require(Timestamp(iso8601: text)) }

    @Test func `a tick inside a gap comes at its end, several are one, with the name of the last`() throws {
        let cron = try CronExpression(text: "*/15 * * * *")
        let before = try Self.instant("2026-03-08T06:45:00.000Z")
        let first = try #require(cron.first(after: before, in: Self.zone))
        #expect(first.instant == (try Self.instant("2026-03-08T07:00:00.000Z")))
        #expect(first.local.text == "2026-03-08T03:00")
        let only = try CronExpression(text: "0,30 2 * * *")
        let gap = try #require(only.first(after: before, in: Self.zone))
        #expect(gap.instant == first.instant)
        #expect(gap.local.text == "2026-03-08T02:30")
        #expect(cron.first(after: first.instant, in: Self.zone)?.local.text == "2026-03-08T03:15")
        // 01:45, the gap's one, 03:15 and 03:30.
        let last = try #require(
            cron.last(
                after: try Self.instant("2026-03-08T06:30:00.000Z"),
                through: try Self.instant("2026-03-08T07:44:00.000Z"), in: Self.zone))
        #expect(last.tick.local.text == "2026-03-08T03:30")
        #expect(last.others == 3)
    }

    @Test func `a time that exists twice comes once, the first time`() throws {
        let cron = try CronExpression(text: "30 1 * * *")
        let first = try #require(cron.first(after: try Self.instant("2026-11-01T00:00:00.000Z"), in: Self.zone))
        #expect(first.instant == (try Self.instant("2026-11-01T05:30:00.000Z")))
        let next = try #require(cron.first(after: first.instant, in: Self.zone))
        #expect(next.local.text == "2026-11-02T01:30")
        #expect(
            cron.last(after: first.instant, through: try Self.instant("2026-11-01T06:30:00.000Z"), in: Self.zone) == nil
        )
    }

    static let lasts: [(cron: String, after: String, through: String, last: String?, others: Int)] = [
        ("0 10 * * *", "2026-05-01T09:59:00.000Z", "2026-05-01T10:00:00.000Z", "2026-05-01T10:00", 0),
        ("0 10 * * *", "2026-05-01T10:00:00.000Z", "2026-05-02T09:59:59.999Z", nil, 0),
        ("0 10 * * *", "2026-05-01T09:59:59.999Z", "2026-05-04T09:00:00.000Z", "2026-05-03T10:00", 2),
        ("* * * * *", "2026-01-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z", "2027-01-01T00:00", 525_599),
        ("0 0 29 2 *", "2020-03-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z", "2024-02-29T00:00", 0),
        ("0 0 29 2 *", "2024-02-29T00:00:00.000Z", "2028-02-28T23:59:00.000Z", nil, 0),
    ]

    @Test(arguments: lasts) func `the last of an interval, open at its start and closed at its end`(
        cron: String, after: String, through: String, last: String?, others: Int
    ) throws {
        let found = try CronExpression(text: cron).last(
            after: try Self.instant(after), through: try Self.instant(through), in: .utc)
        #expect(found?.tick.local.text == last)
        #expect(found?.others ?? 0 == others)
    }

    /// Forwards one by one, and backwards at once: the same last tick and the same count.
    @Test(arguments: [UInt64](1...20)) func `counting is walking`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let crons = [
            "*/15 * * * *", "0,30 1-3 * * *", "0 2 8 3 *", "10 */5 * * mon,wed", "0 0 1,15 * 5", "59 23 * 11 *",
        ]
        for text in crons {
            let cron = try CronExpression(text: text)
            let bases = ["2026-03-06T00:00:00.000Z", "2026-10-30T00:00:00.000Z"]
            let base = try Self.instant(bases.randomElement(using: &random) ?? bases[0])
            let start = base.advanced(byMilliseconds: Int64.random(in: 0..<86_400_000, using: &random))
            let end = start.advanced(byMilliseconds: Int64.random(in: 0..<5 * 86_400_000, using: &random))
            var walked: [CronExpression.Tick] = []
            var instant = start
            while let tick = cron.first(after: instant, in: Self.zone), tick.instant <= end {
                walked.append(tick)
                instant = tick.instant
            }
            let last = cron.last(after: start, through: end, in: Self.zone)
            #expect(last?.tick == walked.last, "\(text)")
            #expect((last.map { $0.others + 1 } ?? 0) == walked.count, "\(text)")
        }
    }
}
