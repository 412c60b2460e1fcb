import CareValues

/// How the records of a file are laid out.
public enum FileShape: Sendable, Hashable {
    /// Fields between delimiters. `columns` names them by position; nil: the first line does. With `hasHeader` the
    /// first line is no record, whether or not `columns` are given.
    case delimited(Delimiter, hasHeader: Bool, columns: [String]?)
    /// One JSON object a line.
    case jsonLines
}

/// What a field's text becomes.
public enum FieldType: Sendable, Hashable {
    /// Text as it stands.
    case text
    /// A number; with `decimalComma` a comma is the decimal sign and points are left out.
    case number(decimalComma: Bool)
    /// `true`, `yes`, `1` or `false`, `no`, `0`, in any case.
    case boolean
    /// A civil date, kept as `YYYY-MM-DD`.
    case date(TimeFormat)
    /// An instant, kept as ISO 8601 in UTC; local times are in the import's zone.
    case instant(TimeFormat)
    /// Texts between `separator`s.
    case list(separator: String)
    /// A birthday, kept as written: `1990-05-17`, `--05-17`.
    case birthday
}

/// Where a value comes from and what becomes of it.
public struct FieldSource: Sendable, Hashable {
    /// A column of a file.
    public enum Column: Sendable, Hashable {
        /// The column or member of that name.
        case name(String)
        /// The column of that 1-based position.
        case position(Int)
        /// No column: the value is the same in every record.
        case constant(JSONValue)
    }

    /// Where it comes from.
    public var column: Column
    /// What it becomes; nil: what is declared for it, else text.
    public var type: FieldType?
    /// Values put in place of what the file says; nil: none. A text that is not among them is refused.
    public var values: [String: JSONValue]?

    /// The value of `column`, read as `type`, replaced by `values`.
    public init(_ column: Column, type: FieldType? = nil, values: [String: JSONValue]? = nil) {
        self.column = column
        self.type = type
        self.values = values
    }
}

/// A member of a record and where it comes from.
public struct NamedSource: Sendable, Hashable {
    /// The attribute's or property's name.
    public var name: String
    /// Where its value comes from.
    public var source: FieldSource

    /// The member `name`, taken from `source`.
    public init(name: String, source: FieldSource) {
        self.name = name
        self.source = source
    }
}

/// Says which columns of a file are what, as `--map FILE` does. Everything is optional; what it leaves open goes by
/// convention: `customer` (in a customers file also `id`), `type`, `time`, `id`, `source`, and the rest are
/// attributes or properties.
public struct IntakeMapping: Sendable, Hashable {
    /// `jsonl` or a delimited shape; nil: by the file's name and first byte.
    public var shape: FileShape?
    /// The zone of local times, by IANA name; nil: the import's.
    public var zone: String?
    /// The customer's id.
    public var customer: FieldSource?
    /// The event's type.
    public var type: FieldSource?
    /// When it happened, or since when the attributes are so; its type is an instant.
    public var time: FieldSource?
    /// The event's id.
    public var id: FieldSource?
    /// The event's source.
    public var source: FieldSource?
    /// The attributes or properties; nil: all columns left over, under their own names.
    public var members: [NamedSource]?

    /// A mapping that leaves everything to convention.
    public init() {}
}

/// The types of what the rule files declare, so that a file's text becomes the right value without being told.
public struct DeclaredTypes: Sendable {
    /// The type of an attribute; nil: there is no such attribute.
    public var attribute: @Sendable (_ name: String) -> FieldType?
    /// The type of an event's property; nil: it is not declared.
    public var property: @Sendable (_ eventType: String, _ name: String) -> FieldType?

    /// Types by those two questions.
    public init(
        attribute: @escaping @Sendable (String) -> FieldType?,
        property: @escaping @Sendable (String, String) -> FieldType?
    ) {
        self.attribute = attribute
        self.property = property
    }

    /// Nothing is declared: attributes and properties are text.
    public static let none = DeclaredTypes(attribute: { _ in .text }, property: { _, _ in nil })
}
