import CareValues

/// What is known of a value before any customer is looked at.
enum StaticType: Sendable, Hashable {
    /// Anything: properties that nobody declared, `entry.*`, mixed branches.
    case any
    /// Always missing: a literal `null`.
    case nothing
    case boolean
    case number
    case string
    case date
    case instant
    case birthday
    case list
    /// One of some words; `isOrdered` for ordinals.
    case words([String], isOrdered: Bool, typeName: String)

    init(_ type: AttributeType) {
        switch type {
        case .string, .zone, .language: self = .string
        case .number: self = .number
        case .boolean: self = .boolean
        case .date: self = .date
        case .instant: self = .instant
        case .ordinal(let words): self = .words(words, isOrdered: true, typeName: "ordinal")
        case .enumeration(let words): self = .words(words, isOrdered: false, typeName: "enum")
        case .consent: self = .words(AttributeType.consentWords, isOrdered: false, typeName: "a consent")
        case .list: self = .list
        case .birthday: self = .birthday
        }
    }

    init(literal: JSONNode) {
        switch literal.kind {
        case .null: self = .nothing
        case .bool: self = .boolean
        case .number: self = .number
        case .string: self = .string
        case .array: self = .list
        case .object: self = .any
        }
    }

    /// The type behind "is" in a message: `tier is ordinal`, `2 is a number`.
    var phrase: String {
        switch self {
        case .any: "anything"
        case .nothing: "null"
        case .boolean: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .date: "a date"
        case .instant: "an instant"
        case .birthday: "a birthday"
        case .list: "a list"
        case .words(_, _, let name): name
        }
    }

    /// The ordinal's words in ascending order, or nil.
    var order: [String]? {
        if case .words(let words, true, _) = self { words } else { nil }
    }

    /// What a value of one type or the other is known to be.
    func joined(with other: StaticType) -> StaticType {
        if self == other || other == .nothing { return self }
        return self == .nothing ? other : .any
    }
}
