extension ZoneRule {
    /// Reads a POSIX `TZ` string as TZif footers hold it; nil for anything else.
    ///
    /// A second name without dates (`EST5EDT`) is refused: POSIX leaves its meaning to the system.
    public init?(posix text: String) {
        self.init(posix: Array(text.utf8)[...])
    }

    /// Reads the bytes of a POSIX `TZ` string; nil for anything else.
    public init?(posix bytes: ArraySlice<UInt8>) {
        var reader = PosixReader(rest: bytes)
        guard reader.skipName(), let standard = reader.offset() else { return nil }
        self.standardOffset = standard
        self.daylight = nil
        guard !reader.rest.isEmpty else { return }
        guard reader.skipName() else { return nil }
        var offset = standard + 3600
        if reader.rest.first != UInt8(ascii: ",") {
            guard let given = reader.offset() else { return nil }
            offset = given
        }
        guard reader.skip(","), let start = reader.moment(), reader.skip(","), let end = reader.moment(),
            reader.rest.isEmpty
        else { return nil }
        self.daylight = Daylight(offset: offset, start: start, end: end)
    }
}

/// Reads the parts of a POSIX `TZ` string from the front.
private struct PosixReader {
    var rest: ArraySlice<UInt8>

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    /// Three letters or more, or `<…>` around three or more letters, digits and signs.
    mutating func skipName() -> Bool {
        let quoted = skip("<")
        var count = 0
        while let byte = rest.first, isLetter(byte) || (quoted && (isDigit(byte) || byte == 0x2B || byte == 0x2D)) {
            rest.removeFirst()
            count += 1
        }
        return count >= 3 && (!quoted || skip(">"))
    }

    /// `[+-]hh[:mm[:ss]]`, west of UTC, up to 24 hours: turned to seconds east.
    mutating func offset() -> Int32? {
        guard let seconds = clock(hoursUpTo: 24) else { return nil }
        return Int32(-seconds)
    }

    /// `[+-]h[:mm[:ss]]` in seconds.
    private mutating func clock(hoursUpTo limit: Int) -> Int? {
        let negative = skip("-")
        if !negative { _ = skip("+") }
        guard let hours = number(digitsUpTo: 3, in: 0...limit) else { return nil }
        var seconds = hours * 3600
        if skip(":") {
            guard let minutes = number(digitsUpTo: 2, in: 0...59) else { return nil }
            seconds += minutes * 60
            if skip(":") {
                guard let rest = number(digitsUpTo: 2, in: 0...59) else { return nil }
                seconds += rest
            }
        }
        return negative ? -seconds : seconds
    }

    /// `date[/time]`; without a time 02:00.
    mutating func moment() -> ZoneRule.Moment? {
        guard let day = day() else { return nil }
        guard skip("/") else { return ZoneRule.Moment(day: day, seconds: 7200) }
        guard let seconds = clock(hoursUpTo: 167) else { return nil }
        return ZoneRule.Moment(day: day, seconds: seconds)
    }

    private mutating func day() -> ZoneRule.Day? {
        if skip("J") { return number(digitsUpTo: 3, in: 1...365).map { .withoutLeapDay($0) } }
        if skip("M") {
            guard let month = number(digitsUpTo: 2, in: 1...12), skip("."),
                let week = number(digitsUpTo: 1, in: 1...5), skip("."),
                let weekday = number(digitsUpTo: 1, in: 0...6)
            else { return nil }
            return .weekday(month: month, week: week, weekday: weekday)
        }
        return number(digitsUpTo: 3, in: 0...365).map { .zeroBased($0) }
    }

    private mutating func number(digitsUpTo limit: Int, in range: ClosedRange<Int>) -> Int? {
        var value = 0
        var count = 0
        while count < limit, let byte = rest.first, isDigit(byte) {
            value = value * 10 + Int(byte - 0x30)
            rest.removeFirst()
            count += 1
        }
        return count > 0 && range.contains(value) ? value : nil
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    private func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A }
}
