import CareLogic
import CareRules
import CareValues

/// Silences: since when a customer has not done something, and what has fired in it.
extension Session {
    /// Since when the customer is silent: the last such event; of who never did it, the date that the trigger names.
    func since(of trigger: InactivityTrigger) -> LogicValue {
        let last = value(of: .trait(trigger.lastTrait))
        guard last.isMissing, let orSince = trigger.orSince else { return last }
        return value(of: .attribute(orSince))
    }

    /// The date that stands for the beginning of the silence; nil: an event does.
    func dateOfSilence(_ trigger: InactivityTrigger) -> CivilDate? {
        guard let orSince = trigger.orSince, value(of: .trait(trigger.lastTrait)).isMissing else { return nil }
        switch value(of: .attribute(orSince)) {
        case .date(let date): return date
        case .instant(let instant): return zone.date(at: instant)
        default: return nil
        }
    }

    /// The occurrence of the `number`-th firing of a silence.
    func inactivityOccurrence(
        _ firing: SilenceInstants.Firing, _ silence: SilenceInstants, number: Int, campaign: Campaign
    ) -> Occurrence {
        Occurrence(
            campaign: campaign.identity, key: silence.key(number: number), due: firing.due, instant: firing.due,
            values: ["since": .string(silence.text), "repeat": .number(Double(number))], event: nil)
    }

    /// How often a campaign has fired in a silence, as remembered.
    func fired(campaign: String, in silence: SilenceInstants) -> SilenceInstants.Fired {
        silence.fired(campaign: campaign, row.memory.decided)
    }

    /// Remembers a firing in the place of the one before it; of other silences only what a corrected date could bring
    /// back.
    mutating func rememberSilence(_ occurrence: Occurrence, _ trigger: InactivityTrigger, campaign: Campaign) {
        guard let silence = SilenceInstants(since: since(of: trigger), trigger: trigger, zone: zone),
            let number = silence.number(ofKey: occurrence.key)
        else { return }
        let before = fired(campaign: campaign.identity, in: silence)
        guard number > before.count else { return }
        let complete = silence.latest(by: occurrence.due, fired: before)?.complete ?? occurrence.due
        keep(silence, number: number, complete: complete, campaign: campaign)
    }

    /// Keeps the `number`-th firing of a silence, which was complete at `complete`, in the place of those before it.
    mutating func keep(_ silence: SilenceInstants, number: Int, complete: Timestamp, campaign: Campaign) {
        row.memory.decided.removeAll {
            $0.campaign == campaign.identity
                && (silence.trigger.orSince == nil || silence.number(ofKey: $0.occurrence) != nil)
        }
        row.memory.decided.append(
            DecidedOccurrence(campaign: campaign.identity, occurrence: silence.key(number: number), due: complete))
    }

    /// A fact has made another silence, or moved the instants of this one: the last one due by now is due at once.
    mutating func noteMoved(
        _ trigger: InactivityTrigger, campaign index: Int, value: LogicValue, old: TimedInstants
    ) {
        let campaign = decider.campaigns[index]
        if value != old.value { row.memory.delayed.removeAll { $0.occurrence.campaign == campaign.identity } }
        // Mostly it has just begun.
        guard let silence = SilenceInstants(since: value, trigger: trigger, zone: zone), silence.earliest <= row.asOf
        else { return }
        let fired = fired(campaign: campaign.identity, in: silence)
        guard let firing = silence.latest(by: row.asOf, fired: fired) else { return }
        let before = SilenceInstants(since: value, trigger: trigger, zone: old.zone)?.firing(firing.repeats)
        note(
            inactivityOccurrence(firing, silence, number: fired.count + 1, campaign: campaign), campaign: index,
            isMoved: value != old.value || before?.due != firing.due)
    }

    // MARK: Spread

    /// When what fires at `instant` is due, with the customer's part of the campaign's `spread`.
    func spread(_ instant: Timestamp, campaign: Campaign) -> Timestamp {
        guard let spread = campaign.trigger.spread else { return instant }
        return Spread.due(instant, spread, campaign: campaign.identity, customer: row.customer, zone: zone)
    }

    /// Begins an occurrence of a trigger with instants of its own, or keeps it until the customer's part of the
    /// `spread` is over.
    mutating func beginOrSpread(_ occurrence: Occurrence, campaign index: Int) {
        let campaign = decider.campaigns[index]
        if case .schedule(let trigger) = campaign.trigger, trigger.spread != nil {
            return spreadTick(occurrence, campaign: campaign)
        }
        guard case .inactivity(let trigger) = campaign.trigger, trigger.spread != nil else {
            return begin(occurrence, campaign: index)
        }
        rememberSilence(occurrence, trigger, campaign: campaign)
        guard let silence = SilenceInstants(since: since(of: trigger), trigger: trigger, zone: zone) else { return }
        let complete = fired(campaign: campaign.identity, in: silence).complete
        let plain = trigger.at.map { zone.firstInstant(ofWallTime: $0, atOrAfter: complete) } ?? complete
        // What a backfill lets in is spread from its activation, everything else from when the silence was complete.
        var waiting = DelayedOccurrence(
            occurrence: occurrence, firedAt: occurrence.due > plain ? occurrence.due : complete)
        waiting.occurrence.due = spread(occurrence.due, campaign: campaign)
        waiting.occurrence.instant = waiting.occurrence.due
        row.memory.delayed.append(waiting)
    }

    /// Whether what has waited is still so: of a silence, that it is not broken.
    func isStillSo(_ occurrence: Occurrence, campaign: Campaign) -> Bool {
        guard case .inactivity(let trigger) = campaign.trigger else { return true }
        return SilenceInstants(since: since(of: trigger), trigger: trigger, zone: zone)?
            .number(ofKey: occurrence.key) != nil
    }
}
