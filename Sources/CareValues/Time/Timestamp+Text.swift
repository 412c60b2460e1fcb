extension Timestamp {
    /// Reads `YYYY-MM-DDThh:mm[:ss[.f…]]` with `Z` or `±hh:mm`; nil for anything else.
    ///
    /// Up to nine decimals, of which those after the third are cut off; years 0001...9999, in UTC too; no 24:00, no
    /// leap second. Source: RFC 3339 section 5.6, with the seconds optional as in ISO 8601.
    public init?(iso8601 text: String) {
        var text = text
        guard let value = text.withUTF8({ Timestamp(iso8601: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = value
    }

    /// The same from UTF-8 bytes, without an allocation.
    public init?(iso8601 bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 17, bytes.count <= 35,
            let date = CivilDate(iso8601: UnsafeRawBufferPointer(rebasing: bytes[..<10])),
            bytes[10] == UInt8(ascii: "T"), bytes[13] == UInt8(ascii: ":"),
            let hour = twoDigits(bytes, 11), hour < 24, let minute = twoDigits(bytes, 14), minute < 60
        else { return nil }
        var milliseconds = Int64(date.dayNumber) * 86_400_000 + Int64(hour) * 3_600_000 + Int64(minute) * 60_000
        var index = 16
        if bytes[index] == UInt8(ascii: ":") {
            guard let second = twoDigits(bytes, 17), second < 60 else { return nil }
            milliseconds += Int64(second) * 1000
            index = 19
            if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
                index += 1
                let start = index
                var scale: Int64 = 100
                while index < bytes.count, bytes[index] >= 0x30, bytes[index] <= 0x39 {
                    milliseconds += Int64(bytes[index] - 0x30) * scale
                    scale /= 10
                    index += 1
                }
                guard (1...9).contains(index - start) else { return nil }
            }
        }
        guard index < bytes.count else { return nil }
        switch bytes[index] {
        case UInt8(ascii: "Z"):
            guard index + 1 == bytes.count else { return nil }
        case let sign where sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"):
            guard index + 6 == bytes.count, bytes[index + 3] == UInt8(ascii: ":"),
                let hours = twoDigits(bytes, index + 1), hours < 24,
                let minutes = twoDigits(bytes, index + 4), minutes < 60
            else { return nil }
            let offset = Int64(hours * 60 + minutes) * 60_000
            milliseconds += sign == UInt8(ascii: "+") ? -offset : offset
        default:
            return nil
        }
        self.init(milliseconds: milliseconds)
        guard self >= .distantPast, self < .distantFuture else { return nil }
    }

    /// `2026-03-01T09:00:00.000Z`: UTC, always with milliseconds.
    ///
    /// ``distantFuture`` is the first instant of a year of five digits; it is not meant to be written.
    public var iso8601: String {
        let local = LocalDateTime(wallMilliseconds: milliseconds)
        let (year, month, day) = local.date.components
        guard (0...9999).contains(year) else {
            let time = Int(local.time.millisecondsOfDay)
            return local.date.text + "T" + LocalTime(millisecondsOfDay: Int32(time / 60_000 * 60_000)).text + ":"
                + padded(time / 1000 % 60, 2) + "." + padded(time % 1000, 3) + "Z"
        }
        let time = Int(local.time.millisecondsOfDay)
        return String(unsafeUninitializedCapacity: 24) { bytes in
            Digits.put(year: year, month: month, day: day, into: bytes)
            bytes.initializeElement(at: 10, to: UInt8(ascii: "T"))
            Digits.put(time / 3_600_000, 2, into: bytes, at: 11)
            bytes.initializeElement(at: 13, to: UInt8(ascii: ":"))
            Digits.put(time / 60_000 % 60, 2, into: bytes, at: 14)
            bytes.initializeElement(at: 16, to: UInt8(ascii: ":"))
            Digits.put(time / 1000 % 60, 2, into: bytes, at: 17)
            bytes.initializeElement(at: 19, to: UInt8(ascii: "."))
            Digits.put(time % 1000, 3, into: bytes, at: 20)
            bytes.initializeElement(at: 23, to: UInt8(ascii: "Z"))
            return 24
        }
    }
}

extension CivilDate {
    /// Reads `YYYY-MM-DD`, four, two and two digits, years 0001...9999; nil for anything else and for days that do not
    /// exist.
    public init?(text: String) {
        var text = text
        guard let value = text.withUTF8({ CivilDate(iso8601: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = value
    }

    /// The same from UTF-8 bytes, without an allocation.
    public init?(iso8601 bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let century = twoDigits(bytes, 0), let year = twoDigits(bytes, 2), let month = twoDigits(bytes, 5),
            let day = twoDigits(bytes, 8)
        else { return nil }
        self.init(year: century * 100 + year, month: month, day: day)
    }
}

/// The number written by the two digits at `index`; nil when they are not digits or not there.
@inline(__always)
func twoDigits(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> Int? {
    guard index + 1 < bytes.count else { return nil }
    let tens = Int(bytes[index]) - 0x30
    let ones = Int(bytes[index + 1]) - 0x30
    guard (0...9).contains(tens), (0...9).contains(ones) else { return nil }
    return tens * 10 + ones
}
