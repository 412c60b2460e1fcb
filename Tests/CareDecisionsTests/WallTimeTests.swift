import CareDecisions
import CareValues
import Testing

/// Wall times of triggers where clocks are strange: gaps, folds, half hours, a day that a zone skipped, year ends.
@Suite struct WallTimeTests {
    struct Moment: Sendable, CustomTestStringConvertible {
        var zone: String
        var date: String
        var at: String
        /// The instant, in UTC.
        var due: String
        var testDescription: String { "\(zone) \(date) \(at)" }
    }

    static let moments = [
        // The clock goes from 02:00 to 03:00: a time in the gap is its end.
        Moment(zone: "America/New_York", date: "2026-03-08", at: "01:59:59", due: "2026-03-08T06:59:59.000Z"),
        Moment(zone: "America/New_York", date: "2026-03-08", at: "02:00", due: "2026-03-08T07:00:00.000Z"),
        Moment(zone: "America/New_York", date: "2026-03-08", at: "02:30", due: "2026-03-08T07:00:00.000Z"),
        Moment(zone: "America/New_York", date: "2026-03-08", at: "02:59:59", due: "2026-03-08T07:00:00.000Z"),
        Moment(zone: "America/New_York", date: "2026-03-08", at: "03:00", due: "2026-03-08T07:00:00.000Z"),
        Moment(zone: "America/New_York", date: "2026-03-08", at: "03:00:01", due: "2026-03-08T07:00:01.000Z"),
        // It goes from 02:00 back to 01:00: a time that is there twice is the first.
        Moment(zone: "America/New_York", date: "2026-11-01", at: "00:59:59", due: "2026-11-01T04:59:59.000Z"),
        Moment(zone: "America/New_York", date: "2026-11-01", at: "01:00", due: "2026-11-01T05:00:00.000Z"),
        Moment(zone: "America/New_York", date: "2026-11-01", at: "01:59:59", due: "2026-11-01T05:59:59.000Z"),
        Moment(zone: "America/New_York", date: "2026-11-01", at: "02:00", due: "2026-11-01T07:00:00.000Z"),
        // A gap and a fold of half an hour.
        Moment(zone: "Australia/Lord_Howe", date: "2026-10-04", at: "01:59:59", due: "2026-10-03T15:29:59.000Z"),
        Moment(zone: "Australia/Lord_Howe", date: "2026-10-04", at: "02:15", due: "2026-10-03T15:30:00.000Z"),
        Moment(zone: "Australia/Lord_Howe", date: "2026-10-04", at: "02:30", due: "2026-10-03T15:30:00.000Z"),
        Moment(zone: "Australia/Lord_Howe", date: "2026-04-05", at: "01:45", due: "2026-04-04T14:45:00.000Z"),
        Moment(zone: "Australia/Lord_Howe", date: "2026-04-05", at: "02:00", due: "2026-04-04T15:30:00.000Z"),
        // A gap that swallows midnight, and with it the beginning of a day.
        Moment(zone: "Africa/Cairo", date: "2026-04-24", at: "00:00", due: "2026-04-23T22:00:00.000Z"),
        Moment(zone: "Africa/Cairo", date: "2026-04-24", at: "01:00", due: "2026-04-23T22:00:00.000Z"),
        Moment(zone: "Africa/Cairo", date: "2026-04-23", at: "23:59:59", due: "2026-04-23T21:59:59.000Z"),
        // Zones that are not whole hours from UTC.
        Moment(zone: "Asia/Kolkata", date: "2026-05-30", at: "09:00", due: "2026-05-30T03:30:00.000Z"),
        Moment(zone: "Asia/Kathmandu", date: "2026-05-30", at: "09:00", due: "2026-05-30T03:15:00.000Z"),
        Moment(zone: "America/St_Johns", date: "2026-05-30", at: "09:00", due: "2026-05-30T11:30:00.000Z"),
        Moment(zone: "Pacific/Chatham", date: "2026-05-30", at: "09:00", due: "2026-05-29T20:15:00.000Z"),
        // Samoa went over the date line at the end of 29 December 2011: there was no 30th.
        Moment(zone: "Pacific/Apia", date: "2011-12-29", at: "23:59:59", due: "2011-12-30T09:59:59.000Z"),
        Moment(zone: "Pacific/Apia", date: "2011-12-30", at: "00:00", due: "2011-12-30T10:00:00.000Z"),
        Moment(zone: "Pacific/Apia", date: "2011-12-30", at: "09:00", due: "2011-12-30T10:00:00.000Z"),
        Moment(zone: "Pacific/Apia", date: "2011-12-31", at: "00:00", due: "2011-12-30T10:00:00.000Z"),
        Moment(zone: "Pacific/Apia", date: "2011-12-31", at: "09:00", due: "2011-12-30T19:00:00.000Z"),
    ]

    @Test(arguments: moments)
    func `a date and an anniversary are due when the wall clock says so, once`(_ moment: Moment) throws {
        let year = Int(moment.date.prefix(4)) ?? 0
        let rules = """
            {
              "attributes": { "on": { "type": "date" }, "birthday": { "type": "birthday" } },
              "campaigns": {
                "date": { "trigger": { "date": { "of": "on", "at": "\(moment.at)" } },
                  "actions": [{ "send": "crm", "type": "t", "data": {} }] },
                "yearly": { "trigger": { "anniversary": { "of": "birthday", "at": "\(moment.at)" } },
                  "actions": [{ "send": "crm", "type": "t", "data": {} }] } }
            }
            """
        var world = try World(rules: rules, start: "\(year)-01-01 00:00", zone: moment.zone)
        try world.set(
            ["on": .string(moment.date), "birthday": .string("1980" + moment.date.dropFirst(4))],
            at: "\(year)-01-02 00:00")
        try world.pass(until: "\(year + 1)-01-01 00:00")
        let log = world.decisions.map { "\($0.key.campaign) \($0.now.iso8601) \($0.outcome.rawValue)" }
        #expect(log == ["date \(moment.due) act", "yearly \(moment.due) act"])
    }

    @Test(arguments: [
        ("P1D", "2011-12-30T10:00:00.000Z"), ("P2D", "2011-12-30T22:00:00.000Z"), ("PT24H", "2011-12-30T22:00:00.000Z"),
        ("PT23H", "2011-12-30T21:00:00.000Z"), ("P3D", "2011-12-31T22:00:00.000Z"),
    ])
    func `days over a date that was skipped are days of the calendar, hours are elapsed`(
        length: String, due: String
    )
        throws
    {
        let rules = """
            { "campaigns": { "quiet": { "trigger": { "inactivity": { "of": "visit", "for": "\(length)" } },
              "actions": [{ "send": "crm", "type": "t", "data": {} }] } } }
            """
        var world = try World(rules: rules, start: "2011-12-01 00:00", zone: "Pacific/Apia")
        try world.event("visit", at: "2011-12-29 12:00")
        try world.pass(until: "2012-01-10 00:00")
        #expect(world.decisions.map(\.now.iso8601) == [due])
    }

    // MARK: Year ends

    struct Offset: Sendable, CustomTestStringConvertible {
        var birthday: String
        var offset: String
        /// The date of the act and its occurrence, from December 2026 to the end of January 2027.
        var expected: [String]
        var testDescription: String { "\(birthday) \(offset)" }
    }

    static let offsets = [
        Offset(birthday: "1990-01-03", offset: "-P7D", expected: ["2026-12-27 2027/1"]),
        Offset(birthday: "1990-01-07", offset: "-P7D", expected: ["2026-12-31 2027/1"]),
        Offset(birthday: "1990-01-08", offset: "-P7D", expected: ["2027-01-01 2027/1"]),
        Offset(birthday: "1990-12-25", offset: "P7D", expected: ["2027-01-01 2026/1"]),
        Offset(birthday: "1990-12-24", offset: "P7D", expected: ["2026-12-31 2026/1"]),
        Offset(birthday: "1990-12-31", offset: "P0D", expected: ["2026-12-31 2026/1"]),
        Offset(birthday: "1990-01-01", offset: "P0D", expected: ["2027-01-01 2027/1"]),
        Offset(birthday: "1990-02-28", offset: "-P2M", expected: ["2026-12-28 2027/1"]),
        Offset(birthday: "1990-11-30", offset: "P1M", expected: ["2026-12-30 2026/1"]),
        Offset(birthday: "1990-03-01", offset: "-P60D", expected: ["2026-12-31 2027/1"]),
        Offset(birthday: "chinese:1990-11-25", offset: "-P7D", expected: ["2026-12-26 2026/1"]),
        Offset(birthday: "chinese:1990-11-25", offset: "P0D", expected: ["2027-01-02 2026/1"]),
    ]

    @Test(arguments: offsets)
    func `the year of the anniversary is its own at year ends`(_ test: Offset) throws {
        let rules = """
            { "attributes": { "birthday": { "type": "birthday" } },
              "campaigns": { "a": { "trigger": { "anniversary": { "of": "birthday", "offset": "\(test.offset)" } },
                "actions": [{ "send": "crm", "type": "t", "data": {} }] } } }
            """
        var world = try World(rules: rules, start: "2026-12-01 00:00")
        try world.set(["birthday": .string(test.birthday)], at: "2026-12-01 08:00")
        try world.pass(until: "2027-02-01 00:00")
        #expect(ChineseAnniversaryTests.acts(world) == test.expected)
    }

    // MARK: A moved zone

    @Test(arguments: [
        // Nine o'clock has been in Shanghai, and comes again in New York: not a second time.
        ("2026-05-30 10:00", ["2026-05-30T01:00:00.000Z"]),
        // It has not been: it comes thirteen hours later, once.
        ("2026-05-30 08:59:59", ["2026-05-30T13:00:00.000Z"]),
    ])
    func `a zone that moves west brings the wall time later, once`(moved: String, expected: [String]) throws {
        let rules = """
            { "attributes": { "birthday": { "type": "birthday" }, "timeZone": { "type": "zone" } },
              "campaigns": { "a": { "trigger": { "anniversary": { "of": "birthday", "at": "09:00" } },
                "actions": [{ "send": "crm", "type": "t", "data": {} }] } } }
            """
        var world = try World(rules: rules, start: "2026-05-01 00:00")
        try world.set(["birthday": "1990-05-30"], at: "2026-05-01 08:00")
        try world.set(["timeZone": "America/New_York"], at: moved)
        try world.pass(until: "2026-06-10 00:00")
        #expect(world.decisions.map(\.now.iso8601) == expected)
    }
}
