import CareValues

/// A value computed for a customer.
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
    /// One value of all events that are looked at.
    case aggregate(Aggregate, EventSelection)
    /// How many ids are open.
    case open(OpenSelection)
    /// What an expression over other traits and attributes gives.
    case value(ComputedValue)
    /// The name of the first stage whose condition is true.
    case lifecycle([LifecycleStage])
    /// One part of an RFM score.
    case rfm(RFMDefinition, RFMPart)

    /// The type of its values; nil: that of a property nobody declared, or of an expression that gives several.
    public var valueType: AttributeType? {
        switch self {
        case .open: .number
        case .value(let value): value.type
        // The order in which stages are asked is no order of the stages.
        case .lifecycle(let stages): .enumeration(stages.map(\.name))
        case .rfm(_, let part): part.valueType
        case .aggregate(let aggregate, let selection):
            switch aggregate {
            case .count, .sum, .average, .distinct: .number
            case .minimum, .maximum: selection.propertyType ?? .number
            case .last, .first: selection.property == nil ? .instant : selection.propertyType
            }
        }
    }
}

/// What is made of the events that are looked at. The raw value is the word that rule files use for it.
public enum Aggregate: String, Sendable, Hashable, CaseIterable {
    /// The instant, or a property's value, of the newest.
    case last
    /// The instant, or a property's value, of the oldest.
    case first
    /// How many there are.
    case count
    /// The exact sum of a numeric property.
    case sum
    /// That sum over their number.
    case average = "avg"
    /// The least value of a property: a number, or of a declared type with an order.
    case minimum = "min"
    /// The greatest value of such a property.
    case maximum = "max"
    /// How many different values a property has.
    case distinct

    /// Whether it is 0 where there is nothing; the others are missing then.
    public var isZeroOfNothing: Bool {
        switch self {
        case .count, .sum, .distinct: true
        case .last, .first, .average, .minimum, .maximum: false
        }
    }

    /// Whether it makes no sense without a property.
    var needsProperty: Bool {
        switch self {
        case .sum, .average, .minimum, .maximum, .distinct: true
        case .last, .first, .count: false
        }
    }

    /// Whether it adds numbers.
    var adds: Bool { self == .sum || self == .average }

    /// Whether it compares values.
    var orders: Bool { self == .minimum || self == .maximum }
}

/// Which of all events count at an instant.
public enum EventWindow: Sendable, Hashable {
    /// An event counts while `time + newer ≤ now < time + older`; milliseconds, `0 ≤ newer < older`.
    case ages(newer: Int64, older: Int64)
    /// An event counts from its time until the local end of the period it lies in.
    case calendar(CalendarPeriod)

    /// How long an event may count after its time, in whatever zone; milliseconds.
    var longestMilliseconds: Int64 {
        switch self {
        case .ages(_, let older): older
        // Five days for clocks: two zones are at most 52 hours apart.
        case .calendar(let period): Int64(period.maximumDays + 5) * 86_400_000
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
    /// When an event counts; nil: for ever.
    public var window: EventWindow?
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
