import CareDecisions
import CarePlanning
import CareRules
import CareStore
import CareValues

/// Answers why, or why not, from a store: reads the row, the ledger and the outbox; writes nothing.
public enum Explainer {
    /// Why there is nothing to explain.
    public enum Refusal: Error, Sendable, Hashable {
        /// The store has no such customer.
        case unknownCustomer
        /// The rules have no such campaign; the names there are, by name.
        case unknownCampaign(known: [String])
    }

    /// What `candidate`'s campaign `campaign` did, does and will do for `customer`, at the store's clock.
    ///
    /// - Throws: ``Refusal``; ``StoreError``; ``EngineError``.
    public static func explain(
        customer: String, campaign: String, _ candidate: CandidateRules, in store: any StoreSnapshot,
        zones: any ZoneDirectory, realNow: Timestamp
    ) throws -> Explanation {
        guard let stored = try store.customer(customer) else { throw Refusal.unknownCustomer }
        let now = try store.clock ?? realNow
        let rules = try Activation.foreseen(candidate, at: now, in: store, zones: zones).rules
        let decider = rules.current
        guard let index = decider.active.rules.index(ofCampaign: campaign) else {
            throw Refusal.unknownCampaign(known: decider.active.rules.campaigns.map(\.name))
        }
        var row = try stored.row.withUnsafeBytes {
            try rules.load(id: stored.id, epoch: stored.epoch, wakeUp: stored.wakeUp, bytes: $0, from: store).row
        }
        // Conditions are read as of the store's clock; what is due by then and not decided is still to come.
        row.asOf = max(row.asOf, now)
        let past = try store.ledger(of: customer, campaign: decider.active.rules.campaigns[index].identity).map {
            try pastDecision($0, store)
        }
        return Explanation(
            row: row, campaign: index, decider: decider, now: row.asOf, fingerprint: rules.fingerprint, past: past)
    }

    private static func pastDecision(
        _ entry: LedgerEntry, _ store: any StoreSnapshot
    ) throws
        -> Explanation.PastDecision
    {
        var delivery: String?
        var id = ""
        if entry.outcome == Outcome.act.rawValue {
            id = entry.key.text
            if let stored = try store.deliveries(idPrefix: id, limit: 1).first {
                delivery = stored.state.rawValue + (stored.reason.isEmpty ? "" : " (\(stored.reason))")
            }
        }
        return Explanation.PastDecision(
            now: entry.now, due: entry.due, occurrence: entry.occurrence, step: entry.step, action: entry.action,
            outcome: entry.outcome, reason: entry.reason, delivery: delivery, deliveryID: id)
    }
}
