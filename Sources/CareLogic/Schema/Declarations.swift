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

/// A named condition.
public struct SegmentDeclaration: Sendable {
    /// Its name, read by `{"segment": …}`.
    public var name: String
    /// True: the customer is a member.
    public var condition: Expression
}
