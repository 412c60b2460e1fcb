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
    /// Covers what decisions read under the newest epoch: 64 hex digits.
    public private(set) var fingerprint: String

    /// The rules in force in a store.
    ///
    /// - Parameter known: rules that have been read already, with their scores: they need not be read again if they are
    ///   what is in force.
    /// - Throws: ``EngineError/noRules`` when none were ever activated; ``EngineError/unreadableRules``.
    public init(in store: any StoreSnapshot, zones: any ZoneDirectory, known: CandidateRules? = nil) throws {
        guard let active = try store.activeRuleSet() else { throw EngineError.noRules }
        self.zones = zones
        if let known, known.fingerprint == active.fingerprint {
            current = Decider(
                ActiveRules(
                    rules: known.rules, epoch: active.epoch, activatedAt: active.activatedAt, starts: active.starts,
                    projectZone: known.zone, zones: zones, holidays: known.holidays))
        } else {
            current = try Self.decider(of: active, in: store, zones: zones)
        }
        fingerprint = active.fingerprint
        deciders[active.epoch] = current
    }

    /// The rules of `decider`, which follow those of `base` but are not stored: what a plan of edited files uses.
    init(unstored decider: Decider, _ fingerprint: String, after base: RulesInForce?, zones: any ZoneDirectory) {
        self.zones = zones
        self.fingerprint = fingerprint
        current = decider
        var deciders = base?.deciders ?? [:]
        deciders[decider.active.epoch] = decider
        self.deciders = deciders
    }

    /// The decider of an epoch.
    public func decider(ofEpoch epoch: Int64, in store: any StoreSnapshot) throws -> Decider {
        if let decider = deciders[epoch] { return decider }
        guard let stored = try store.ruleSet(epoch: epoch) else { throw EngineError.unreadableRules(epoch: epoch) }
        let decider = try Self.decider(of: stored, in: store, zones: zones)
        deciders[epoch] = decider
        return decider
    }

    /// The decider of the epoch that a customer's row or decision names.
    ///
    /// - Throws: ``EngineError/unreadableRow`` where the store has never had such an epoch: that customer's row is damaged,
    ///   and nobody else's.
    func decider(named epoch: Int64, in store: any StoreSnapshot) throws -> Decider {
        if let decider = deciders[epoch] { return decider }
        guard try store.ruleSet(epoch: epoch) != nil else { throw EngineError.unreadableRow }
        return try decider(ofEpoch: epoch, in: store)
    }

    /// Takes up a rule set that another process, or this one, has activated since.
    ///
    /// - Returns: whether there was a newer one.
    public func refresh(in store: any StoreSnapshot) throws -> Bool {
        guard let active = try store.activeRuleSet(), active.epoch > current.active.epoch else { return false }
        current = try decider(ofEpoch: active.epoch, in: store)
        fingerprint = active.fingerprint
        return true
    }

    static func decider(
        of stored: StoredRuleSet, in store: any StoreSnapshot, zones: any ZoneDirectory
    ) throws -> Decider {
        let source = RuleSource(file: "rules of epoch \(stored.epoch)", bytes: Array(stored.text.utf8))
        guard var rules = RuleSetLoader.load([source], destinations: nil, lints: false).ruleSet,
            let holidays = HolidayTable(canonicalText: stored.holidays)
        else { throw EngineError.unreadableRules(epoch: stored.epoch) }
        guard let zone = zones.zone(named: stored.zone) else {
            throw EngineError.unknownZone(name: stored.zone, epoch: stored.epoch)
        }
        // Known when they were activated: in another zone instead everything would be due at another hour.
        if let gone = rules.zoneNames.first(where: { zones.zone(named: $0) == nil }) {
            throw EngineError.unknownZone(name: gone, epoch: stored.epoch)
        }
        if let version = stored.cutPoints {
            guard let set = try CutPointSet.stored(version: version, in: store) else {
                throw EngineError.unreadableRules(epoch: stored.epoch)
            }
            rules.schema = rules.schema.scoring(by: set)
        }
        return Decider(
            ActiveRules(
                rules: rules, epoch: stored.epoch, activatedAt: stored.activatedAt, starts: stored.starts,
                projectZone: zone, zones: zones, holidays: holidays))
    }
}

/// The rules, the zone and the holidays as the files have them, checked, not necessarily in force.
public struct CandidateRules: Sendable {
    /// The rule set of the files.
    public var rules: RuleSet
    /// The project's zone.
    public var zone: Zone

    /// The holidays of the regions that the rules name; where an attribute names them, of all there are.
    public var holidays: HolidayTable
    /// Their canonical text; empty: none.
    public let holidayText: String

    /// These rules in that zone, with what they name of `holidays`.
    public init(rules: RuleSet, zone: Zone, holidays: HolidayTable = .empty) {
        self.rules = rules
        self.zone = zone
        let regions = rules.holidayRegions
        holidayText = regions == [] ? "" : holidays.canonicalText(codes: regions)
        self.holidays = holidays
    }

    /// Covers what decisions read: the canonical rules, the project's zone, the cut points that scores are read by, and
    /// the holidays the rules name. 64 hex digits.
    public var fingerprint: String {
        var parts = [rules.fingerprint, zone.name]
        let entries = rules.schema.entries(of: rules.schema.cutPoints)
        parts += entries.map { "\($0.trait) \($0.points.jsonValue.canonicalText)" }
        if !holidayText.isEmpty { parts.append(holidayText) }
        return Hex.encode(SHA256.hash(Array(CanonicalJSON.array(of: parts).utf8)))
    }

    /// The traits whose quantile scores are missing for everyone, because a store holds no cut points for them, by name.
    public func traitsWithoutCutPoints(in store: any StoreSnapshot) throws -> [String] {
        let schema = rules.schema
        guard schema.asksForCutPoints else { return [] }
        let known = Set(schema.entries(of: try CutPointSet.stored(version: nil, in: store)).map(\.trait))
        return schema.rfmDefinitions.filter { $0.fixed == nil && !known.contains($0.name) }.map(\.name)
    }

    /// These rules with their quantile scores read by the newest cut points of a store.
    func scored(in store: any StoreSnapshot) throws -> CandidateRules {
        guard rules.schema.asksForCutPoints else { return self }
        var scored = self
        let set = try CutPointSet.stored(version: nil, in: store)
        scored.rules.schema = rules.schema.scoring(by: rules.schema.entries(of: set).isEmpty ? nil : set)
        return scored
    }
}

extension CutPointSet {
    /// The set of that version, or the newest (nil), of a store; nil: there is none that can be read.
    static func stored(version: Int64?, in store: any StoreSnapshot) throws -> CutPointSet? {
        try store.cutPoints(version: version).flatMap { CutPointSet(version: $0.version, text: $0.text) }
    }
}

/// What went wrong in the engine, beyond the store's own errors.
public enum EngineError: Error, Sendable, Hashable {
    /// No rule set was ever activated in this store.
    case noRules
    /// An activated rule set cannot be read by this program.
    case unreadableRules(epoch: Int64)
    /// An activated rule set names a time zone that the system's data does not have any more.
    case unknownZone(name: String, epoch: Int64)
    /// A clock before the store's own was asked for.
    case clockBehindStore(asked: Timestamp, store: Timestamp)
    /// A customer's row cannot be read; the store is damaged or newer. Names the customer's place, not the customer.
    case unreadableRow
}
