import CareValues

/// What values an attribute or an event's property may have.
public enum AttributeType: Sendable, Hashable {
    case string
    case number
    case boolean
    case date
    case instant
    /// One of these words, in ascending order.
    case ordinal([String])
    /// One of these words, without an order.
    case enumeration([String])
    case list
    /// `1990-05-17`, or `--05-17` with the year unknown; of the Chinese calendar `chinese:1958-06-15`.
    case birthday
    /// An IANA zone name; a name no directory knows is kept and falls back where it is used.
    case zone
    case language
    /// `granted` or `denied` for a channel; missing is denied.
    case consent(channel: String)

    /// The word that rule files use for it.
    public var name: String {
        switch self {
        case .string: "string"
        case .number: "number"
        case .boolean: "boolean"
        case .date: "date"
        case .instant: "instant"
        case .ordinal: "ordinal"
        case .enumeration: "enum"
        case .list: "list"
        case .birthday: "birthday"
        case .zone: "zone"
        case .language: "language"
        case .consent: "consent"
        }
    }

    /// The words of all types that rule files know.
    public static let names = [
        "string", "number", "boolean", "date", "instant", "ordinal", "enum", "list", "birthday", "zone", "language",
        "consent",
    ]

    /// The closed set of words a value must be one of, or nil when there is none.
    public var words: [String]? {
        switch self {
        case .ordinal(let values), .enumeration(let values): values
        case .consent: AttributeType.consentWords
        default: nil
        }
    }

    static let consentWords = ["denied", "granted"]

    /// The value a JSON value is under this type, `missing` for `null`; nil: it does not fit.
    ///
    /// Strict: numbers and booleans are not read from text, a date is exactly `YYYY-MM-DD`, an instant is ISO 8601
    /// with `Z` or an offset.
    public func read(_ json: JSONValue) -> LogicValue? {
        if case .null = json { return .missing }
        switch (self, json) {
        case (.number, .number(let value)):
            return value.isFinite ? .number(value) : nil
        case (.boolean, .bool(let value)):
            return .bool(value)
        case (.string, .string(let text)):
            return .string(text)
        case (.zone, .string(let text)), (.language, .string(let text)):
            return text.isEmpty ? nil : .string(text)
        case (.date, .string(let text)):
            return CivilDate(text: text).map(LogicValue.date)
        case (.instant, .string(let text)):
            return Timestamp(iso8601: text).map(LogicValue.instant)
        case (.birthday, .string(let text)):
            return Birthday(text: text).map(LogicValue.birthday)
        case (.ordinal(let words), .string(let text)), (.enumeration(let words), .string(let text)):
            return words.contains { sameText($0, text) } ? .string(text) : nil
        case (.consent, .string(let text)):
            return AttributeType.consentWords.contains(text) ? .string(text) : nil
        case (.list, .array(let values)):
            return .list(values.map(LogicValue.init))
        default:
            return nil
        }
    }

    /// What a value of this type looks like, for messages: `a date like 2026-05-01`.
    public var expectation: String {
        switch self {
        case .string: "text"
        case .number: "a number"
        case .boolean: "true or false"
        case .date: "a date like 2026-05-01"
        case .instant: "an instant like 2026-05-01T09:00:00Z"
        case .ordinal(let words), .enumeration(let words): "one of " + words.joined(separator: ", ")
        case .list: "a list"
        case .birthday: "a birthday like 1990-05-17, --05-17 or chinese:1958-06-15"
        case .zone: "a time zone like Asia/Shanghai"
        case .language: "a language like zh-CN"
        case .consent: "granted or denied"
        }
    }

    /// Why `json` is not read under this type, one clause for a reject line; nil when it is.
    public func refusal(_ json: JSONValue) -> String? {
        guard read(json) == nil else { return nil }
        if case (.birthday, .string(let text)) = (self, json), text.hasPrefix("chinese:") {
            return "not a day of the Chinese calendar of 1900 to 2100, like chinese:1958-06-15"
        }
        return "not " + expectation
    }
}

/// Whether two texts have the same UTF-8 bytes: `String`'s own `==` also takes canonically equivalent ones as equal.
func sameText(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count && left.utf8.elementsEqual(right.utf8)
}

/// Whether the UTF-8 bytes of `left` sort before those of `right`: the order of their Unicode scalars.
func textPrecedes(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
}
