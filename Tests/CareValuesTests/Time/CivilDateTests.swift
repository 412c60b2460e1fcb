import CareValues
import Testing

@Suite struct CivilDateTests {
    @Test func `counts the days of eight centuries one by one`() throws {
        var number: Int32 = -135_140
        for year in 1600...2400 {
            for month in 1...12 {
                for day in 1...CivilDate.length(ofMonth: month, year: year) {
                    let date = try #require(CivilDate(year: year, month: month, day: day))
                    if date.dayNumber != number { Issue.record("\(year)-\(month)-\(day) is day \(date.dayNumber)") }
                    if date.components != (year, month, day) { Issue.record("day \(number) reads \(date.text)") }
                    number += 1
                }
            }
        }
    }

    struct Named: Sendable {
        let text: String
        let dayNumber: Int32
        let weekday: Int
    }

    static let named = [
        Named(text: "0001-01-01", dayNumber: -719_162, weekday: 1),
        Named(text: "1582-10-15", dayNumber: -141_427, weekday: 5),
        Named(text: "1900-01-01", dayNumber: -25_567, weekday: 1),
        Named(text: "1969-12-31", dayNumber: -1, weekday: 3),
        Named(text: "1970-01-01", dayNumber: 0, weekday: 4),
        Named(text: "2000-02-29", dayNumber: 11_016, weekday: 2),
        Named(text: "2026-09-21", dayNumber: 20_717, weekday: 1),
        Named(text: "9999-12-31", dayNumber: 2_932_896, weekday: 5),
    ]

    @Test(arguments: named) func `reads and writes a date and knows its weekday`(_ test: Named) throws {
        let date = try #require(CivilDate(text: test.text))
        #expect(date.dayNumber == test.dayNumber)
        #expect(date.isoWeekday == test.weekday)
        #expect(date.text == test.text)
    }

    @Test(arguments: [
        "", "2026", "2026-1-01", "2026-01-1", "2026-13-01", "2026-00-10", "2026-04-31", "2025-02-29", "1900-02-29",
        "2026-01-00", "0000-01-01", "26-01-01", "2026/01/01", "2026-01-01 ", " 2026-01-01", "+026-01-01", "-026-01-01",
        "2026-01-0a", "2026-01-０１", "20260101", "12026-01-01",
    ])
    func `refuses what is no date of four, two and two digits`(text: String) {
        #expect(CivilDate(text: text) == nil)
    }

    struct Move: Sendable {
        let from: String
        let months: Int
        let to: String
    }

    static let moves = [
        Move(from: "2026-01-31", months: 1, to: "2026-02-28"), Move(from: "2024-01-31", months: 1, to: "2024-02-29"),
        Move(from: "2026-01-28", months: 1, to: "2026-02-28"), Move(from: "2026-01-31", months: 3, to: "2026-04-30"),
        Move(from: "2026-01-31", months: 2, to: "2026-03-31"), Move(from: "2024-02-29", months: 12, to: "2025-02-28"),
        Move(from: "2024-02-29", months: 48, to: "2028-02-29"), Move(from: "2024-02-29", months: -1, to: "2024-01-29"),
        Move(from: "2026-12-31", months: 1, to: "2027-01-31"), Move(from: "2026-01-31", months: -2, to: "2025-11-30"),
        Move(from: "2026-03-31", months: -1, to: "2026-02-28"), Move(from: "2026-05-17", months: 0, to: "2026-05-17"),
        Move(from: "1900-01-31", months: 1, to: "1900-02-28"),
        Move(from: "9999-12-31", months: -119_987, to: "0001-01-31"),
    ]

    @Test(arguments: moves) func `moves by months and clamps to the month's end`(_ test: Move) throws {
        let from = try #require(CivilDate(text: test.from))
        #expect(from.advanced(byMonths: test.months).text == test.to)
    }

    @Test func `does not trap however far a date is moved`() {
        for start in [CivilDate(dayNumber: .min), CivilDate(dayNumber: 0), CivilDate(dayNumber: .max)] {
            for distance in [Int(Int32.min), -1, 0, 1, Int(Int32.max)] {
                _ = start.advanced(byMonths: distance).advanced(byDays: distance).text
            }
        }
    }

    @Test(arguments: 1...20) func `moving by days and back ends where it began`(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        for _ in 0..<500 {
            let date = CivilDate(dayNumber: Int32.random(in: -719_162...2_932_896, using: &generator))
            let days = Int.random(in: -400_000...400_000, using: &generator)
            #expect(date.advanced(byDays: days).advanced(byDays: -days) == date)
            #expect((date.advanced(byDays: days) < date) == (days < 0))
            let (year, month, day) = date.components
            #expect(CivilDate(year: year, month: month, day: day) == date)
            #expect(date.advanced(byDays: 7).isoWeekday == date.isoWeekday)
        }
    }

    @Test(arguments: ["1900-01-01", "1970-01-01", "0001-01-01"])
    func `knows the dates that systems write where they know none`(text: String) throws {
        let date = try #require(CivilDate(text: text))
        #expect(SentinelDate.isSentinel(date))
        #expect(!SentinelDate.isSentinel(date.advanced(byDays: 1)))
        #expect(!SentinelDate.isSentinel(date.advanced(byDays: -1)))
    }
}
