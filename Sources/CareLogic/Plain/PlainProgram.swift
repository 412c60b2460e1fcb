import CareValues

/// A plain JsonLogic rule, read once and evaluated over one data value after another.
///
/// The same dialect as ``ReferenceInterpreter/evaluate(_:data:)``, value for value and error for error: operators are
/// looked up, paths taken apart and constant parts put together beforehand.
public struct PlainProgram: Sendable {
    private let root: Node

    /// Reads `rule`. An operator that does not exist is an error only when the evaluation reaches it.
    ///
    /// - Throws: ``PlainLogicError/tooDeep``.
    public init(_ rule: JSONValue) throws(PlainLogicError) {
        root = try Node(rule, depth: 0)
    }

    /// The rule's value over `data`.
    ///
    /// - Throws: ``PlainLogicError``.
    public func evaluate(_ data: JSONValue) throws(PlainLogicError) -> JSONValue {
        JavaScript.json(try root.value(PlainScope(data)))
    }
}

extension PlainProgram {
    /// A part of a rule.
    indirect enum Node: Sendable {
        /// A value, or a list of values, without any rule inside.
        case constant(JSONValue)
        case list([Node])
        /// `{"var": "a.b"}`, the name being in the rule itself; no names: the data as it is.
        case read([String], fallback: Node?)
        case conditional([Node])
        case and([Node])
        case or([Node])
        case iterate(Iteration, list: Node, body: Node, start: Node?)
        /// Neighbours are compared until one pair does not hold.
        case compare(Relation, [Node])
        case call(Operation, [Node])
        /// Operands that one node gives, all at once, if it gives a list.
        case spread(Operation, Node)
        /// An operator that cannot work with what stands there.
        case invalid(String)
        /// `val`, `exists`: a path whose parts are operands.
        case path([Node])
        case exists([Node])
        /// `??`
        case coalesce([Node])
        /// `throw`
        case raise(Node)
        /// `try`
        case attempt([Node])
        case unknown(String, [Node])

        enum Iteration: String, Sendable { case map, filter, reduce, all, some, none }

        enum Relation: String, Sendable {
            case looselyEqual = "=="
            case strictlyEqual = "==="
            case looselyUnequal = "!="
            case strictlyUnequal = "!=="
            case less = "<"
            case lessOrEqual = "<="
            case greater = ">"
            case greaterOrEqual = ">="
        }

        enum Operation: String, Sendable {
            case not = "!"
            case truth = "!!"
            case add = "+"
            case multiply = "*"
            case subtract = "-"
            case divide = "/"
            case modulo = "%"
            case minimum = "min"
            case maximum = "max"
            case concatenate = "cat"
            case substring = "substr"
            case contains = "in"
            case merge
            case read = "var"
            case missing
            case missingSome = "missing_some"
            case log

            /// Whether a list that a rule gives instead of operands is the operands.
            var isChained: Bool {
                switch self {
                case .add, .multiply, .subtract, .divide, .modulo, .minimum, .maximum, .concatenate: true
                default: false
                }
            }
        }

        init(_ rule: JSONValue, depth: Int) throws(PlainLogicError) {
            guard depth <= LogicLimits.plainDepth else { throw .tooDeep }
            if case .array(let rules) = rule {
                let nodes = try Node.all(rules, depth: depth + 1)
                let isConstant = nodes.allSatisfy { if case .constant = $0 { true } else { false } }
                self = isConstant ? .constant(rule) : .list(nodes)
                return
            }
            guard case .object(let object) = rule, object.count == 1, let (name, operand) = object.members.first else {
                self = .constant(rule)
                return
            }
            if name == "preserve" {
                self = .constant(operand)
                return
            }
            guard case .array(let operands) = operand else {
                self = Node.operation(name, single: operand, try Node(operand, depth: depth + 1))
                return
            }
            let nodes = try Node.all(operands, depth: depth + 1)
            self = Node.operation(name, operands, nodes)
        }

        private static func all(_ rules: [JSONValue], depth: Int) throws(PlainLogicError) -> [Node] {
            var nodes: [Node] = []
            for rule in rules { nodes.append(try Node(rule, depth: depth)) }
            return nodes
        }

        /// An operator before something else than a list.
        private static func operation(_ name: String, single operand: JSONValue, _ node: Node) -> Node {
            if ["if", "?:", "and", "or"].contains(name) { return .invalid(name) }
            if case .object(let rule) = operand, rule.count == 1, let operation = Operation(rawValue: name),
                operation.isChained
            {
                return .spread(operation, node)
            }
            return Node.operation(name, [operand], [node])
        }

        private static func operation(_ name: String, _ operands: [JSONValue], _ nodes: [Node]) -> Node {
            switch name {
            case "if", "?:": return .conditional(nodes)
            case "and": return .and(nodes)
            case "or": return .or(nodes)
            case "val": return .path(nodes)
            case "exists": return .exists(nodes)
            case "??": return .coalesce(nodes)
            case "throw": return .raise(nodes.first ?? .constant(.null))
            case "try": return .attempt(nodes)
            case "var":
                // What stands after the fallback is not read, but may be in error.
                guard nodes.count < 3, let names = constantPath(operands.first) else { break }
                return .read(names, fallback: nodes.count > 1 ? nodes[1] : nil)
            default: break
            }
            if let iteration = Iteration(rawValue: name) {
                let needsBody = iteration == .map || iteration == .filter
                guard nodes.count > 1, operands[0] != .null, !needsBody || operands[1] != .null else {
                    return .invalid(name)
                }
                return .iterate(iteration, list: nodes[0], body: nodes[1], start: nodes.count > 2 ? nodes[2] : nil)
            }
            if let relation = Relation(rawValue: name) {
                return .compare(relation, nodes)
            }
            return Operation(rawValue: name).map { .call($0, nodes) } ?? .unknown(name, nodes)
        }

        /// The names of a path that stands in the rule; nil: it has to be computed, or is no path.
        private static func constantPath(_ operand: JSONValue?) -> [String]? {
            switch operand {
            case nil, .null, .string(""): []
            case .string(let text): pathParts(text)
            case .number(let number): pathParts(JavaScript.text(number))
            case .bool(let flag): [JavaScript.text(.bool(flag))]
            default: nil
            }
        }
    }
}
