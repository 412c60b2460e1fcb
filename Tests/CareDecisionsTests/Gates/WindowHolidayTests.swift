import CareRules
import CareValues
import Testing

@testable import CareDecisions

/// Windows and the public holidays of a region.
@Suite struct WindowHolidayTests {
    static func date(_ text: String) throws -> CivilDate { try #require(CivilDate(text: text)) }

    /// Region `X`: 1 to 5 October 2026 off (Thursday to Monday), Saturday 10 October worked for it.
    static func table() throws -> HolidayTable {
        var definition = HolidayRegion.Definition(code: "X")
        definition.published = [
            2026: HolidayRegion.PublishedYear(
                off: try ["2026-10-01", "2026-10-02", "2026-10-03", "2026-10-04", "2026-10-05"].map(date),
                work: [try date("2026-10-10")])
        ]
        return HolidayTable([HolidayRegion(definition)])
    }

    static func hours(holidays: String?) throws -> OpeningHours {
        let key = holidays.map { ", \"holidays\": \"\($0)\"" } ?? ""
        let rules = try World.load(
            GateRules.file(
                "",
                policies: """
                    "windows": { "w": { "days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "until": "18:00"\(key) } }
                    """))
        let zone = try #require(World.zones.zone(named: "Asia/Shanghai"))
        let active = ActiveRules(
            rules: rules, epoch: 1, activatedAt: .distantPast, starts: [:], projectZone: zone, zones: World.zones,
            holidays: try table())
        return active.hours(of: try #require(rules.policies.windows.first), customer: .utc)
    }

    static let openings: [(String?, String, String)] = [
        (nil, "2026-09-30 18:00", "2026-10-01 09:00"), ("X", "2026-09-30 18:00", "2026-10-06 09:00"),
        ("x", "2026-09-30 18:00", "2026-10-06 09:00"), ("Y", "2026-09-30 18:00", "2026-10-01 09:00"),
        ("X", "2026-09-30 17:59", "2026-09-30 17:59"),
        (nil, "2026-10-09 18:00", "2026-10-12 09:00"), ("X", "2026-10-09 18:00", "2026-10-10 09:00"),
        ("X", "2026-10-10 18:00", "2026-10-12 09:00"),
    ]

    @Test(arguments: openings)
    func `a region's days off close a window, and its make-up workdays open it`(
        holidays: String?, bound: String, opens: String
    ) throws {
        let hours = try Self.hours(holidays: holidays)
        let opening = hours.opening(atOrAfter: try World.instant(bound, hours.zone))
        #expect(opening == (try World.instant(opens, hours.zone)))
    }

    @Test func `a wait counts over the days on which people work`() throws {
        let hours = try Self.hours(holidays: "X")
        // Two hours on Wednesday, nine on Tuesday the 6th, one on Wednesday.
        let end = hours.instant(
            countingFrom: try World.instant("2026-09-30 16:00", hours.zone), milliseconds: 12 * 3_600_000)
        #expect(end == (try World.instant("2026-10-07 10:00", hours.zone)))
    }
}
