import CareDecisions
import CareRules
import CareStore
import CareValues

/// Puts rule sets in force.
public enum Activation {
    /// Activates the files' rules at `instant` of the decision clock, unless they are what is in force already.
    ///
    /// A campaign that is defined as before keeps its start; every other starts at `instant`, so that nothing due
    /// before fires. Rows are brought up when they are next touched, and in the background.
    /// - Returns: the rules in force afterwards, and whether that is news.
    public static func activate(
        _ candidate: CandidateRules, at instant: Timestamp, in transaction: any StoreTransaction,
        zones: any ZoneDirectory
    ) throws -> (rules: RulesInForce, isNew: Bool) {
        let previous = try transaction.activeRuleSet()
        let candidate = try candidate.scored(in: transaction)
        if let previous, previous.fingerprint == candidate.fingerprint {
            return (try RulesInForce(in: transaction, zones: zones, known: candidate), false)
        }
        let before = try previous.map { try RulesInForce.decider(of: $0, in: transaction, zones: zones).active }
        // An activation never lies before the last one, whatever the clock says.
        let activatedAt = max(instant, previous?.activatedAt ?? .distantPast)
        try transaction.activate(
            StoredRuleSet(
                epoch: (previous?.epoch ?? 0) + 1, fingerprint: candidate.fingerprint,
                text: candidate.rules.canonicalText, activatedAt: activatedAt,
                starts: ActiveRules.starts(of: candidate.rules, after: before, at: activatedAt),
                zone: candidate.zone.name, zoneDataVersion: zones.version,
                cutPoints: candidate.rules.schema.cutPoints?.version, holidays: candidate.holidayText))
        return (try RulesInForce(in: transaction, zones: zones, known: candidate), true)
    }

    /// The rules in force if `candidate` were activated at `instant`, without writing anything: for a plan.
    ///
    /// - Returns: the rules, and whether they differ from what is in force.
    public static func foreseen(
        _ candidate: CandidateRules, at instant: Timestamp, in store: any StoreSnapshot, zones: any ZoneDirectory
    ) throws -> (rules: RulesInForce, isNew: Bool) {
        let candidate = try candidate.scored(in: store)
        guard let previous = try store.activeRuleSet() else {
            let decider = Decider(
                ActiveRules(
                    rules: candidate.rules, epoch: 1, activatedAt: instant, starts: [:],
                    projectZone: candidate.zone, zones: zones, holidays: candidate.holidays))
            return (RulesInForce(unstored: decider, candidate.fingerprint, after: nil, zones: zones), true)
        }
        let base = try RulesInForce(in: store, zones: zones, known: candidate)
        if previous.fingerprint == candidate.fingerprint { return (base, false) }
        let decider = Decider(
            ActiveRules(
                rules: candidate.rules, epoch: previous.epoch + 1, activatedAt: max(instant, previous.activatedAt),
                starts: ActiveRules.starts(of: candidate.rules, after: base.current.active, at: instant),
                projectZone: candidate.zone, zones: zones, holidays: candidate.holidays))
        return (RulesInForce(unstored: decider, candidate.fingerprint, after: base, zones: zones), true)
    }
}
