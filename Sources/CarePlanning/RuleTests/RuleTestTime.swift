import CareValues

/// Reads the times of rule tests: `2026-05-22 17:30`, `Fri 2026-05-22 17:30`, `17:30` of the same day, `+P1D` later.
///
/// Seconds may follow, and the name of a zone other than the test's: `2026-05-22 17:30 America/New_York`. A date alone is
/// its first moment.
struct RuleTestTime {
    /// Why a text is no time, as one sentence.
    struct Failure: Error {
        var message: String
        var help: String?
    }

    /// The zone of wall times that name none.
    var zone: Zone
    /// Where other zones come from.
    var zones: any ZoneDirectory
    /// What `17:30` and `+P1D` are reckoned from; nil: they have no meaning.
    var previous: Timestamp?

    private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let example = "for example 2026-05-22 17:30, 17:30 of the same day, or +P1D after the line before"

    /// The instant of `text`.
    func read(_ text: String) throws(Failure) -> Timestamp {
        if text.hasPrefix("+") { return try later(String(text.dropFirst())) }
        var words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)[...]
        var weekday: Int?
        if let first = words.first, let position = Self.weekdays.firstIndex(of: first) {
            weekday = position + 1
            words = words.dropFirst()
        }
        var zone = self.zone
        if words.count > 1, let last = words.last, last.contains("/") || last == "UTC" {
            guard let named = zones.zone(named: last) else {
                throw Failure(message: "no time zone '\(last)'", help: "an IANA name, for example Europe/Paris")
            }
            zone = named
            words = words.dropLast()
        }
        var date: CivilDate?
        if let first = words.first, first.contains("-") {
            date = CivilDate(text: first)
            guard date != nil else { throw Failure(message: "'\(first)' is no date", help: Self.example) }
            words = words.dropFirst()
        } else if let previous {
            date = zone.date(at: previous)
        }
        var time = LocalTime.midnight
        if let word = words.first {
            guard let read = LocalTime(text: word) else {
                throw Failure(message: "'\(text)' is no time", help: Self.example)
            }
            time = read
            words = words.dropFirst()
        } else if text.isEmpty || !text.contains("-") {
            throw Failure(message: "'\(text)' is no time", help: Self.example)
        }
        guard words.isEmpty else { throw Failure(message: "'\(text)' is no time", help: Self.example) }
        guard let date else {
            throw Failure(message: "'\(text)' has no date, and no line before it has one", help: Self.example)
        }
        if let weekday, weekday != date.isoWeekday {
            throw Failure(
                message: "\(date.text) is a \(Self.weekdays[date.isoWeekday - 1]), not a \(Self.weekdays[weekday - 1])",
                help: nil)
        }
        let local = LocalDateTime(date: date, time: time)
        let instant = zone.instant(of: local)
        guard zone.local(instant) == local else {
            throw Failure(
                message: "there is no \(time.text) on \(date.text) in \(zone.name): the clock is set forward over it",
                help: "name a time after the gap")
        }
        return instant
    }

    private func later(_ text: String) throws(Failure) -> Timestamp {
        guard let previous else {
            throw Failure(message: "'+\(text)' counts from the line before, and there is none", help: Self.example)
        }
        guard let duration = ISODuration(text: text), !duration.isNegative else {
            throw Failure(message: "'+\(text)' is no duration to add", help: "for example +P1D or +PT10M")
        }
        return zone.advance(previous, by: duration)
    }
}
