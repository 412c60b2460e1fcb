import CareValues

/// How a file writes dates and times.
public enum TimeFormat: Sendable, Hashable {
    /// `2026-03-01`, `2026-03-01T09:00:00.000+08:00`, also with a blank for the `T` and without seconds. Without an
    /// offset it is local time; a date alone is 00:00.
    case iso8601
    /// Seconds since 1970-01-01T00:00:00Z, with or without a fraction (digits behind the third are dropped).
    case unixSeconds
    /// Milliseconds since 1970-01-01T00:00:00Z.
    case unixMilliseconds
    /// Parts at fixed places: `yyyyMMdd`, `dd.MM.yyyy HH:mm`.
    case pattern(TimePattern)

    /// The format of that name in a mapping (`iso8601`, `unix`, `unix-ms`) or of that pattern; nil: neither.
    public init?(text: String) {
        switch text {
        case "iso8601": self = .iso8601
        case "unix": self = .unixSeconds
        case "unix-ms": self = .unixMilliseconds
        default:
            guard let pattern = TimePattern(text: text) else { return nil }
            self = .pattern(pattern)
        }
    }

    /// An example of the format, for messages.
    public var example: String {
        switch self {
        case .iso8601: "2026-03-01 or 2026-03-01T09:00:00Z"
        case .unixSeconds: "1772355600"
        case .unixMilliseconds: "1772355600000"
        case .pattern(let pattern): pattern.text
        }
    }

    /// The instant that `text` names by ``iso8601``; local in `zone` where it has no offset; nil: it names none.
    public static func instant(_ text: String, zone: Zone) -> Timestamp? {
        let bytes = Array(text.utf8)
        switch bytes.withUnsafeBytes({ readISO($0) }) {
        case .instant(let instant)?: return instant
        case .local(let local)?: return zone.instant(of: local)
        case nil: return nil
        }
    }

    /// Reads a whole field; nil: not in this format, or no such day or hour, or outside the years 1...9999.
    func read(_ bytes: UnsafeRawBufferPointer) -> ReadTime? {
        switch self {
        case .iso8601: return TimeFormat.readISO(bytes)
        case .unixSeconds: return TimeFormat.readUnix(bytes, millisecondsPerUnit: 1000)
        case .unixMilliseconds: return TimeFormat.readUnix(bytes, millisecondsPerUnit: 1)
        case .pattern(let pattern): return pattern.read(bytes).map(ReadTime.local)
        }
    }

    private static func readUnix(_ bytes: UnsafeRawBufferPointer, millisecondsPerUnit: Int64) -> ReadTime? {
        var cursor = ByteCursor(bytes)
        let negative = cursor.take(UInt8(ascii: "-"))
        guard let whole = cursor.digits(1...15) else { return nil }
        var milliseconds = Int64(whole) * millisecondsPerUnit
        if millisecondsPerUnit > 1, cursor.take(UInt8(ascii: ".")) {
            guard let thousandths = cursor.thousandths() else { return nil }
            milliseconds += Int64(thousandths)
        }
        let instant = Timestamp(milliseconds: negative ? -milliseconds : milliseconds)
        guard cursor.isAtEnd, instant >= .distantPast, instant < .distantFuture else { return nil }
        return .instant(instant)
    }

    private static func readISO(_ bytes: UnsafeRawBufferPointer) -> ReadTime? {
        var cursor = ByteCursor(bytes)
        guard let year = cursor.digits(4...4), cursor.take(UInt8(ascii: "-")),
            let month = cursor.digits(2...2), cursor.take(UInt8(ascii: "-")),
            let day = cursor.digits(2...2), let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        if cursor.isAtEnd { return .local(LocalDateTime(date: date, time: .midnight)) }
        guard cursor.take(UInt8(ascii: "T")) || cursor.take(UInt8(ascii: " ")) || cursor.take(UInt8(ascii: "t")),
            let hour = cursor.digits(2...2), cursor.take(UInt8(ascii: ":")), let minute = cursor.digits(2...2)
        else { return nil }
        var second = 0
        var thousandths = 0
        if cursor.take(UInt8(ascii: ":")) {
            guard let read = cursor.digits(2...2) else { return nil }
            second = read
            if cursor.take(UInt8(ascii: ".")) || cursor.take(UInt8(ascii: ",")) {
                guard let read = cursor.thousandths() else { return nil }
                thousandths = read
            }
        }
        guard let time = LocalTime(hour: hour, minute: minute, second: second) else { return nil }
        let local = LocalDateTime(
            date: date, time: LocalTime(millisecondsOfDay: time.millisecondsOfDay + Int32(thousandths)))
        if cursor.isAtEnd { return .local(local) }
        guard let offset = cursor.zoneOffsetSeconds(), cursor.isAtEnd else { return nil }
        return .instant(local.instant(offsetSeconds: offset))
    }
}

/// What a field of a date or time says before a zone is applied.
enum ReadTime {
    /// Wall time; in which zone is said elsewhere.
    case local(LocalDateTime)
    /// An instant.
    case instant(Timestamp)
}

extension LocalDateTime {
    /// The instant of this wall time where clocks are `offsetSeconds` ahead of UTC.
    func instant(offsetSeconds: Int) -> Timestamp {
        Timestamp(
            milliseconds: Int64(date.dayNumber) * 86_400_000 + Int64(time.millisecondsOfDay) - Int64(offsetSeconds)
                * 1000
        )
    }
}

/// A date or time with its parts at fixed places.
///
/// `yyyy` year, `MM` `M` month, `dd` `d` day, `HH` `H` hour 0–23, `mm` minute, `ss` second, `SSS` thousandths; a single
/// letter takes one or two digits; every other character that is not a letter stands for itself.
public struct TimePattern: Sendable, Hashable {
    enum Part: Sendable, Hashable {
        case year, month(ClosedRange<Int>), day(ClosedRange<Int>), hour(ClosedRange<Int>), minute, second, thousandths
        case literal(UInt8)
    }

    /// The pattern as written.
    public let text: String
    let parts: [Part]

    /// The pattern of that text; nil: a letter it does not know, or no year, month and day.
    public init?(text: String) {
        self.text = text
        var parts: [Part] = []
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            var length = 1
            while index + length < bytes.count, bytes[index + length] == byte { length += 1 }
            index += length
            switch (Character(UnicodeScalar(byte)), length) {
            case ("y", 4): parts.append(.year)
            case ("M", 1...2): parts.append(.month(length == 1 ? 1...2 : 2...2))
            case ("d", 1...2): parts.append(.day(length == 1 ? 1...2 : 2...2))
            case ("H", 1...2): parts.append(.hour(length == 1 ? 1...2 : 2...2))
            case ("m", 2): parts.append(.minute)
            case ("s", 2): parts.append(.second)
            case ("S", 3): parts.append(.thousandths)
            case ("T", 1): parts.append(.literal(byte))
            default:
                guard !TimePattern.isLetter(byte) else { return nil }
                parts += Array(repeating: .literal(byte), count: length)
            }
        }
        func count(_ matches: (Part) -> Bool) -> Int { parts.count(where: matches) }
        guard count({ $0 == .year }) == 1,
            count({ if case .month = $0 { true } else { false } }) == 1,
            count({ if case .day = $0 { true } else { false } }) == 1
        else { return nil }
        self.parts = parts
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte >= 0x80
    }

    /// Reads a whole field; nil: another shape, or no such day or hour.
    func read(_ bytes: UnsafeRawBufferPointer) -> LocalDateTime? {
        var cursor = ByteCursor(bytes)
        var (year, month, day, hour, minute, second, thousandths) = (0, 0, 0, 0, 0, 0, 0)
        for part in parts {
            let read: Int?
            switch part {
            case .year:
                read = cursor.digits(4...4)
                year = read ?? 0
            case .month(let width):
                read = cursor.digits(width)
                month = read ?? 0
            case .day(let width):
                read = cursor.digits(width)
                day = read ?? 0
            case .hour(let width):
                read = cursor.digits(width)
                hour = read ?? 0
            case .minute:
                read = cursor.digits(2...2)
                minute = read ?? 0
            case .second:
                read = cursor.digits(2...2)
                second = read ?? 0
            case .thousandths:
                read = cursor.digits(3...3)
                thousandths = read ?? 0
            case .literal(let byte):
                read = cursor.take(byte) ? 0 : nil
            }
            if read == nil { return nil }
        }
        guard cursor.isAtEnd, let date = CivilDate(year: year, month: month, day: day),
            let time = LocalTime(hour: hour, minute: minute, second: second)
        else { return nil }
        return LocalDateTime(
            date: date, time: LocalTime(millisecondsOfDay: time.millisecondsOfDay + Int32(thousandths)))
    }
}
