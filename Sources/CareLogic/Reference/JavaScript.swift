import CareValues

/// The conversions of ECMAScript that plain JsonLogic is built on, over JSON values; nil stands for `undefined`.
///
/// Numbers here may be NaN or infinite while a rule is being evaluated; ``json(_:)`` ends that. The identity of lists
/// and objects is not kept: two of them are never equal, not even one read twice.
/// Source: ECMA-262, section 7.1 "Type Conversion" and 7.2 "Testing and Comparison Operations".
enum JavaScript {
    /// `!!value`, except that an empty list is false: JsonLogic's own rule.
    static func isTruthy(_ value: JSONValue?) -> Bool {
        switch value {
        case nil, .null: false
        case .bool(let flag): flag
        case .number(let number): number != 0 && !number.isNaN
        case .string(let text): !text.isEmpty
        case .array(let values): !values.isEmpty
        case .object: true
        }
    }

    /// `Number(value)`.
    static func number(_ value: JSONValue?) -> Double {
        switch value {
        case nil: .nan
        case .null: 0
        case .bool(let flag): flag ? 1 : 0
        case .number(let number): number
        case .string(let text): number(text)
        case .array, .object: number(text(value))
        }
    }

    /// `String(value)`.
    static func text(_ value: JSONValue?) -> String {
        switch value {
        case nil: "undefined"
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .number(let number): text(number)
        case .string(let text): text
        case .array(let values): joined(values, separator: ",")
        case .object: "[object Object]"
        }
    }

    static func text(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
        return CanonicalJSON.numberText(number)
    }

    /// `Array.prototype.join`: null is nothing.
    static func joined(_ values: [JSONValue], separator: String) -> String {
        values.map { $0 == .null ? "" : text($0) }.joined(separator: separator)
    }

    /// `parseFloat(value)`: the longest beginning that is a number.
    static func parseFloat(_ value: JSONValue?) -> Double {
        if case .number(let number)? = value { return number }
        let bytes = Array(trimmed(text(value)).utf8)
        return decimal(bytes[...])?.value ?? .nan
    }

    /// `left == right`.
    static func isLooselyEqual(_ left: JSONValue?, _ right: JSONValue?) -> Bool {
        switch (left, right) {
        case (nil, nil), (nil, .null), (.null, nil), (.null, .null): true
        case (nil, _), (_, nil), (.null, _), (_, .null): false
        case (.string, .string), (.bool, .bool), (.number, .number): isStrictlyEqual(left, right)
        case (.array, .array), (.array, .object), (.object, .array), (.object, .object): false
        case (.array, .string), (.object, .string), (.string, .array), (.string, .object):
            sameText(text(left), text(right))
        default: number(left) == number(right)
        }
    }

    /// `left === right`.
    static func isStrictlyEqual(_ left: JSONValue?, _ right: JSONValue?) -> Bool {
        switch (left, right) {
        case (nil, nil), (.null, .null): true
        case (.string(let left), .string(let right)): sameText(left, right)
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        default: false
        }
    }

    /// `left < right`: texts by UTF-16 units, all else as numbers, of which NaN is less than nothing.
    static func isLess(_ left: JSONValue?, _ right: JSONValue?) -> Bool {
        if isText(left), isText(right) { return text(left).utf16.lexicographicallyPrecedes(text(right).utf16) }
        return number(left) < number(right)
    }

    /// `left <= right`: not the same as "not greater", for NaN.
    static func isLessOrEqual(_ left: JSONValue?, _ right: JSONValue?) -> Bool {
        if isText(left), isText(right) { return !text(right).utf16.lexicographicallyPrecedes(text(left).utf16) }
        return number(left) <= number(right)
    }

    /// Whether the primitive that it becomes is a text.
    private static func isText(_ value: JSONValue?) -> Bool {
        switch value {
        case .string, .array, .object: true
        default: false
        }
    }

    /// What `JSON.stringify` leaves of it: what is no finite number, and `undefined`, is `null`.
    static func json(_ value: JSONValue?) -> JSONValue {
        switch value {
        case nil: .null
        case .number(let number): number.isFinite ? .number(number) : .null
        case .array(let values): .array(values.map { json($0) })
        case .object(let object):
            .object(JSONObject(uniqueMembers: object.members.map { ($0.name, json($0.value)) }))
        case .some(let value): value
        }
    }

    /// `value[name]`: members of objects, places and `length` of lists and texts.
    static func property(_ name: String, of value: JSONValue) -> JSONValue? {
        switch value {
        case .object(let object):
            return object[name]
        case .array(let values):
            if name == "length" { return .number(Double(values.count)) }
            guard let index = index(name), index < values.count else { return nil }
            return values[index]
        case .string(let text):
            let units = Array(text.utf16)
            if name == "length" { return .number(Double(units.count)) }
            guard let index = index(name), index < units.count else { return nil }
            return .string(String(decoding: units[index...index], as: UTF16.self))
        default:
            return nil
        }
    }

    /// A place as JavaScript writes it: digits without a leading zero.
    private static func index(_ name: String) -> Int? {
        guard name.utf8.allSatisfy({ (48...57).contains($0) }), name == "0" || !name.hasPrefix("0") else { return nil }
        return Int(name)
    }

    /// `text.substr(start, length)`, by UTF-16 units; nil: to the end.
    static func substr(_ text: String, _ start: Double, _ length: Double?) -> String {
        let units = Array(text.utf16)
        let from = start < 0 ? max(0, units.count + whole(start)) : min(whole(start), units.count)
        let count = length.map { min(max(whole($0), 0), units.count - from) } ?? (units.count - from)
        return String(decoding: units[from..<(from + count)], as: UTF16.self)
    }

    /// `ToIntegerOrInfinity`, held within what can be added without overflow.
    private static func whole(_ number: Double) -> Int {
        number.isNaN ? 0 : Int(min(max(number, -1e15), 1e15))
    }
}
