import CareValues

/// Reads one section's members after the other; each later one may use the earlier ones.
struct DeclarationReader {
    var findings = RuleFindings()
    var attributes: [AttributeDeclaration] = []
    var events: [String: EventDeclaration] = [:]
    var traits: [TraitDeclaration] = []
    /// Traits whose definition waits until all names are known.
    var pending: [PendingTrait] = []
    /// Names whose declaration is broken: they are known, and nothing more is said about them.
    var broken: Set<String> = []
    /// What the `where` of a trait is checked against: the events. Made once, when attributes and events are read.
    lazy var filterSchema = Schema(attributes: attributes, traits: [], segments: [], events: events)

    // MARK: Attributes and events

    mutating func readAttribute(_ member: SchemaBuilder.Member) {
        let name = member.key.string ?? ""
        guard findings.isGoodName(member.key, "an attribute") else { return }
        guard let type = readType(member.value, "attribute '\(name)'", isAttribute: true) else {
            attributes.append(AttributeDeclaration(name: name, type: .string, defaultValue: nil, isPII: false))
            broken.insert(name)
            return
        }
        if attributes.count == LogicLimits.attributes {
            findings.error("rule.limit", at: member.key, "more than \(LogicLimits.attributes) attributes")
        }
        switch type {
        case .zone where attributes.contains { $0.type == .zone },
            .language where attributes.contains { $0.type == .language }:
            findings.error(
                "rule.duplicate-name", at: member.value["type"] ?? member.key,
                "a second attribute is of type \(type.name)", help: "at most one may be")
        default: break
        }

        var defaultValue: LogicValue?
        if case .consent = type { defaultValue = .string("denied") }
        if let node = member.value["default"] {
            if let value = type.read(node.value), !value.isMissing {
                defaultValue = value
                if value.isSentinelDate {
                    findings.warning(
                        "rule.sentinel-date", at: node,
                        "\(node.string ?? "") stands for \"not known\" in many systems, and greets nobody",
                        help: "take the default out: what is not known is missing")
                }
            } else {
                findings.error(
                    "rule.type-mismatch", at: node, "the default of '\(name)' must be \(type.expectation)")
            }
        }
        var isPII = false
        if let node = member.value["pii"] {
            if let flag = node.bool {
                isPII = flag
            } else {
                findings.error("rule.wrong-type", at: node, "'pii' must be true or false, not \(node.kind.noun)")
            }
        }
        attributes.append(AttributeDeclaration(name: name, type: type, defaultValue: defaultValue, isPII: isPII))
    }

    mutating func readEvent(_ member: SchemaBuilder.Member) {
        let name = member.key.string ?? ""
        guard !name.isEmpty else {
            return findings.error("rule.bad-name", at: member.key, "an event type needs a name")
        }
        guard member.value.kind == .object else {
            return findings.error(
                "rule.wrong-type", at: member.value, "event '\(name)' must be an object, not \(member.value.kind.noun)",
                help: #"for example { "properties": { "amount": { "type": "number" } } }"#)
        }
        findings.checkKeys(member.value, known: ["properties"], of: "an event")
        var properties: [String: AttributeType] = [:]
        if let node = member.value["properties"] {
            if node.kind != .object {
                findings.error("rule.wrong-type", at: node, "'properties' must be an object, not \(node.kind.noun)")
            }
            for (key, value) in node.members {
                guard let property = key.string, !property.isEmpty else { continue }
                properties[property] = readType(value, "property '\(property)'", isAttribute: false)
            }
        }
        events[name] = EventDeclaration(properties: properties)
    }

    private mutating func readType(_ node: JSONNode, _ what: String, isAttribute: Bool) -> AttributeType? {
        guard node.kind == .object else {
            findings.error(
                "rule.wrong-type", at: node, "\(what) must be an object, not \(node.kind.noun)",
                help: #"for example { "type": "string" }"#)
            return nil
        }
        let extra = isAttribute ? ["default", "pii"] : []
        findings.checkKeys(node, known: ["type", "values", "channel"] + extra, of: what)
        guard let typeNode = node["type"] else {
            findings.error(
                "rule.missing-key", at: node, "\(what) has no 'type'", help: #"for example "type": "string""#)
            return nil
        }
        guard let word = findings.text(typeNode, "'type'") else { return nil }
        if let values = node["values"], word != "ordinal", word != "enum" {
            findings.error("rule.unknown-key", at: values, "only ordinal and enum have 'values', not \(word)")
        }
        switch word {
        case "string": return .string
        case "number": return .number
        case "boolean": return .boolean
        case "date": return .date
        case "instant": return .instant
        case "list": return .list
        case "birthday": return .birthday
        case "zone": return .zone
        case "language": return .language
        case "ordinal": return readWords(node, what).map(AttributeType.ordinal)
        case "enum": return readWords(node, what).map(AttributeType.enumeration)
        case "consent":
            guard let channel = node["channel"] else {
                findings.error(
                    "rule.missing-key", at: typeNode, "\(what) has no 'channel'",
                    help: #"for example "channel": "email""#)
                return nil
            }
            return findings.text(channel, "'channel'").map(AttributeType.consent(channel:))
        default:
            findings.error(
                "rule.unknown-type", at: typeNode, "unknown type '\(word)'",
                help: RuleFindings.suggestion(
                    word, AttributeType.names, otherwise: "known: " + AttributeType.names.joined(separator: ", ")))
            return nil
        }
    }

    private mutating func readWords(_ node: JSONNode, _ what: String) -> [String]? {
        guard let values = node["values"], values.kind == .array, values.count > 0 else {
            findings.error(
                "rule.missing-key", at: node["values"] ?? node["type"] ?? node,
                "\(what) needs 'values', a list of words",
                help: #"for example "values": ["bronze", "silver", "gold"]"#)
            return nil
        }
        var words: [String] = []
        for element in values.elements {
            guard let word = findings.text(element, "a value of \(what)") else { return nil }
            if words.contains(where: { sameText($0, word) }) {
                findings.error("rule.duplicate-name", at: element, "the value '\(word)' is there twice")
            } else {
                words.append(word)
            }
        }
        guard words.count <= Int(UInt16.max) else {
            findings.error("rule.limit", at: values, "more than \(UInt16.max) values")
            return nil
        }
        return words
    }
}

extension LogicValue {
    /// Whether it is a date that systems write where they know none.
    public var isSentinelDate: Bool {
        switch self {
        case .date(let date): SentinelDate.isSentinel(date)
        case .birthday(let birthday): birthday.date.map(SentinelDate.isSentinel) ?? false
        default: false
        }
    }
}
