import CareRules
import CareValues

/// Whether a customer is held out: gate `holdout`, the last one, so that its members are those who would have been
/// sent. It binds actions for staff too, and reserves nothing.
enum HoldoutGate {
    /// A stable share of the customers, independent of every `bucket`: the salt is `holdout:` and the campaign's, or
    /// the campaign's identity.
    static func stop(_ campaign: Campaign, customer: String) -> Stop? {
        guard let holdout = campaign.gates.holdout else { return nil }
        let share = Bucket.share(of: ["holdout:" + (holdout.salt ?? campaign.identity), customer])
        return share < holdout.fraction ? Stop(outcome: .suppress, reason: .holdout) : nil
    }
}
