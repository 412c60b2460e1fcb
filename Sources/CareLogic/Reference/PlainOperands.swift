import CareValues

/// What arithmetic and comparisons of plain rules make of their operands.
///
/// Source: the cases of json-logic/compat-tables, where json-logic-js converts whatever it is given.
enum PlainOperands {
    /// The number that an operand is: null is 0, true 1, a text the number it writes, the empty one 0.
    ///
    /// - Throws: ``PlainLogicError/notANumber(_:)`` for lists, objects and other texts.
    static func number(_ value: JSONValue, of name: String) throws(PlainLogicError) -> Double {
        switch value {
        case .array, .object: throw .notANumber(name)
        default:
            let number = JavaScript.number(value)
            guard !number.isNaN else { throw .notANumber(name) }
            return number
        }
    }

    /// Whether two neighbours among the operands of a comparison stand so.
    ///
    /// Two texts are compared as such, by UTF-16 units; else both are numbers. Null is neither equal to a text that is no
    /// number nor before or after it.
    /// - Parameter name: one of `==` `===` `!=` `!==` `<` `<=` `>` `>=`.
    /// - Throws: ``PlainLogicError/notANumber(_:)``.
    static func holds(_ name: String, _ left: JSONValue, _ right: JSONValue) throws(PlainLogicError) -> Bool {
        switch name {
        case "===": return JavaScript.isStrictlyEqual(left, right)
        case "!==": return !JavaScript.isStrictlyEqual(left, right)
        case "==": return try isEqual(left, right, name)
        case "!=": return try !isEqual(left, right, name)
        case ">": return try isLess(right, left, orEqual: false, name)
        case ">=": return try isLess(right, left, orEqual: true, name)
        case "<": return try isLess(left, right, orEqual: false, name)
        default: return try isLess(left, right, orEqual: true, name)
        }
    }

    private static func isEqual(
        _ left: JSONValue, _ right: JSONValue, _ name: String
    ) throws(PlainLogicError) -> Bool {
        if case .string(let left) = left, case .string(let right) = right { return sameText(left, right) }
        guard !isBesideNull(left, right) else { return false }
        return try number(left, of: name) == number(right, of: name)
    }

    private static func isLess(
        _ left: JSONValue, _ right: JSONValue, orEqual: Bool, _ name: String
    ) throws(PlainLogicError) -> Bool {
        if case .string = left, case .string = right {
            return orEqual ? JavaScript.isLessOrEqual(left, right) : JavaScript.isLess(left, right)
        }
        guard !isBesideNull(left, right) else { return false }
        let (one, two) = (try number(left, of: name), try number(right, of: name))
        return orEqual ? one <= two : one < two
    }

    /// Whether one is null and the other a text that is no number.
    private static func isBesideNull(_ left: JSONValue, _ right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .string), (.string, .null): JavaScript.number(left).isNaN || JavaScript.number(right).isNaN
        default: false
        }
    }

    /// The operands put together by `+` `*` `-` `/` `%`, from the first on.
    ///
    /// - Throws: ``PlainLogicError/invalidArguments(_:)`` for too few operands, ``PlainLogicError/notANumber(_:)``; so are
    ///   quotients and remainders by 0.
    static func folded(_ name: String, _ values: [JSONValue]) throws(PlainLogicError) -> Double {
        var numbers: [Double] = []
        for value in values { numbers.append(try number(value, of: name)) }
        switch name {
        case "+": return numbers.reduce(0, +)
        case "*": return numbers.reduce(1, *)
        default: break
        }
        guard var result = numbers.first, name != "%" || numbers.count > 1 else { throw .invalidArguments(name) }
        if numbers.count == 1 {
            if name == "-" { return -result }
            numbers.append(result)
            result = 1
        }
        for number in numbers.dropFirst() {
            if name == "-" {
                result -= number
                continue
            }
            guard number != 0 else { throw .notANumber(name) }
            if name == "/" { result /= number } else { result.formTruncatingRemainder(dividingBy: number) }
        }
        guard !result.isNaN else { throw .notANumber(name) }
        return result
    }
}
