import CareValues

/// Operators over texts, lists and time.
extension CareInterpreter {
    /// A value's text: what stands in `cat`.
    static func text(_ value: LogicValue) -> String {
        switch value {
        case .string(let text): text
        case .date(let date): date.text
        case .instant(let instant): instant.iso8601
        case .birthday(let birthday): birthday.text
        default: value.jsonValue.canonicalText
        }
    }

    /// `substr` by code points; `startsWith`, `endsWith`.
    func text(_ name: String, _ values: [LogicValue]) throws(LogicError) -> LogicValue {
        guard !values.contains(.missing) else { return .missing }
        guard values.count >= 2, case .string(let text) = values[0] else { throw .typeMismatch(operator: name) }
        let letters = Array(text.unicodeScalars)
        switch (name, values[1]) {
        case ("startsWith", .string(let piece)): return .bool(letters.starts(with: Array(piece.unicodeScalars)))
        case ("endsWith", .string(let piece)):
            let wanted = Array(piece.unicodeScalars)
            return .bool(letters.count >= wanted.count && Array(letters.suffix(wanted.count)) == wanted)
        case ("substr", .number(let start)):
            var rest =
                start < 0 ? Array(letters.suffix(Self.whole(-start))) : Array(letters.dropFirst(Self.whole(start)))
            // A start that is cut off to nothing is the front, not the end.
            if start < 0, Self.whole(-start) == 0 { rest = letters }
            if values.count > 2 {
                guard case .number(let length) = values[2] else { throw .typeMismatch(operator: name) }
                let count = Self.whole(abs(length))
                rest = length <= -1 ? Array(rest.dropLast(count)) : Array(rest.prefix(count))
            }
            var view = String.UnicodeScalarView()
            view.append(contentsOf: rest)
            return .string(String(view))
        default: throw .typeMismatch(operator: name)
        }
    }

    /// The whole part of a number that is not negative, up to what no text is longer than.
    private static func whole(_ number: Double) -> Int { Int(min(number, 1e9)) }

    /// `map`, `filter`, `all`, `some`, `none`, `reduce`; a missing list has no elements.
    func overList(
        _ name: String, _ list: LogicValue, _ operands: [JSONValue], _ scene: Scene
    ) throws(LogicError) -> LogicValue {
        let elements: [LogicValue]
        switch list {
        case .list(let values): elements = values
        case .missing: elements = []
        default: throw .typeMismatch(operator: name)
        }
        let body = operands.count > 1 ? operands[1] : .null
        var inner = scene
        if name == "reduce" {
            var accumulator = operands.count > 2 ? try value(operands[2], scene) : .missing
            for element in elements {
                // As JSON: a date is its text here.
                inner.element = .object(["current": element.jsonValue, "accumulator": accumulator.jsonValue])
                accumulator = try value(body, inner)
            }
            return accumulator
        }
        var results: [LogicValue] = []
        for element in elements {
            inner.element = element
            results.append(try value(body, inner))
        }
        let passing = zip(elements, results).filter { Self.truth($0.1) == true }.map(\.0)
        switch name {
        case "map": return .list(results)
        case "filter": return .list(passing)
        case "all": return .bool(elements.count > 0 && passing.count == elements.count)
        case "some": return .bool(passing.count > 0)
        default: return .bool(passing.count == 0)
        }
    }

    // MARK: Time

    /// The customer's local date.
    func today(_ customer: Customer) -> CivilDate { customer.zone.date(at: customer.now) }

    /// `days_since`, `days_until` count local dates; `age` full years; `days_until_birthday` the days from today on.
    func days(_ name: String, _ value: LogicValue, _ customer: Customer) throws(LogicError) -> LogicValue {
        if value == .missing { return .missing }
        let today = today(customer)
        if name == "days_since" || name == "days_until" {
            let date: CivilDate? =
                switch value {
                case .date(let date): date
                case .instant(let instant): customer.zone.date(at: instant)
                case .string(let text):
                    CivilDate(text: text) ?? Timestamp(iso8601: text).map { customer.zone.date(at: $0) }
                default: nil
                }
            guard let date else { throw .typeMismatch(operator: name) }
            let days = Int(today.dayNumber) - Int(date.dayNumber)
            return .number(Double(name == "days_since" ? days : -days))
        }
        let birthday: Birthday? =
            switch value {
            case .birthday(let birthday): birthday
            case .date(let date): Birthday(text: date.text)
            case .string(let text): Birthday(text: text)
            default: nil
            }
        guard let birthday else { throw .typeMismatch(operator: name) }
        if name == "age" {
            guard let (year, birthMonth, birthDay) = birthday.date?.components else { return .missing }
            let (thisYear, month, day) = today.components
            return .number(Double(thisYear - year - ((month, day) < (birthMonth, birthDay) ? 1 : 0)))
        }
        if birthday.isChinese {
            // The 30th is kept on the 29th in a month without it, and a leap month in the ordinary one.
            for ahead in 0...385 {
                guard let date = ChineseCalendar.date(of: today.advanced(byDays: ahead)) else { return .missing }
                let length = ChineseCalendar.length(ofMonth: date.month, year: date.year) ?? 30
                if !date.isLeapMonth, date.month == birthday.month, date.day == min(birthday.day, length) {
                    return .number(Double(ahead))
                }
            }
            return .missing
        }
        // 29 February is kept on the 28th in years without it.
        for ahead in 0...366 {
            let (year, month, day) = today.advanced(byDays: ahead).components
            let isKeptEarly = (birthday.month, birthday.day) == (2, 29) && !CivilDate.isLeap(year: year)
            if month == birthday.month, day == (isKeptEarly ? 28 : birthday.day) { return .number(Double(ahead)) }
        }
        return .missing
    }

    /// Whether moment ≤ now < moment + duration; a date's moment is its first instant.
    func within(_ value: LogicValue, _ duration: JSONValue?, _ customer: Customer) throws(LogicError) -> LogicValue {
        guard case .string(let text)? = duration, let length = ISODuration(text: text)?.fixedMilliseconds else {
            throw .typeMismatch(operator: "within")
        }
        let moment: Timestamp? =
            switch value {
            case .instant(let instant): instant
            case .date(let date): customer.zone.startOfDay(date)
            case .string(let text):
                Timestamp(iso8601: text) ?? CivilDate(text: text).map { customer.zone.startOfDay($0) }
            default: nil
            }
        if value == .missing { return .missing }
        guard let moment else { throw .typeMismatch(operator: "within") }
        return .bool(moment <= customer.now && customer.now < moment.advanced(byMilliseconds: length))
    }
}
