import CareValues

/// Aggregates inside conditions: `{ ">": [{ "count": { "event": "purchase" } }, 3] }`.
///
/// Each is a trait that no rule file names, shared by all who ask the same.
enum InlineTraits {
    /// The words that begin one.
    static let names = Aggregate.allCases.map(\.rawValue) + ["open"]

    /// Whether an operator with this operand is an aggregate: `min` and `max` are operators over numbers too.
    static func isInline(_ name: String, _ operand: JSONNode) -> Bool {
        guard names.contains(name) else { return false }
        guard name == Aggregate.minimum.rawValue || name == Aggregate.maximum.rawValue else { return true }
        return operand.kind == .object && (operand["event"] != nil || operand["property"] != nil)
    }

    /// The aggregates below a node, in the order of the text; what stands in `data` is no operator, but for `$value`.
    static func find(in node: JSONNode, isData: Bool = false, _ found: inout [(key: JSONNode, value: JSONNode)]) {
        switch node.kind {
        case .array:
            for element in node.elements { find(in: element, isData: isData, &found) }
        case .object:
            let isOperator = node.count == 1 && !isData
            for (key, value) in node.members {
                let name = key.string ?? ""
                if isOperator, value.kind == .object, isInline(name, value) {
                    found.append((key, value))
                } else {
                    find(in: value, isData: name != "$value" && (isData || name == "data"), &found)
                }
            }
        case .null, .bool, .number, .string: break
        }
    }

    /// What two that ask the same have in common.
    static func content(_ definition: TraitDefinition) -> String {
        CanonicalJSON.text(Schema.definitionValue(definition))
    }
}

extension DeclarationReader {
    /// These hidden traits and those that stand inline below `nodes`, by their content.
    ///
    /// One that is in error is left out: compiling the condition tells it.
    mutating func withInline(_ hidden: [TraitDeclaration], in nodes: [JSONNode]) -> [TraitDeclaration] {
        var found: [(key: JSONNode, value: JSONNode)] = []
        for node in nodes { InlineTraits.find(in: node, &found) }
        guard !found.isEmpty else { return hidden }
        let told = findings
        var known = Set(hidden.map { InlineTraits.content($0.definition) })
        var inline: [(content: String, trait: TraitDeclaration)] = []
        for (key, value) in found {
            guard let definition = readInline(key, value) else { continue }
            let content = InlineTraits.content(definition)
            guard known.insert(content).inserted else { continue }
            let name = "\(key.string ?? "") \(value.value.canonicalText)"
            inline.append((content, TraitDeclaration(name: name, definition: definition, isHidden: true)))
        }
        findings = told
        return hidden + inline.sorted { textPrecedes($0.content, $1.content) }.map(\.trait)
    }

    /// The definition of an aggregate that stands inline; nil with a finding.
    mutating func readInline(_ key: JSONNode, _ value: JSONNode) -> TraitDefinition? {
        guard value.kind == .object else {
            findings.error(
                "rule.wrong-type", at: value, "'\(key.string ?? "")' must be an object, not \(value.kind.noun)",
                help: #"for example { "event": "purchase", "within": "P30D" }"#)
            return nil
        }
        guard let aggregate = Aggregate(rawValue: key.string ?? "") else { return readOpen(value) }
        return readAggregate(value, aggregate)
    }
}

extension ExpressionCompiler {
    /// An aggregate inline: the hidden trait of the same content.
    mutating func inlineTrait(_ key: JSONNode, _ value: JSONNode) -> Operand {
        let name = key.string ?? ""
        guard !isTraitFilter else { return refuseInFilter(name, key) }
        var reader = DeclarationReader()
        reader.attributes = schema.attributes
        reader.events = schema.events
        let definition = reader.readInline(key, value)
        findings.diagnostics += reader.findings.diagnostics
        guard let definition else { return broken(key) }
        guard let index = schema.hiddenIndex(InlineTraits.content(definition)) else {
            findings.error(
                "rule.not-supported", at: key, "'\(name)' needs a customer's events, and here are none",
                help: "use it in the conditions of rule files")
            return broken(key)
        }
        return trait(index, key, label: "'\(name)'")
    }
}
