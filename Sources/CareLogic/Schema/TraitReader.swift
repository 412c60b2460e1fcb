import CareValues

extension DeclarationReader {
    static let kinds = ["last", "first", "count", "sum", "open"]
    static let laterKinds = ["avg", "min", "max", "distinct", "value", "rfm", "lifecycle"]

    mutating func readTrait(_ member: SchemaBuilder.Member) {
        let name = member.key.string ?? ""
        guard findings.isGoodName(member.key, "a trait") else { return }
        if let definition = readDefinition(member.value, name) {
            traits.append(TraitDeclaration(name: name, definition: definition, isHidden: false))
        } else {
            broken.insert(name)
        }
    }

    private mutating func readDefinition(_ node: JSONNode, _ name: String) -> TraitDefinition? {
        guard node.kind == .object else {
            findings.error(
                "rule.wrong-type", at: node, "trait '\(name)' must be an object, not \(node.kind.noun)",
                help: #"for example { "count": { "event": "purchase" } }"#)
            return nil
        }
        guard node.count == 1, let (key, value) = node.members.first(where: { _ in true }), let kind = key.string else {
            findings.error(
                "rule.wrong-type", at: node, "trait '\(name)' must have exactly one kind",
                help: "one of " + Self.kinds.joined(separator: ", "))
            return nil
        }
        guard Self.kinds.contains(kind) else {
            if Self.laterKinds.contains(kind) {
                findings.error("rule.not-supported", at: key, "traits of kind '\(kind)' are not supported yet")
            } else {
                findings.error(
                    "rule.unknown-key", at: key, "unknown kind of trait '\(kind)'",
                    help: RuleFindings.suggestion(
                        kind, Self.kinds, otherwise: "one of " + Self.kinds.joined(separator: ", ")))
            }
            return nil
        }
        guard value.kind == .object else {
            findings.error(
                "rule.wrong-type", at: value, "'\(kind)' must be an object, not \(value.kind.noun)",
                help: #"for example { "event": "purchase" }"#)
            return nil
        }
        return kind == "open" ? readOpen(value) : readSelection(value, kind: kind)
    }

    private mutating func readOpen(_ node: JSONNode) -> TraitDefinition? {
        findings.checkKeys(node, known: ["opened", "closed", "by"], of: "'open'")
        var parts: [JSONNode] = []
        for key in ["opened", "closed", "by"] {
            if let part = node[key] {
                parts.append(part)
            } else {
                findings.error("rule.missing-key", at: node, "'open' has no '\(key)'")
            }
        }
        guard parts.count == 3, let opened = findings.texts(parts[0], "'opened'"),
            let closed = findings.texts(parts[1], "'closed'"), let property = findings.text(parts[2], "'by'")
        else { return nil }
        for type in closed where opened.contains(type) {
            findings.error("rule.type-mismatch", at: parts[1], "'\(type)' both opens and closes")
            return nil
        }
        return .open(OpenSelection(opened: opened, closed: closed, idProperty: property))
    }

    private mutating func readSelection(_ node: JSONNode, kind: String) -> TraitDefinition? {
        findings.checkKeys(
            node, known: ["event", "property", "where", "within"], later: ["between", "calendar"], of: "'\(kind)'")
        guard let eventNode = node["event"] else {
            findings.error(
                "rule.missing-key", at: node, "'\(kind)' has no 'event'", help: #"for example "event": "purchase""#)
            return nil
        }
        guard let types = findings.texts(eventNode, "'event'") else { return nil }
        var selection = EventSelection(types: types, property: nil, propertyType: nil, filter: nil, window: nil)
        if let property = node["property"] {
            guard let path = findings.text(property, "'property'") else { return nil }
            selection.property = path
            selection.propertyType = propertyType(path, of: types, events: events)
            if kind == "sum", let type = selection.propertyType, type != .number {
                findings.error(
                    "rule.type-mismatch", at: property, "'sum' needs a number, \(path) is \(StaticType(type).phrase)")
                return nil
            }
        } else if kind == "sum" {
            findings.error(
                "rule.missing-key", at: node, "'sum' has no 'property'", help: #"for example "property": "amount""#)
            return nil
        }
        if let within = node["within"] {
            guard let window = findings.window(within, "'within'") else { return nil }
            selection.window = window
        }
        if let filter = node["where"] {
            let schema = Schema(attributes: attributes, traits: [], segments: [], events: events)
            var compiler = ExpressionCompiler(
                schema: schema, scope: ExpressionScope(allowsEvent: true, allowsEntry: false, eventTypes: types))
            compiler.isTraitFilter = true
            let expression = compiler.compile(filter, expecting: .condition)
            findings.diagnostics += compiler.findings.diagnostics
            guard let expression else { return nil }
            selection.filter = expression
        }
        switch kind {
        case "last": return .last(selection)
        case "first": return .first(selection)
        case "count": return .count(selection)
        default: return .sum(selection)
        }
    }
}

/// The declared type of a property, if all these event types declare it alike; nil: any.
func propertyType(_ path: String, of types: [String], events: [String: EventDeclaration]) -> AttributeType? {
    var common: AttributeType?
    for type in types {
        guard let declared = events[type]?.properties[path] else { return nil }
        if let common, common != declared { return nil }
        common = declared
    }
    return common
}
