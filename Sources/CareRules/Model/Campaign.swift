import CareLogic
import CareValues

/// One named rule: a trigger, a condition and steps that serve one purpose.
///
/// A class, because decisions pass it on often: one reference is counted, not one for each of its parts.
public final class Campaign: Sendable {
    /// Its name, global and unique: its identity in keys, salts and the ledger.
    public let name: String
    /// What it is for, in the author's words.
    public let description: String
    /// Free words that policies and reports select by.
    public let tags: [String]
    /// Higher goes first among actions due at one `now`; 0 unless said.
    public let priority: Int
    /// What makes it look at a customer.
    public let trigger: Trigger
    /// The trigger's `where`: checked once, when the trigger fires; nil is true.
    public let triggerWhere: Expression?
    /// Checked at entry, before each later step, and when an action is tried again; false ends the entry; nil is true.
    public let condition: Expression?
    /// What ends an entry early; any one suffices.
    public let exits: [Exit]
    /// Whether a customer may enter again.
    public let reentry: Reentry
    /// Makes ``reentry`` count per value; nil: per customer.
    public let entryKey: Expression?
    /// How late an action may be; nil: the trigger's default, for the first step only.
    public let maxLateness: Lateness?
    /// What it says to the gates.
    public let gates: CampaignGates
    /// The steps in the order of the file; never empty. A campaign written with `actions` has one step, named `1`.
    public let steps: [Step]
    /// What decides whether an edit made it another campaign: a hash of all of it but the description, with traits
    /// and segments expanded.
    public let definitionHash: UInt64

    /// A campaign with all its parts.
    public init(
        name: String, description: String, tags: [String], priority: Int, trigger: Trigger, triggerWhere: Expression?,
        condition: Expression?, exits: [Exit], reentry: Reentry, entryKey: Expression?, maxLateness: Lateness?,
        gates: CampaignGates = CampaignGates(), steps: [Step], definitionHash: UInt64
    ) {
        self.name = name
        self.description = description
        self.tags = tags
        self.priority = priority
        self.trigger = trigger
        self.triggerWhere = triggerWhere
        self.condition = condition
        self.exits = exits
        self.reentry = reentry
        self.entryKey = entryKey
        self.maxLateness = maxLateness
        self.gates = gates
        self.steps = steps
        self.definitionHash = definitionHash
    }
}

/// What makes a campaign look at a customer.
public enum Trigger: Sendable {
    /// An event of one of these types, when it is received.
    case event(types: [String])
    /// An attribute or trait gets another value.
    case change(ChangeTrigger)
    /// The yearly return of a date.
    case anniversary(AnniversaryTrigger)
    /// Nothing of some types has happened for a while.
    case inactivity(InactivityTrigger)
}

/// An attribute of the schema, by index.
public enum WatchedValue: Sendable, Hashable {
    /// The attribute of that index.
    case attribute(Int)
    /// The trait of that index.
    case trait(Int)
}

/// `change: { of, from, to, direction }`
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
    /// The old value must be one of these (`missing` for `null`); nil: any known one.
    public var from: [LogicValue]?
    /// The new value must be one of these; nil: any.
    public var to: [LogicValue]?
    /// It must move this way in the attribute's order; nil: either.
    public var direction: Direction?

    /// A change of `of`, named `name`, narrowed by the rest.
    public init(
        of: WatchedValue, name: String, from: [LogicValue]?, to: [LogicValue]?, direction: Direction?
    ) {
        self.of = of
        self.name = name
        self.from = from
        self.to = to
        self.direction = direction
    }
}

/// `anniversary: { of, offset, at, leapDay }`
public struct AnniversaryTrigger: Sendable {
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

    /// The anniversaries of `of`, named `name`, at `at`, moved by each of `offsets`.
    public init(of: WatchedValue, name: String, offsets: [ISODuration], at: LocalTime, leapDay: LeapDay) {
        self.of = of
        self.name = name
        self.offsets = offsets
        self.at = at
        self.leapDay = leapDay
    }
}

/// `inactivity: { of, for, at }`
public struct InactivityTrigger: Sendable {
    /// The event types whose absence counts.
    public var types: [String]
    /// How long the silence must last.
    public var duration: ISODuration
    /// The wall time of the first firing at or after the silence is complete; nil: at once.
    public var at: LocalTime?
    /// The index of the hidden `last` trait over ``types``, so that the row knows the silence's start.
    public var lastTrait: Int

    /// The silence of `types` for `duration`, fired at `at`.
    public init(types: [String], duration: ISODuration, at: LocalTime?, lastTrait: Int) {
        self.types = types
        self.duration = duration
        self.at = at
        self.lastTrait = lastTrait
    }
}

/// What ends an entry early.
public enum Exit: Sendable {
    /// An event of one of these types that matches.
    case event(types: [String], where: Expression?)
    /// The condition has become true.
    case condition(Expression)
}

/// Whether a customer may start again.
public enum Reentry: Sendable, Hashable {
    /// Whether a cooldown counts from the last entry or from the last act.
    public enum Since: String, Sendable, Hashable, CaseIterable {
        case entry
        case act
    }
    /// Any time; several entries may live at once.
    case always
    /// Never again.
    case once
    /// Not while an entry lives.
    case afterExit
    /// Not before `cooldown` after the last entry or act.
    case cooldown(ISODuration, since: Since)
}

/// How late an action may be.
public enum Lateness: Sendable, Hashable {
    /// `"none"`: however late.
    case unlimited
    /// Until this long after its due instant, that instant excluded.
    case within(ISODuration)
}
