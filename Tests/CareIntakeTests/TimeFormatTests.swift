import CareValues
import Testing

@testable import CareIntake

@Suite struct TimeFormatTests {
    /// New York: five hours behind until 08:00Z on 8 March 2026, then four.
    static let zone = Zone(name: "Test/NewYork", transitions: [1_772_953_200], offsets: [-18_000, -14_400], rule: nil)

    struct Case: Sendable, CustomTestStringConvertible {
        var format: String
        var text: String
        var expected: String?
        var testDescription: String { "\(format): \(text)" }
    }

    static let cases = [
        Case(format: "iso8601", text: "2026-03-01", expected: "2026-03-01T05:00:00.000Z"),
        Case(format: "iso8601", text: "2026-03-09", expected: "2026-03-09T04:00:00.000Z"),
        Case(format: "iso8601", text: "2026-03-01T09:30", expected: "2026-03-01T14:30:00.000Z"),
        Case(format: "iso8601", text: "2026-03-01 09:30:15.123456", expected: "2026-03-01T14:30:15.123Z"),
        Case(format: "iso8601", text: "2026-03-01T09:30:00Z", expected: "2026-03-01T09:30:00.000Z"),
        Case(format: "iso8601", text: "2026-03-01T09:30:00+0800", expected: "2026-03-01T01:30:00.000Z"),
        Case(format: "iso8601", text: "2026-03-01T09:30:00-05", expected: "2026-03-01T14:30:00.000Z"),
        Case(format: "iso8601", text: "2026-03-01T24:00", expected: nil),
        Case(format: "iso8601", text: "2026-3-1", expected: nil),
        Case(format: "iso8601", text: "2026-02-29", expected: nil),
        Case(format: "iso8601", text: "2024-02-29", expected: "2024-02-29T05:00:00.000Z"),
        Case(format: "iso8601", text: "2026-03-01T09:30:00Zulu", expected: nil),
        Case(format: "yyyyMMdd", text: "19970101", expected: "1997-01-01T05:00:00.000Z"),
        Case(format: "yyyyMMdd", text: "1997011", expected: nil),
        Case(format: "yyyyMMdd", text: "199701011", expected: nil),
        Case(format: "dd.MM.yyyy HH:mm", text: "31.12.1997 23:59", expected: "1998-01-01T04:59:00.000Z"),
        Case(format: "dd.MM.yyyy HH:mm", text: "31.12.1997 24:00", expected: nil),
        Case(format: "d/M/yyyy", text: "1/2/1997", expected: "1997-02-01T05:00:00.000Z"),
        Case(format: "d/M/yyyy", text: "31/11/1997", expected: nil),
        Case(format: "yyyy-MM-ddTHH:mm:ss.SSS", text: "1997-01-01T00:00:00.999", expected: "1997-01-01T05:00:00.999Z"),
        Case(format: "unix", text: "0", expected: "1970-01-01T00:00:00.000Z"),
        Case(format: "unix", text: "-1.5", expected: "1969-12-31T23:59:58.500Z"),
        Case(format: "unix", text: "1e9", expected: nil),
        Case(format: "unix-ms", text: "1772355600123", expected: "2026-03-01T09:00:00.123Z"),
        Case(format: "unix-ms", text: "999999999999999", expected: nil),
        Case(format: "unix", text: "", expected: nil),
    ]

    @Test(arguments: cases) func `reads each format in the zone given`(_ test: Case) throws {
        let format = try #require(TimeFormat(text: test.format))
        var reading = FieldReading(zone: Self.zone)
        let read = Array(test.text.utf8).withUnsafeBytes { try? reading.instant($0, format: format) }
        #expect(read?.iso8601 == test.expected)
    }

    @Test(arguments: ["yyyy", "yyyyMM", "yy-MM-dd", "yyyy-MM-dd-dd", "yyyy-MMM-dd", "yyyy-MM-dd hh:mm", ""])
    func `refuses patterns that name no day or hold unknown letters`(_ text: String) {
        #expect(TimeFormat(text: text) == nil)
    }

    @Test(arguments: [
        ("0", 0.0), ("-0.5", -0.5), ("+12", 12), ("007", 7), ("9.50", 9.5), ("1e3", 1000), ("0.1", 0.1),
        ("123456789012345678", 123_456_789_012_345_680),
    ]) func `reads numbers`(_ text: String, _ expected: Double) {
        #expect(Array(text.utf8).withUnsafeBytes { readNumber($0, decimalComma: false) } == expected)
    }

    @Test(arguments: ["", "-", "1.", ".5", "1,5", "0x10", "nan", "inf", "1e400", "12 ", "1e", "--1"])
    func `refuses what is no number`(_ text: String) {
        #expect(Array(text.utf8).withUnsafeBytes { readNumber($0, decimalComma: false) } == nil)
    }
}
