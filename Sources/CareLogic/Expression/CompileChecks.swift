import CareValues

extension ExpressionCompiler {
    /// Notes a wrong number of operands.
    mutating func arity(_ key: JSONNode, _ needs: String, _ count: Int) -> Operand {
        findings.error(
            "rule.bad-arity", at: key, "'\(key.string ?? "")' needs \(needs), here it has \(count)")
        return broken(key)
    }

    /// What is known of a value that is one of these; the ordinal, if the others are its words.
    func joinedType(_ parts: [Operand]) -> StaticType {
        for part in parts {
            guard case .words(let words, _, _) = part.type else { continue }
            let fits = parts.allSatisfy { other in
                if other.type == part.type || other.type == .nothing { return true }
                if case .string(let text)? = other.literal { return words.contains { sameText($0, text) } }
                return false
            }
            return fits ? part.type : .any
        }
        return parts.dropFirst().reduce(parts.first?.type ?? .nothing) { $0.joined(with: $1.type) }
    }

    /// Reads a literal text as what it is compared with: a date, an instant, a birthday, one of the words.
    mutating func coerce(_ literal: inout Operand, to other: Operand) {
        guard case .string(let text)? = literal.literal else { return }
        let value: LogicValue?
        let expectation: String
        switch other.type {
        case .date: (value, expectation) = (AttributeType.date.read(.string(text)), AttributeType.date.expectation)
        case .instant:
            (value, expectation) = (AttributeType.instant.read(.string(text)), AttributeType.instant.expectation)
        case .birthday:
            (value, expectation) = (AttributeType.birthday.read(.string(text)), AttributeType.birthday.expectation)
        case .words(let words, _, let name):
            guard !words.contains(where: { sameText($0, text) }) else { return }
            findings.error(
                "rule.type-mismatch", at: literal.place,
                "\(other.label) is \(name), \(literal.label) is not one of its values",
                help: RuleFindings.suggestion(text, words, otherwise: "use one of " + words.joined(separator: ", ")))
            literal.type = .any
            return
        default: return
        }
        if let value {
            replaceLiteral(&literal, with: value, type: other.type)
        } else {
            findings.error(
                "rule.type-mismatch", at: literal.place,
                "\(other.label) is \(other.type.phrase), \(literal.label) is not \(expectation)")
            literal.type = .any
        }
    }

    /// Notes two operands that can never be compared.
    mutating func checkPair(_ left: inout Operand, _ right: inout Operand, _ comparison: Comparison) {
        coerce(&left, to: right)
        coerce(&right, to: left)
        guard !isComparable(left.type, right.type, comparison) else { return }
        let literalFirst = left.literal != nil && right.literal == nil
        let subject = literalFirst ? right : left
        let object = literalFirst ? left : right
        let message: String
        if left.type == right.type {
            message = "\(subject.label) is \(subject.type.phrase), which '\(comparison.name)' cannot order"
        } else {
            message = "\(subject.label) is \(subject.type.phrase), \(object.label) is \(object.type.phrase)"
        }
        findings.error("rule.type-mismatch", at: object.place, message, help: help(subject, object, comparison))
        left.type = .any
        right.type = .any
    }

    private func isComparable(_ left: StaticType, _ right: StaticType, _ comparison: Comparison) -> Bool {
        if left == .any || right == .any { return true }
        if left == .nothing || right == .nothing { return !comparison.isOrdered }
        switch (left, right) {
        case (.words(let one, let isOrdered, _), .words(let two, _, _)):
            return comparison.isOrdered ? isOrdered && one == two : !Set(one).isDisjoint(with: two)
        case (.words(_, let isOrdered, _), .string), (.string, .words(_, let isOrdered, _)):
            return isOrdered || !comparison.isOrdered
        case (.number, .number), (.string, .string), (.date, .date), (.instant, .instant):
            return true
        case (.boolean, .boolean), (.birthday, .birthday), (.list, .list):
            return !comparison.isOrdered
        default:
            return false
        }
    }

    private func help(_ subject: Operand, _ object: Operand, _ comparison: Comparison) -> String? {
        if object.type == .nothing {
            return "compare with null by '==' or '!='; a comparison with a missing value never matches"
        }
        switch subject.type {
        case .words(let words, _, _):
            var example = words[words.count / 2]
            if case .number(let number)? = object.literal, number >= 0, number < Double(words.count),
                number == number.rounded()
            {
                example = words[Int(number)]
            }
            return "use a \(subject.label): \"\(example)\""
        case .number:
            if case .string(let text)? = object.literal, FixedDecimal(text: text) != nil {
                return "write \(text) without quotes"
            }
            return "compare it with a number"
        case .boolean: return "use it as the condition itself, or compare with true or false by '=='"
        case .date:
            return object.type == .instant
                ? "days_since and days_until count local dates from both" : "write a date: \"2026-05-01\""
        case .instant:
            return object.type == .date
                ? "days_since and days_until count local dates from both"
                : "write an instant: \"2026-05-01T09:00:00Z\", or count days by days_since"
        case .birthday: return "use age or days_until_birthday"
        case .string: return object.type == .number ? "write \"\(object.label)\" in quotes" : nil
        default: return nil
        }
    }

    /// Notes an operand that is of none of these types.
    @discardableResult
    mutating func require(_ operand: Operand, _ allowed: StaticType..., name: String) -> Operand {
        require(operand, allowed, name)
    }

    @discardableResult
    mutating func require(_ operand: Operand, _ allowed: StaticType, _ name: String) -> Operand {
        require(operand, [allowed], name)
    }

    @discardableResult
    mutating func require(_ operand: Operand, _ allowed: [StaticType], _ name: String) -> Operand {
        switch operand.type {
        case .any: return operand
        case .words where allowed.contains(.string): return operand
        case let type where allowed.contains(type): return operand
        default: break
        }
        var operand = operand
        if case .string(let text)? = operand.literal {
            for (type, reader) in [(StaticType.date, AttributeType.date), (.instant, .instant), (.birthday, .birthday)]
            where allowed.contains(type) {
                if let value = reader.read(.string(text)) {
                    replaceLiteral(&operand, with: value, type: type)
                    return operand
                }
            }
        }
        let needs = allowed.map(\.phrase).joined(separator: " or ")
        findings.error(
            "rule.type-mismatch", at: operand.place,
            "'\(name)' needs \(needs), \(operand.label) is \(operand.type.phrase)")
        return operand
    }
}
