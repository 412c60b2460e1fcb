import CareLogic
import CareValues

/// An attribute or a trait that a trigger watches.
struct Watched {
    /// Where it is in the schema.
    var value: WatchedValue
    /// Its name in the rule file.
    var name: String
    /// The type of its values; nil: nobody declared it.
    var type: AttributeType?

    /// The type in a sentence.
    var phrase: String { type?.phrase ?? "of a type that nobody declared" }

    /// The value that a JSON value is under the type; nil: it does not fit.
    func read(_ json: JSONValue) -> LogicValue? {
        guard let type else { return LogicValue(json) }
        return type.read(json)
    }
}

extension CampaignReader {
    /// The attribute or trait that a text names; nil when there is none, or its own declaration is broken.
    mutating func watchedValue(_ node: JSONNode, _ subject: String, example: String) -> Watched? {
        guard let name = findings.text(node, subject, example: example), let schema, !brokenNames.contains(name)
        else {
            return nil
        }
        if let index = schema.attributeIndex(name) {
            return Watched(value: .attribute(index), name: name, type: schema.attributes[index].type)
        }
        if let index = schema.traitIndex(name) {
            return Watched(value: .trait(index), name: name, type: schema.traits[index].definition.valueType)
        }
        if let finding = schema.partsFinding(name) {
            findings.error("rule.unknown-name", at: node, finding.message, help: finding.help)
            return nil
        }
        let names = schema.attributes.map(\.name) + schema.traits.filter { !$0.isHidden }.map(\.name)
        findings.error(
            "rule.unknown-name", at: node, "unknown attribute or trait '\(name)'",
            help: suggestion(for: name, among: names) ?? "declare it under 'attributes' or 'traits'")
        return nil
    }
}

extension AttributeType {
    /// Whether values of this type have an up and a down.
    var isOrdered: Bool {
        switch self {
        case .ordinal, .number, .date, .instant: true
        default: false
        }
    }

    /// Whether values of this type return every year.
    var isDate: Bool {
        switch self {
        case .date, .instant, .birthday: true
        default: false
        }
    }

    /// The type in a sentence: `tier is ordinal`.
    var phrase: String {
        switch self {
        case .string: "text"
        case .number: "a number"
        case .boolean: "true or false"
        case .date: "a date"
        case .instant: "an instant"
        case .ordinal: "ordinal"
        case .enumeration: "an enum"
        case .list: "a list"
        case .birthday: "a birthday"
        case .zone: "a time zone"
        case .language: "a language"
        case .consent: "a consent"
        }
    }

    /// How a value of this type is written.
    func help(for node: JSONNode) -> String {
        switch self {
        case .ordinal(let values), .enumeration(let values):
            if let word = node.string, let near = suggestion(for: word, among: values) { return near }
            return "use one of \(alternatives(values))"
        case .number: return "write a number, without quotes"
        case .boolean: return "write true or false, without quotes"
        case .date: return "write a date: \"2026-05-17\""
        case .instant: return "write an instant: \"2026-05-17T09:00:00Z\""
        case .birthday:
            return "write a birthday: \"1990-05-17\", \"--05-17\" without the year, \"chinese:1958-06-15\""
        case .zone: return "write an IANA name: \"Europe/Berlin\""
        case .consent: return "use 'granted' or 'denied'"
        case .string, .language: return "write text in quotes"
        case .list: return "write a list"
        }
    }
}

extension JSONNode {
    /// The value as a sentence quotes it: `'gold'`, `5`, `a list`.
    var describedValue: String {
        switch kind {
        case .string: "'\(string ?? "")'"
        case .array, .object: kind.phrase
        default: value.canonicalText
        }
    }
}
