import CareValues

extension PlainProgram.Node {
    /// The part's value over what is at hand; nil: `undefined`.
    func value(_ scope: PlainScope) throws(PlainLogicError) -> JSONValue? {
        switch self {
        case .constant(let value): return value
        case .list(let nodes): return .array(try Self.values(nodes, scope))
        case .read(let names, let fallback):
            // As every operand, the fallback is evaluated in any case: it may be in error.
            let other = try fallback?.value(scope)
            return Self.read(names, scope.data) ?? other ?? .null
        case .conditional(let nodes):
            var position = 0
            while position < nodes.count - 1 {
                if JavaScript.isTruthy(try nodes[position].value(scope)) { return try nodes[position + 1].value(scope) }
                position += 2
            }
            return position < nodes.count ? try nodes[position].value(scope) : .null
        case .and(let nodes):
            var last: JSONValue? = .bool(false)
            for node in nodes {
                last = try node.value(scope)
                if !JavaScript.isTruthy(last) { return last }
            }
            return last
        case .or(let nodes):
            var last: JSONValue? = .bool(false)
            for node in nodes {
                last = try node.value(scope)
                if JavaScript.isTruthy(last) { return last }
            }
            return last
        case .iterate(let iteration, let list, let body, let start):
            return try Self.iterate(iteration, try list.value(scope), body, start, scope)
        case .compare(let relation, let nodes): return .bool(try Self.compare(relation, nodes, scope))
        case .spread(let operation, let node):
            let value = try node.value(scope) ?? .null
            let values: [JSONValue] = if case .array(let list) = value { list } else { [value] }
            return try Self.call(operation, values, scope)
        case .invalid(let name): throw .invalidArguments(name)
        case .call(let operation, let nodes):
            return try Self.call(operation, try Self.values(nodes, scope), scope)
        case .path(let nodes): return scope.value(at: try Self.values(nodes, scope)) ?? .null
        case .exists(let nodes): return .bool(scope.value(at: try Self.values(nodes, scope)) != nil)
        case .coalesce(let nodes):
            for node in nodes {
                if let value = try node.value(scope), value != .null { return value }
            }
            return .null
        case .raise(let node): throw .thrown(try node.value(scope) ?? .null)
        case .attempt(let nodes): return try Self.attempt(nodes, scope)
        case .unknown(let name, let nodes):
            _ = try Self.values(nodes, scope)
            throw .unknownOperator(name)
        }
    }

    private static func values(_ nodes: [Self], _ scope: PlainScope) throws(PlainLogicError) -> [JSONValue] {
        var values: [JSONValue] = []
        values.reserveCapacity(nodes.count)
        for node in nodes { values.append(try node.value(scope) ?? .null) }
        return values
    }

    private static func read(_ names: [String], _ data: JSONValue) -> JSONValue? {
        var current = data
        for name in names {
            guard let next = JavaScript.property(name, of: current) else { return nil }
            current = next
        }
        return current
    }

    private static func compare(
        _ relation: Relation, _ nodes: [Self], _ scope: PlainScope
    ) throws(PlainLogicError) -> Bool {
        guard nodes.count > 1 else { throw .invalidArguments(relation.rawValue) }
        var last = try nodes[0].value(scope) ?? .null
        for node in nodes[1...] {
            let next = try node.value(scope) ?? .null
            if case (.number(let left), .number(let right)) = (last, next), !left.isNaN, !right.isNaN {
                guard holds(relation, left, right) else { return false }
            } else {
                guard try PlainOperands.holds(relation.rawValue, last, next) else { return false }
            }
            last = next
        }
        return true
    }

    private static func holds(_ relation: Relation, _ left: Double, _ right: Double) -> Bool {
        switch relation {
        case .looselyEqual, .strictlyEqual: left == right
        case .looselyUnequal, .strictlyUnequal: left != right
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        }
    }

    /// The first part that does not fail; the later ones are over the error of the one before.
    private static func attempt(_ nodes: [Self], _ scope: PlainScope) throws(PlainLogicError) -> JSONValue? {
        var current = scope
        for (position, node) in nodes.enumerated() {
            do {
                return try node.value(current)
            } catch {
                guard let data = error.handled, position + 1 < nodes.count else { throw error }
                current = scope.inner(data)
            }
        }
        return .null
    }

    private static func iterate(
        _ iteration: Iteration, _ list: JSONValue?, _ body: Self, _ start: Self?, _ scope: PlainScope
    ) throws(PlainLogicError) -> JSONValue? {
        var elements: [JSONValue] = []
        if case .array(let values)? = list {
            elements = values
        } else if iteration == .all || iteration == .some || iteration == .none {
            throw .invalidArguments(iteration.rawValue)
        }
        if iteration == .reduce {
            var accumulator = try start?.value(scope)
            if start == nil { accumulator = .null }
            for (index, element) in elements.enumerated() {
                let pair = JSONObject(
                    uniqueMembers: [("current", element), ("accumulator", accumulator ?? .null)])
                accumulator = try body.value(scope.inner(.object(pair), index: index))
            }
            return accumulator
        }
        var passing = 0
        var results: [JSONValue] = []
        for (index, element) in elements.enumerated() {
            let result = try body.value(scope.inner(element, index: index))
            if iteration == .map { results.append(result ?? .null) }
            guard JavaScript.isTruthy(result) else {
                // The first that fails decides, the others are not asked.
                if iteration == .all { return .bool(false) }
                continue
            }
            passing += 1
            if iteration == .filter { results.append(element) }
        }
        switch iteration {
        case .map, .filter: return .array(results)
        case .all: return .bool(passing > 0)
        case .some: return .bool(passing > 0)
        default: return .bool(passing == 0)
        }
    }

    /// Operators over the values of their operands.
    private static func call(
        _ operation: Operation, _ values: [JSONValue], _ scope: PlainScope
    ) throws(PlainLogicError) -> JSONValue? {
        let data = scope.data
        let first = values.first
        let second = values.count > 1 ? values[1] : nil
        switch operation {
        case .not: return .bool(!JavaScript.isTruthy(first))
        case .truth: return .bool(JavaScript.isTruthy(first))
        case .add, .multiply, .subtract, .divide, .modulo:
            return .number(try PlainOperands.folded(operation.rawValue, values))
        case .minimum, .maximum:
            var result = operation == .minimum ? Double.infinity : -Double.infinity
            for value in values {
                let number = JavaScript.number(value)
                if number.isNaN { return .number(.nan) }
                if operation == .minimum ? number < result : number > result { result = number }
            }
            return .number(result)
        case .concatenate: return .string(JavaScript.joined(values, separator: ""))
        case .substring:
            let text = JavaScript.text(first)
            let start = JavaScript.number(second)
            guard values.count > 2 else { return .string(JavaScript.substr(text, start, nil)) }
            let length = JavaScript.number(values[2])
            guard length < 0 else { return .string(JavaScript.substr(text, start, length)) }
            let rest = JavaScript.substr(text, start, nil)
            return .string(JavaScript.substr(rest, 0, Double(rest.utf16.count) + length))
        case .contains:
            switch second {
            case .array(let list): return .bool(list.contains { JavaScript.isStrictlyEqual($0, first) })
            case .string(let text): return .bool(!text.isEmpty && Evaluator.contains(JavaScript.text(first), in: text))
            default: return .bool(false)
            }
        case .merge:
            var all: [JSONValue] = []
            for value in values { if case .array(let list) = value { all += list } else { all.append(value) } }
            return .array(all)
        case .read:
            // The path was computed.
            if first == nil || first == .null || first == .string("") { return data }
            return read(pathParts(JavaScript.text(first)), data) ?? second ?? .null
        case .missing:
            if case .array(let keys)? = first { return .array(try missing(keys, scope)) }
            return .array(try missing(values, scope))
        case .missingSome:
            let options = second ?? .null
            let absent = try missing(options.listed, scope)
            let count = JavaScript.number(JavaScript.property("length", of: options))
            return .array(count - Double(absent.count) >= JavaScript.number(first) ? [] : absent)
        case .log: return first
        }
    }

    private static func missing(_ keys: [JSONValue], _ scope: PlainScope) throws(PlainLogicError) -> [JSONValue] {
        let data = scope.data
        var absent: [JSONValue] = []
        for key in keys {
            let value: JSONValue?
            switch key {
            // A key may itself be a rule or a list: rare, and left to the reference.
            case .array, .object: value = try ReferenceInterpreter.apply(["var": key], scope, depth: 0)
            case .null, .string(""): value = data
            default: value = read(pathParts(JavaScript.text(key)), data)
            }
            if value == nil || value == .null || value == .string("") { absent.append(key) }
        }
        return absent
    }
}

extension JSONValue {
    fileprivate var listed: [JSONValue] { if case .array(let list) = self { list } else { [self] } }
}
