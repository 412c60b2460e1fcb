import CareValues

/// Reads one expression of a rule file: checks it whole against the schema, and lays it out as a ``Program``.
///
/// A wrong part is noted and taken as missing, so that the rest is checked too; with an error there is no program.
struct ExpressionCompiler {
    let schema: Schema
    var scope: ExpressionScope
    var findings = RuleFindings()
    /// Whether it is a trait's `where`, which may read `event.*` only.
    var isTraitFilter = false
    /// Whether every name at the root is a path in data instead of what rule files declare.
    var readsData = false
    /// The segments by name; while the schema is being built they are not in it yet.
    var segmentIndexes: [String: Int]?
    /// The segments that are used, with their places.
    var segmentUses: [(name: String, node: JSONNode)] = []
    /// The traits that are used, with their places.
    var traitUses: [(index: Int, node: JSONNode)] = []
    /// What is known of traits whose definition is not in the schema yet.
    var traitTypes: [Int: StaticType] = [:]
    /// Names whose declaration is in error.
    var brokenNames: Set<String>
    /// What is known of the whole expression, once compiled.
    var rootType = StaticType.any
    /// How many `map`, `filter` … bodies are around: there `var` reads the element.
    var elementDepth = 0
    var depth = 0

    var uses = ExpressionUses()
    var instructions: [Instruction] = []
    var operands: [Int32] = []
    var constants: [LogicValue] = []
    var paths: [[String]] = []
    var orders: [[String]] = []
    var types: [AttributeType] = []

    init(schema: Schema, scope: ExpressionScope) {
        self.schema = schema
        self.scope = scope
        brokenNames = schema.brokenNames
    }

    /// A compiled part: where it is, what is known of it, and how to speak of it.
    struct Operand {
        var index: Int
        var type: StaticType
        /// The token that a finding about it points at.
        var place: JSONNode
        /// What a finding calls it: `tier`, `2`, `'days_since'`.
        var label: String
        /// Its value, when the rule file says it outright.
        var literal: LogicValue?
    }

    /// A text, a number or a list among what `and`, `or` and `!` put together in a condition: it would be true or false
    /// for everybody.
    private mutating func refuseLiterals(inside node: JSONNode, depth: Int = 0) {
        guard depth < LogicLimits.expressionDepth, node.kind == .object,
            let (key, value) = node.members.first(where: { _ in true }), let name = key.string,
            ["and", "or", "!"].contains(name)
        else { return }
        for operand in operandNodes(value) {
            let kind: String
            switch operand.kind {
            case .string: kind = "a string"
            case .number: kind = "a number"
            case .array: kind = "a list"
            default:
                refuseLiterals(inside: operand, depth: depth + 1)
                continue
            }
            findings.error(
                "rule.type-mismatch", at: operand,
                "what '\(name)' asks in a condition must be true or false, not \(kind)",
                help: #"write an operator: { ">=": [{ "var": "tier" }, "gold"] }"#)
        }
    }

    /// The whole expression, or nil with findings.
    mutating func compile(_ node: JSONNode, expecting: ExpressionExpectation) -> Expression? {
        let root = compile(node)
        rootType = root.type
        if expecting == .condition {
            switch root.type {
            case .date, .instant, .birthday, .words:
                findings.error(
                    "rule.type-mismatch", at: root.place,
                    "a condition must be true or false, \(root.label) is \(root.type.phrase)",
                    help: "compare it: { \"==\": [\(root.label), …] }")
            default:
                // A text, a number or a list would be true or false for everybody, whatever it was meant to say.
                switch root.literal {
                case .string, .number, .list:
                    let isName =
                        node.string.map { schema.attributeIndex($0) != nil || schema.traitIndex($0) != nil } ?? false
                    findings.error(
                        "rule.type-mismatch", at: root.place,
                        "a condition must be true or false, \(root.label) is \(root.type.phrase)",
                        help: isName
                            ? "{ \"var\": \(root.label) } reads it"
                            : #"write an operator: { ">=": [{ "var": "tier" }, "gold"] }"#)
                default: break
                }
            }
            refuseLiterals(inside: node)
        }
        guard !findings.hasErrors else { return nil }
        if expecting == .condition { markTruthOnly(root.index) }
        let program = Program(
            source: node.value, uses: uses, instructions: instructions, operands: operands, constants: constants,
            paths: paths, orders: orders, types: types, root: root.index)
        return Expression(program: program)
    }

    // MARK: Parts

    /// A part: a literal, a list or an operator.
    mutating func compile(_ node: JSONNode) -> Operand {
        depth += 1
        defer { depth -= 1 }
        guard depth <= LogicLimits.expressionDepth else {
            findings.error("rule.too-deep", at: node, "nested more than \(LogicLimits.expressionDepth) deep")
            return broken(node)
        }
        switch node.kind {
        case .null, .bool, .number, .string:
            return constant(LogicValue(node.value), type: StaticType(literal: node), at: node)
        case .array:
            return list(node)
        case .object:
            guard node.count == 1, let (key, value) = node.members.first(where: { _ in true }) else {
                findings.error(
                    "rule.bad-expression", at: node,
                    "an operator is an object with one key, this one has \(node.count)",
                    help: #"for example { "==": [{ "var": "country" }, "CN"] }"#)
                return broken(node)
            }
            return operation(key, value)
        }
    }

    private mutating func list(_ node: JSONNode) -> Operand {
        let parts = node.elements.map { compile($0) }
        let literals = parts.compactMap(\.literal)
        if literals.count == parts.count {
            return constant(.list(literals), type: .list, at: node)
        }
        return Operand(index: emit(.list, parts), type: .list, place: node, label: "the list")
    }

    /// Something whose error is already noted.
    func broken(_ node: JSONNode) -> Operand {
        Operand(index: 0, type: .any, place: node, label: "this")
    }

    mutating func constant(_ value: LogicValue, type: StaticType, at node: JSONNode) -> Operand {
        constants.append(value)
        let index = emit(Instruction(.constant, a: constants.count - 1))
        let text = node.text
        let label = text.utf8.count > 40 ? node.kind.noun : text
        return Operand(index: index, type: type, place: node, label: label, literal: value)
    }

    /// Puts another value into the place of a literal: a date for its text.
    mutating func replaceLiteral(_ operand: inout Operand, with value: LogicValue, type: StaticType) {
        operand.literal = value
        operand.type = type
        constants[Int(instructions[operand.index].a)] = value
    }

    mutating func emit(_ instruction: Instruction) -> Int {
        instructions.append(instruction)
        return instructions.count - 1
    }

    mutating func emit(
        _ code: Instruction.Code, _ parts: [Operand], c: Int = -1, comparison: Comparison = .equal
    ) -> Int {
        let first = operands.count
        for part in parts { operands.append(Int32(part.index)) }
        return emit(Instruction(code, a: first, b: parts.count, c: c, comparison: comparison))
    }

    mutating func path(_ parts: [String]) -> Int {
        if let known = paths.firstIndex(of: parts) { return known }
        paths.append(parts)
        return paths.count - 1
    }

    /// Notes that of an expression's value only the truth counts, so that an answer holds as long as its truth does.
    mutating func markTruthOnly(_ index: Int) {
        // What is in error has no place.
        guard index < instructions.count else { return }
        let instruction = instructions[index]
        guard instruction.code == .and || instruction.code == .or, instruction.c != Instruction.truthOnly else {
            return
        }
        instructions[index].c = Instruction.truthOnly
        for position in 0..<Int(instruction.b) { markTruthOnly(Int(operands[Int(instruction.a) + position])) }
    }

    /// An operator's operands: a list of them, or one alone.
    func operandNodes(_ value: JSONNode) -> [JSONNode] {
        value.kind == .array ? Array(value.elements) : [value]
    }
}

extension Schema {
    /// Checks an expression of a rule file and compiles it; nil with at least one error in `diagnostics`.
    ///
    /// - Parameter document: the text that `node` is a part of.
    public func compile(
        _ node: JSONNode, in document: JSONDocument, scope: ExpressionScope, expecting: ExpressionExpectation,
        diagnostics: inout [Diagnostic]
    ) -> Expression? {
        var compiler = ExpressionCompiler(schema: self, scope: scope)
        let expression = compiler.compile(node, expecting: expecting)
        diagnostics += compiler.findings.diagnostics
        return expression
    }
}
