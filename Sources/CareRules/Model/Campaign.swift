import CareLogic
import CareValues

/// One named rule: a trigger, a condition and steps that serve one purpose.
///
/// A class, because decisions pass it on often: one reference is counted, not one for each of its parts.
public final class Campaign: Sendable {
    /// Its name in the rule files, global and unique.
    public let name: String
    /// The name it was first activated under, and is known by in keys, salts, the ledger and the memory of rows.
    public let identity: String
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
    /// When it runs, on whose clock, whom it lets in, and its goal.
    public let terms: CampaignTerms
    /// The steps in the order of the file; never empty. A campaign written with `actions` has one step, named `1`.
    public let steps: [Step]
    /// Their names, in that order.
    public let stepNames: [String]
    /// What decides whether an edit made it another campaign: a hash of all of it but the description, the goal and
    /// `formerly`, with traits and segments expanded.
    public let definitionHash: UInt64

    /// A campaign with all its parts.
    public init(
        name: String, identity: String? = nil, description: String, tags: [String], priority: Int, trigger: Trigger,
        triggerWhere: Expression?,
        condition: Expression?, exits: [Exit], reentry: Reentry, entryKey: Expression?, maxLateness: Lateness?,
        gates: CampaignGates = CampaignGates(), terms: CampaignTerms = CampaignTerms(), steps: [Step],
        definitionHash: UInt64
    ) {
        self.name = name
        self.identity = identity ?? name
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
        self.terms = terms
        self.steps = steps
        stepNames = steps.map(\.name)
        self.definitionHash = definitionHash
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
