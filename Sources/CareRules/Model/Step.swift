import CareLogic
import CareValues

/// A wait followed by actions.
///
/// A class, as ``Campaign`` is: it is passed on often.
public final class Step: Sendable {
    /// When a step is due.
    public enum Wait: Sendable, Hashable {
        /// At once: the first step without a wait.
        case none
        /// Since the nearest step before it that the entry does or did has ended; none: since the entry.
        case after(ISODuration)
        /// Since the entry; waits for no other step.
        case sinceEntry(ISODuration)
    }
    /// Its name; 1-based position as text unless said.
    public let name: String
    /// How long it waits.
    public let wait: Wait
    /// The wait counts only while this is open; nil: always. Only for waits in elapsed time.
    public let countIn: Window?
    /// The first such wall time at or after the wait; inside ``window``, if there is one; nil: at once.
    public let at: LocalTime?
    /// Its actions run only while this is open; nil: always.
    public let window: Window?
    /// Checked after the wait; false skips this step; nil is true.
    public let condition: Expression?
    /// What it orders, the alternatives of a choice one after another; never empty.
    public let actions: [Action]
    /// What is decided together: places in ``actions``. One place is an action of its own, or a choice of one.
    public let units: [Range<Int>]

    /// A step with all its parts.
    public init(
        name: String, wait: Wait, countIn: Window? = nil, at: LocalTime?, window: Window? = nil,
        condition: Expression?, actions: [Action], units: [Range<Int>]
    ) {
        self.name = name
        self.wait = wait
        self.countIn = countIn
        self.at = at
        self.window = window
        self.condition = condition
        self.actions = actions
        self.units = units
    }

    /// Whether it is due as soon as what it follows is over.
    public var isAtOnce: Bool { wait == .none && at == nil && window == nil }

    /// The unit that the action of that name belongs to, or nil.
    public func unit(ofAction name: String) -> Range<Int>? {
        guard let place = actions.firstIndex(where: { $0.name == name }) else { return nil }
        return units.first { $0.contains(place) }
    }
}

/// What a step orders: one message to one destination. Alone, or an alternative of a choice (`firstOf`).
public final class Action: Sendable {
    /// Whom it is for.
    public enum Audience: String, Sendable, CaseIterable {
        case customer
        case staff
    }
    /// Its name; 1-based position as text unless said.
    public let name: String
    /// The destination's name in the environment.
    public let destination: String
    /// The address at the destination, where it needs one.
    public let to: Expression?
    /// The consent attributes of the channel it goes through, all of which must be granted; empty: none is asked.
    public let consents: [Int]
    /// The message type, `care.birthday`.
    public let type: String
    /// What the message says.
    public let data: DataTemplate
    /// Customer unless said.
    public let audience: Audience
    /// False skips this action; nil is true.
    public let condition: Expression?

    /// An action with all its parts.
    public init(
        name: String, destination: String, to: Expression?, consents: [Int] = [], type: String,
        data: DataTemplate, audience: Audience, condition: Expression?
    ) {
        self.name = name
        self.destination = destination
        self.to = to
        self.consents = consents
        self.type = type
        self.data = data
        self.audience = audience
        self.condition = condition
    }
}

/// The `data` of an action: JSON in which strings may hold `{{path}}` and `{ "$value": … }` gives a typed value.
public indirect enum DataTemplate: Sendable {
    /// Taken over as it is.
    case literal(JSONValue)
    /// Text with places to fill; a missing value is `template_error`.
    case text([TextPart])
    /// The value of an expression; null when missing.
    case value(Expression)
    /// A list of templates.
    case array([DataTemplate])
    /// Members in the order of the file.
    case object([(name: String, value: DataTemplate)])

    /// A piece of a text with places.
    public enum TextPart: Sendable {
        /// Taken over as it is.
        case literal(String)
        /// The value at `path`, read by `expression`.
        case place(path: String, expression: Expression)
    }
}
