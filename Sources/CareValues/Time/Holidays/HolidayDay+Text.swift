extension HolidayDay {
    /// The months as they are written, January first.
    static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ]
    /// The days of the week as they are written, Monday first.
    static let weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    private static let ordinals = ["1st", "2nd", "3rd", "4th", "5th"]

    /// Reads `12-25`, `3rd monday of january`, `last monday of may`, `wednesday before 11-23`, `easter`,
    /// `chinese 08-15`, `chinese 12-last`, or the name of a ``SolarDay``; nil for anything else. Lists of dates are not
    /// text.
    public init?(text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        switch (words.count, words.first) {
        case (1, "easter"?):
            self = .easter
        case (1, let word?):
            if let solar = SolarDay(rawValue: word) {
                self = .solar(solar)
            } else if let (month, day) = HolidayDay.monthDay(word), CivilDate(year: 2000, month: month, day: day) != nil
            {
                self = .date(month: month, day: day)
            } else {
                return nil
            }
        case (2, "chinese"?):
            if words[1].hasSuffix("-last"), let month = HolidayDay.twoDigits(words[1].dropLast(5)),
                (1...12).contains(month)
            {
                self = .chinese(month: month, day: nil)
            } else if let (month, day) = HolidayDay.monthDay(words[1]), (1...12).contains(month), (1...30).contains(day)
            {
                self = .chinese(month: month, day: day)
            } else {
                return nil
            }
        case (3, let word?):
            guard words[1] == "before", let weekday = HolidayDay.weekdays.firstIndex(of: word),
                let (month, day) = HolidayDay.monthDay(words[2]), CivilDate(year: 2001, month: month, day: day) != nil
            else { return nil }
            self = .weekdayBefore(weekday + 1, month: month, day: day)
        case (4, let word?):
            guard words[2] == "of", let weekday = HolidayDay.weekdays.firstIndex(of: words[1]),
                let month = HolidayDay.months.firstIndex(of: words[3])
            else { return nil }
            if word == "last" {
                self = .weekday(weekday + 1, nth: -1, month: month + 1)
            } else if let nth = HolidayDay.ordinals.firstIndex(of: word) {
                self = .weekday(weekday + 1, nth: nth + 1, month: month + 1)
            } else {
                return nil
            }
        default:
            return nil
        }
    }

    /// As it is written; of a list of dates the dates, joined by blanks.
    public var text: String {
        switch self {
        case .date(let month, let day): padded(month, 2) + "-" + padded(day, 2)
        case .weekday(let weekday, let nth, let month):
            (nth > 0 ? HolidayDay.ordinals[nth - 1] : "last") + " " + HolidayDay.weekdays[weekday - 1] + " of "
                + HolidayDay.months[month - 1]
        case .weekdayBefore(let weekday, let month, let day):
            HolidayDay.weekdays[weekday - 1] + " before " + padded(month, 2) + "-" + padded(day, 2)
        case .easter: "easter"
        case .chinese(let month, let day):
            "chinese " + padded(month, 2) + "-" + (day.map { padded($0, 2) } ?? "last")
        case .solar(let day): day.rawValue
        case .dates(let dates): dates.map(\.text).joined(separator: " ")
        }
    }

    /// `MM-DD`, two digits each, whatever the month.
    private static func monthDay(_ text: String) -> (month: Int, day: Int)? {
        guard text.utf8.count == 5, text.dropFirst(2).first == "-", let month = twoDigits(text.prefix(2)),
            let day = twoDigits(text.suffix(2))
        else { return nil }
        return (month, day)
    }

    private static func twoDigits(_ text: Substring) -> Int? {
        guard text.utf8.count == 2, text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
        return Int(text)
    }
}
