/// Something that happened to a customer at a time.
public struct Event: Sendable, Hashable {
    /// The event type, `purchase`.
    public var type: String
    /// Who says so; with ``id`` it identifies the event among those of its customer.
    public var source: String
    /// The event's id within its source.
    public var id: String
    /// When it happened.
    public var time: Timestamp
    /// When Care was told; unique per customer for what fires, equal to ``time`` for imported history.
    public var receivedAt: Timestamp
    /// Its properties: always an object.
    public var properties: JSONObject

    /// An event of `type`, identified by `source` and `id`, that happened at `time` and was received at `receivedAt`.
    public init(
        type: String, source: String, id: String, time: Timestamp, receivedAt: Timestamp, properties: JSONObject
    ) {
        self.type = type
        self.source = source
        self.id = id
        self.time = time
        self.receivedAt = receivedAt
        self.properties = properties
    }
}

/// Attributes that were so from one time on, set in one request: one fact, however many attributes it names.
public struct AttributeFact: Sendable, Hashable {
    /// The attributes and their new values by name; `null` takes a value away.
    public var values: JSONObject
    /// From when on they are so.
    public var time: Timestamp
    /// When Care was told.
    public var receivedAt: Timestamp
    /// Whether the sender named the time; without one the occurrence of a change uses ``receivedAt``.
    public var hasOwnTime: Bool

    /// The attributes `values`, so since `time`, received at `receivedAt`.
    public init(values: JSONObject, time: Timestamp, receivedAt: Timestamp, hasOwnTime: Bool) {
        self.values = values
        self.time = time
        self.receivedAt = receivedAt
        self.hasOwnTime = hasOwnTime
    }
}

/// What Care is told about a customer: an event or a change of attributes. Append-only.
public enum Fact: Sendable, Hashable {
    /// Something that happened.
    case event(Event)
    /// Something that is so from a time on.
    case attributes(AttributeFact)

    /// When it was so.
    public var time: Timestamp {
        switch self {
        case .event(let event): event.time
        case .attributes(let fact): fact.time
        }
    }

    /// When Care was told.
    public var receivedAt: Timestamp {
        switch self {
        case .event(let event): event.receivedAt
        case .attributes(let fact): fact.receivedAt
        }
    }
}
