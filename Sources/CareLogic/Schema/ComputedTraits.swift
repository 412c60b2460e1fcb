import CareValues

/// What a `value` trait computes.
public struct ComputedValue: Sendable {
    /// The expression over attributes, segments and other traits; reads neither event nor entry.
    public var expression: Expression
    /// The type of its values, as far as it can be told from the expression; nil: it cannot.
    public var type: AttributeType?

    /// What stands for it until it is compiled.
    static let pending = ComputedValue(expression: .never, type: nil)
}

/// One stage of a `lifecycle`.
public struct LifecycleStage: Sendable {
    /// Its name: the trait's value while the customer is in it.
    public var name: String
    /// True: the customer is in it, unless an earlier stage's condition is true too.
    public var condition: Expression
}

/// A trait that is computed from others, read but not compiled yet: what it reads must be known first.
struct PendingTrait {
    /// Its name.
    var name: String
    /// The name's place.
    var key: JSONNode
    /// The names of its stages; nil: a `value`.
    var stages: [String]?
    /// The expression, or the conditions of the stages.
    var nodes: [JSONNode]
}

extension DeclarationReader {
    /// `value: expression`
    mutating func readValue(_ node: JSONNode, name: String, key: JSONNode) -> TraitDefinition {
        pending.append(PendingTrait(name: name, key: key, stages: nil, nodes: [node]))
        return .value(.pending)
    }

    /// `lifecycle: [{ name, when }]`
    mutating func readLifecycle(_ node: JSONNode, name: String, key: JSONNode) -> TraitDefinition? {
        let example = #"for example [{ "name": "new", "when": { "==": [{ "var": "purchases" }, 0] } }]"#
        guard node.kind == .array, node.count > 0 else {
            findings.error(
                "rule.wrong-type", at: node,
                "'lifecycle' must be a list of stages, not \(node.kind == .array ? "empty" : node.kind.noun)",
                help: example)
            return nil
        }
        guard node.count <= LogicLimits.stages else {
            findings.error("rule.limit", at: node, "more than \(LogicLimits.stages) stages")
            return nil
        }
        var names: [String] = []
        var conditions: [JSONNode] = []
        for stage in node.elements {
            guard stage.kind == .object else {
                findings.error(
                    "rule.wrong-type", at: stage, "a stage must be an object, not \(stage.kind.noun)", help: example)
                continue
            }
            findings.checkKeys(stage, known: ["name", "when"], of: "a stage")
            for key in ["name", "when"] where stage[key] == nil {
                findings.error("rule.missing-key", at: stage, "a stage has no '\(key)'", help: example)
            }
            guard let nameNode = stage["name"], let when = stage["when"],
                let name = findings.text(nameNode, "the name of a stage")
            else { continue }
            if names.contains(where: { sameText($0, name) }) {
                findings.error("rule.duplicate-name", at: nameNode, "the stage '\(name)' is there twice")
            }
            names.append(name)
            conditions.append(when)
        }
        guard names.count == node.count else { return nil }
        pending.append(PendingTrait(name: name, key: key, stages: names, nodes: conditions))
        let stages = names.map { LifecycleStage(name: $0, condition: .never) }
        return .lifecycle(stages)
    }

    /// Compiles the traits that are computed from others, each after those it reads, and notes those that read
    /// themselves in `graph`.
    ///
    /// - Parameter schema: all declarations; the pending traits stand in it without what they compute.
    /// - Returns: the traits of `schema`, whole.
    mutating func compilePending(
        over schema: Schema, segmentIndexes: [String: Int], graph: inout DependencyGraph
    ) -> [TraitDeclaration] {
        var traits = schema.traits
        var types: [Int: StaticType] = [:]
        let positions = Dictionary(
            pending.indices.map { (pending[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
        for position in pendingOrder(positions) {
            let trait = pending[position]
            guard let index = schema.traitIndex(trait.name) else { continue }
            var compiled: [Expression] = []
            var type = StaticType.any
            for node in trait.nodes {
                var compiler = ExpressionCompiler(schema: schema, scope: .none)
                compiler.segmentIndexes = segmentIndexes
                compiler.traitTypes = types
                compiler.brokenNames = broken
                let expression = compiler.compile(node, expecting: trait.stages == nil ? .any : .condition)
                findings.diagnostics += compiler.findings.diagnostics
                graph.note(compiler, of: .trait(trait.name), over: schema)
                if let expression { compiled.append(expression) }
                type = compiler.rootType
            }
            guard compiled.count == trait.nodes.count else {
                broken.insert(trait.name)
                continue
            }
            if let stages = trait.stages {
                traits[index].definition = .lifecycle(
                    zip(stages, compiled).map { LifecycleStage(name: $0, condition: $1) })
            } else {
                types[index] = type
                traits[index].definition = .value(
                    ComputedValue(expression: compiled[0], type: AttributeType(type)))
            }
        }
        return traits
    }

    /// The pending traits, each after those whose names stand in it, as far as they go in no circle.
    private func pendingOrder(_ positions: [String: Int]) -> [Int] {
        var order: [Int] = []
        var isSeen = [Bool](repeating: false, count: pending.count)
        var stack: [(position: Int, isDone: Bool)] = pending.indices.reversed().map { ($0, false) }
        while let (position, isDone) = stack.popLast() {
            if isDone {
                order.append(position)
                continue
            }
            guard !isSeen[position] else { continue }
            isSeen[position] = true
            stack.append((position, true))
            for name in pending[position].nodes.flatMap({ readNames(in: $0) }) {
                if let other = positions[name], !isSeen[other] { stack.append((other, false)) }
            }
        }
        return order
    }

    private func readNames(in node: JSONNode) -> [String] {
        var names: [String] = []
        for element in node.elements { names += readNames(in: element) }
        for (key, value) in node.members {
            if key.string == "var", let name = value.string ?? value.elements.first(where: { _ in true })?.string {
                names.append(name)
            } else {
                names += readNames(in: value)
            }
        }
        return names
    }
}

extension AttributeType {
    /// The declared type whose values a static type knows; nil: values of any type.
    init?(_ type: StaticType) {
        switch type {
        case .any, .nothing: return nil
        case .boolean: self = .boolean
        case .number: self = .number
        case .string: self = .string
        case .date: self = .date
        case .instant: self = .instant
        case .birthday: self = .birthday
        case .list: self = .list
        case .words(let words, let isOrdered, _): self = isOrdered ? .ordinal(words) : .enumeration(words)
        }
    }
}
