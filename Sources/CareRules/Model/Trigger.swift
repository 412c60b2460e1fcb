import CareLogic
import CareValues

/// What makes a campaign look at a customer.
public enum Trigger: Sendable {
    /// An event of one of these types, when it is received.
    case event(types: [String])
    /// A call of this campaign by name: an event of source `api` and the campaign's own type.
    case api
    /// An attribute or trait gets another value.
    case change(ChangeTrigger)
    /// A segment is entered or left.
    case segment(SegmentTrigger)
    /// The yearly return of a date.
    case anniversary(AnniversaryTrigger)
    /// A date, once for each value it has.
    case date(DateTrigger)
    /// Nothing of some types has happened for a while.
    case inactivity(InactivityTrigger)
    /// A holiday of a region.
    case holiday(HolidayTrigger)
    /// Wall times that come back.
    case schedule(ScheduleTrigger)
}

/// An attribute or a trait of the schema, by index.
public enum WatchedValue: Sendable, Hashable {
    /// The attribute of that index.
    case attribute(Int)
    /// The trait of that index.
    case trait(Int)
}

/// `change: { of, from, to, direction, at }`
public struct ChangeTrigger: Sendable {
    /// Which way an ordinal or number must move.
    public enum Direction: String, Sendable, CaseIterable {
        case up
        case down
    }
    /// What is watched.
    public var of: WatchedValue
    /// The name in the rule file, part of the occurrence.
    public var name: String
    /// The type of its values, whose order ``direction`` follows; nil: nobody declared it.
    public var type: AttributeType?
    /// The old value must be one of these (`missing` for `null`); nil: any known one.
    public var from: [LogicValue]?
    /// The new value must be one of these; nil: any.
    public var to: [LogicValue]?
    /// It must move this way in the attribute's order; nil: either.
    public var direction: Direction?
    /// The wall time of the firing, at or after the change; nil: at once.
    public var at: LocalTime?
    /// Of a trait: changes when its definition, or that of a trait or segment it reads, is edited; else 0.
    public var definitionHash: UInt64

    /// A change of `of`, named `name`, narrowed by the rest.
    public init(
        of: WatchedValue, name: String, type: AttributeType? = nil, from: [LogicValue]?, to: [LogicValue]?,
        direction: Direction?, at: LocalTime? = nil, definitionHash: UInt64 = 0
    ) {
        self.of = of
        self.name = name
        self.type = type
        self.from = from
        self.to = to
        self.direction = direction
        self.at = at
        self.definitionHash = definitionHash
    }
}

/// `segment: { entered | left, at }`
public struct SegmentTrigger: Sendable {
    /// Which way the customer goes.
    public enum Edge: String, Sendable, CaseIterable {
        case entered
        case left
    }
    /// The segment's index in the schema.
    public var segment: Int
    /// Its name, part of the occurrence.
    public var name: String
    /// Whether it fires when the segment is entered or left.
    public var edge: Edge
    /// The wall time of the firing, at or after the crossing; nil: at once.
    public var at: LocalTime?
    /// Changes when the segment's definition, or that of a trait or segment it reads, is edited.
    public var definitionHash: UInt64

    /// The crossing `edge` of `segment`, named `name`, fired at `at`.
    public init(segment: Int, name: String, edge: Edge, at: LocalTime?, definitionHash: UInt64) {
        self.segment = segment
        self.name = name
        self.edge = edge
        self.at = at
        self.definitionHash = definitionHash
    }
}

/// `anniversary: { of, calendar, offset, at, leapDay, leapMonth, shortMonth }`
public struct AnniversaryTrigger: Sendable {
    /// The calendar in which the date returns.
    public enum Reckoning: String, Sendable, CaseIterable {
        /// That in which the value is written.
        case own
        case gregorian
        case chinese
    }
    /// When a birthday in a leap month is kept.
    public enum LeapMonth: String, Sendable, CaseIterable {
        /// In the ordinary month of that number, every year.
        case ordinary
        /// In the leap month where the year has it, else in the ordinary one.
        case leap
    }
    /// What an anniversary of the 30th is in a month of 29 days.
    public enum ShortMonth: String, Sendable, CaseIterable {
        case lastDay
        case nextDay
        case skip
    }
    /// What an anniversary of 29 February is in a year without one.
    public enum LeapDay: String, Sendable, CaseIterable {
        case feb28
        case mar1
        case skip
    }
    /// The date, instant or birthday whose return is kept.
    public var of: WatchedValue
    /// The name in the rule file.
    public var name: String
    /// When to act, relative to the anniversary; position + 1 is part of the occurrence.
    public var offsets: [ISODuration]
    /// The wall time at which it is due.
    public var at: LocalTime
    /// What happens to 29 February.
    public var leapDay: LeapDay
    /// The calendar in which it returns.
    public var calendar: Reckoning
    /// What happens to a leap month of the Chinese calendar.
    public var leapMonth: LeapMonth
    /// What happens to the 30th of a month of the Chinese calendar.
    public var shortMonth: ShortMonth

    /// The anniversaries of `of`, named `name`, at `at`, moved by each of `offsets`.
    public init(
        of: WatchedValue, name: String, calendar: Reckoning = .own, offsets: [ISODuration], at: LocalTime,
        leapDay: LeapDay, leapMonth: LeapMonth = .ordinary, shortMonth: ShortMonth = .lastDay
    ) {
        self.of = of
        self.name = name
        self.calendar = calendar
        self.offsets = offsets
        self.at = at
        self.leapDay = leapDay
        self.leapMonth = leapMonth
        self.shortMonth = shortMonth
    }
}

/// `date: { of, offset, at }`
public struct DateTrigger: Sendable {
    /// The date or instant.
    public var of: WatchedValue
    /// The name in the rule file.
    public var name: String
    /// When to act, relative to the date; position + 1 is part of the occurrence.
    public var offsets: [ISODuration]
    /// The wall time at which it is due.
    public var at: LocalTime

    /// The date `of`, named `name`, at `at`, moved by each of `offsets`.
    public init(of: WatchedValue, name: String, offsets: [ISODuration], at: LocalTime) {
        self.of = of
        self.name = name
        self.offsets = offsets
        self.at = at
    }
}

/// `inactivity: { of, for, orSince, every, at, spread }`
public struct InactivityTrigger: Sendable {
    /// The event types whose absence counts.
    public var types: [String]
    /// How long the silence must last.
    public var duration: ISODuration
    /// The index of the date or instant attribute since which a customer is silent who never did it; nil: never.
    public var orSince: Int?
    /// How long after a firing it fires again while the silence lasts; nil: once.
    public var every: ISODuration?
    /// The wall time of the first firing at or after the silence is complete; nil: at once.
    public var at: LocalTime?
    /// A stable delay per customer below this; nil: none.
    public var spread: ISODuration?
    /// The index of the hidden `last` trait over ``types``, so that the row knows the silence's start.
    public var lastTrait: Int

    /// The silence of `types` for `duration`, fired at `at`.
    public init(
        types: [String], duration: ISODuration, orSince: Int? = nil, every: ISODuration? = nil, at: LocalTime?,
        spread: ISODuration? = nil, lastTrait: Int
    ) {
        self.types = types
        self.duration = duration
        self.orSince = orSince
        self.every = every
        self.at = at
        self.spread = spread
        self.lastTrait = lastTrait
    }
}
