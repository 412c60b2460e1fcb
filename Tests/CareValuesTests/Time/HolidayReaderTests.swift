import CareValues
import Testing

/// Holiday files: what they say, and what is wrong with them.
@Suite struct HolidayReaderTests {
    static func reader(_ text: String, base: HolidayTable = .empty) -> HolidayReader {
        var reader = HolidayReader(base: base)
        reader.read(file: "h.json", bytes: Array(text.utf8))
        return reader
    }

    static let acme = """
        { "source": "ours", "licence": "ours", "regions": {
          "BASE": { "also": ["B"], "since": 2000, "bridge": true,
            "holidays": { "new-year": { "day": "01-01", "off": [0], "observed": "next-weekday" },
              "moved": [{ "day": ["2020-05-08"], "off": [0] }, { "day": "1st monday of may", "off": [0] }] },
            "published": { "2026": { "off": ["2026-10-01"], "work": [] } } },
          "ACME": { "extends": "b", "holidays": { "founders-day": { "day": "easter", "plus": -2, "years": [2020, 2027] },
            "sale": ["2027-06-17", "2026-06-18"], "new-year": "01-02" } } } }
        """

    @Test func `a region extends another, and its own names come on top`() throws {
        let reader = Self.reader(Self.acme)
        #expect(reader.diagnostics == [])
        #expect(reader.table.codes == ["ACME", "BASE"])
        let acme = try #require(reader.table.region("acme"))
        #expect(acme.names == ["founders-day", "moved", "new-year", "sale"])
        #expect(acme.date(of: "founders-day", year: 2026)?.text == "2026-04-03")
        #expect(acme.date(of: "founders-day", year: 2028) == nil)
        #expect(acme.date(of: "sale", year: 2026)?.text == "2026-06-18")
        #expect(acme.date(of: "sale", year: 2028) == nil)
        #expect(acme.date(of: "new-year", year: 2026)?.text == "2026-01-02")
        #expect(acme.date(of: "moved", year: 2020)?.text == "2020-05-08")
        #expect(acme.kind(of: try #require(CivilDate(text: "2026-10-01"))) == .dayOff)
        #expect(reader.table.region("B")?.date(of: "new-year", year: 2026)?.text == "2026-01-01")
    }

    @Test func `a region of a file takes the place of the one before, whose other codes go with it`() throws {
        let base = Self.reader(Self.acme).table
        let table = Self.reader(#"{ "regions": { "base": { "holidays": { "only": "03-03" } } } }"#, base: base).table
        #expect(table.codes == ["ACME", "base"])
        #expect(table.region("BASE")?.names == ["only"])
        #expect(table.region("B") == nil)
    }

    static let mistakes: [(text: String, finding: String)] = [
        (#"[]"#, "1:1 a holiday file holds one JSON object"),
        (#"{}"#, "1:1 a holiday file needs 'regions'"),
        (#"{ "region": {} }"#, "1:3 unknown key 'region' in a holiday file (did you mean 'regions'?)"),
        (#"{ "regions": [] }"#, "1:14 regions is an object of at most 1000 regions by code"),
        (#"{ "regions": { "": {} } }"#, "1:16 a region is an object under a code that is not empty and holds no '.'"),
        (
            #"{ "regions": { "A": { "extends": "US" } } }"#,
            "1:34 no region 'US' to extend (one that ships, or stands above)"
        ),
        (
            #"{ "regions": { "A": { "holiday": {} } } }"#,
            "1:23 unknown key 'holiday' in a region (did you mean 'holidays'?)"
        ),
        (#"{ "regions": { "A": { "since": 0 } } }"#, "1:32 a year is a whole number from 1 to 9999"),
        (
            #"{ "regions": { "A": { "holidays": { "a/b": "01-01" } } } }"#,
            "1:37 a holiday's name is not empty and holds neither '.' nor '/'"
        ),
        (
            #"{ "regions": { "A": { "holidays": { "a": "02-30" } } } }"#,
            "1:42 '02-30' tells no day of the year (12-25, 3rd monday of january, easter, chinese 08-15, a solar term, or a list of dates)"
        ),
        (
            #"{ "regions": { "A": { "holidays": { "a": ["2026-02-30"] } } } }"#,
            "1:42 a list of dates holds different dates such as \"2026-05-17\""
        ),
        (#"{ "regions": { "A": { "holidays": { "a": {} } } } }"#, "1:42 a holiday's rule is an object with 'day'"),
        (
            #"{ "regions": { "A": { "holidays": { "a": { "day": "easter", "plus": 0.5 } } } } }"#,
            "1:69 days are a whole number from -400 to 400"
        ),
        (
            #"{ "regions": { "A": { "holidays": { "a": { "day": "easter", "years": [2027, 2026] } } } } }"#,
            "1:70 years is the first and the last year: [2021, 9999]"
        ),
        (
            #"{ "regions": { "A": { "holidays": { "a": { "day": "easter", "observed": "never" } } } } }"#,
            "1:73 observed is one of no, nearest-weekday, next-weekday, after-sunday"
        ),
        (#"{ "regions": { "A": { "published": { "x26": {} } } } }"#, "1:38 published holds years: \"2026\""),
        (
            #"{ "regions": { "A": { "published": { "2026": { "off": ["2027-01-01"] } } } } }"#,
            "1:55 these are the days of 2026"
        ),
    ]

    @Test(arguments: mistakes) func `a mistake has its place`(text: String, finding: String) {
        let found = Self.reader(text).diagnostics.map {
            "\($0.line):\($0.column) \($0.message)" + ($0.help.map { " (\($0))" } ?? "")
        }
        #expect(found.first == finding)
    }
}
