import CareValues
import Testing

@Suite struct LocalTimeTests {
    struct Case: Sendable {
        let text: String
        let milliseconds: Int32
        let written: String
    }

    static let good = [
        Case(text: "00:00", milliseconds: 0, written: "00:00"),
        Case(text: "09:00", milliseconds: 32_400_000, written: "09:00"),
        Case(text: "09:00:00", milliseconds: 32_400_000, written: "09:00"),
        Case(text: "09:00:01", milliseconds: 32_401_000, written: "09:00:01"),
        Case(text: "23:59:59", milliseconds: 86_399_000, written: "23:59:59"),
    ]

    @Test(arguments: good) func `reads and writes a wall time`(_ test: Case) throws {
        let time = try #require(LocalTime(text: test.text))
        #expect(time.millisecondsOfDay == test.milliseconds)
        #expect(time.text == test.written)
    }

    @Test(arguments: [
        "", "9:00", "09", "0900", "24:00", "09:60", "09:00:60", "09:00:00:00", "-9:00", "09:0a", "09:00 ", "09:00:00.5",
        "9:00 am", "０９:００",
    ])
    func `refuses what is no wall time`(text: String) {
        #expect(LocalTime(text: text) == nil)
    }
}

@Suite struct TimestampTextTests {
    struct Case: Sendable {
        let text: String
        let milliseconds: Int64
        init(_ text: String, _ milliseconds: Int64) {
            self.text = text
            self.milliseconds = milliseconds
        }
    }

    static let good = [
        Case("1970-01-01T00:00:00Z", 0), Case("1970-01-01T00:00Z", 0), Case("1970-01-01T00:00:00.001Z", 1),
        Case("1970-01-01T00:00:00.1Z", 100), Case("1970-01-01T00:00:00.0019Z", 1),
        Case("1970-01-01T00:00:00.999999999Z", 999), Case("1969-12-31T23:59:59.999Z", -1),
        Case("2026-03-01T09:00:00.000Z", 1_772_355_600_000), Case("2026-03-01T17:00:00+08:00", 1_772_355_600_000),
        Case("2026-03-01T05:30:00-03:30", 1_772_355_600_000), Case("2026-03-01T09:00:00-00:00", 1_772_355_600_000),
        Case("2026-02-28T09:01+00:01", 1_772_269_200_000), Case("2024-02-29T23:59:59+23:59", 1_709_164_859_000),
        Case("0001-01-01T00:00:00Z", -62_135_596_800_000), Case("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ]

    @Test(arguments: good) func `reads an instant with its offset`(_ test: Case) {
        #expect(Timestamp(iso8601: test.text)?.milliseconds == test.milliseconds)
    }

    @Test(arguments: [
        "", "2026-03-01", "2026-03-01T09:00:00", "2026-03-01T09Z", "2026-03-01 09:00:00Z", "2026-03-01t09:00:00z",
        "2026-03-01T24:00:00Z", "2026-03-01T09:60:00Z", "2026-03-01T09:00:60Z", "2026-03-01T09:00:00.Z",
        "2026-03-01T09:00:00.1234567890Z", "2026-03-01T09:00:00,5Z", "2026-03-01T09:00:00+8:00",
        "2026-03-01T09:00:00+0800", "2026-03-01T09:00:00+24:00", "2026-03-01T09:00:00+08:60", "2026-02-29T09:00:00Z",
        "2026-03-01T09:00:00ZZ", "2026-03-01T09:00:00+08:00Z", "2026-03-01T09:00.5Z", "2026-03-01T09:00:0Z",
        "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "2026-03-01T09:00:00−08:00", "10000-01-01T00:00:00Z",
    ])
    func `refuses what is no instant, or outside the years 1 to 9999`(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }

    struct Written: Sendable {
        let milliseconds: Int64
        let text: String
    }

    static let written = [
        Written(milliseconds: 0, text: "1970-01-01T00:00:00.000Z"),
        Written(milliseconds: -1, text: "1969-12-31T23:59:59.999Z"),
        Written(milliseconds: 1_772_355_600_007, text: "2026-03-01T09:00:00.007Z"),
        Written(milliseconds: -62_135_596_800_000, text: "0001-01-01T00:00:00.000Z"),
        Written(milliseconds: 253_402_300_799_999, text: "9999-12-31T23:59:59.999Z"),
        Written(milliseconds: 253_402_300_800_000, text: "10000-01-01T00:00:00.000Z"),
        Written(milliseconds: 253_402_300_861_001, text: "10000-01-01T00:01:01.001Z"),
    ]

    @Test(arguments: written) func `writes an instant with milliseconds in UTC`(_ test: Written) {
        #expect(Timestamp(milliseconds: test.milliseconds).iso8601 == test.text)
    }

    @Test(arguments: 1...20) func `reads what it wrote`(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        for _ in 0..<500 {
            let range = Timestamp.distantPast.milliseconds..<Timestamp.distantFuture.milliseconds
            let instant = Timestamp(milliseconds: Int64.random(in: range, using: &generator))
            #expect(Timestamp(iso8601: instant.iso8601) == instant)
        }
    }

    @Test(arguments: 1...20) func `survives any bytes`(seed: Int) {
        var generator = SplitMix64(seed: UInt64(seed))
        let alphabet = Array("0123456789-:.TZ+ é".utf8)
        for _ in 0..<2000 {
            let count = Int.random(in: 0...40, using: &generator)
            let bytes = (0..<count).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            let text = String(decoding: bytes, as: UTF8.self)
            _ = (Timestamp(iso8601: text), CivilDate(text: text), LocalTime(text: text), ISODuration(text: text))
            _ = (Birthday(text: text), ZoneRule(posix: text))
        }
    }
}

@Suite struct BirthdayTests {
    @Test(arguments: [
        "1990-05-17", "--05-17", "2000-02-29", "--02-29", "0001-01-01", "--12-31", "chinese:1958-06-15",
        "chinese:1958-12-30", "chinese:1960-06L-15", "chinese:--06-15", "chinese:--12-30", "chinese:--06L-30",
        "chinese:1900-01-01", "chinese:2100-12-29",
    ])
    func `reads and writes a birthday with and without a year`(text: String) {
        #expect(Birthday(text: text)?.text == text)
    }

    @Test(arguments: [
        "", "1990", "1990-02-29", "--02-30", "--13-01", "--00-01", "-05-17", "---05-17", "05-17", "--5-17", "--05-17 ",
        "0000-05-17", "1990-05-17T00:00:00Z", "chinese:", "chinese:1958", "chinese:1958-13-01", "chinese:1958-00-01",
        "chinese:1958-06-31", "chinese:1958-06-00", "chinese:1958-06L-15", "chinese:1959-12-31", "chinese:2024-12-30",
        "chinese:1899-12-01", "chinese:2101-01-01", "chinese:--12L-01", "chinese:--01L-01", "chinese:-06-15",
        "chinese:1958-6-15", "chinese:1958-06-15 ", "chinese:1958-06l-15", "chinese: 1958-06-15", "Chinese:1958-06-15",
        "chinese:1958-06-1", "chinese:1958-06L", "lunar:1958-06-15",
    ])
    func `refuses what is no day of birth`(text: String) {
        #expect(Birthday(text: text) == nil)
    }

    @Test func `has a date only with a year`() {
        #expect(Birthday(text: "1990-05-17")?.date == CivilDate(year: 1990, month: 5, day: 17))
        #expect(Birthday(year: nil, month: 5, day: 17)?.date == nil)
        #expect(Birthday(text: "chinese:2025-06L-15")?.date == CivilDate(year: 2025, month: 8, day: 8))
        #expect(Birthday(text: "chinese:--06-15")?.date == nil)
    }
}

/// Dates and times are written byte by byte where their year has four digits, and joined from parts where not.
@Suite struct WrittenTimeTests {
    struct Case: Sendable {
        let milliseconds: Int64
        let text: String
    }

    static let cases = [
        Case(milliseconds: 0, text: "1970-01-01T00:00"),
        Case(milliseconds: 1_000, text: "1970-01-01T00:00:01"),
        Case(milliseconds: 59_999, text: "1970-01-01T00:00:59"),
        Case(milliseconds: 60_000, text: "1970-01-01T00:01"),
        Case(milliseconds: 86_399_999, text: "1970-01-01T23:59:59"),
        Case(milliseconds: -1, text: "1969-12-31T23:59:59"),
        Case(milliseconds: 253_402_300_740_000, text: "9999-12-31T23:59"),
        Case(milliseconds: 253_402_300_800_000, text: "10000-01-01T00:00"),
        Case(milliseconds: -62_167_219_200_000, text: "0000-01-01T00:00"),
        Case(milliseconds: -62_167_219_200_001, text: "-0001-12-31T23:59:59"),
    ]

    @Test(arguments: cases) func `a wall time is written with as many digits as it needs`(_ test: Case) {
        let local = LocalDateTime(wallMilliseconds: test.milliseconds)
        #expect(local.text == test.text)
        #expect(local.date.text + "T" + local.time.text == test.text)
    }
}
