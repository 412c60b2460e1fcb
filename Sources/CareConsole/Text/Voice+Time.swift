import CareValues

/// Dates and times as a language writes them, in the voice's zone.
extension Voice {
    private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let longWeekdays = [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private static let longMonths = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let chineseDays = ["一", "二", "三", "四", "五", "六", "日"]

    /// `Tuesday, 15 September 2026`, `2026年9月15日 星期二`
    func longDate(_ date: CivilDate) -> String {
        let (year, month, day) = date.components
        switch language {
        case .english:
            return "\(Voice.longWeekdays[date.isoWeekday - 1]), \(day) \(Voice.longMonths[month - 1]) \(year)"
        case .chinese: return "\(year)年\(month)月\(day)日 星期\(Voice.chineseDays[date.isoWeekday - 1])"
        }
    }

    /// `15 Sep`, `9月15日`
    func date(_ date: CivilDate) -> String {
        let (_, month, day) = date.components
        return language == .english ? "\(day) \(Voice.months[month - 1])" : "\(month)月\(day)日"
    }

    /// `15 Sep 2026`, `2026年9月15日`
    func fullDate(_ date: CivilDate) -> String {
        let year = date.components.year
        return language == .english ? "\(self.date(date)) \(year)" : "\(year)年\(self.date(date))"
    }

    /// `Tue`, `周二`
    func weekday(_ date: CivilDate) -> String {
        language == .english ? Voice.weekdays[date.isoWeekday - 1] : "周" + Voice.chineseDays[date.isoWeekday - 1]
    }

    /// `Tu`, `二`: under a bar.
    func shortWeekday(_ date: CivilDate) -> String {
        language == .english
            ? String(Voice.weekdays[date.isoWeekday - 1].prefix(2)) : Voice.chineseDays[date.isoWeekday - 1]
    }

    /// `Sep`, `9月`
    func month(_ date: CivilDate) -> String {
        let month = date.components.month
        return language == .english ? Voice.months[month - 1] : "\(month)月"
    }

    /// `14:32`
    func time(_ instant: Timestamp) -> String { time(zone.local(instant).time) }

    /// `14:32`
    func time(_ time: LocalTime) -> String {
        let minutes = Int(time.millisecondsOfDay) / 60_000
        return "\(two(minutes / 60)):\(two(minutes % 60))"
    }

    /// `14:32:08`
    func clock(_ instant: Timestamp) -> String {
        let seconds = Int(zone.local(instant).time.millisecondsOfDay) / 1_000
        return "\(two(seconds / 3_600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    }

    /// `16:20:01.204`
    func preciseClock(_ instant: Timestamp) -> String {
        let thousandths = Int(zone.local(instant).time.millisecondsOfDay) % 1_000
        return clock(instant) + "." + String(String(1_000 + thousandths).dropFirst())
    }

    /// `15 Sep 14:32`; the year where it is not that of `now`.
    func instant(_ instant: Timestamp, now: Timestamp? = nil) -> String {
        let date = zone.date(at: instant)
        let isSameYear = now.map { zone.date(at: $0).components.year == date.components.year } ?? false
        return (isSameYear ? self.date(date) : fullDate(date)) + " " + time(instant)
    }

    /// `15 Sep 2026 14:32:08`
    func exact(_ instant: Timestamp) -> String { fullDate(zone.date(at: instant)) + " " + clock(instant) }

    /// The day beside a time: `today`, `tomorrow`, `17 Sep`.
    func day(_ date: CivilDate, today: CivilDate) -> String {
        switch date.dayNumber - today.dayNumber {
        case 0: self(Say.today)
        case 1: self(Say.tomorrow)
        case -1: self(Say.yesterday)
        default: date.components.year == today.components.year ? self.date(date) : fullDate(date)
        }
    }

    /// `today 16:20`
    func near(_ instant: Timestamp, now: Timestamp) -> String {
        day(zone.date(at: instant), today: zone.date(at: now)) + " " + time(instant)
    }

    /// `today at 16:20`: in a sentence, after a count.
    func nearInWords(_ instant: Timestamp, now: Timestamp) -> String {
        let today = zone.date(at: now)
        return self(Say.dayAtTime, ["day": day(zone.date(at: instant), today: today), "time": time(instant)])
    }

    /// How long, in one unit, rounded down: `25 min`, `22 h`, `3 days`.
    func span(milliseconds: Int64) -> String {
        let seconds = Int(max(0, milliseconds) / 1_000)
        if milliseconds < 1_000 { return self(Say.milliseconds, n: Int(max(0, milliseconds))) }
        if seconds < 60 { return self(Say.seconds, n: seconds) }
        if seconds < 3_600 { return self(Say.minutes, n: seconds / 60) }
        if seconds < 172_800 { return self(Say.hours, n: seconds / 3_600) }
        return self(Say.days, n: seconds / 86_400)
    }

    /// How long an attempt took: `1.92 s`, `84 ms`.
    func took(milliseconds: Int64) -> String {
        guard milliseconds >= 1_000 else { return self(Say.milliseconds, n: Int(max(0, milliseconds))) }
        let hundredths = milliseconds / 10
        let rest = String(100 + hundredths % 100).dropFirst()
        return self(Say.secondsText, ["t": "\(number(Int(hundredths / 100))).\(rest)"])
    }

    /// A duration of the rule files in words: `14 days`, `2 hours 30 min`.
    func duration(_ duration: ISODuration) -> String {
        var parts: [String] = []
        let months = Int(abs(duration.months))
        if months > 0, months % 12 == 0 {
            parts.append(self(Say.years, n: months / 12))
        } else if months > 0 {
            parts.append(self(Say.months, n: months))
        }
        if duration.days != 0 { parts.append(self(Say.days, n: Int(abs(duration.days)))) }
        let minutes = Int(abs(duration.milliseconds) / 60_000)
        if minutes >= 60 { parts.append(self(Say.hoursLong, n: minutes / 60)) }
        if minutes % 60 > 0 { parts.append(self(Say.minutes, n: minutes % 60)) }
        let seconds = Int(abs(duration.milliseconds) % 60_000 / 1_000)
        if seconds > 0 { parts.append(self(Say.seconds, n: seconds)) }
        return parts.isEmpty ? self(Say.days, n: 0) : parts.joined(separator: " ")
    }

    /// `1st`, `22nd`; `1 日`
    func ordinal(_ number: Int) -> String {
        guard language == .english else { return "\(number) 日" }
        let ending =
            switch (number % 100, number % 10) {
            case (11...13, _): "th"
            case (_, 1): "st"
            case (_, 2): "nd"
            case (_, 3): "rd"
            default: "th"
            }
        return "\(number)\(ending)"
    }

    private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
}
