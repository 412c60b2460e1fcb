/// Holidays and festivals by region, and the days on which offices are closed or open for them: pure data, given with
/// the rules in force. Dates are Gregorian and have no zone.
public struct HolidayTable: Sendable, Hashable {
    /// One return of a holiday.
    public struct Day: Sendable, Hashable {
        /// The year in the holiday's own calendar, a part of the occurrence's key; of an eve of a lunar new year: the
        /// year that ends.
        public var year: Int
        /// The day it falls on.
        public var date: CivilDate

        /// The return of `year`, on `date`.
        public init(year: Int, date: CivilDate) {
            self.year = year
            self.date = date
        }
    }

    /// What is known of one region.
    private struct Region: Sendable, Hashable {
        var holidays: [String: [Day]] = [:]
        var daysOff: Set<CivilDate> = []
        var makeUpWorkdays: Set<CivilDate> = []
    }

    private var regionsByCode: [String: Region] = [:]

    /// No holiday at all.
    public init() {}

    /// Whether nothing is known of any region.
    public var isEmpty: Bool { regionsByCode.isEmpty }

    /// Adds returns of the holiday `name` in the region `region`; of two of one year the later added counts.
    public mutating func add(_ days: [Day], of name: String, in region: String) {
        let years = Set(days.map(\.year))
        let kept = regionsByCode[region]?.holidays[name]?.filter { !years.contains($0.year) } ?? []
        let latest = Dictionary(days.map { ($0.year, $0) }, uniquingKeysWith: { $1 }).values
        regionsByCode[region, default: Region()].holidays[name] = (kept + latest).sorted {
            ($0.date, $0.year) < ($1.date, $1.year)
        }
    }

    /// Adds weekdays on which offices of the region are closed.
    public mutating func add(daysOff: some Sequence<CivilDate>, in region: String) {
        regionsByCode[region, default: Region()].daysOff.formUnion(daysOff)
    }

    /// Adds days of a weekend on which offices of the region are open, to make up for days off.
    public mutating func add(makeUpWorkdays: some Sequence<CivilDate>, in region: String) {
        regionsByCode[region, default: Region()].makeUpWorkdays.formUnion(makeUpWorkdays)
    }

    /// The returns of a holiday in a region, by date; none when the region has no such holiday.
    public func days(of name: String, in region: String) -> [Day] {
        regionsByCode[region]?.holidays[name] ?? []
    }

    /// Whether offices of the region are closed on `date` for a holiday.
    public func isDayOff(_ date: CivilDate, in region: String) -> Bool {
        regionsByCode[region]?.daysOff.contains(date) ?? false
    }

    /// Whether offices of the region are open on `date` although its weekday says otherwise.
    public func isMakeUpWorkday(_ date: CivilDate, in region: String) -> Bool {
        regionsByCode[region]?.makeUpWorkdays.contains(date) ?? false
    }

    /// The codes of the regions, ascending.
    public var regions: [String] { regionsByCode.keys.sorted(by: Self.precedes) }

    /// The names of the holidays of a region, ascending.
    public func names(in region: String) -> [String] {
        (regionsByCode[region]?.holidays.keys.sorted(by: Self.precedes)) ?? []
    }

    /// The canonical JSON of all that is in it: equal texts mean equal tables.
    public var canonicalText: String {
        func dates(_ dates: Set<CivilDate>) -> JSONValue { .array(dates.sorted().map { .string($0.text) }) }
        let regions = regionsByCode.map { code, region -> (name: String, value: JSONValue) in
            let holidays = region.holidays.map { name, days -> (name: String, value: JSONValue) in
                (name, .array(days.map { .array([.number(Double($0.year)), .string($0.date.text)]) }))
            }
            let parts: [(name: String, value: JSONValue)] = [
                ("holidays", .object(JSONObject(uniqueMembers: holidays))), ("daysOff", dates(region.daysOff)),
                ("makeUpWorkdays", dates(region.makeUpWorkdays)),
            ]
            return (code, .object(JSONObject(uniqueMembers: parts)))
        }
        return JSONValue.object(JSONObject(uniqueMembers: regions)).canonicalText
    }

    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.unicodeScalars.lexicographicallyPrecedes(right.unicodeScalars)
    }
}
