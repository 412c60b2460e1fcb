import CareValues

/// Dates and times as people read them, in one zone: `Mon 21 Sep 2026 08:30`.
struct TimeText {
    let zone: Zone

    private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `Mon 21 Sep 2026 08:30`
    func full(_ instant: Timestamp) -> String {
        let local = zone.local(instant)
        return "\(day(local.date)) \(local.date.components.year) \(time(local.time))"
    }

    /// `Mon 21 Sep 2026 08:30:05`
    func fullWithSeconds(_ instant: Timestamp) -> String {
        let local = zone.local(instant)
        return "\(day(local.date)) \(local.date.components.year) \(clock(instant))"
    }

    /// `Mon 21 Sep 08:30`
    func short(_ instant: Timestamp) -> String {
        let local = zone.local(instant)
        return "\(day(local.date)) \(time(local.time))"
    }

    /// `08:30:05`
    func clock(_ instant: Timestamp) -> String {
        let seconds = Int(zone.local(instant).time.millisecondsOfDay) / 1000
        return "\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    }

    /// `21:00:00.318`
    func clockWithMilliseconds(_ instant: Timestamp) -> String {
        let thousandths = Int(zone.local(instant).time.millisecondsOfDay) % 1000
        return clock(instant) + "." + String(String(1000 + thousandths).dropFirst())
    }

    /// `Mon 21 Sep`
    func day(_ date: CivilDate) -> String {
        let (_, month, day) = date.components
        return "\(TimeText.weekdays[date.isoWeekday - 1]) \(day) \(TimeText.months[month - 1])"
    }

    /// `Mon 21`
    func shortDay(_ date: CivilDate) -> String {
        "\(TimeText.weekdays[date.isoWeekday - 1]) \(date.components.day)"
    }

    /// `Thu 1 Jan 1998`
    func fullDay(_ date: CivilDate) -> String {
        "\(day(date)) \(date.components.year)"
    }

    // MARK: In Chinese

    private static let chineseWeekdays = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"]

    /// `2026年9月21日 周一 08:30`
    func fullInChinese(_ instant: Timestamp) -> String {
        let local = zone.local(instant)
        return "\(fullDayInChinese(local.date)) \(time(local.time))"
    }

    /// `2026年9月21日 周一`
    func fullDayInChinese(_ date: CivilDate) -> String {
        "\(date.components.year)年\(dayInChinese(date)) \(TimeText.chineseWeekdays[date.isoWeekday - 1])"
    }

    /// `9月21日`
    func dayInChinese(_ date: CivilDate) -> String {
        let (_, month, day) = date.components
        return "\(month)月\(day)日"
    }

    /// ISO 8601 with this zone's offset and milliseconds: `2026-09-21T10:00:00.412+08:00`.
    func iso(_ instant: Timestamp) -> String {
        let offset = zone.offsetSeconds(at: instant)
        let utc = instant.advanced(byMilliseconds: Int64(offset) * 1000).iso8601.dropLast()
        let sign = offset < 0 ? "-" : "+"
        return "\(utc)\(sign)\(two(abs(offset) / 3600)):\(two(abs(offset) / 60 % 60))"
    }

    private func time(_ time: LocalTime) -> String {
        let minutes = Int(time.millisecondsOfDay) / 60_000
        return "\(two(minutes / 60)):\(two(minutes % 60))"
    }

    private func two(_ number: Int) -> String {
        number < 10 ? "0\(number)" : String(number)
    }
}
