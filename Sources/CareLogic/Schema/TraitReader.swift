import CareValues

extension DeclarationReader {
    static let kinds = Aggregate.allCases.map(\.rawValue) + ["open", "value", "lifecycle", "rfm"]

    mutating func readTrait(_ member: SchemaBuilder.Member) {
        let name = member.key.string ?? ""
        guard findings.isGoodName(member.key, "a trait") else { return }
        if !read(member.value, name, member.key) { broken.insert(name) }
    }

    /// Whether the definition could be read; the findings say why not.
    private mutating func read(_ node: JSONNode, _ name: String, _ nameNode: JSONNode) -> Bool {
        guard let (key, value) = readKind(node, name) else { return false }
        let definition: TraitDefinition?
        switch key.string ?? "" {
        case "value": definition = readValue(value, name: name, key: nameNode)
        case "lifecycle": definition = readLifecycle(value, name: name, key: nameNode)
        case let kind:
            guard value.kind == .object else {
                findings.error(
                    "rule.wrong-type", at: value, "'\(kind)' must be an object, not \(value.kind.noun)",
                    help: #"for example { "event": "purchase" }"#)
                return false
            }
            if kind == "rfm" { return readRFM(value, name: name) }
            if let aggregate = Aggregate(rawValue: kind) {
                definition = readAggregate(value, aggregate)
            } else {
                definition = readOpen(value)
            }
        }
        guard let definition else { return false }
        traits.append(TraitDeclaration(name: name, definition: definition, isHidden: false))
        return true
    }

    /// The kind of a trait and what it says; nil with a finding.
    private mutating func readKind(_ node: JSONNode, _ name: String) -> (key: JSONNode, value: JSONNode)? {
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
            findings.error(
                "rule.unknown-key", at: key, "unknown kind of trait '\(kind)'",
                help: RuleFindings.suggestion(
                    kind, Self.kinds, otherwise: "one of " + Self.kinds.joined(separator: ", ")))
            return nil
        }
        return (key, value)
    }

    mutating func readOpen(_ node: JSONNode) -> TraitDefinition? {
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

    mutating func readAggregate(_ node: JSONNode, _ aggregate: Aggregate) -> TraitDefinition? {
        let kind = aggregate.rawValue
        findings.checkKeys(
            node, known: ["event", "property", "where", "within", "between", "calendar"], of: "'\(kind)'")
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
            guard fits(selection, aggregate, at: property) else { return nil }
        } else if aggregate.needsProperty {
            findings.error(
                "rule.missing-key", at: node, "'\(kind)' has no 'property'", help: #"for example "property": "amount""#)
            return nil
        }
        guard let window = readWindow(node) else { return nil }
        selection.window = window
        if let filter = node["where"] {
            guard let expression = readFilter(filter, types: types) else { return nil }
            selection.filter = expression
        }
        return .aggregate(aggregate, selection)
    }

    /// Whether a property of its declared type can be aggregated so; a finding if not.
    private mutating func fits(_ selection: EventSelection, _ aggregate: Aggregate, at node: JSONNode) -> Bool {
        guard let type = selection.propertyType else { return true }
        let needs: String
        switch (aggregate, type) {
        case (.sum, .number), (.average, .number): return true
        case (.sum, _), (.average, _): needs = "a number"
        case (.minimum, .number), (.minimum, .date), (.minimum, .instant), (.minimum, .ordinal): return true
        case (.maximum, .number), (.maximum, .date), (.maximum, .instant), (.maximum, .ordinal): return true
        case (.minimum, _), (.maximum, _): needs = "a number, a date, an instant or an ordinal"
        default: return true
        }
        findings.error(
            "rule.type-mismatch", at: node,
            "'\(aggregate.rawValue)' needs \(needs), \(selection.property ?? "") is \(StaticType(type).phrase)")
        return false
    }

    /// What `within`, `between` or `calendar` says: `.some(nil)` where none of them is there; nil with a finding.
    private mutating func readWindow(_ node: JSONNode) -> EventWindow?? {
        let keys = node.members.compactMap(\.key.string).filter { ["within", "between", "calendar"].contains($0) }
        guard keys.count <= 1 else {
            if let second = node.key(keys[1]) {
                findings.error(
                    "rule.conflict", at: second, "'\(keys[0])' and '\(keys[1])' exclude each other",
                    help: "one of within, between, calendar says which events count")
            }
            return nil
        }
        if let within = node["within"] {
            guard let older = findings.window(within, "'within'") else { return nil }
            return .some(.ages(newer: 0, older: older))
        }
        if let between = node["between"] { return readBetween(between).map { .some($0) } }
        guard let calendar = node["calendar"] else { return .some(nil) }
        guard let word = findings.text(calendar, "'calendar'") else { return nil }
        guard let period = CalendarPeriod(rawValue: word) else {
            let words = CalendarPeriod.allCases.map(\.rawValue)
            findings.error(
                "rule.wrong-value", at: calendar, "'\(word)' is no calendar period",
                help: RuleFindings.suggestion(word, words, otherwise: "one of " + words.joined(separator: ", ")))
            return nil
        }
        return .some(.calendar(period))
    }

    /// `[older, newer]`: the ages between which an event counts.
    private mutating func readBetween(_ node: JSONNode) -> EventWindow? {
        let ages = node.kind == .array ? Array(node.elements) : []
        guard ages.count == 2 else {
            findings.error(
                "rule.wrong-type", at: node, "'between' must be a list of two ages",
                help: #"for example ["P180D", "P90D"]: the 90 days before the last 90"#)
            return nil
        }
        guard let older = findings.window(ages[0], "'between'"), let newer = findings.window(ages[1], "'between'")
        else { return nil }
        guard newer < older else {
            findings.error(
                "rule.bad-duration", at: node, "the first age of 'between' must be the older",
                help: newer == older ? "no event is of exactly one age" : "write [\(ages[1].text), \(ages[0].text)]")
            return nil
        }
        return .ages(newer: newer, older: older)
    }

    private mutating func readFilter(_ node: JSONNode, types: [String]) -> Expression? {
        var compiler = ExpressionCompiler(
            schema: filterSchema, scope: ExpressionScope(allowsEvent: true, allowsEntry: false, eventTypes: types))
        compiler.isTraitFilter = true
        let expression = compiler.compile(node, expecting: .condition)
        findings.diagnostics += compiler.findings.diagnostics
        return expression
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
