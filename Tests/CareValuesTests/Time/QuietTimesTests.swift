import CareValues
import Testing

@Suite struct QuietTimesTests {
    static let texts: [(String, Bool)] = [
        ("Europe/Berlin 21:00-08:00", true), ("UTC 12:00-13:30,22:00:30-23:00", true), ("UTC 08:00-08:00", true),
        ("", false),
        ("UTC", false), (" 21:00-08:00", false), ("UTC ", false), ("UTC 21:00", false), ("UTC 21:00-", false),
        ("UTC 21:00-08:00,", false), ("UTC 25:00-08:00", false), ("UTC 21:00-08:00 ", false), ("UTC 21-8", false),
    ]

    @Test(arguments: texts) func `reads what it writes, and nothing else`(_ text: String, _ isGood: Bool) {
        #expect(QuietTimes(text: text)?.text == (isGood ? text : nil))
    }

    @Test func `has at least one span`() {
        #expect(QuietTimes(zone: "UTC", spans: []) == nil)
    }

    static let instants: [(String, String, String)] = [
        ("21:00-08:00", "20:59:59", "20:59:59"), ("21:00-08:00", "21:00", "32:00"),
        ("21:00-08:00", "07:59:59", "08:00"),
        ("21:00-08:00", "08:00", "08:00"), ("12:00-13:00", "12:30", "13:00"),
        // One ends where, or within which, the next begins.
        ("12:00-13:00,13:00-14:00", "12:30", "14:00"), ("13:30-15:00,12:00-14:00", "12:30", "15:00"),
        ("21:00-08:00,07:00-09:00", "23:00", "33:00"),
    ]

    /// Hours beyond 24 are of the next day.
    static func instant(_ text: String) -> Timestamp {
        let parts = text.split(separator: ":").compactMap { Int64($0) }
        let seconds = parts.reduce(0) { $0 * 60 + $1 } * (parts.count == 2 ? 60 : 1)
        return Timestamp(milliseconds: 20_000 * 86_400_000 + seconds * 1000)
    }

    @Test(arguments: instants) func `gives the first instant that is not quiet`(
        _ spans: String, _ from: String, _ free: String
    ) throws {
        let times = try #require(QuietTimes(text: "UTC " + spans))
        #expect(times.free(from: Self.instant(from), zone: .utc) == Self.instant(free))
    }

    @Test func `comes to an end when the whole day is quiet`() throws {
        let times = try #require(QuietTimes(text: "UTC 00:00-12:00,12:00-00:00"))
        let from = Self.instant("06:00")
        let free = times.free(from: from, zone: .utc)
        #expect(free > from)
        #expect(free.milliseconds(since: from) < 7 * 86_400_000)
    }

    @Test func `counts by the clock of its zone`() throws {
        let tokyo = Zone(name: "Asia/Tokyo", transitions: [], offsets: [9 * 3_600], rule: nil)
        let times = try #require(QuietTimes(text: "Asia/Tokyo 21:00-08:00"))
        #expect(times.free(from: Self.instant("12:00"), zone: tokyo) == Self.instant("23:00"))
        #expect(times.free(from: Self.instant("11:59"), zone: tokyo) == Self.instant("11:59"))
    }
}
