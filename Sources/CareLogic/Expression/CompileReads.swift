import CareValues

extension ExpressionCompiler {
    /// `{"var": path}`, `{"var": [path, default]}`.
    mutating func read(_ key: JSONNode, _ value: JSONNode) -> Operand {
        let nodes = operandNodes(value)
        if nodes.count > 2 { return arity(key, "a name and perhaps a default", nodes.count) }
        let name: String
        let place: JSONNode
        switch nodes.first?.kind {
        case nil where elementDepth > 0, .null? where elementDepth > 0:
            (name, place) = ("", nodes.first ?? key)
        case .string?:
            (name, place) = (nodes[0].string ?? "", nodes[0])
        case .number? where elementDepth > 0:
            (name, place) = (nodes[0].text, nodes[0])
        default:
            findings.error(
                "rule.type-mismatch", at: nodes.first ?? key, "'var' needs a name in quotes",
                help: #"for example { "var": "tier" }"#)
            return broken(key)
        }
        var result = elementDepth > 0 ? readElement(name, place) : readName(name, place)
        guard nodes.count == 2 else { return result }

        var other = compile(nodes[1])
        coerce(&other, to: result)
        let type = joinedType([result, other])
        result.index = emit(.coalesce, [result, other])
        result.type = type
        return result
    }

    private mutating func readElement(_ name: String, _ place: JSONNode) -> Operand {
        let index = path(name.isEmpty ? [] : pathParts(name))
        return Operand(index: emit(Instruction(.element, a: index)), type: .any, place: place, label: name)
    }

    /// What a name at the root stands for.
    mutating func readName(_ name: String, _ place: JSONNode) -> Operand {
        let parts = pathParts(name)
        if readsData {
            return Operand(
                index: emit(Instruction(.entry, a: path(parts))), type: .any, place: place, label: name)
        }
        switch parts[0] {
        case "event": return readEvent(name, parts, place)
        case "entry": return readEntry(name, parts, place)
        case "customer":
            guard name == "customer.id" else {
                findings.error(
                    "rule.unknown-name", at: place, "unknown name '\(name)'",
                    help: "of the customer there is customer.id")
                return broken(place)
            }
            guard !isTraitFilter else { return refuseInFilter(name, place) }
            return Operand(index: emit(Instruction(.customerID, a: 0)), type: .string, place: place, label: name)
        case "now" where parts.count == 1:
            findings.error(
                "rule.unknown-name", at: place, "'now' is an operator, not a name", help: #"write { "now": [] }"#)
            return broken(place)
        default: break
        }
        if brokenNames.contains(parts[0]) { return broken(place) }
        guard !isTraitFilter else { return refuseInFilter(name, place) }
        if let index = schema.attributeIndex(name) {
            uses.attributes.insert(index)
            return Operand(
                index: emit(Instruction(.attribute, a: index)), type: StaticType(schema.attributes[index].type),
                place: place, label: name)
        }
        if let index = schema.traitIndex(name) { return trait(index, place, label: name) }
        if let finding = schema.partsFinding(name) {
            findings.error("rule.unknown-name", at: place, finding.message, help: finding.help)
            return broken(place)
        }
        if parts.count > 1, schema.attributeIndex(parts[0]) != nil || schema.traitIndex(parts[0]) != nil {
            findings.error("rule.unknown-name", at: place, "'\(parts[0])' has no parts", help: "write '\(parts[0])'")
            return broken(place)
        }
        let names = schema.attributes.map(\.name) + schema.traits.filter { !$0.isHidden }.map(\.name)
        let help: String?
        if scope.allowsEvent, isDeclaredProperty(name) {
            help = "of the event it is 'event.\(name)'"
        } else {
            help = RuleFindings.suggestion(
                name, names + ["customer.id"], otherwise: "declare it under 'attributes' or 'traits'")
        }
        findings.error("rule.unknown-name", at: place, "unknown attribute or trait '\(name)'", help: help)
        return broken(place)
    }

    /// A trait's value.
    mutating func trait(_ index: Int, _ place: JSONNode, label: String) -> Operand {
        uses.traits.insert(index)
        traitUses.append((index, place))
        return Operand(
            index: emit(Instruction(.trait, a: index)), type: traitTypes[index] ?? schema.staticType(ofTrait: index),
            place: place, label: label)
    }

    mutating func refuseInFilter(_ name: String, _ place: JSONNode) -> Operand {
        findings.error(
            "rule.event-only", at: place, "a trait's 'where' reads event.* only, not '\(name)'",
            help: "put the rest into the condition that uses the trait")
        return broken(place)
    }

    private mutating func readEntry(_ name: String, _ parts: [String], _ place: JSONNode) -> Operand {
        guard scope.allowsEntry, !isTraitFilter else {
            findings.error(
                "rule.entry-not-allowed", at: place, "'\(name)' is not known here",
                help: "entry.* is read in campaigns, not in traits, segments and policies")
            return broken(place)
        }
        guard parts.count > 1, parts.allSatisfy({ !$0.isEmpty }) else {
            findings.error(
                "rule.unknown-name", at: place, "'\(name)' names no value of the entry", help: "write entry.name")
            return broken(place)
        }
        uses.entry = true
        let index = path(Array(parts.dropFirst()))
        return Operand(index: emit(Instruction(.entry, a: index)), type: .any, place: place, label: name)
    }

    private mutating func readEvent(_ name: String, _ parts: [String], _ place: JSONNode) -> Operand {
        guard scope.allowsEvent else {
            findings.error(
                "rule.event-not-allowed", at: place, "'\(name)' is not known here",
                help: scope.allowsEntry
                    ? "event.* is read only inside 'where' and 'entryKey'; what began the entry is entry.*"
                    : "event.* is read only inside 'where' and 'entryKey'")
            return broken(place)
        }
        guard parts.count > 1, parts.allSatisfy({ !$0.isEmpty }) else {
            findings.error(
                "rule.unknown-name", at: place, "'\(name)' names no property of the event", help: "write event.name")
            return broken(place)
        }
        uses.event = true
        if parts.count == 2 {
            switch parts[1] {
            case "id": return operand(.eventID, .string, place, name)
            case "type": return operand(.eventType, .string, place, name)
            case "source": return operand(.eventSource, .string, place, name)
            case "time": return operand(.eventTime, .instant, place, name)
            default: break
            }
        }
        let inner = Array(parts[1] == "properties" && parts.count > 2 ? parts.dropFirst(2) : parts.dropFirst())
        warnAboutUndeclared(inner, place)
        let type = propertyType(inner.joined(separator: "."), of: scope.eventTypes, events: schema.events)
        if let type { types.append(type) }
        let index = emit(Instruction(.eventProperty, a: path(inner), c: type == nil ? -1 : types.count - 1))
        return Operand(index: index, type: type.map { StaticType($0) } ?? .any, place: place, label: name)
    }

    private mutating func operand(
        _ code: Instruction.Code, _ type: StaticType, _ place: JSONNode, _ name: String
    ) -> Operand {
        Operand(index: emit(Instruction(code, a: 0)), type: type, place: place, label: name)
    }

    private func isDeclaredProperty(_ name: String) -> Bool {
        scope.eventTypes.contains { schema.events[$0]?.properties[name] != nil }
    }

    /// All the event's types are declared with properties, and none has this one.
    private mutating func warnAboutUndeclared(_ path: [String], _ place: JSONNode) {
        let declared = scope.eventTypes.compactMap { schema.events[$0] }
        let names = declared.flatMap { $0.properties.keys }.sorted(by: textPrecedes)
        guard !declared.isEmpty, declared.count == scope.eventTypes.count, path.count == 1, !names.contains(path[0]),
            !declared.contains(where: \.properties.isEmpty)
        else { return }
        findings.warning(
            "rule.undeclared-property", at: place, "no property '\(path[0])' is declared for this event",
            help: nearest(path[0], in: names).map { "did you mean 'event.\($0)'?" } ?? "declare it under 'events'")
    }

    /// `{"segment": name}`
    mutating func segment(_ key: JSONNode, _ value: JSONNode) -> Operand {
        let nodes = operandNodes(value)
        guard nodes.count == 1 else { return arity(key, "one name", nodes.count) }
        guard let name = nodes[0].string else {
            findings.error(
                "rule.type-mismatch", at: nodes[0], "'segment' needs a name in quotes, not \(nodes[0].kind.noun)")
            return broken(key)
        }
        guard !isTraitFilter else { return refuseInFilter(name, nodes[0]) }
        guard let index = segmentIndexes?[name] ?? (segmentIndexes == nil ? schema.segmentIndex(name) : nil) else {
            let names = segmentIndexes.map { $0.keys.sorted(by: textPrecedes) } ?? schema.segments.map(\.name)
            findings.error(
                "rule.unknown-segment", at: nodes[0], "unknown segment '\(name)'",
                help: RuleFindings.suggestion(name, names, otherwise: "declare it under 'segments'"))
            return broken(key)
        }
        uses.segments.insert(index)
        segmentUses.append((name, nodes[0]))
        return Operand(
            index: emit(Instruction(.segment, a: index)), type: .boolean, place: nodes[0], label: "segment \(name)")
    }

    /// `{"missing": [names]}`, `{"missing_some": [least, [names]]}`
    mutating func missing(_ key: JSONNode, _ value: JSONNode, some isSome: Bool) -> Operand {
        var nodes = operandNodes(value)
        var parts: [Operand] = []
        if isSome {
            guard nodes.count == 2, nodes[1].kind == .array else {
                return arity(key, "a number and a list of names", nodes.count)
            }
            parts.append(require(compile(nodes[0]), .number, "missing_some"))
            nodes = Array(nodes[1].elements)
        } else if nodes.count == 1, nodes[0].kind == .array {
            nodes = Array(nodes[0].elements)
        }
        var names: [LogicValue] = []
        for node in nodes {
            guard let name = node.string else {
                findings.error("rule.type-mismatch", at: node, "'\(key.string ?? "")' needs names in quotes")
                return broken(key)
            }
            parts.append(elementDepth > 0 ? readElement(name, node) : readName(name, node))
            names.append(.string(name))
        }
        constants.append(.list(names))
        let index = emit(isSome ? .missingSome : .missing, parts, c: constants.count - 1)
        return Operand(index: index, type: .list, place: key, label: "'\(key.string ?? "")'")
    }
}

extension Schema {
    /// What is known of a trait's values.
    func staticType(ofTrait index: Int) -> StaticType {
        traits[index].definition.valueType.map { StaticType($0) } ?? .any
    }
}
