import CareValues

/// What an expression may read besides attributes, traits and segments.
public struct ExpressionScope: Sendable, Hashable {
    /// `event.*`: only in `where` and `entryKey`.
    public var allowsEvent: Bool
    /// `entry.*`: not in traits and segments.
    public var allowsEntry: Bool
    /// The types the event may have, for what is known of its properties; empty: any.
    public var eventTypes: [String]

    /// A scope with all its parts.
    public init(allowsEvent: Bool, allowsEntry: Bool, eventTypes: [String] = []) {
        self.allowsEvent = allowsEvent
        self.allowsEntry = allowsEntry
        self.eventTypes = eventTypes
    }

    /// Neither event nor entry.
    public static let none = ExpressionScope(allowsEvent: false, allowsEntry: false)
}

/// What the value of an expression is for.
public enum ExpressionExpectation: Sendable, Hashable {
    /// True or false.
    case condition
    /// Any value.
    case any
}

/// What an expression reads, so that callers know what can change its value.
public struct ExpressionUses: Sendable, Hashable {
    /// Attributes by index.
    public var attributes: Set<Int> = []
    /// Traits by index.
    public var traits: Set<Int> = []
    /// Segments by index.
    public var segments: Set<Int> = []
    /// Whether it computes with `now`, `today` or a count of days.
    public var time = false
    /// Whether it asks the clock for more than the local date: `now`, or how long ago something was.
    public var hour = false
    /// Whether it reads `event.*`.
    public var event = false
    /// Whether it reads `entry.*`.
    public var entry = false

    /// Nothing at all.
    public init() {}
}

/// A checked condition or value in the care dialect, ready to be evaluated for one customer after another.
public struct Expression: Sendable, Hashable {
    let program: Program

    /// What the rule file says.
    public var source: JSONValue { program.source }
    /// What it reads, directly; a segment's own uses are the segment's.
    public var uses: ExpressionUses { program.uses }

    /// A condition that is never true.
    static let never = Expression(
        program: Program(
            source: .bool(false), uses: ExpressionUses(), instructions: [Instruction(.constant, a: 0)], operands: [],
            constants: [.bool(false)], paths: [], orders: [], types: [], root: 0))

    /// The same source text means the same expression as long as the schema is the same.
    public static func == (left: Expression, right: Expression) -> Bool {
        left.program === right.program || left.source == right.source
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(source)
    }
}

/// The value of an expression at one instant, and how long it stays so if nothing but time passes.
public struct Evaluation: Sendable, Hashable {
    /// The value.
    public var value: LogicValue
    /// The first instant after now at which the value can differ through time alone; `.distantFuture`: never.
    public var validUntil: Timestamp

    /// A value and its validity.
    public init(value: LogicValue, validUntil: Timestamp) {
        self.value = value
        self.validUntil = validUntil
    }
}

/// All that an expression is evaluated against: one customer at one instant. Cheap to make.
public struct EvaluationContext: Sendable {
    /// The declarations that the cache and the expression belong to.
    public let schema: Schema
    /// What is known of the customer.
    public let cache: FactCache
    /// The customer's id.
    public let customer: String
    /// The instant.
    public let now: Timestamp
    /// The zone whose local dates count.
    public let zone: Zone
    /// The event at hand, already counted in the traits.
    public let event: Event?
    /// What is kept with the entry.
    public let entry: JSONObject?

    /// A customer at an instant.
    public init(
        schema: Schema, cache: FactCache, customer: String, now: Timestamp, zone: Zone, event: Event? = nil,
        entry: JSONObject? = nil
    ) {
        self.schema = schema
        self.cache = cache
        self.customer = customer
        self.now = now
        self.zone = zone
        self.event = event
        self.entry = entry
    }
}
