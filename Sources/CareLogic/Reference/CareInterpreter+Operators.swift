import CareValues

/// Every operator, by its name.
extension CareInterpreter {
    func operation(_ name: String, _ operands: [JSONValue], _ scene: Scene) throws(LogicError) -> LogicValue {
        func operand(_ position: Int) throws(LogicError) -> LogicValue {
            position < operands.count ? try value(operands[position], scene) : .missing
        }
        if case .object(let definition)? = operands.first,
            ["event", "property", "opened"].contains(where: { definition[$0] != nil }),
            let value = aggregate(name, .object(definition), scene.customer)
        {
            return value
        }
        switch name {
        // Reads.
        case "var": return try read(operands, scene)
        case "segment":
            guard case .string(let name)? = operands.first, let condition = segments[name] else {
                throw .typeMismatch(operator: "segment")
            }
            return .bool(Self.truth(try value(condition, Self.apart(scene))) ?? false)
        case "missing":
            let names = operands.count == 1 ? Self.listed(operands[0]) : operands
            return .list(try missing(names, scene))
        case "missing_some":
            let names = Self.listed(operands.count > 1 ? operands[1] : .null)
            let absent = try missing(names, scene)
            switch try operand(0) {
            case .missing: return .missing
            case .number(let least): return .list(Double(names.count - absent.count) >= least ? [] : absent)
            default: throw .typeMismatch(operator: name)
            }

        // Truth. Missing is neither true nor false.
        case "!": return Self.truth(try operand(0)).map { .bool(!$0) } ?? .missing
        case "!!": return Self.truth(try operand(0)).map { .bool($0) } ?? .missing
        case "and", "or":
            var isUnknown = false
            var last = LogicValue.missing
            for rule in operands {
                let part = try value(rule, scene)
                switch Self.truth(part) {
                case nil: isUnknown = true
                case (name == "or")?: return part
                default: last = part
                }
            }
            return isUnknown ? .missing : last
        case "if", "?:":
            var position = 0
            while position + 1 < operands.count {
                if Self.truth(try operand(position)) == true { return try operand(position + 1) }
                position += 2
            }
            return try operand(position)

        // Comparisons. Three operands are two comparisons, both of which must hold.
        case "<", "<=", ">", ">=":
            let order = order(operands, scene)
            let first = try isOrdered(name, try operand(0), try operand(1), order)
            if operands.count < 3 || first == false { return first.map { .bool($0) } ?? .missing }
            let second = try isOrdered(name, try operand(1), try operand(2), order)
            if second == false { return .bool(false) }
            return first == true && second == true ? .bool(true) : .missing
        case "==", "===": return .bool(Self.areEqual(try operand(0), try operand(1)))
        case "!=", "!==": return .bool(!Self.areEqual(try operand(0), try operand(1)))

        // Lists, whose second operand is asked once for each element.
        case "map", "filter", "all", "some", "none", "reduce":
            return try overList(name, try operand(0), operands, scene)

        // Time.
        case "now": return .instant(scene.customer.now)
        case "today": return .date(today(scene.customer))
        case "days_since", "days_until", "age", "days_until_birthday":
            return try days(name, try operand(0), scene.customer)
        case "within": return try within(try operand(0), operands.last, scene.customer)
        default: return try perform(name, try values(operands, scene), scene.customer)
        }
    }

    /// The operators that look at the values of their operands only.
    private func perform(_ name: String, _ values: [LogicValue], _ customer: Customer) throws(LogicError) -> LogicValue
    {
        switch name {
        case "+", "-", "*", "/", "%", "min", "max": return try arithmetic(name, values)
        case "cat":
            guard !values.contains(.missing) else { return .missing }
            return .string(values.map { Self.text($0) }.joined())
        case "substr", "startsWith", "endsWith": return try text(name, values)
        case "in":
            guard values.count == 2 else { throw .typeMismatch(operator: name) }
            switch (values[0], values[1]) {
            case (_, .missing): return .bool(false)
            case (let needle, .list(let list)): return .bool(list.contains { Self.areEqual(needle, $0) })
            case (.string(let piece), .string(let text)):
                let (letters, all) = (Array(piece.unicodeScalars), Array(text.unicodeScalars))
                let starts = 0..<(max(0, all.count - letters.count) + 1)
                return .bool(starts.contains { all.dropFirst($0).starts(with: letters) })
            case (_, .string): return .bool(false)
            default: throw .typeMismatch(operator: name)
            }
        case "merge":
            return .list(values.flatMap { if case .list(let list) = $0 { list } else { [$0] } })
        case "bucket":
            guard let salt = values.first else { throw .typeMismatch(operator: name) }
            let key = JSONValue.array([salt.jsonValue, .string(customer.id)] + values.dropFirst().map(\.jsonValue))
            let bits = XXH64.hash(Array(key.canonicalText.utf8), seed: 0) / 2048
            return .number(Double(bits) / Double(1 << 53))
        default: throw .typeMismatch(operator: name)
        }
    }

    // MARK: Comparison

    /// Nothing equals only nothing; what is of different kinds is not equal, but a text equals what it writes.
    static func areEqual(_ left: LogicValue, _ right: LogicValue) -> Bool {
        switch (left, right) {
        case (.missing, .missing): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        case (.date(let left), .date(let right)): left == right
        case (.instant(let left), .instant(let right)): left == right
        case (.birthday(let left), .birthday(let right)): left == right
        case (.date(let date), .string(let text)), (.string(let text), .date(let date)):
            text.utf8.elementsEqual(date.text.utf8)
        case (.birthday(let day), .string(let text)), (.string(let text), .birthday(let day)):
            text.utf8.elementsEqual(day.text.utf8)
        case (.instant(let instant), .string(let text)), (.string(let text), .instant(let instant)):
            Timestamp(iso8601: text) == instant
        case (.list(let left), .list(let right)):
            left.count == right.count && zip(left, right).allSatisfy { areEqual($0.0, $0.1) }
        case (.object(let left), .object(let right)):
            left.count == right.count
                && left.members.allSatisfy { member in
                    right[member.name].map { areEqual(untyped(member.value), untyped($0)) } ?? false
                }
        default: false
        }
    }

    /// `<` `<=` `>` `>=`; nil: an operand is missing.
    private func isOrdered(
        _ name: String, _ left: LogicValue, _ right: LogicValue, _ order: [String]?
    ) throws(LogicError) -> Bool? {
        if left == .missing || right == .missing { return nil }
        func holds<Value: Comparable>(_ one: Value, _ two: Value) -> Bool {
            switch name {
            case "<": one < two
            case "<=": one <= two
            case ">": one > two
            default: one >= two
            }
        }
        switch (left, right) {
        case (.number(let one), .number(let two)): return holds(one, two)
        case (.date(let one), .date(let two)): return holds(one, two)
        case (.instant(let one), .instant(let two)): return holds(one, two)
        case (.date(let one), .string(let text)):
            if let two = CivilDate(text: text) { return holds(one, two) }
        case (.string(let text), .date(let two)):
            if let one = CivilDate(text: text) { return holds(one, two) }
        case (.instant(let one), .string(let text)):
            if let two = Timestamp(iso8601: text) { return holds(one, two) }
        case (.string(let text), .instant(let two)):
            if let one = Timestamp(iso8601: text) { return holds(one, two) }
        case (.string(let one), .string(let two)):
            guard let order else {
                // By Unicode scalars.
                let (first, second) = (one.unicodeScalars.map(\.value), two.unicodeScalars.map(\.value))
                let sign = first == second ? 0 : first.lexicographicallyPrecedes(second) ? -1 : 1
                return holds(sign, 0)
            }
            guard let place = order.firstIndex(where: { $0.utf8.elementsEqual(one.utf8) }),
                let other = order.firstIndex(where: { $0.utf8.elementsEqual(two.utf8) })
            else { throw .notAValue(operator: name) }
            return holds(place, other)
        default: break
        }
        throw .typeMismatch(operator: name)
    }

    // MARK: Numbers

    /// Missing with a missing operand, and where the result is no finite number.
    private func arithmetic(_ name: String, _ values: [LogicValue]) throws(LogicError) -> LogicValue {
        var numbers: [Double] = []
        for value in values {
            switch value {
            case .missing: return .missing
            case .number(let number): numbers.append(number)
            default: throw .typeMismatch(operator: name)
            }
        }
        guard let first = numbers.first else { throw .typeMismatch(operator: name) }
        let others = numbers.dropFirst()
        let result =
            switch name {
            case "+": others.reduce(first) { $0 + $1 }
            case "*": others.reduce(first) { $0 * $1 }
            case "-": others.first.map { first - $0 } ?? -first
            case "/": first / (others.first ?? .nan)
            case "%": first.truncatingRemainder(dividingBy: others.first ?? .nan)
            case "min": others.reduce(first) { $1 < $0 ? $1 : $0 }
            default: others.reduce(first) { $1 > $0 ? $1 : $0 }
            }
        guard result.isFinite else { return .missing }
        return .number(result == 0 ? 0 : result)
    }
}
