import CareValues

extension Evaluator {
    var today: CivilDate { context.zone.date(at: context.now) }

    /// The first instant of a local date that lies after now, or never.
    private func midnight(_ date: CivilDate) -> Timestamp {
        let instant = context.zone.startOfDay(date)
        return instant > context.now ? instant : Self.forever
    }

    private var nextMidnight: Timestamp { context.zone.startOfDay(today.advanced(byDays: 1)) }

    /// The time functions by themselves: what is over `today` is valid to the next local midnight.
    func time(_ instruction: Instruction) throws(LogicError) -> Evaluation {
        switch instruction.code {
        case .now:
            return Evaluation(value: .instant(context.now), validUntil: context.now.advanced(byMilliseconds: 1))
        case .today:
            return Evaluation(value: .date(today), validUntil: nextMidnight)
        case .within:
            let moment = try operand(instruction, 0)
            if moment.value.isMissing { return moment }
            guard let instant = instant(moment.value) else { throw .typeMismatch(operator: "within") }
            guard
                case .number(let window) = program.constants[
                    Int(program.instructions[program.operand(instruction, 1)].a)]
            else { throw .typeMismatch(operator: "within") }
            let end = instant.advanced(byMilliseconds: Int64(window))
            let turn = context.now < instant ? instant : context.now < end ? end : Self.forever
            return Evaluation(
                value: .bool(instant <= context.now && context.now < end), validUntil: min(turn, moment.validUntil))
        default:
            let part = try operand(instruction, 0)
            guard let days = try count(instruction.code, part.value) else {
                return Evaluation(value: .missing, validUntil: part.validUntil)
            }
            return Evaluation(value: .number(Double(days)), validUntil: min(nextMidnight, part.validUntil))
        }
    }

    /// `days_since`, `days_until`, `age`, `days_until_birthday` of a value today; nil: missing.
    private func count(_ code: Instruction.Code, _ value: LogicValue) throws(LogicError) -> Int? {
        if value.isMissing { return nil }
        switch code {
        case .daysSince, .daysUntil:
            guard let date = localDate(value) else {
                throw .typeMismatch(operator: code == .daysSince ? "days_since" : "days_until")
            }
            let days = Int(today.dayNumber) - Int(date.dayNumber)
            return code == .daysSince ? days : -days
        case .age:
            guard let birthday = birthday(value) else { throw .typeMismatch(operator: "age") }
            return birthday.date.map { age(bornOn: $0) }
        default:
            guard let birthday = birthday(value) else { throw .typeMismatch(operator: "days_until_birthday") }
            return daysUntil(birthday, from: today)
        }
    }

    /// Full years by the Gregorian calendar, in which ages are counted also of who keeps the birthday in another.
    private func age(bornOn date: CivilDate) -> Int {
        let now = today.components
        let birth = date.components
        let isBefore = (now.month, now.day) < (birth.month, birth.day)
        return now.year - birth.year - (isBefore ? 1 : 0)
    }

    private func instant(_ value: LogicValue) -> Timestamp? {
        switch value {
        case .instant(let instant): instant
        case .date(let date): context.zone.startOfDay(date)
        case .string(let text): Timestamp(iso8601: text) ?? CivilDate(text: text).map { context.zone.startOfDay($0) }
        default: nil
        }
    }

    private func localDate(_ value: LogicValue) -> CivilDate? {
        switch value {
        case .date(let date): date
        case .instant(let instant): context.zone.date(at: instant)
        case .string(let text): CivilDate(text: text) ?? Timestamp(iso8601: text).map { context.zone.date(at: $0) }
        default: nil
        }
    }

    private func birthday(_ value: LogicValue) -> Birthday? {
        switch value {
        case .birthday(let birthday): birthday
        case .date(let date): Birthday(text: date.text)
        case .string(let text): Birthday(text: text)
        default: nil
        }
    }

    // MARK: Crossings

    /// A time function compared with a value that does not move with time: the answer, and the instant at which it
    /// turns. nil: the operands ask for the general way.
    func compareTime(_ index: Int, _ comparison: Comparison, _ other: Evaluation) throws(LogicError) -> Evaluation? {
        let instruction = program.instructions[index]
        switch (instruction.code, other.value) {
        case (.now, .instant(let fixed)):
            let value = comparison.holds(context.now, fixed)
            let after = fixed.advanced(byMilliseconds: 1)
            // From before to at, from at to after: the first of the two at which the answer differs.
            for turn in [fixed, after] where turn > context.now && comparison.holds(turn, fixed) != value {
                return Evaluation(value: .bool(value), validUntil: min(turn, other.validUntil))
            }
            return Evaluation(value: .bool(value), validUntil: other.validUntil)
        case (.today, .date(let date)):
            return days(Int(today.dayNumber) - Int(date.dayNumber), comparison, 0, other.validUntil)
        case (.daysSince, .number(let limit)), (.daysUntil, .number(let limit)), (.age, .number(let limit)),
            (.daysUntilBirthday, .number(let limit)):
            let part = try operand(instruction, 0)
            let validUntil = min(part.validUntil, other.validUntil)
            guard let count = try count(instruction.code, part.value) else {
                let value: LogicValue =
                    comparison.isOrdered ? .missing : .bool(comparison == .notEqual || comparison == .notIdentical)
                return Evaluation(value: value, validUntil: validUntil)
            }
            switch instruction.code {
            case .daysSince: return days(count, comparison, limit, validUntil)
            case .daysUntil: return days(-count, comparison.mirrored, -limit, validUntil)
            case .age: return age(count, part.value, comparison, limit, validUntil)
            default: return daysUntilBirthday(count, part.value, comparison, limit, validUntil)
            }
        default:
            return nil
        }
    }

    /// A count that grows by one each local midnight.
    private func days(_ count: Int, _ comparison: Comparison, _ limit: Double, _ validUntil: Timestamp) -> Evaluation {
        let value = comparison.holds(Double(count), limit)
        var turn = Self.forever
        // A count differs in its answer at most at the limit and one past it.
        let floor = limit.rounded(.down)
        if abs(floor) < 4_000_000 {
            for candidate in [Int(floor), Int(floor) + 1]
            where candidate > count && comparison.holds(Double(candidate), limit) != value {
                turn = midnight(today.advanced(byDays: candidate - count))
                break
            }
        }
        return Evaluation(value: .bool(value), validUntil: min(turn, validUntil))
    }

    private func age(
        _ age: Int, _ value: LogicValue, _ comparison: Comparison, _ limit: Double, _ validUntil: Timestamp
    ) -> Evaluation {
        let holds = comparison.holds(Double(age), limit)
        var turn = Self.forever
        let floor = limit.rounded(.down)
        if let birth = birthday(value)?.date?.components, abs(floor) < 10_000 {
            for candidate in [Int(floor), Int(floor) + 1]
            where candidate > age && comparison.holds(Double(candidate), limit) != holds {
                // The age grows on the first day that is not before the birthday: 1 March for 29 February.
                let day =
                    CivilDate(year: birth.year + candidate, month: birth.month, day: birth.day)
                    ?? CivilDate(year: birth.year + candidate, month: birth.month, day: 28)?.advanced(byDays: 1)
                if let day { turn = midnight(day) }
                break
            }
        }
        return Evaluation(value: .bool(holds), validUntil: min(turn, validUntil))
    }

    private func daysUntilBirthday(
        _ count: Int, _ value: LogicValue, _ comparison: Comparison, _ limit: Double, _ validUntil: Timestamp
    ) -> Evaluation {
        let holds = comparison.holds(Double(count), limit)
        guard let birthday = birthday(value) else { return Evaluation(value: .bool(holds), validUntil: validUntil) }
        // It falls by one each day to 0, then begins anew. Years differ in length, those of the Chinese calendar by a
        // month, so that an answer of a longer one may still be to come after that: then one looks again.
        let last = count + 386
        for ahead in 1...last {
            let date = today.advanced(byDays: ahead)
            guard let next = daysUntil(birthday, from: date) else {
                return Evaluation(value: .bool(holds), validUntil: min(midnight(date), validUntil))
            }
            if comparison.holds(Double(next), limit) != holds {
                return Evaluation(value: .bool(holds), validUntil: min(midnight(date), validUntil))
            }
        }
        return Evaluation(value: .bool(holds), validUntil: min(midnight(today.advanced(byDays: last)), validUntil))
    }
}

/// The birthday's return in `year` of its calendar. 29 February is kept on the 28th where there is none, a Chinese 30th
/// on the 29th, and a leap month in the ordinary one of its number.
private func keep(_ birthday: Birthday, in year: Int) -> CivilDate? {
    if birthday.isChinese { return ChineseReturn(month: birthday.month, day: birthday.day).civil(in: year) }
    return CivilDate(
        year: year, month: birthday.month,
        day: min(birthday.day, CivilDate.length(ofMonth: birthday.month, year: year)))
}

/// Days from `date` to the next return of a birthday, 0 on the day itself; nil beyond the calendar's last year.
func daysUntil(_ birthday: Birthday, from date: CivilDate) -> Int? {
    // A year of the Chinese calendar begins up to two months after the Gregorian one of its number.
    let year = date.components.year - (birthday.isChinese ? 1 : 0)
    for candidate in year...(year + 2) {
        if let day = keep(birthday, in: candidate), day >= date { return Int(day.dayNumber) - Int(date.dayNumber) }
    }
    return nil
}
