import CareValues

extension BatchLowering {
    /// A comparison of two, or `a < b < c`: true where both parts are, false where one is.
    mutating func comparison(_ part: Part, _ outcome: Bool) -> Int {
        if let attribute = onlyAttribute(part), schema.attributes[attribute].type.words != nil {
            return leftOver(part, outcome)
        }
        let comparison = part.instruction.comparison
        if part.count == 3 {
            guard let first = pair(part.operand(0), comparison, part.operand(1), outcome),
                let second = pair(part.operand(1), comparison, part.operand(2), outcome)
            else { return leftOver(part, outcome) }
            return outcome ? and([first, second]) : or([first, second])
        }
        return pair(part.operand(0), comparison, part.operand(1), outcome) ?? leftOver(part, outcome)
    }

    /// The mask of one comparison; nil: no column form.
    private mutating func pair(_ left: Part, _ comparison: Comparison, _ right: Part, _ outcome: Bool) -> Int? {
        switch (left.constant, right.constant) {
        case (let one?, let two?):
            guard let result = try? Evaluator.compare(one, two, comparison, nil),
                one.isOrderedAlone || !comparison.isOrdered
            else { return nil }
            return constant(result.truth == outcome)
        case (let value?, nil): return against(right, comparison.mirrored, value, outcome)
        case (nil, let value?): return against(left, comparison, value, outcome)
        case (nil, nil): break
        }
        if let mask = againstClock(left, comparison, right, outcome) { return mask }
        if let mask = againstClock(right, comparison.mirrored, left, outcome) { return mask }
        return compareNumbers(left, comparison, right, outcome)
    }

    private mutating func compareNumbers(
        _ left: Part, _ comparison: Comparison, _ right: Part, _ outcome: Bool
    ) -> Int? {
        guard let one = number(left), let two = number(right), one.domain == two.domain else { return nil }
        return emit(.compare(one.index, comparison, two.index, outcome: outcome))
    }

    /// Something that is not constant compared with a constant.
    private mutating func against(
        _ part: Part, _ comparison: Comparison, _ value: LogicValue, _ outcome: Bool
    ) -> Int? {
        if value.isMissing {
            guard !comparison.isOrdered else {
                // A trait over its limit fails even here.
                return part.code == .attribute ? constant(false) : nil
            }
            let asksMissing = (comparison == .equal || comparison == .identical) == outcome
            if let column = presence(of: part) {
                return emit(.set(column: column, asksMissing ? .missing : .present))
            }
            return number(part).map { emit(.isMissing($0.index, outcome: asksMissing)) }
        }
        if let counted = clockFunction(part), case .number(let limit) = value {
            let test = ClockTest(function: counted.function, comparison: comparison, limit: limit, outcome: outcome)
            return emit(.clock(column: counted.column, .clock(test)))
        }
        if let column = presence(of: part) {
            switch (columns[column].aspect, value) {
            case (.number, .number(let limit)):
                return emit(.set(column: column, ValueSet(comparison, limit, outcome: outcome)))
            case (.flag, .bool(let flag)) where !comparison.isOrdered:
                return emit(.set(column: column, ValueSet(comparison, flag ? 1 : 0, outcome: outcome)))
            case (.day, .date(let date)) where domain(of: part) == .date:
                return emit(.set(column: column, ValueSet(comparison, Double(date.dayNumber), outcome: outcome)))
            case (.day, .instant(let instant)) where domain(of: part) == .instant:
                let instants = self.column(columns[column].source, .instant)
                return emit(
                    .set(column: instants, ValueSet(comparison, Double(instant.milliseconds), outcome: outcome)))
            case (.text, .string(let text)) where !comparison.isOrdered:
                let asksEqual = (comparison == .equal || comparison == .identical) == outcome
                return emit(.texts(column: column, [Array(text.utf8)], holdsMissing: !asksEqual, outcome: asksEqual))
            default: return nil
            }
        }
        guard let one = number(part), let two = number(constant: value), one.domain == two.domain else { return nil }
        return emit(.compare(one.index, comparison, two.index, outcome: outcome))
    }

    /// `today` or `now` compared with a date or an instant.
    private mutating func againstClock(
        _ clock: Part, _ comparison: Comparison, _ other: Part, _ outcome: Bool
    ) -> Int? {
        guard let domain = domain(of: other), let column = presence(of: other) else { return nil }
        let test: (ClockTest.Function, Int)
        switch (clock.code, domain) {
        case (.today, .date): test = (.dateAgainstToday, column)
        case (.now, .instant): test = (.instantAgainstNow, self.column(columns[column].source, .instant))
        default: return nil
        }
        // The column stands on the left of the test, the clock on the right.
        let clockTest = ClockTest(function: test.0, comparison: comparison.mirrored, limit: 0, outcome: outcome)
        return emit(.clock(column: test.1, .clock(clockTest)))
    }

    /// `days_since`, `days_until`, `age`, `days_until_birthday` of one attribute or trait, with its column.
    mutating func clockFunction(_ part: Part) -> (function: ClockTest.Function, column: Int)? {
        let function: ClockTest.Function
        let aspect: BatchColumn.Aspect
        switch part.code {
        case .daysSince: (function, aspect) = (.daysSince, .day)
        case .daysUntil: (function, aspect) = (.daysUntil, .day)
        case .age: (function, aspect) = (.age, .birthDay)
        case .daysUntilBirthday: (function, aspect) = (.daysUntilBirthday, .yearDay)
        default: return nil
        }
        guard let read = source(part.operand(0)) else { return nil }
        switch (aspect, read.type) {
        case (.day, .date), (.day, .instant), (.birthDay, .birthday), (.birthDay, .date), (.yearDay, .birthday),
            (.yearDay, .date):
            return (function, column(read.source, aspect))
        default: return nil
        }
    }

    /// `within` of a date or an instant.
    mutating func within(_ part: Part, _ outcome: Bool) -> Int {
        guard let read = source(part.operand(0)), case .number(let length)? = part.operand(1).constant else {
            return leftOver(part, outcome)
        }
        let function: ClockTest.Function
        let aspect: BatchColumn.Aspect
        switch read.type {
        case .date: (function, aspect) = (.dateWithin(Int64(length)), .day)
        case .instant: (function, aspect) = (.within(Int64(length)), .instant)
        default: return leftOver(part, outcome)
        }
        let test = ClockTest(function: function, comparison: .equal, limit: 0, outcome: outcome)
        return emit(.clock(column: column(read.source, aspect), .clock(test)))
    }

    /// `in` a list of constants: a set of numbers, days or texts.
    mutating func contains(_ part: Part, _ outcome: Bool) -> Int {
        guard case .list(let values)? = part.operand(1).constant, let column = presence(of: part.operand(0)) else {
            return leftOver(part, outcome)
        }
        let domain = domain(of: part.operand(0))
        var numbers: [Double] = []
        var texts: [String] = []
        var holdsMissing = false
        for value in values {
            switch (columns[column].aspect, value) {
            case (_, .missing): holdsMissing = true
            case (.number, .number(let number)): numbers.append(number)
            case (.flag, .bool(let flag)): numbers.append(flag ? 1 : 0)
            case (.day, .date(let date)) where domain == .date: numbers.append(Double(date.dayNumber))
            case (.text, .string(let text)): texts.append(text)
            case (.number, .string), (.number, .bool), (.flag, .string), (.flag, .number), (.text, .number),
                (.text, .bool):
                // Never equal.
                break
            default: return leftOver(part, outcome)
            }
        }
        switch columns[column].aspect {
        case .text:
            let sorted = Set(texts.map { Array($0.utf8) }).sorted { $0.lexicographicallyPrecedes($1) }
            return emit(
                .texts(column: column, sorted, holdsMissing: holdsMissing == outcome, outcome: outcome))
        case .number, .flag, .day:
            let set = ValueSet(numbers: numbers, holdsMissing: holdsMissing)
            return emit(.set(column: column, outcome ? set : set.complement(holdingMissing: !holdsMissing)))
        default: return leftOver(part, outcome)
        }
    }
}

extension LogicValue {
    /// Whether its order is its own: that of words belongs to their attribute.
    fileprivate var isOrderedAlone: Bool {
        if case .string = self { false } else { true }
    }
}
