import CareLogic
import CareValues

/// What a comparison compares with a literal: an attribute, a trait, a computed number.
package struct Term {
    /// The same for terms that have the same value.
    package var key: String
    /// How people call it: `tier`, `days_since lastPurchaseAt`.
    package var label: String
    /// The values it may have; nil: any.
    package var base: Domain?
    /// All words of an ordinal or enum, ascending; nil: it has no closed set of words.
    package var words: [String]?
    /// Whether it may have no value.
    package var mayBeMissing: Bool
    /// Reads the literals it is compared with, where they are texts that stand for days or instants.
    package var type: AttributeType?
}

extension Term {
    /// The term of a part of a condition; nil for literals.
    init?(_ node: JSONNode, _ schema: Schema) {
        guard node.kind == .object, let (key, value) = node.members.first(where: { _ in true }),
            let operation = key.string
        else { return nil }
        let operand = value.kind == .array ? value.elements.first { _ in true } : value
        if operation == "var", let name = operand?.string {
            guard let read = Term(name: name, schema) else { return nil }
            self = read
            // With a fallback it is another value, and may be of another kind.
            if value.kind == .array, value.count > 1 {
                self.init(
                    key: value.value.canonicalText, label: name, base: nil, words: words, mayBeMissing: true, type: type
                )
            }
            return
        }
        let text = node.value.canonicalText
        self.init(key: text, label: operation, base: nil, words: nil, mayBeMissing: true, type: nil)
        if let name = operand?.member("var")?.string { label = "\(operation) \(name)" }
        switch operation {
        case "bucket":
            base = .numbers(Span(low: 0, high: 1, isOpenHigh: true))
            mayBeMissing = false
        case "days_until_birthday": base = .numbers(Span(low: 0, high: 366, isWhole: true))
        case "age": base = .numbers(Span(isWhole: true))
        case "days_since", "days_until":
            base = .numbers(Span(isWhole: true))
            mayBeMissing = operand.flatMap { Term($0, schema) }?.mayBeMissing ?? true
        default: break
        }
    }

    /// What `var` reads under a name; nil for names that stand for no single value.
    init?(name: String, _ schema: Schema) {
        guard !name.isEmpty else { return nil }
        self.init(key: name, label: name, base: nil, words: nil, mayBeMissing: true, type: nil)
        if let index = schema.attributeIndex(name) {
            let attribute = schema.attributes[index]
            mayBeMissing = attribute.defaultValue == nil
            type = attribute.type
        } else if let index = schema.traitIndex(name) {
            let definition = schema.traits[index].definition
            mayBeMissing = schema.mayBeMissing(trait: index)
            type = definition.valueType
            if definition.isCount { base = .numbers(Span(low: 0, isWhole: true)) }
        }
        if let all = type?.words {
            words = all
            base = .texts(Set(all))
        } else if type == .boolean {
            base = .flags([true, false])
        }
    }

    /// What a literal counts as beside this term; nil: nothing that can be reckoned with.
    func domain(of literal: JSONNode) -> Domain? {
        switch literal.kind {
        case .number:
            guard type == nil || type == .number, let number = literal.number else { return nil }
            return .numbers(Span(low: number, high: number))
        case .bool:
            guard type == nil || type == .boolean, let flag = literal.bool else { return nil }
            return .flags([flag])
        case .string:
            guard let text = literal.string else { return nil }
            switch type {
            case .date:
                guard let date = CivilDate(text: text) else { return nil }
                return .numbers(Span(low: Double(date.dayNumber), high: Double(date.dayNumber)))
            case .instant:
                guard let instant = Timestamp(iso8601: text) else { return nil }
                let value = Double(instant.milliseconds)
                return .numbers(Span(low: value, high: value))
            case .number, .boolean, .birthday, .list: return nil
            default: return .texts([text])
            }
        case .null, .array, .object: return nil
        }
    }
}

extension TraitDefinition {
    /// Whether its values are whole numbers from 0 on.
    fileprivate var isCount: Bool {
        switch self {
        case .open, .aggregate(.count, _), .aggregate(.distinct, _): true
        default: false
        }
    }
}
