import CareValues

extension ExpressionCompiler {
    /// The operators of the care dialect, for suggestions.
    static let operators = [
        "var", "missing", "missing_some", "if", "?:", "==", "===", "!=", "!==", "!", "!!", "or", "and", ">", ">=", "<",
        "<=", "max", "min", "+", "-", "*", "/", "%", "map", "filter", "reduce", "all", "none", "some", "merge", "in",
        "cat", "substr", "startsWith", "endsWith", "segment", "now", "today", "days_since", "days_until", "age",
        "days_until_birthday", "within", "bucket",
    ]

    /// An operator with its operands.
    mutating func operation(_ key: JSONNode, _ value: JSONNode) -> Operand {
        let name = key.string ?? ""
        if InlineTraits.isInline(name, value) { return inlineTrait(key, value) }
        switch name {
        case "var": return read(key, value)
        case "segment": return segment(key, value)
        case "missing": return missing(key, value, some: false)
        case "missing_some": return missing(key, value, some: true)
        case "map", "filter", "all", "some", "none", "reduce": return overList(name, key, value)
        case "within": return within(key, value)
        default: break
        }
        if let comparison = Comparison(name: name) { return compare(comparison, key, operandNodes(value)) }
        guard Self.operators.contains(name) else {
            findings.error(
                "rule.unknown-operator", at: key, "unknown operator '\(name)'",
                help: RuleFindings.suggestion(name, Self.operators + InlineTraits.names))
            return broken(key)
        }
        let parts = operandNodes(value).map { compile($0) }
        return simple(name, key, parts)
    }

    /// Operators whose operands are evaluated first, each in its own right.
    private mutating func simple(_ name: String, _ key: JSONNode, _ parts: [Operand]) -> Operand {
        func result(_ code: Instruction.Code, _ type: StaticType, _ parts: [Operand]) -> Operand {
            Operand(index: emit(code, parts), type: type, place: key, label: "'\(name)'")
        }
        func all(_ type: StaticType, _ parts: [Operand]) -> [Operand] { parts.map { require($0, type, name) } }
        switch name {
        case "!", "!!":
            guard parts.count == 1 else { return arity(key, "one operand", parts.count) }
            markTruthOnly(parts[0].index)
            return result(name == "!" ? .not : .truth, .boolean, parts)
        case "and", "or":
            guard !parts.isEmpty else { return arity(key, "at least one operand", 0) }
            let isCondition = parts.allSatisfy { $0.type == .boolean }
            let index = emit(name == "and" ? .and : .or, parts)
            if isCondition { markTruthOnly(index) }
            return Operand(
                index: index, type: isCondition ? .boolean : joinedType(parts), place: key, label: "'\(name)'")
        case "if", "?:":
            guard parts.count >= 2 else { return arity(key, "a condition and a value", parts.count) }
            for position in stride(from: 0, to: parts.count - 1, by: 2) { markTruthOnly(parts[position].index) }
            var branches = stride(from: 1, to: parts.count, by: 2).map { parts[$0] }
            if parts.count % 2 == 1 { branches.append(parts[parts.count - 1]) }
            return result(.conditional, joinedType(branches), parts)
        case "in":
            guard parts.count == 2 else { return arity(key, "two operands", parts.count) }
            return contains(key, parts)
        case "+", "*":
            guard !parts.isEmpty else { return arity(key, "at least one operand", 0) }
            return result(name == "+" ? .add : .multiply, .number, all(.number, parts))
        case "-":
            guard (1...2).contains(parts.count) else { return arity(key, "one or two operands", parts.count) }
            return result(.subtract, .number, all(.number, parts))
        case "/", "%":
            guard parts.count == 2 else { return arity(key, "two operands", parts.count) }
            return result(name == "/" ? .divide : .modulo, .number, all(.number, parts))
        case "min", "max":
            guard !parts.isEmpty else { return arity(key, "at least one operand", 0) }
            return result(name == "min" ? .minimum : .maximum, .number, all(.number, parts))
        case "cat":
            return result(.concatenate, .string, parts)
        case "substr":
            guard (2...3).contains(parts.count) else {
                return arity(key, "a text, a start and perhaps a length", parts.count)
            }
            return result(
                .substring, .string, [require(parts[0], .string, name)] + all(.number, Array(parts.dropFirst())))
        case "startsWith", "endsWith":
            guard parts.count == 2 else { return arity(key, "two operands", parts.count) }
            return result(name == "startsWith" ? .startsWith : .endsWith, .boolean, all(.string, parts))
        case "merge":
            return result(.merge, .list, parts)
        case "now", "today":
            guard parts.isEmpty else { return arity(key, "no operand: []", parts.count) }
            uses.time = true
            if name == "now" { uses.hour = true }
            return result(name == "now" ? .now : .today, name == "now" ? .instant : .date, parts)
        case "days_since", "days_until":
            guard parts.count == 1 else { return arity(key, "one date or instant", parts.count) }
            uses.time = true
            return result(
                name == "days_since" ? .daysSince : .daysUntil, .number, [require(parts[0], [.date, .instant], name)])
        case "age", "days_until_birthday":
            guard parts.count == 1 else { return arity(key, "one birthday", parts.count) }
            uses.time = true
            return result(
                name == "age" ? .age : .daysUntilBirthday, .number, [require(parts[0], [.birthday, .date], name)])
        case "bucket":
            guard !parts.isEmpty else { return arity(key, "a salt", 0) }
            return result(.bucket, .number, parts)
        default:
            preconditionFailure("every operator in the list has its case")
        }
    }

    private mutating func compare(_ comparison: Comparison, _ key: JSONNode, _ nodes: [JSONNode]) -> Operand {
        let isBetween = nodes.count == 3 && comparison.isOrdered && comparison.mirrored != comparison
        guard nodes.count == 2 || isBetween else {
            return arity(key, comparison.isOrdered ? "two or three operands" : "two operands", nodes.count)
        }
        var parts = nodes.map { compile($0) }
        let written = parts
        // Of three, the outer pairs again: a literal in the middle may have become what its other neighbour is.
        for index in isBetween ? [0, 1, 0] : [0] {
            var left = parts[index]
            var right = parts[index + 1]
            checkPair(&left, &right, comparison)
            parts[index] = left
            parts[index + 1] = right
        }
        var order = -1
        if let words = parts.compactMap(\.type.order).first {
            order = orders.firstIndex(of: words) ?? orders.count
            if order == orders.count { orders.append(words) }
        }
        let index =
            isBetween && isReadTwice(parts, written)
            ? bothPairs(parts, written[1], order, comparison)
            : emit(.compare, parts, c: order, comparison: comparison)
        return Operand(index: index, type: .boolean, place: key, label: "'\(comparison.name)'")
    }

    /// Whether a literal between two operands is a date or an instant for the one, and a text for the other, of which
    /// nothing is known.
    private func isReadTwice(_ parts: [Operand], _ written: [Operand]) -> Bool {
        parts[1].type != written[1].type && parts[1].type != .any && (parts[0].type == .any) != (parts[2].type == .any)
    }

    /// Three operands as two comparisons, of which the one with an operand of unknown type reads the text as it is written.
    private mutating func bothPairs(
        _ parts: [Operand], _ written: Operand, _ order: Int, _ comparison: Comparison
    ) -> Int {
        var text = written
        text.index = emit(Instruction(.constant, a: constants.count))
        constants.append(written.literal ?? .missing)
        func middle(_ other: Operand) -> Operand { other.type == .any ? text : parts[1] }
        let pairs = [[parts[0], middle(parts[0])], [middle(parts[2]), parts[2]]].map { pair in
            Operand(
                index: emit(.compare, pair, c: order, comparison: comparison), type: .boolean, place: written.place,
                label: written.label)
        }
        return emit(.and, pairs)
    }

    /// `{"in": [needle, list]}`, `{"in": [needle, text]}`
    private mutating func contains(_ key: JSONNode, _ parts: [Operand]) -> Operand {
        let needle = parts[0]
        var list = parts[1]
        if case .list(let values)? = list.literal {
            // Literal texts become what they are compared with: dates for a date, words for an ordinal.
            var coerced: [LogicValue] = []
            for (offset, value) in values.enumerated() {
                let place = list.place.kind == .array ? Array(list.place.elements)[offset] : list.place
                var element = Operand(
                    index: 0, type: StaticType(literal: place), place: place, label: place.text, literal: value)
                element.index = emit(Instruction(.constant, a: constants.count))
                constants.append(value)
                coerce(&element, to: needle)
                coerced.append(element.literal ?? value)
            }
            replaceLiteral(&list, with: .list(coerced), type: .list)
        } else if list.type != .any, list.type != .list, list.type != .string {
            findings.error(
                "rule.type-mismatch", at: list.place,
                "'in' looks in a list or a text, \(list.label) is \(list.type.phrase)")
        }
        return Operand(index: emit(.contains, [needle, list]), type: .boolean, place: key, label: "'in'")
    }

    private mutating func overList(_ name: String, _ key: JSONNode, _ value: JSONNode) -> Operand {
        let nodes = operandNodes(value)
        let needed = name == "reduce" ? 3 : 2
        guard nodes.count == needed else {
            return arity(
                key, needed == 3 ? "a list, an expression and a start" : "a list and an expression", nodes.count)
        }
        let list = require(compile(nodes[0]), .list, name)
        elementDepth += 1
        let body = compile(nodes[1])
        elementDepth -= 1
        if name != "map", name != "reduce" { markTruthOnly(body.index) }
        let start = needed == 3 ? [compile(nodes[2])] : []
        let (code, type): (Instruction.Code, StaticType) =
            switch name {
            case "map": (.map, .list)
            case "filter": (.filter, .list)
            case "all": (.all, .boolean)
            case "some": (.some, .boolean)
            case "none": (.none, .boolean)
            default: (.reduce, .any)
            }
        return Operand(index: emit(code, [list, body] + start), type: type, place: key, label: "'\(name)'")
    }

    /// `{"within": [moment, "P30D"]}`: moment ≤ now < moment + 30 days of 24 hours.
    private mutating func within(_ key: JSONNode, _ value: JSONNode) -> Operand {
        let nodes = operandNodes(value)
        guard nodes.count == 2 else { return arity(key, "a date or instant and a duration", nodes.count) }
        uses.time = true
        uses.hour = true
        let moment = require(compile(nodes[0]), [.date, .instant], "within")
        guard let milliseconds = findings.window(nodes[1], "the duration of 'within'") else { return broken(key) }
        let window = constant(.number(Double(milliseconds)), type: .number, at: nodes[1])
        return Operand(index: emit(.within, [moment, window]), type: .boolean, place: key, label: "'within'")
    }
}
