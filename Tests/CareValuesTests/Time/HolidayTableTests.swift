import CareValues
import Testing

struct HolidayTableTests {
    private func date(_ text: String) throws -> CivilDate { try #require(CivilDate(text: text)) }

    @Test func `gives the returns of a holiday by date, of a year the later added`() throws {
        var table = HolidayTable()
        table.add(
            [.init(year: 2027, date: try date("2027-09-15")), .init(year: 2026, date: try date("2026-09-24"))],
            of: "mid-autumn", in: "CN")
        table.add([.init(year: 2026, date: try date("2026-09-25"))], of: "mid-autumn", in: "CN")
        #expect(table.days(of: "mid-autumn", in: "CN").map(\.date.text) == ["2026-09-25", "2027-09-15"])
        #expect(table.days(of: "mid-autumn", in: "US").isEmpty)
        #expect(table.days(of: "christmas", in: "CN").isEmpty)
        #expect(table.regions == ["CN"])
        #expect(table.names(in: "CN") == ["mid-autumn"])
    }

    @Test func `knows days off and make-up workdays of a region only`() throws {
        var table = HolidayTable()
        table.add(daysOff: [try date("2026-02-16")], in: "CN")
        table.add(makeUpWorkdays: [try date("2026-02-14")], in: "CN")
        #expect(table.isDayOff(try date("2026-02-16"), in: "CN"))
        #expect(!table.isDayOff(try date("2026-02-17"), in: "CN"))
        #expect(!table.isDayOff(try date("2026-02-16"), in: "US"))
        #expect(table.isMakeUpWorkday(try date("2026-02-14"), in: "CN"))
        #expect(!table.isMakeUpWorkday(try date("2026-02-16"), in: "CN"))
    }

    @Test func `its canonical text tells tables apart, and not the order of adding`() throws {
        var one = HolidayTable()
        one.add([.init(year: 2026, date: try date("2026-12-25"))], of: "christmas", in: "US")
        one.add(daysOff: [try date("2026-12-25")], in: "DE")
        var other = HolidayTable()
        other.add(daysOff: [try date("2026-12-25")], in: "DE")
        #expect(one.canonicalText != other.canonicalText)
        other.add([.init(year: 2026, date: try date("2026-12-25"))], of: "christmas", in: "US")
        #expect(one.canonicalText == other.canonicalText)
        #expect(HolidayTable().canonicalText == "{}")
    }
}
