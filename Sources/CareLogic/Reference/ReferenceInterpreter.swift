import CareValues

/// Why a plain JsonLogic rule has no value.
public enum PlainLogicError: Error, Sendable, Hashable {
    /// No such operator; also of a rule that would never have reached it in another engine.
    case unknownOperator(String)
    /// Too few operands for an operator, or none of the kind that it works on.
    case invalidArguments(String)
    /// An operator that reckons or compares was given what is no number, or gives none.
    case notANumber(String)
    /// The rule's own `throw`, with what it throws.
    case thrown(JSONValue)
    /// Nested deeper than ``LogicLimits/plainDepth``.
    case tooDeep

    /// One sentence without a full stop.
    public var message: String {
        switch self {
        case .unknownOperator(let name): "unknown operator '\(name)'"
        case .invalidArguments(let name): "'\(name)' has operands that it cannot work with, or too few"
        case .notANumber(let name): "'\(name)' of what is no number, or with a result that is none"
        case .thrown: "the rule throws an error of its own"
        case .tooDeep: "nested more than \(LogicLimits.plainDepth) deep"
        }
    }
}

/// Evaluates rules straight from their JSON: slow, obvious, the judge of every quicker form.
///
/// Plain JsonLogic as the community's suite (json-logic/compat-tables) has it: the operators of jsonlogic.com, with
/// JavaScript's conversions where they give something, an error where they give NaN; and `val`, `exists`, `??`, `try`,
/// `throw`, `preserve`.
/// Source: https://jsonlogic.com/operations.html, `logic.js` of json-logic-js 2.0.5, and the suite's cases.
public enum ReferenceInterpreter {
    /// The value of a plain JsonLogic rule over `data`.
    ///
    /// Anything but an object with exactly one member is a value, not a rule. Results that are no finite numbers are
    /// `null`, as JSON writes them.
    /// - Throws: ``PlainLogicError``.
    public static func evaluate(_ rule: JSONValue, data: JSONValue) throws(PlainLogicError) -> JSONValue {
        JavaScript.json(try apply(rule, PlainScope(data), depth: 0))
    }

    /// nil: `undefined`.
    static func apply(_ rule: JSONValue, _ scope: PlainScope, depth: Int) throws(PlainLogicError) -> JSONValue? {
        guard depth <= LogicLimits.plainDepth else { throw .tooDeep }
        if case .array(let rules) = rule { return .array(try all(rules, scope, depth: depth + 1)) }
        guard case .object(let object) = rule, object.count == 1, let (name, operand) = object.members.first else {
            return rule
        }
        var operands = [operand]
        var isList = false
        if case .array(let list) = operand { (operands, isList) = (list, true) }
        func value(_ position: Int) throws(PlainLogicError) -> JSONValue? {
            guard position < operands.count else { return nil }
            return try apply(operands[position], scope, depth: depth + 1)
        }
        switch name {
        case "preserve": return operand
        case "if", "?:", "and", "or":
            if !isList { throw .invalidArguments(name) }
        default: break
        }
        switch name {
        case "if", "?:":
            var position = 0
            while position < operands.count - 1 {
                if JavaScript.isTruthy(try value(position)) { return try value(position + 1) }
                position += 2
            }
            return position < operands.count ? try value(position) : .null
        case "and", "or":
            var last: JSONValue? = .bool(false)
            for position in operands.indices {
                last = try value(position)
                if JavaScript.isTruthy(last) == (name == "or") { return last }
            }
            return last
        case "??":
            for position in operands.indices {
                if let found = try value(position), found != .null { return found }
            }
            return .null
        case "throw": throw .thrown(try value(0) ?? .null)
        case "try": return try attempt(operands[...], scope, scope, depth: depth + 1)
        case "filter", "map", "reduce", "all", "some", "none":
            let needsBody = name == "map" || name == "filter"
            guard operands.count > 1, operands[0] != .null, !needsBody || operands[1] != .null else {
                throw .invalidArguments(name)
            }
            return try iterate(name, list: try value(0), operands, scope, depth: depth + 1)
        case "==", "===", "!=", "!==", "<", "<=", ">", ">=":
            guard operands.count > 1 else { throw .invalidArguments(name) }
            // None is asked after the first pair of neighbours that does not stand so.
            var last = try value(0) ?? .null
            for position in operands.indices.dropFirst() {
                let next = try value(position) ?? .null
                guard try PlainOperands.holds(name, last, next) else { return .bool(false) }
                last = next
            }
            return .bool(true)
        case "+", "*", "-", "/", "%", "min", "max", "cat":
            // What a rule gives as a list, instead of a list of operands, are the operands.
            if !isList, case .array(let values)? = try value(0) { return try chained(name, values) }
            return try chained(name, try all(operands, scope, depth: depth + 1))
        default:
            return try perform(name, try all(operands, scope, depth: depth + 1), scope, depth: depth + 1)
        }
    }

    /// The operators that go from operand to operand.
    private static func chained(_ name: String, _ values: [JSONValue]) throws(PlainLogicError) -> JSONValue {
        switch name {
        case "min": return .number(extreme(values, start: .infinity) { $0 < $1 })
        case "max": return .number(extreme(values, start: -.infinity) { $0 > $1 })
        case "cat": return .string(JavaScript.joined(values, separator: ""))
        default: return .number(try PlainOperands.folded(name, values))
        }
    }

    private static func all(
        _ rules: [JSONValue], _ scope: PlainScope, depth: Int
    ) throws(PlainLogicError) -> [JSONValue] {
        var values: [JSONValue] = []
        for rule in rules { values.append(try apply(rule, scope, depth: depth) ?? .null) }
        return values
    }

    /// The value of the first of these that does not fail; the later ones are over the error of the one before.
    private static func attempt(
        _ rules: ArraySlice<JSONValue>, _ scope: PlainScope, _ outer: PlainScope, depth: Int
    ) throws(PlainLogicError) -> JSONValue? {
        guard let rule = rules.first else { return .null }
        do {
            return try apply(rule, scope, depth: depth)
        } catch {
            guard let data = error.handled, rules.count > 1 else { throw error }
            return try attempt(rules.dropFirst(), outer.inner(data), outer, depth: depth)
        }
    }

    /// The operators whose second operand is asked once for each element, which is its data.
    private static func iterate(
        _ name: String, list: JSONValue?, _ operands: [JSONValue], _ scope: PlainScope, depth: Int
    ) throws(PlainLogicError) -> JSONValue? {
        let body = operands.count > 1 ? operands[1] : .null
        let elements: [JSONValue]? = if case .array(let values)? = list { values } else { nil }
        if elements == nil, ["all", "some", "none"].contains(name) { throw .invalidArguments(name) }
        if name == "reduce" {
            var accumulator = operands.count > 2 ? try apply(operands[2], scope, depth: depth) : .null
            for (index, element) in (elements ?? []).enumerated() {
                let pair: JSONValue = ["current": element, "accumulator": accumulator ?? .null]
                accumulator = try apply(body, scope.inner(pair, index: index), depth: depth)
            }
            return accumulator
        }
        if name == "all" {
            // All of nothing is false here, unlike in JavaScript; the first that fails decides.
            for (index, element) in (elements ?? []).enumerated() {
                let inner = scope.inner(element, index: index)
                if !JavaScript.isTruthy(try apply(body, inner, depth: depth)) { return .bool(false) }
            }
            return .bool(!(elements ?? []).isEmpty)
        }
        var results: [JSONValue] = []
        for (index, element) in (elements ?? []).enumerated() {
            results.append(try apply(body, scope.inner(element, index: index), depth: depth) ?? .null)
        }
        let passing = zip(elements ?? [], results).filter { JavaScript.isTruthy($0.1) }.map(\.0)
        switch name {
        case "map": return .array(results)
        case "filter": return .array(passing)
        case "some": return .bool(!passing.isEmpty)
        default: return .bool(passing.isEmpty)
        }
    }

    /// The operators that are given the values of their operands.
    private static func perform(
        _ name: String, _ values: [JSONValue], _ scope: PlainScope, depth: Int
    ) throws(PlainLogicError) -> JSONValue? {
        func value(_ position: Int) -> JSONValue? { position < values.count ? values[position] : nil }
        func number(_ position: Int) -> Double { JavaScript.number(value(position)) }
        switch name {
        case "!!": return .bool(JavaScript.isTruthy(value(0)))
        case "!": return .bool(!JavaScript.isTruthy(value(0)))
        case "substr":
            let text = JavaScript.text(value(0))
            guard values.count > 2 else { return .string(JavaScript.substr(text, number(1), nil)) }
            guard number(2) < 0 else { return .string(JavaScript.substr(text, number(1), number(2))) }
            // A negative length leaves so much away at the end, as in PHP.
            let rest = JavaScript.substr(text, number(1), nil)
            return .string(JavaScript.substr(rest, 0, Double(rest.utf16.count) + number(2)))
        case "in":
            switch value(1) {
            case .array(let list): return .bool(list.contains { JavaScript.isStrictlyEqual($0, value(0)) })
            case .string(let text): return .bool(!text.isEmpty && contains(text, JavaScript.text(value(0))))
            default: return .bool(false)
            }
        case "merge":
            return .array(values.flatMap { if case .array(let list) = $0 { list } else { [$0] } })
        case "var": return read(value(0), default: value(1), scope.data)
        case "val": return scope.value(at: values) ?? .null
        case "exists": return .bool(scope.value(at: values) != nil)
        case "missing":
            var keys = values
            if case .array(let list)? = value(0) { keys = list }
            return .array(try missing(keys, scope, depth: depth))
        case "missing_some":
            let options = value(1) ?? .null
            let keys: [JSONValue] = if case .array(let list) = options { list } else { [options] }
            let absent = try missing(keys, scope, depth: depth)
            let count = JavaScript.number(JavaScript.property("length", of: options))
            return .array(count - Double(absent.count) >= number(0) ? [] : absent)
        case "log": return value(0)
        default: throw .unknownOperator(name)
        }
    }

    /// `Math.min`, `Math.max`: NaN wins.
    private static func extreme(_ values: [JSONValue], start: Double, _ isBetter: (Double, Double) -> Bool) -> Double {
        var result = start
        for value in values {
            let number = JavaScript.number(value)
            if number.isNaN { return .nan }
            if isBetter(number, result) { result = number }
        }
        return result
    }

    private static func contains(_ text: String, _ piece: String) -> Bool {
        let hay = Array(text.utf8)
        let needle = Array(piece.utf8)
        return hay.indices.contains { hay[$0...].starts(with: needle) }
    }

    private static func read(_ key: JSONValue?, default other: JSONValue?, _ data: JSONValue) -> JSONValue {
        if key == nil || key == .null || key == .string("") { return data }
        var current = data
        for name in pathParts(JavaScript.text(key)) {
            guard current != .null, let next = JavaScript.property(name, of: current) else { return other ?? .null }
            current = next
        }
        return current
    }

    /// The keys whose value is null or the empty text; each is asked as `{"var": key}`.
    private static func missing(
        _ keys: [JSONValue], _ scope: PlainScope, depth: Int
    ) throws(PlainLogicError) -> [JSONValue] {
        var absent: [JSONValue] = []
        for key in keys {
            let value = try apply(["var": key], scope, depth: depth)
            if value == nil || value == .null || value == .string("") { absent.append(key) }
        }
        return absent
    }
}
