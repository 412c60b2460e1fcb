import CareValues

/// A declared attribute.
public struct AttributeDeclaration: Sendable, Hashable {
    /// Its name, read by `var`.
    public var name: String
    /// What values it may have.
    public var type: AttributeType
    /// What it is while no fact gives it a value; a consent's is `denied`.
    public var defaultValue: LogicValue?
    /// Whether output masks it.
    public var isPII: Bool

    /// An attribute with all its parts.
    public init(name: String, type: AttributeType, defaultValue: LogicValue?, isPII: Bool) {
        self.name = name
        self.type = type
        self.defaultValue = defaultValue
        self.isPII = isPII
    }
}

/// A declared event type.
public struct EventDeclaration: Sendable, Hashable {
    /// The types of its declared properties by name.
    public var properties: [String: AttributeType]

    /// An event type with these properties.
    public init(properties: [String: AttributeType]) {
        self.properties = properties
    }
}

/// A value computed from a customer's events.
public struct TraitDeclaration: Sendable {
    /// Its name, read by `var`; of a hidden one, what it is made for.
    public var name: String
    /// How it is computed.
    public var definition: TraitDefinition
    /// Whether no rule file names it.
    public var isHidden: Bool
}

/// The kinds of traits.
public enum TraitDefinition: Sendable {
    /// The instant, or a property's value, of the newest such event.
    case last(EventSelection)
    /// The instant, or a property's value, of the oldest such event.
    case first(EventSelection)
    /// How many such events there are.
    case count(EventSelection)
    /// The exact sum of a numeric property.
    case sum(EventSelection)
    /// How many ids are open.
    case open(OpenSelection)

    /// The window's length in milliseconds, or nil for all time.
    public var window: Int64? {
        switch self {
        case .last(let selection), .first(let selection), .count(let selection), .sum(let selection): selection.window
        case .open: nil
        }
    }

    /// The word that rule files use for it.
    public var name: String {
        switch self {
        case .last: "last"
        case .first: "first"
        case .count: "count"
        case .sum: "sum"
        case .open: "open"
        }
    }
}

/// Which events a trait looks at, and what of them.
public struct EventSelection: Sendable {
    /// The event types, ascending, unique.
    public var types: [String]
    /// The property whose value counts; events without it, or of another type than declared, are not looked at.
    public var property: String?
    /// The property's declared type, if all ``types`` declare it alike.
    public var propertyType: AttributeType?
    /// Reads `event.*` only.
    public var filter: Expression?
    /// An event counts while `time ≤ now < time + window`; milliseconds; nil: for ever.
    public var window: Int64?
}

/// Which ids an `open` trait counts: those whose newest event by time is an opening one (ties: the later received).
public struct OpenSelection: Sendable {
    /// The event types that open an id.
    public var opened: [String]
    /// The event types that close it.
    public var closed: [String]
    /// The property that holds the id.
    public var idProperty: String
}

/// A named condition.
public struct SegmentDeclaration: Sendable {
    /// Its name, read by `{"segment": …}`.
    public var name: String
    /// True: the customer is a member.
    public var condition: Expression
}
