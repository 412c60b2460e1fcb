import CareValues

extension ScalarProgram {
    /// The NaN of what was not asked for yet: no computation gives it.
    static let unasked = Double(bitPattern: unaskedBits)
    @inline(__always)
    private static var unaskedBits: UInt64 { 0x7FF8_0000_CA5E_0001 }

    /// Asks what can fail; false: it does.
    func prepare(_ plan: Plan, _ context: EvaluationContext, _ frame: ScalarFrame.Storage) -> Bool {
        let first = Int(plan.first)
        for index in first..<(first + Int(plan.slots))
        where read(Int(failing[index]), context, frame) == nil { return false }
        let scalars = first + Int(plan.slots)
        for index in scalars..<(scalars + Int(plan.scalars))
        where truth(Int(failing[index]), context, frame) == .failed { return false }
        return true
    }

    /// The answer; nil: something cannot be told.
    func walk(from start: Int32, _ context: EvaluationContext, _ frame: ScalarFrame.Storage) -> Bool? {
        var next = start
        while next >= 0 {
            let step = UnsafePointer(steps + Int(next))
            switch step.pointee.kind {
            case .range, .rangeOrMissing, .missing, .table:
                let slot = Int(step.pointee.slot)
                var value = frame.values[slot]
                if value != value, value.bitPattern == Self.unaskedBits {
                    guard let read = read(slot, context, frame) else { return nil }
                    value = read
                }
                next = test(step, value) ? step.pointee.yes : step.pointee.no
            case .ask:
                let wanted: WordTable.Truth = step.pointee.flag ? .isTrue : .isFalse
                next = truth(Int(step.pointee.slot), context, frame) == wanted ? step.pointee.yes : step.pointee.no
            case .compare, .isMissing, .truth:
                next = test(step, frame.registers + Int(step.pointee.slot)) ? step.pointee.yes : step.pointee.no
            default:
                guard compute(step, frame.registers + Int(step.pointee.slot), context, frame) else { return nil }
                next = step.pointee.yes
            }
        }
        return next == ScalarStep.Answer.yes
    }

    @inline(__always)
    private func test(_ step: UnsafePointer<ScalarStep>, _ value: Double) -> Bool {
        switch step.pointee.kind {
        case .range: return value >= step.pointee.low && value <= step.pointee.high
        case .rangeOrMissing: return !(value < step.pointee.low || value > step.pointee.high)
        case .missing: return value != value
        default:
            if value != value { return step.pointee.flag }
            return tables[Int(step.pointee.low) + Int(value)] != 0
        }
    }

    private func test(_ step: UnsafePointer<ScalarStep>, _ registers: UnsafeMutablePointer<Double>) -> Bool {
        let (left, right) = (registers[0], registers[1])
        let outcome = step.pointee.flag
        switch step.pointee.kind {
        case .isMissing: return (left != left) == outcome
        case .truth: return outcome ? left != 0 && left == left : left == 0
        default: break
        }
        let comparison = step.pointee.comparison
        if comparison.isOrdered {
            // Of a missing one neither outcome is so.
            return left == left && right == right && comparison.holds(left, right) == outcome
        }
        let areEqual = left == right || (left != left && right != right)
        return areEqual == ((comparison == .equal || comparison == .identical) == outcome)
    }

    /// Computes a number; false: it cannot be told.
    private func compute(
        _ step: UnsafePointer<ScalarStep>, _ target: UnsafeMutablePointer<Double>, _ context: EvaluationContext,
        _ frame: ScalarFrame.Storage
    ) -> Bool {
        /// A result that is not finite is missing.
        func finite(_ value: Double) -> Double { value - value == 0 ? value : .nan }
        let (one, two) = (target[0], target[1])
        switch step.pointee.kind {
        case .load:
            let slot = Int(step.pointee.low)
            var value = frame.values[slot]
            if value.bitPattern == Self.unaskedBits {
                guard let read = read(slot, context, frame) else { return false }
                value = read
            }
            target[0] = value
        case .constant: target[0] = step.pointee.low
        case .today: target[0] = Double(today(context, frame).dayNumber)
        case .now: target[0] = Double(context.now.milliseconds)
        case .add: target[0] = finite(one + two)
        case .subtract: target[0] = finite(one - two)
        case .multiply: target[0] = finite(one * two)
        case .divide: target[0] = finite(one / two)
        case .modulo: target[0] = finite(one.truncatingRemainder(dividingBy: two))
        case .minimum: target[0] = one == one && two == two ? Swift.min(one, two) : .nan
        case .maximum: target[0] = one == one && two == two ? Swift.max(one, two) : .nan
        default: target[0] = one == one ? one : two
        }
        return true
    }

    // MARK: What is known

    private func today(_ context: EvaluationContext, _ frame: ScalarFrame.Storage) -> CivilDate {
        if let known = frame.today.pointee { return known }
        let today = context.zone.date(at: context.now)
        frame.today.pointee = today
        return today
    }

    /// What a part without a column form says, asked once.
    private func truth(
        _ scalar: Int, _ context: EvaluationContext, _ frame: ScalarFrame.Storage
    ) -> WordTable.Truth {
        if let known = frame.truths[scalar] { return known }
        let part = scalars[scalar]
        let truth: WordTable.Truth
        if let evaluation = try? Evaluator(program: part.program, context: context).evaluate(part.root) {
            truth = WordTable.Truth(evaluation.value)
        } else {
            truth = .failed
        }
        frame.truths[scalar] = truth
        return truth
    }

    /// The value of a slot, read and kept; nil: it cannot be told.
    @inline(never)
    private func read(_ slot: Int, _ context: EvaluationContext, _ frame: ScalarFrame.Storage) -> Double? {
        let known = frame.values[slot]
        if known.bitPattern != Self.unaskedBits { return known }
        let value: Double?
        switch slots[slot].column.source {
        case .attribute(let attribute):
            if let state = context.cache.attributes[attribute], !state.value.isMissing {
                value = number(state.value, slots[slot], context, frame)
            } else {
                value = number(
                    schema.attributes[attribute].defaultValue ?? .missing, slots[slot], context, frame)
            }
        case .trait(let trait):
            value = (try? schema.trait(trait, context).value).flatMap {
                number($0, slots[slot], context, frame)
            }
        }
        if let value { frame.values[slot] = value }
        return value
    }

    /// A value as the slot's number, missing being NaN; nil: it is none of the declared kind.
    private func number(
        _ value: LogicValue, _ slot: ScalarSlot, _ context: EvaluationContext, _ frame: ScalarFrame.Storage
    ) -> Double? {
        switch value {
        case .missing: return .nan
        case .number(let number): return slot.column.aspect == .number ? number : nil
        case .bool(let flag): return slot.column.aspect == .flag ? (flag ? 1 : 0) : nil
        case .string(let text): return code(text, slot)
        case .instant(let instant):
            switch (slot.column.aspect, slot.function) {
            case (.instant, .value): return Double(instant.milliseconds)
            case (.instant, .fromNow): return Double(instant.milliseconds - context.now.milliseconds)
            case (.day, _): return day(context.zone.date(at: instant), slot.function, context, frame)
            default: return nil
            }
        case .date(let date):
            switch (slot.column.aspect, slot.function) {
            case (.day, .fromNow):
                return Double(context.zone.startOfDay(date).milliseconds - context.now.milliseconds)
            case (.day, _): return day(date, slot.function, context, frame)
            case (.birthDay, _), (.yearDay, _):
                let parts = date.components
                guard let birthday = Birthday(year: parts.year, month: parts.month, day: parts.day) else { return nil }
                return self.birthday(birthday, slot, context, frame)
            default: return nil
            }
        case .birthday(let birthday): return self.birthday(birthday, slot, context, frame)
        case .list, .object: return nil
        }
    }

    private func day(
        _ date: CivilDate, _ function: ScalarSlot.Function, _ context: EvaluationContext, _ frame: ScalarFrame.Storage
    ) -> Double? {
        switch function {
        case .value: Double(date.dayNumber)
        case .sinceToday: Double(today(context, frame).dayNumber - date.dayNumber)
        case .untilToday: Double(date.dayNumber - today(context, frame).dayNumber)
        default: nil
        }
    }

    private func birthday(
        _ birthday: Birthday, _ slot: ScalarSlot, _ context: EvaluationContext, _ frame: ScalarFrame.Storage
    ) -> Double? {
        switch (slot.column.aspect, slot.function) {
        case (.birthDay, .value): return birthday.date.map { Double($0.dayNumber) } ?? .nan
        case (.birthDay, .age):
            guard let birth = birthday.date?.components else { return .nan }
            let now = today(context, frame).components
            let isBefore = (now.month, now.day) < (birth.month, birth.day)
            return Double(now.year - birth.year - (isBefore ? 1 : 0))
        case (.yearDay, .value): return Double(YearDay.number(of: birthday))
        case (.yearDay, .untilBirthday):
            return daysUntil(birthday, from: today(context, frame)).map(Double.init) ?? .nan
        default: return nil
        }
    }

    private func code(_ text: String, _ slot: ScalarSlot) -> Double? {
        switch (slot.column.aspect, slot.column.source) {
        case (.text, _):
            guard slot.dictionary >= 0 else { return 0 }
            var text = text
            return Double(text.withUTF8 { dictionaries[slot.dictionary].code(of: $0) })
        case (.word, .attribute(let attribute)):
            let words = schema.attributes[attribute].type.words
            return words?.firstIndex { sameText($0, text) }.map(Double.init)
        default: return nil
        }
    }
}
