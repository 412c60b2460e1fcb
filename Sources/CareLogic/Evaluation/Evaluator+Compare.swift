import CareValues

extension Evaluator {
    /// A comparison of two, or `a < b < c`.
    func compare(_ instruction: Instruction) throws(LogicError) -> Evaluation {
        let order = instruction.c >= 0 ? program.orders[Int(instruction.c)] : nil
        var result = try compare(
            program.operand(instruction, 0), program.operand(instruction, 1), instruction.comparison, order)
        guard instruction.b == 3, result.value != .bool(false) || result.validUntil != Self.forever else {
            return result
        }
        let second: Evaluation
        do {
            second = try compare(
                program.operand(instruction, 1), program.operand(instruction, 2), instruction.comparison, order)
        } catch {
            // What is false already does not ask for more.
            if result.value == .bool(false) { return result }
            throw error
        }
        switch (result.value, second.value) {
        case (.bool(false), .bool(false)): result.validUntil = max(result.validUntil, second.validUntil)
        case (.bool(false), _): break
        case (_, .bool(false)): result = second
        case (.bool(true), .bool(true)): result.validUntil = min(result.validUntil, second.validUntil)
        default: result = Evaluation(value: .missing, validUntil: min(result.validUntil, second.validUntil))
        }
        return result
    }

    private func compare(
        _ left: Int, _ right: Int, _ comparison: Comparison, _ order: [String]?
    ) throws(LogicError)
        -> Evaluation
    {
        let leftCode = program.instructions[left].code
        let rightCode = program.instructions[right].code
        if leftCode.movesWithTime, !rightCode.movesWithTime {
            if let timed = try compareTime(left, comparison, try evaluate(right)) { return timed }
        } else if rightCode.movesWithTime, !leftCode.movesWithTime {
            if let timed = try compareTime(right, comparison.mirrored, try evaluate(left)) { return timed }
        }
        let one = try evaluate(left)
        let two = try evaluate(right)
        return Evaluation(
            value: try Self.compare(one.value, two.value, comparison, order),
            validUntil: min(one.validUntil, two.validUntil))
    }

    /// The relation between two values: true, false, or missing where an ordered one has a missing operand.
    ///
    /// `null` equals only `null`. Values of different kinds are never equal, except that a date, an instant or a
    /// birthday equals the text that writes it; to order different kinds is an error.
    static func compare(
        _ left: LogicValue, _ right: LogicValue, _ comparison: Comparison, _ order: [String]?
    )
        throws(LogicError) -> LogicValue
    {
        if left.isMissing || right.isMissing {
            guard !comparison.isOrdered else { return .missing }
            let areEqual = left.isMissing && right.isMissing
            return .bool(areEqual == (comparison == .equal || comparison == .identical))
        }
        if !comparison.isOrdered {
            return .bool(areEqual(left, right) == (comparison == .equal || comparison == .identical))
        }
        switch (left, right) {
        case (.number(let left), .number(let right)): return .bool(comparison.holds(left, right))
        case (.date(let left), .date(let right)): return .bool(comparison.holds(left, right))
        case (.instant(let left), .instant(let right)): return .bool(comparison.holds(left, right))
        case (.string(let left), .string(let right)):
            guard let order else {
                if sameText(left, right) { return .bool(comparison.holds(0, 0)) }
                return .bool(comparison.holds(textPrecedes(left, right) ? 0 : 1, textPrecedes(left, right) ? 1 : 0))
            }
            guard let one = order.firstIndex(where: { sameText($0, left) }),
                let two = order.firstIndex(where: { sameText($0, right) })
            else { throw .notAValue(operator: comparison.name) }
            return .bool(comparison.holds(one, two))
        case (.date(let left), .string(let text)):
            guard let right = CivilDate(text: text) else { throw .typeMismatch(operator: comparison.name) }
            return .bool(comparison.holds(left, right))
        case (.instant(let left), .string(let text)):
            guard let right = Timestamp(iso8601: text) else { throw .typeMismatch(operator: comparison.name) }
            return .bool(comparison.holds(left, right))
        case (.string, .date), (.string, .instant):
            return try compare(right, left, comparison.mirrored, order)
        default:
            throw .typeMismatch(operator: comparison.name)
        }
    }

    static func areEqual(_ left: LogicValue, _ right: LogicValue) -> Bool {
        switch (left, right) {
        case (.string(let left), .string(let right)): sameText(left, right)
        case (.date(let date), .string(let text)), (.string(let text), .date(let date)): sameText(date.text, text)
        case (.birthday(let day), .string(let text)), (.string(let text), .birthday(let day)): sameText(day.text, text)
        case (.instant(let instant), .string(let text)), (.string(let text), .instant(let instant)):
            Timestamp(iso8601: text) == instant
        case (.list(let left), .list(let right)):
            left.count == right.count && zip(left, right).allSatisfy { areEqual($0.0, $0.1) }
        case (.object(let left), .object(let right)):
            left.count == right.count
                && left.members.allSatisfy { member in
                    right[member.name].map { areEqual(LogicValue(member.value), LogicValue($0)) } ?? false
                }
        default: left == right
        }
    }
}

extension Instruction.Code {
    /// Whether it is a function of the clock.
    var movesWithTime: Bool {
        switch self {
        case .now, .today, .daysSince, .daysUntil, .age, .daysUntilBirthday: true
        default: false
        }
    }
}
