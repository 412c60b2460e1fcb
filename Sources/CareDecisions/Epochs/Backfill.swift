import CareLogic
import CareRules
import CareValues

/// What the store knows of a customer that a backfill of events needs.
public struct BackfillHistory: Sendable {
    /// Stored events received by the activation, by time.
    public var events: [Event]
    /// The occurrences that the ledger has rows of, by campaign: they are decided.
    public var decided: [String: Set<String>]

    /// What is stored of a customer.
    public init(events: [Event] = [], decided: [String: Set<String>] = [:]) {
        self.events = events
        self.decided = decided
    }
}

extension Decider {
    /// The instant from which on bringing a row up to these rules needs the customer's stored events; nil: it needs none.
    public var backfillsEventsFrom: Timestamp? {
        var from: Timestamp?
        for (index, campaign) in active.rules.campaigns.enumerated() where active.isNew(index) {
            guard case .event = campaign.trigger, case .within(let duration)? = campaign.terms.backfill else {
                continue
            }
            // A day more, because the customer's zone may be any.
            let start = active.projectZone.advance(active.activatedAt, by: duration.negated)
                .advanced(byMilliseconds: -86_400_000)
            from = min(from ?? start, start)
        }
        return from
    }
}

extension ActiveRules {
    /// Whether the campaign at `index` is as it is since this activation.
    func isNew(_ index: Int) -> Bool { starts[index] == activatedAt }
}

extension Session {
    /// More occurrences of one campaign than this are not made up for.
    private static let maximumBackfill = 1_000

    /// The campaigns that let in the members of their segment, and whether the customer was one by the definition
    /// before: asked before what is watched is taken over as it is now.
    func membersBefore(_ old: RuleSet) -> [(campaign: Int, wasMember: Bool)] {
        var found: [(campaign: Int, wasMember: Bool)] = []
        for (index, campaign) in rules.campaigns.enumerated()
        where campaign.terms.backfill == .members && decider.active.isNew(index) && !campaign.terms.isPaused {
            var wasMember = false
            if let before = old.index(ofIdentity: campaign.identity),
                case .segment(let trigger) = old.campaigns[before].trigger, trigger.edge == .entered
            {
                wasMember = row.memory.watched.contains {
                    $0.kind == .segment && $0.name == trigger.name && $0.value == .bool(true)
                }
            }
            found.append((index, wasMember))
        }
        return found
    }

    /// Lets in those whom the rules' new campaigns have a backfill for: due, and in time, from the activation.
    mutating func backfill(members: [(campaign: Int, wasMember: Bool)], history: BackfillHistory) {
        var counted: Set<Int> = []
        for (index, wasMember) in members where !wasMember { backfillMember(of: index, counted: &counted) }
        for (index, campaign) in rules.campaigns.enumerated() where decider.active.isNew(index) {
            guard case .within(let duration)? = campaign.terms.backfill, !campaign.terms.isPaused else { continue }
            let clock = ownZone(ofCampaign: index) ?? zone
            let start = clock.advance(decider.active.activatedAt, by: duration.negated)
            if case .event(let types) = campaign.trigger {
                backfillEvents(of: types, from: start, campaign: index, history: history)
            } else if let after = triggerStart(of: index, notBefore: start.advanced(byMilliseconds: -1)) {
                backfillInstants(after: after, campaign: index)
            }
        }
    }

    private mutating func backfillMember(of index: Int, counted: inout Set<Int>) {
        let campaign = rules.campaigns[index]
        guard case .segment(let trigger) = campaign.trigger,
            let isMember = try? schema.segment(trigger.segment, context()).isMember, isMember
        else { return }
        let now = row.asOf
        // Not before the campaign is active: until then it waits, and is nothing when the segment is left.
        let from = campaign.terms.activeFrom.map { $0.instant(in: ownZone(ofCampaign: index) ?? zone) } ?? now
        let firedAt = max(now, from)
        let occurrence = Occurrence(
            campaign: campaign.identity, key: "\(trigger.name)+#\(countEntering(trigger, counted: &counted))",
            due: firedAt, instant: firedAt, values: ["segment": .string(trigger.name)], event: nil)
        guard let firing = delayed(occurrence, campaign: index) else { return }
        if firedAt > now {
            row.memory.delayed.append(DelayedOccurrence(occurrence: occurrence, firedAt: firedAt))
        } else if triggerCounts(index, at: now) {
            moved.append(MovedOccurrence(campaign: index, occurrence: firing.occurrence))
        }
    }

    /// Events are decided once, whatever became of them under a definition before: the ledger knows.
    private mutating func backfillEvents(
        of types: [String], from start: Timestamp, campaign index: Int, history: BackfillHistory
    ) {
        let campaign = rules.campaigns[index]
        let decided = history.decided[campaign.identity] ?? []
        for event in history.events
        where types.contains(event.type) && event.time >= start && event.time <= row.asOf {
            var occurrence = eventOccurrence(event, campaign: campaign)
            // A running entry and a waiting occurrence have no row yet.
            guard !decided.contains(occurrence.key), !isRunning(occurrence, campaign),
                !isKnown(campaign.identity, occurrence.key), triggerCounts(index, at: event.time),
                moved.count < Self.maximumBackfill
            else { continue }
            occurrence.due = row.asOf
            moved.append(MovedOccurrence(campaign: index, occurrence: occurrence))
        }
        laterEvents = history.events
    }

    private func isRunning(_ occurrence: Occurrence, _ campaign: Campaign) -> Bool {
        row.memory.entries.contains { $0.campaign == campaign.identity && $0.occurrence == occurrence.key }
    }

    private mutating func backfillInstants(after start: Timestamp, campaign index: Int) {
        let last = row.asOf
        if decider.scannedCampaigns.contains(index) {
            // Of several ticks the last is decided.
            let end = min(last, triggerEnd(of: index).advanced(byMilliseconds: -1))
            guard
                var tick = lastTick(
                    of: index, in: ownZone(ofCampaign: index) ?? zone, after: start, through: end)?.occurrence
            else { return }
            tick.due = last
            tick.instant = last
            moved.append(MovedOccurrence(campaign: index, occurrence: tick))
            return
        }
        for _ in 0..<Self.maximumBackfill {
            var search = Search(clock: last, asOf: last)
            search.end = triggerEnd(of: index)
            inZone(ofCampaign: index) { $0.offerTrigger(of: index, after: start, to: &search) }
            guard case .trigger(var occurrence)? = search.best?.kind else { return }
            // Known from now on, so that the next search finds the next.
            occurrence.due = last
            occurrence.instant = last
            moved.append(MovedOccurrence(campaign: index, occurrence: occurrence))
        }
    }
}
