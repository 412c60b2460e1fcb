import CareDecisions
import CareLogic
import CareRules
import CareStore
import CareValues

/// The deciders of the store's epochs, loaded when first asked for.
///
/// Belongs to one thread: the one that writes, or the one that plans.
public final class RulesInForce {
    private let zones: any ZoneDirectory
    private var deciders: [Int64: Decider] = [:]
    /// The newest epoch's decider.
    public private(set) var current: Decider

    /// The rules in force in a store.
    ///
    /// - Throws: ``EngineError/noRules`` when none were ever activated; ``EngineError/unreadableRules``.
    public init(in store: any StoreSnapshot, zones: any ZoneDirectory) throws {
        guard let active = try store.activeRuleSet() else { throw EngineError.noRules }
        self.zones = zones
        current = try Self.decider(of: active, zones: zones)
        deciders[active.epoch] = current
    }

    /// The rules of `decider`, which follow those of `base` but are not stored: what a plan of edited files uses.
    init(unstored decider: Decider, after base: RulesInForce?, zones: any ZoneDirectory) {
        self.zones = zones
        deciders = base?.deciders ?? [:]
        deciders[decider.active.epoch] = decider
        current = decider
    }

    /// The decider of an epoch.
    public func decider(ofEpoch epoch: Int64, in store: any StoreSnapshot) throws -> Decider {
        if let decider = deciders[epoch] { return decider }
        guard let stored = try store.ruleSet(epoch: epoch) else { throw EngineError.unreadableRules(epoch: epoch) }
        let decider = try Self.decider(of: stored, zones: zones)
        deciders[epoch] = decider
        return decider
    }

    /// Takes up a rule set that another process, or this one, has activated since.
    ///
    /// - Returns: whether there was a newer one.
    public func refresh(in store: any StoreSnapshot) throws -> Bool {
        guard let active = try store.activeRuleSet(), active.epoch > current.active.epoch else { return false }
        current = try decider(ofEpoch: active.epoch, in: store)
        return true
    }

    static func decider(of stored: StoredRuleSet, zones: any ZoneDirectory) throws -> Decider {
        let source = RuleSource(file: "rules of epoch \(stored.epoch)", bytes: Array(stored.text.utf8))
        guard let rules = RuleSetLoader.load([source], destinations: nil).ruleSet,
            let zone = zones.zone(named: stored.zone)
        else { throw EngineError.unreadableRules(epoch: stored.epoch) }
        return Decider(
            ActiveRules(
                rules: rules, epoch: stored.epoch, activatedAt: stored.activatedAt, starts: stored.starts,
                projectZone: zone, zones: zones))
    }
}

/// The rules and the zone as the files have them, checked, not necessarily in force.
public struct CandidateRules: Sendable {
    /// The rule set of the files.
    public var rules: RuleSet
    /// The project's zone.
    public var zone: Zone

    /// These rules in that zone.
    public init(rules: RuleSet, zone: Zone) {
        self.rules = rules
        self.zone = zone
    }

    /// Covers what decisions read: the canonical rules and the project's zone. 64 hex digits.
    public var fingerprint: String {
        Hex.encode(SHA256.hash(Array(CanonicalJSON.array(of: [rules.fingerprint, zone.name]).utf8)))
    }
}

/// What went wrong in the engine, beyond the store's own errors.
public enum EngineError: Error, Sendable, Hashable {
    /// No rule set was ever activated in this store.
    case noRules
    /// An activated rule set cannot be read by this program.
    case unreadableRules(epoch: Int64)
    /// A clock before the store's own was asked for.
    case clockBehindStore(asked: Timestamp, store: Timestamp)
    /// A customer's row cannot be read; the store is damaged or newer. Names the customer's place, not the customer.
    case unreadableRow
}
