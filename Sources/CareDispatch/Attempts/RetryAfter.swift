import CareValues

/// The Retry-After header.
enum RetryAfter {
    /// The longest wait a receiver can ask for: longer ones count as this.
    static let maximumMilliseconds: Int64 = 24 * 3_600_000

    /// How long a value asks to wait from `now`, in milliseconds, 0 … 24 h; nil: not a Retry-After value.
    ///
    /// Takes seconds (`120`, also `0.5`, which some send: rounded up to milliseconds) and the three date forms of
    /// RFC 9110, section 5.6.7. A date that has passed asks for no wait.
    static func milliseconds(_ text: String, now: Timestamp) -> Int64? {
        if let wait = seconds(text) { return min(wait, maximumMilliseconds) }
        guard let until = HTTPDate.read(text, now: now) else { return nil }
        return min(max(until.milliseconds(since: now), 0), maximumMilliseconds)
    }

    private static func seconds(_ text: String) -> Int64? {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, !whole.isEmpty, whole.allSatisfy(isDigit) else { return nil }
        var wait: Int64 = 0
        for digit in whole {
            wait = wait * 10 + Int64(digit - UInt8(ascii: "0"))
            if wait > maximumMilliseconds { wait = maximumMilliseconds }
        }
        wait *= 1000
        if parts.count == 2 {
            guard !parts[1].isEmpty, parts[1].allSatisfy(isDigit) else { return nil }
            var unit: Int64 = 100
            for digit in parts[1].prefix(3) {
                wait += Int64(digit - UInt8(ascii: "0")) * unit
                unit /= 10
            }
            if parts[1].dropFirst(3).contains(where: { $0 != UInt8(ascii: "0") }) { wait += 1 }
        }
        return wait
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}

/// Dates of HTTP: RFC 9110, section 5.6.7.
enum HTTPDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`; nil:
    /// none of them. The weekday is not checked.
    ///
    /// - Parameter now: a year of two digits is the one that lies at most 50 years after it.
    static func read(_ text: String, now: Timestamp) -> Timestamp? {
        let words = text.split(separator: " ", omittingEmptySubsequences: true)
        if words.count == 6, words[5] == "GMT" {
            guard words[1].utf8.count == 2, words[3].utf8.count == 4 else { return nil }
            return instant(day: words[1], month: words[2], year: Int(words[3]), time: words[4])
        }
        if words.count == 4, words[3] == "GMT" {
            let date = words[1].split(separator: "-", omittingEmptySubsequences: false)
            guard date.count == 3, date[2].utf8.count == 2, let short = number(date[2]) else { return nil }
            let thisYear = CivilDate(dayNumber: Int32(clamping: floorDivide(now.milliseconds, 86_400_000))).components
                .year
            var year = thisYear - thisYear % 100 + short
            if year > thisYear + 50 { year -= 100 }
            return instant(day: date[0], month: date[1], year: year, time: words[2])
        }
        if words.count == 5, words[4].utf8.count == 4 {
            return instant(day: words[2], month: words[1], year: number(words[4]), time: words[3])
        }
        return nil
    }

    private static func instant(day: Substring, month: Substring, year: Int?, time: Substring) -> Timestamp? {
        let clock = time.split(separator: ":", omittingEmptySubsequences: false)
        guard let year, let day = number(day), let month = months.firstIndex(of: String(month)), clock.count == 3,
            clock.allSatisfy({ $0.utf8.count == 2 }), let hour = number(clock[0]), let minute = number(clock[1]),
            let second = number(clock[2]), hour < 24, minute < 60, second <= 60,
            let date = CivilDate(year: year, month: month + 1, day: day)
        else { return nil }
        let seconds = Int64(date.dayNumber) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
        return Timestamp(seconds: seconds)
    }

    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } ? Int(text) : nil
    }

    private static func floorDivide(_ value: Int64, _ unit: Int64) -> Int64 {
        value / unit - (value % unit < 0 ? 1 : 0)
    }
}
