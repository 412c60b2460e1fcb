import CareEngine
import CarePlanning
import CareStore
import CareThreads
import CareValues

/// A plan of one campaign, approved: kept where the service looks for what it may carry out.
enum ApprovedCampaign {
    /// What was read before it was approved.
    struct Seen: Sendable, Hashable {
        /// Of the rules.
        var fingerprint: String
        /// How many messages.
        var acts: Int
    }

    /// Makes the plan anew and keeps it; false: it has nothing of the campaign that would act, it has more than was seen,
    /// or the rules in force are others by now. - Throws: ``StoreError``, ``FileReadError``.
    static func write(
        _ name: String, days: Int, _ seen: Seen, _ source: ConsoleSource, into folder: ApprovedPlans
    ) throws -> Bool {
        let candidate = source.rules()
        guard let index = candidate.rules.index(ofCampaign: name), candidate.rules.campaigns[index].terms.needsApproval
        else { return false }
        let lines = Lock<[String]>([])
        var observer = PlanRunner.Observer()
        let identity = candidate.rules.campaigns[index].identity
        observer.decided = { _, decisions in
            let texts = decisions.compactMap { decision, _ in
                decision.key.campaign == identity ? SavedPlan.text(of: decision) : nil
            }
            lines.withLock { $0 += texts }
        }
        let plan = try PlanRunner(
            store: source.store, zones: source.zones, realNow: source.clock.decisionNow, observer: observer
        ).plan(candidate, PlanRunner.Request(days: days, campaign: name), threads: 1)
        let decisions = lines.withLock { $0 }
        guard plan.isActive, !plan.isInterrupted, plan.fingerprint == seen.fingerprint,
            (1...max(seen.acts, 1)).contains(plan.tally.total.act)
        else { return false }
        var text = SavedPlan.text(
            of: SavedPlan.Head(
                storeID: plan.storeID, fingerprint: plan.fingerprint, epoch: plan.epoch, isActive: plan.isActive,
                from: plan.from, until: plan.until, zone: plan.zone.name, storeClock: plan.storeClock, campaign: name))
        for decision in decisions { text += decision }
        text += SavedPlan.text(ofRules: candidate.rules.canonicalText)
        var digest = SHA256Stream()
        digest.update(text.utf8)
        let hex = digest.hexDigest()
        text += SavedPlan.text(ofDecisions: decisions.count, digest: hex)
        _ = try folder.add(Array(text.utf8), digest: hex)
        return true
    }
}
