extension ISODuration {
    /// Reads `[-]P[nY][nM][nD][T[nH][nM][n[.nnn]S]]` or `[-]PnW`; nil for anything else.
    ///
    /// At least one part, each at most once and in this order, whole numbers but for the seconds, which may have up to
    /// three decimals; at most 9,999 years in months, in days and in elapsed time. Source: ISO 8601-1:2019, 5.5.2.
    public init?(text: String) {
        var rest = Array(text.utf8)[...]
        let negative = rest.first == UInt8(ascii: "-")
        if negative { rest.removeFirst() }
        guard rest.popFirst() == UInt8(ascii: "P") else { return nil }

        var months: Int64 = 0
        var days: Int64 = 0
        var milliseconds: Int64 = 0
        var inTime = false
        var lastRank = -1
        var partsSinceT = 0
        while !rest.isEmpty {
            if rest.first == UInt8(ascii: "T") {
                guard !inTime else { return nil }
                rest.removeFirst()
                inTime = true
                partsSinceT = 0
                continue
            }
            guard let number = DecimalPart(readingFrom: &rest), let letter = rest.popFirst(),
                let unit = Unit(letter: letter, inTime: inTime), unit.rank > lastRank,
                number.fraction == 0 && !number.hasFraction || unit == .second
            else { return nil }
            // A week stands alone.
            if unit == .week, lastRank >= 0 || !rest.isEmpty { return nil }
            lastRank = unit.rank
            partsSinceT += 1
            switch unit {
            case .year: months += number.whole * 12
            case .month: months += number.whole
            case .week: days += number.whole * 7
            case .day: days += number.whole
            case .hour: milliseconds += number.whole * 3_600_000
            case .minute: milliseconds += number.whole * 60_000
            case .second: milliseconds += number.whole * 1000 + number.fraction
            }
        }
        guard lastRank >= 0, !inTime || partsSinceT > 0, months <= 9999 * 12, days <= 3_652_059,
            milliseconds <= 3_652_059 * 86_400_000
        else { return nil }
        let sign: Int64 = negative ? -1 : 1
        self.init(months: Int32(sign * months), days: Int32(sign * days), milliseconds: sign * milliseconds)
    }

    /// The shortest ISO 8601 text that reads as this duration: `P1Y2M`, `P7D`, `-PT1H30M`, `PT0.250S`, `P0D`.
    public var text: String {
        if isZero { return "P0D" }
        var text = isNegative ? "-P" : "P"
        let months = self.months.magnitude
        if months >= 12 { text += "\(months / 12)Y" }
        if months % 12 != 0 { text += "\(months % 12)M" }
        if days != 0 { text += "\(days.magnitude)D" }
        guard milliseconds != 0 else { return text }
        text += "T"
        let rest = milliseconds.magnitude
        if rest >= 3_600_000 { text += "\(rest / 3_600_000)H" }
        if rest / 60_000 % 60 != 0 { text += "\(rest / 60_000 % 60)M" }
        let seconds = rest % 60_000
        if seconds % 1000 != 0 {
            text += "\(seconds / 1000)." + padded(Int(seconds % 1000), 3) + "S"
        } else if seconds != 0 {
            text += "\(seconds / 1000)S"
        }
        return text
    }

    private enum Unit {
        case year, month, week, day, hour, minute, second

        init?(letter: UInt8, inTime: Bool) {
            switch (letter, inTime) {
            case (UInt8(ascii: "Y"), false): self = .year
            case (UInt8(ascii: "M"), false): self = .month
            case (UInt8(ascii: "W"), false): self = .week
            case (UInt8(ascii: "D"), false): self = .day
            case (UInt8(ascii: "H"), true): self = .hour
            case (UInt8(ascii: "M"), true): self = .minute
            case (UInt8(ascii: "S"), true): self = .second
            default: return nil
            }
        }

        /// The place in the order in which parts are written.
        var rank: Int {
            switch self {
            case .year: 0
            case .month: 1
            case .week: 2
            case .day: 3
            case .hour: 4
            case .minute: 5
            case .second: 6
            }
        }
    }

    /// Up to 15 digits, and up to three decimals in thousandths.
    private struct DecimalPart {
        var whole: Int64 = 0
        var fraction: Int64 = 0
        var hasFraction = false

        init?(readingFrom rest: inout ArraySlice<UInt8>) {
            var count = 0
            while let byte = rest.first, byte >= 0x30, byte <= 0x39 {
                count += 1
                guard count <= 15 else { return nil }
                whole = whole * 10 + Int64(byte - 0x30)
                rest.removeFirst()
            }
            // The largest sum of parts the caller makes stays far below Int64 with this bound.
            guard count > 0, whole <= 400_000_000_000 else { return nil }
            guard rest.first == UInt8(ascii: ".") else { return }
            rest.removeFirst()
            hasFraction = true
            var scale: Int64 = 100
            var decimals = 0
            while let byte = rest.first, byte >= 0x30, byte <= 0x39 {
                decimals += 1
                guard decimals <= 3 else { return nil }
                fraction += Int64(byte - 0x30) * scale
                scale /= 10
                rest.removeFirst()
            }
            guard decimals > 0 else { return nil }
        }
    }
}

extension ISODuration {
    /// Whether it is no time at all.
    @inlinable public var isZero: Bool { months == 0 && days == 0 && milliseconds == 0 }

    /// Whether it goes back in time.
    @inlinable public var isNegative: Bool { months < 0 || days < 0 || milliseconds < 0 }

    /// Whether it has no elapsed part, so that it moves dates.
    @inlinable public var isWholeDays: Bool { milliseconds == 0 }

    /// The same length in the other direction; `Int.min` parts become the largest there is.
    public var negated: ISODuration {
        ISODuration(
            months: Int32(clamping: -Int64(months)), days: Int32(clamping: -Int64(days)),
            milliseconds: milliseconds == .min ? .max : -milliseconds)
    }

    /// Milliseconds where a day is 24 hours, as `within` and `between` count; nil with months or years, which have no
    /// such length.
    public var fixedMilliseconds: Int64? {
        guard months == 0 else { return nil }
        let (sum, overflow) = milliseconds.addingReportingOverflow(Int64(days) * 86_400_000)
        return overflow ? nil : sum
    }

    /// Milliseconds with a month of the calendar's mean length (400 years in 4,800 months: 2,629,746,000 ms) and days
    /// of 24 hours; for ordering and for estimates, never for a due instant.
    public var approximateMilliseconds: Int64 {
        let calendar = Int64(months) * 2_629_746_000 + Int64(days) * 86_400_000
        let (sum, overflow) = milliseconds.addingReportingOverflow(calendar)
        return overflow ? (calendar < 0 ? .min : .max) : sum
    }

    /// Whether this is the longer one by ``approximateMilliseconds``.
    public func isLonger(than other: ISODuration) -> Bool {
        approximateMilliseconds > other.approximateMilliseconds
    }
}
