import CareValues

/// What a part of a plain rule is evaluated over: the data at hand, and what lies around it.
///
/// `var` reads the data at hand alone. `val` can go outwards: each iteration and each handler of an error lies two levels
/// further in, the one between holding its place in the list.
final class PlainScope: Sendable {
    /// The data at hand.
    let data: JSONValue
    private let index: Int?
    private let outer: PlainScope?

    /// The outermost scope.
    init(_ data: JSONValue) {
        self.data = data
        index = nil
        outer = nil
    }

    private init(_ data: JSONValue, index: Int?, outer: PlainScope) {
        self.data = data
        self.index = index
        self.outer = outer
    }

    /// The scope of an element, or of an error that is handled (no `index`).
    func inner(_ data: JSONValue, index: Int? = nil) -> PlainScope { PlainScope(data, index: index, outer: self) }

    /// What lies so many levels out; nil: nothing.
    private func level(_ count: Int) -> JSONValue? {
        var scope = self
        for _ in 0..<(count / 2) {
            guard let outer = scope.outer else { return nil }
            scope = outer
        }
        guard count % 2 == 1 else { return scope.data }
        guard scope.outer != nil else { return nil }
        return .object(JSONObject(uniqueMembers: scope.index.map { [("index", .number(Double($0)))] } ?? []))
    }

    /// `val`: what a path leads to, its names and places being operands of their own; nil: there is nothing.
    ///
    /// A first operand `[n]` begins n levels further out; a single operand that is a list is the path itself.
    func value(at operands: [JSONValue]) -> JSONValue? {
        var path = operands[...]
        var current: JSONValue? = data
        if case .array(let list)? = path.first {
            if list.count == 1, case .number(let levels) = list[0] {
                // A scope is never deeper than a rule is nested, so that more levels than this lead nowhere.
                current = level(Int(min(abs(levels), Double(2 * LogicLimits.plainDepth + 2))))
                path = path.dropFirst()
            } else if path.count == 1 {
                path = list[...]
            }
        }
        for name in path {
            guard let place = current else { return nil }
            current = JavaScript.property(JavaScript.text(name), of: place)
        }
        return current
    }
}

extension PlainLogicError {
    /// The type that a rule's own `throw` gives its error; nil: it gives none, or no rule has thrown it.
    public var thrownType: String? {
        guard case .thrown = self, case .object(let error)? = handled, case .string(let type)? = error["type"] else {
            return nil
        }
        return type
    }

    /// What a handler of `try` reads of it; nil: it is not handled.
    var handled: JSONValue? {
        switch self {
        case .thrown(let value): if case .object = value { value } else { ["type": value] }
        case .unknownOperator: ["type": "Unknown Operator"]
        case .invalidArguments: ["type": "Invalid Arguments"]
        case .notANumber: ["type": "NaN"]
        case .tooDeep: nil
        }
    }
}
