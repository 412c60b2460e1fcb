import CareValues

/// A value that conditions compute with.
///
/// Ordinals, enumerations, zones, languages and consents are their text here; their order and their words belong to
/// the ``AttributeType``. JSON `null` is ``missing``: there is no other null.
public enum LogicValue: Sendable, Hashable {
    /// Not known, taken away, or `null`.
    case missing
    /// True or false.
    case bool(Bool)
    /// A finite binary64 number.
    case number(Double)
    /// Text.
    case string(String)
    /// A date without a zone.
    case date(CivilDate)
    /// An instant.
    case instant(Timestamp)
    /// A birthday, its year perhaps unknown.
    case birthday(Birthday)
    /// A list.
    case list([LogicValue])
    /// A JSON object, as events and entries carry them.
    case object(JSONObject)

    /// The value that a JSON value is, without any declared type: text stays text even if it looks like a date, and
    /// what is no finite number is missing.
    public init(_ json: JSONValue) {
        switch json {
        case .null: self = .missing
        case .bool(let value): self = .bool(value)
        case .number(let value): self = value.isFinite ? .number(value) : .missing
        case .string(let value): self = .string(value)
        case .array(let values): self = .list(values.map(LogicValue.init))
        case .object(let object): self = .object(object)
        }
    }

    /// The JSON value that stands for it: dates as `YYYY-MM-DD`, instants as ISO 8601 in UTC with milliseconds,
    /// birthdays as they are written, missing as `null`.
    public var jsonValue: JSONValue {
        switch self {
        case .missing: .null
        case .bool(let value): .bool(value)
        case .number(let value): .number(value)
        case .string(let value): .string(value)
        case .date(let value): .string(value.text)
        case .instant(let value): .string(value.iso8601)
        case .birthday(let value): .string(value.text)
        case .list(let values): .array(values.map(\.jsonValue))
        case .object(let object): .object(object)
        }
    }

    /// Its text where a message has a place for it, or nil when it is missing.
    ///
    /// Text stands for itself, numbers and dates as in JSON but unquoted, lists and objects as canonical JSON.
    public var text: String? {
        switch self {
        case .missing: nil
        case .bool(let value): value ? "true" : "false"
        case .number(let value): CanonicalJSON.numberText(value)
        case .string(let value): value
        case .date(let value): value.text
        case .instant(let value): value.iso8601
        case .birthday(let value): value.text
        case .list, .object: CanonicalJSON.text(jsonValue)
        }
    }

    /// Whether it is ``missing``.
    @inlinable
    public var isMissing: Bool {
        if case .missing = self { true } else { false }
    }

    /// Whether it comes before another value of its own type: numbers, dates and instants by size, texts by their
    /// place among `words`. Values without an order do not.
    func isBelow(_ other: LogicValue, _ words: [String]?) -> Bool {
        switch (self, other) {
        case (.number(let left), .number(let right)): return left < right
        case (.date(let left), .date(let right)): return left < right
        case (.instant(let left), .instant(let right)): return left < right
        case (.string(let left), .string(let right)):
            guard let words, let one = words.firstIndex(where: { sameText($0, left) }),
                let two = words.firstIndex(where: { sameText($0, right) })
            else { return false }
            return one < two
        default: return false
        }
    }

    /// Whether a condition takes it as true: as in JsonLogic, `0`, `""`, `[]` and `false` are false; nil: missing.
    public var truth: Bool? {
        switch self {
        case .missing: nil
        case .bool(let value): value
        case .number(let value): value != 0 && !value.isNaN
        case .string(let value): !value.isEmpty
        case .list(let values): !values.isEmpty
        case .date, .instant, .birthday, .object: true
        }
    }
}

/// Why an expression has no value: the decision it was for is an `evaluation_error`.
///
/// Never carries a customer's data, only names from the rule files.
public enum LogicError: Error, Sendable, Hashable {
    /// An operator met a kind of value it cannot work with; checked statically where the types are declared.
    case typeMismatch(operator: String)
    /// A value was compared in an ordinal's order and is not one of its values.
    case notAValue(operator: String)
    /// A trait holds more than its limit; see ``LogicLimits``.
    case limitExceeded(trait: String)

    /// One sentence without a full stop, for the ledger and for people.
    public var message: String {
        switch self {
        case .typeMismatch(let name): "'\(name)' cannot work with these kinds of values"
        case .notAValue(let name): "'\(name)' compares an ordinal with something that is not one of its values"
        case .limitExceeded(let trait): "trait '\(trait)' holds more than its limit"
        }
    }
}

/// The named limits of this target; beyond them there is an error, never a crash.
public enum LogicLimits {
    /// Ids that one `open` trait of one customer may hold.
    public static let openKeys = 1_000
    /// Events that one windowed trait of one customer may count.
    public static let windowedEvents = 100_000
    /// Events that are kept of one customer for the windowed traits over the same events, those that count no more
    /// included: with some room, so that these are not looked for at every event.
    public static let listedEvents = 125_000
    /// Different values that one `distinct` trait of one customer without a window may hold.
    public static let distinctValues = 1_000
    /// Nesting of values and operators in one plain JsonLogic rule.
    public static let plainDepth = 256
    /// Nesting of operators in one expression.
    public static let expressionDepth = 48
    /// Segments and computed traits built on one another.
    public static let segmentDepth = 32
    /// Stages of one lifecycle.
    public static let stages = 256
    /// Attributes that a rule set may declare.
    public static let attributes = 4_096
}
