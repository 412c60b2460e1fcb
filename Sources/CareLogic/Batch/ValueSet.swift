import CareValues

/// The values of one column that a leaf takes: closed ranges of numbers, and perhaps missing.
///
/// Days, codes, truth values and instants are whole numbers here, each exact in a `Double`. Every comparison of a column
/// with a constant is such a set, and so is its negation: a block then needs one kind of loop.
struct ValueSet: Hashable, Sendable {
    /// Both ends belong to it.
    struct Range: Hashable, Sendable {
        var low: Double
        var high: Double
    }

    /// Ascending, disjoint, not empty.
    var ranges: [Range]
    /// Whether a missing value belongs to it.
    var holdsMissing: Bool

    static let missing = ValueSet(ranges: [], holdsMissing: true)
    static let present = ValueSet(ranges: [Range(low: -.infinity, high: .infinity)], holdsMissing: false)
    static let nothing = ValueSet(ranges: [], holdsMissing: false)

    init(ranges: [Range], holdsMissing: Bool) {
        self.ranges = ranges
        self.holdsMissing = holdsMissing
    }

    /// The values for which `value <comparison> limit` has the result `outcome`.
    ///
    /// An ordered comparison of a missing value is neither true nor false; `==` and `!=` never miss an answer.
    init(_ comparison: Comparison, _ limit: Double, outcome: Bool) {
        let holds: [Range]
        switch comparison {
        case .less: holds = [Range(low: -.infinity, high: limit.nextDown)]
        case .lessOrEqual: holds = [Range(low: -.infinity, high: limit)]
        case .greater: holds = [Range(low: limit.nextUp, high: .infinity)]
        case .greaterOrEqual: holds = [Range(low: limit, high: .infinity)]
        case .equal, .identical, .notEqual, .notIdentical: holds = [Range(low: limit, high: limit)]
        }
        let isNegated = comparison == .notEqual || comparison == .notIdentical
        self.init(ranges: holds, holdsMissing: false)
        if outcome == isNegated { self = complement(holdingMissing: !comparison.isOrdered) }
    }

    /// All values that are not in it; missing as told.
    func complement(holdingMissing: Bool) -> ValueSet {
        var rest: [Range] = []
        var next = -Double.infinity
        var isOpen = true
        for range in ranges {
            if range.low > next { rest.append(Range(low: next, high: range.low.nextDown)) }
            if range.high == .infinity { isOpen = false }
            next = range.high.nextUp
        }
        if isOpen { rest.append(Range(low: next, high: .infinity)) }
        return ValueSet(ranges: rest, holdsMissing: holdingMissing)
    }

    /// What is in one of the two.
    func union(_ other: ValueSet) -> ValueSet {
        var result = ValueSet(ranges: [], holdsMissing: holdsMissing || other.holdsMissing)
        for range in (ranges + other.ranges).sorted(by: { $0.low < $1.low }) {
            if let last = result.ranges.last, range.low <= last.high.nextUp {
                result.ranges[result.ranges.count - 1].high = max(last.high, range.high)
            } else {
                result.ranges.append(range)
            }
        }
        return result
    }

    var withoutMissing: ValueSet { ValueSet(ranges: ranges, holdsMissing: false) }

    /// What is in both.
    func intersection(_ other: ValueSet) -> ValueSet {
        complement(holdingMissing: !holdsMissing).union(other.complement(holdingMissing: !other.holdsMissing))
            .complement(holdingMissing: holdsMissing && other.holdsMissing)
    }

    /// The set of these numbers.
    init(numbers: [Double], holdsMissing: Bool) {
        self.init(ranges: [], holdsMissing: holdsMissing)
        for number in numbers.sorted() where ranges.last?.high != number {
            ranges.append(Range(low: number, high: number))
        }
    }
}

/// A comparison of a column with something that only the clock and the zone fix: bound to a ``ValueSet`` when both are
/// known.
struct ClockTest: Hashable, Sendable {
    enum Function: Hashable, Sendable {
        /// Over local days: today minus the day, the day minus today.
        case daysSince, daysUntil
        /// Over days of birth.
        case age
        /// Over days of a year, see ``YearDay``.
        case daysUntilBirthday
        /// Over days: the date itself, compared with today.
        case dateAgainstToday
        /// Over instants, milliseconds.
        case instantAgainstNow
        /// Over instants: value ≤ now < value + window of milliseconds.
        case within(Int64)
        /// The same over days, whose instant is the local midnight.
        case dateWithin(Int64)
    }

    var function: Function
    var comparison: Comparison
    var limit: Double
    var outcome: Bool

    /// The values of the column for which the test has its outcome, for a customer of `zone` at `now`.
    func set(now: Timestamp, zone: Zone) -> ValueSet {
        let today = zone.date(at: now)
        switch function {
        case .daysSince:
            return mapped(ValueSet(comparison, limit, outcome: outcome)) { low, high in
                (Double(today.dayNumber) - high, Double(today.dayNumber) - low)
            }
        case .daysUntil:
            return mapped(ValueSet(comparison, limit, outcome: outcome)) { low, high in
                (Double(today.dayNumber) + low, Double(today.dayNumber) + high)
            }
        case .age:
            return mapped(ValueSet(comparison, limit, outcome: outcome)) { low, high in
                // Who is at most `high` was born after everyone who is one year older.
                (Self.latestBirth(age: high + 1, on: today) + 1, Self.latestBirth(age: low, on: today))
            }
        case .daysUntilBirthday:
            return untilBirthday(today)
        case .dateAgainstToday:
            return ValueSet(comparison, Double(today.dayNumber), outcome: outcome)
        case .instantAgainstNow:
            return ValueSet(comparison, Double(now.milliseconds), outcome: outcome)
        case .within(let window):
            let from = Double(now.advanced(byMilliseconds: -window).milliseconds)
            return between(from.nextUp, Double(now.milliseconds))
        case .dateWithin(let window):
            // The midnights that are past are those of the dates up to today, or to yesterday in a gap.
            var last = today.advanced(byDays: 1)
            while zone.startOfDay(last) > now { last = last.advanced(byDays: -1) }
            var first = zone.date(at: now.advanced(byMilliseconds: -window)).advanced(byDays: -1)
            while zone.startOfDay(first).advanced(byMilliseconds: window) <= now { first = first.advanced(byDays: 1) }
            return between(Double(first.dayNumber), Double(last.dayNumber))
        }
    }

    private func between(_ low: Double, _ high: Double) -> ValueSet {
        let inside = ValueSet(ranges: low <= high ? [.init(low: low, high: high)] : [], holdsMissing: false)
        return outcome ? inside : inside.complement(holdingMissing: false)
    }

    /// Takes ranges of a whole count to ranges of the column; ends that are not whole move inwards.
    private func mapped(_ counts: ValueSet, _ place: (Double, Double) -> (Double, Double)) -> ValueSet {
        var result = ValueSet(ranges: [], holdsMissing: counts.holdsMissing)
        for range in counts.ranges {
            let low = range.low.rounded(.up)
            let high = range.high.rounded(.down)
            guard low <= high else { continue }
            let (first, last) = place(low, high)
            guard first <= last else { continue }
            result = result.union(ValueSet(ranges: [.init(low: first, high: last)], holdsMissing: false))
        }
        return result
    }

    /// The last day of birth of those who are at least `age` years old on `today`.
    private static func latestBirth(age: Double, on today: CivilDate) -> Double {
        guard abs(age) < 100_000 else { return age < 0 ? .infinity : -.infinity }
        let now = today.components
        let year = now.year - Int(age)
        let day = min(now.day, CivilDate.length(ofMonth: now.month, year: year))
        guard let birth = CivilDate(year: year, month: now.month, day: day) else {
            // Nobody is born outside the calendar's years.
            return year < 1 ? -.infinity : .infinity
        }
        return Double(birth.dayNumber)
    }

    private func untilBirthday(_ today: CivilDate) -> ValueSet {
        let counts = ValueSet(comparison, limit, outcome: outcome)
        var days: [Double] = []
        for day in 1...YearDay.last {
            guard let birthday = YearDay.birthday(day) else { continue }
            // Past the end of the calendar's table the count is missing, though the birthday is not.
            let count = daysUntil(birthday, from: today).map(Double.init)
            let isIn = count.map { count in counts.ranges.contains { $0.low <= count && count <= $0.high } }
            if isIn ?? counts.holdsMissing { days.append(Double(day)) }
        }
        return ValueSet(numbers: days, holdsMissing: counts.holdsMissing)
    }
}

/// A condition over one column, of which some parts wait for the clock.
indirect enum ColumnTest: Hashable, Sendable {
    case set(ValueSet)
    case clock(ClockTest)
    case both([ColumnTest])
    case either([ColumnTest])

    /// The values for which it holds, for a customer of `zone` at `now`.
    func set(now: Timestamp, zone: Zone) -> ValueSet {
        switch self {
        case .set(let set): set
        case .clock(let test): test.set(now: now, zone: zone)
        case .both(let tests):
            tests.dropFirst().reduce(tests[0].set(now: now, zone: zone)) {
                $0.intersection($1.set(now: now, zone: zone))
            }
        case .either(let tests): tests.reduce(.nothing) { $0.union($1.set(now: now, zone: zone)) }
        }
    }
}

/// What a birthday's return depends on: a day of a Gregorian leap year, counted from 1 on 1 January to 366 on 31
/// December, or after these the 1st of the first month to the 30th of the twelfth of the Chinese calendar.
enum YearDay {
    /// The last number.
    static let last = 366 + 360
    private static let lengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

    /// Source of the formula: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", of a year from March.
    static func number(month: Int, day: Int) -> Int {
        month <= 2 ? (month - 1) * 31 + day : (153 * (month - 3) + 2) / 5 + 60 + day
    }

    /// Leap months have the numbers of the ordinary ones, in which their birthdays return.
    static func number(of birthday: Birthday) -> Int {
        guard birthday.isChinese else { return number(month: birthday.month, day: birthday.day) }
        return 366 + (birthday.month - 1) * 30 + birthday.day
    }

    static func birthday(_ number: Int) -> Birthday? {
        if number > 366 {
            let place = number - 367
            return Birthday(chineseYear: nil, month: place / 30 + 1, isLeapMonth: false, day: place % 30 + 1)
        }
        var rest = number
        for (index, length) in lengths.enumerated() {
            if rest <= length { return Birthday(year: nil, month: index + 1, day: rest) }
            rest -= length
        }
        return nil
    }
}
