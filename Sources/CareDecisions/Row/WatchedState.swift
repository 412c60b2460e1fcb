import CareLogic
import CareValues

/// What a segment or trait was when it was last looked at, for triggers that watch it.
public struct WatchedState: Sendable, Hashable {
    /// What is watched.
    public enum Kind: UInt8, Sendable, Hashable {
        case segment = 0
        case trait = 1
    }
    /// Whether it is a segment or a trait.
    public var kind: Kind
    /// Its name in the rule files.
    public var name: String
    /// Its last value; of a segment true or false.
    public var value: LogicValue
    /// How often it was entered; of a trait: how often it changed.
    public var entered: Int
    /// How often it was left; of a trait 0.
    public var left: Int

    /// The state of what is named `name`.
    public init(kind: Kind, name: String, value: LogicValue, entered: Int = 0, left: Int = 0) {
        self.kind = kind
        self.name = name
        self.value = value
        self.entered = entered
        self.left = left
    }
}

/// An occurrence that has fired and waits for its wall time; dropped without a row if it is no longer so by then.
public struct DelayedOccurrence: Sendable, Hashable {
    /// What would begin; due as last reckoned.
    public var occurrence: Occurrence
    /// When it became so: its instant is reckoned from that, anew when the zone or the rules change.
    public var firedAt: Timestamp

    /// `occurrence`, which became so at `firedAt`.
    public init(occurrence: Occurrence, firedAt: Timestamp) {
        self.occurrence = occurrence
        self.firedAt = firedAt
    }
}
