import CareLogic
import CareRules
import CareValues

/// Ticks of schedules and holidays: instants like the others, but of several only the last counts, and none wakes
/// anybody: a scan touches the customers.
extension Session {
    // MARK: What is due

    /// Offers the last tick since the row was looked at. One that is over is not asked for again, and neither are those
    /// before it.
    ///
    /// - Parameter place: among the decider's scanned campaigns.
    mutating func offerTick(scannedPlace place: Int, to search: inout Search) {
        let index = decider.scannedCampaigns[place]
        if dueTicks.isEmpty {
            dueTicks = [DueTick](repeating: .unasked, count: decider.scannedCampaigns.count)
        }
        if case .unasked = dueTicks[place] {
            let after = lastMove(ofCampaign: index) ?? asOfBefore
            if let tick = foreseenTick(scannedPlace: place, after: after, through: search.clock) {
                dueTicks[place] = isOver(tick) ? .nothing : .tick(tick, others: 0)
            } else {
                let last = lastTick(ofCampaign: index, after: after, through: search.clock)
                dueTicks[place] = last.map { .tick($0.occurrence, others: $0.others) } ?? .nothing
            }
        }
        guard case .tick(let occurrence, let others) = dueTicks[place] else { return }
        let campaign = decider.campaigns[index]
        // Of many that are due at one instant all but the first would be made in vain.
        guard search.canWin(due: occurrence.due, priority: campaign.priority, campaign: index) else { return }
        search.offer(at: occurrence.due) { now in
            Candidate(
                kind: .tick(occurrence, others: others), now: now, priority: campaign.priority, due: occurrence.due,
                campaign: index, occurrence: occurrence.key, step: 0, action: 0)
        }
    }

    /// What is decided now may end a tick of the same campaign; what comes of a fact, of any.
    mutating func forgetDueTicks(after candidate: Candidate) {
        guard !dueTicks.isEmpty else { return }
        switch candidate.kind {
        case .step, .pending:
            return
        case .factAhead, .crossing:
            dueTicks.removeAll(keepingCapacity: true)
        case .trigger, .tick, .moved, .delayed, .waiting:
            guard let place = decider.scannedCampaigns.firstIndex(of: candidate.campaign) else { return }
            dueTicks[place] = .unasked
        }
    }

    /// The last tick in `(start, end]`, and how many others lie in it; nil: there is none, it is not after the
    /// campaign's start, or it is over for the customer.
    func lastTick(
        ofCampaign index: Int, after start: Timestamp, through end: Timestamp
    ) -> (
        occurrence: Occurrence, others: Int
    )? {
        guard let start = triggerStart(of: index, notBefore: max(start, decider.active.starts[index])) else {
            return nil
        }
        let last = triggerEnd(of: index).advanced(byMilliseconds: -1)
        return lastTick(
            of: index, in: ownZone(ofCampaign: index) ?? zone, after: start, through: min(end, last))
    }

    /// The last tick in `(start, end]` for wall times of `zone`, whatever the campaign's start.
    func lastTick(
        of index: Int, in zone: Zone, after start: Timestamp, through end: Timestamp
    ) -> (
        occurrence: Occurrence, others: Int
    )? {
        let campaign = decider.campaigns[index]
        switch campaign.trigger {
        case .schedule(let trigger):
            guard let (tick, others) = trigger.cron.last(after: start, through: end, in: clock(of: trigger, zone))
            else { return nil }
            let occurrence = tickOccurrence(tick, campaign: campaign)
            return isOver(occurrence) ? nil : (occurrence, others)
        case .holiday(let trigger):
            guard let instants = holidayInstants(of: trigger, region: regionValue(of: trigger), zone: zone),
                let (instant, others) = instants.last(after: start, through: end)
            else { return nil }
            let occurrence = holidayOccurrence(instant, instants, campaign: campaign)
            return isKnown(campaign.identity, occurrence.key) ? nil : (occurrence, others)
        default:
            return nil
        }
    }

    /// The next tick after the customer's clock; nil: none can be foreseen.
    func nextTick(ofCampaign index: Int) -> Occurrence? {
        guard let start = triggerStart(of: index, notBefore: max(row.asOf, decider.active.starts[index])),
            let next = nextTick(of: index, in: ownZone(ofCampaign: index) ?? zone, after: start),
            next.due < triggerEnd(of: index)
        else { return nil }
        return next
    }

    private func nextTick(of index: Int, in zone: Zone, after start: Timestamp) -> Occurrence? {
        let campaign = decider.campaigns[index]
        var start = start
        switch campaign.trigger {
        case .schedule(let trigger):
            let clock = clock(of: trigger, zone)
            // After a move westwards the ticks of some hours are over; those of a day are at most 1,440.
            for _ in 0...1_500 {
                guard let tick = trigger.cron.first(after: start, in: clock) else { return nil }
                let occurrence = tickOccurrence(tick, campaign: campaign)
                if !isOver(occurrence) { return occurrence }
                start = tick.instant
            }
            return nil
        case .holiday(let trigger):
            guard let instants = holidayInstants(of: trigger, region: regionValue(of: trigger), zone: zone),
                let first = instants.first(after: start, where: { !isKnown(campaign.identity, instants.key($0)) })
            else { return nil }
            return holidayOccurrence(first, instants, campaign: campaign)
        default:
            return nil
        }
    }

    // MARK: Their parts

    /// The wall clock a schedule is read on.
    private func clock(of trigger: ScheduleTrigger, _ zone: Zone) -> Zone {
        trigger.clock == .project ? decider.active.projectZone : zone
    }

    private func tickOccurrence(_ tick: CronExpression.Tick, campaign: Campaign) -> Occurrence {
        Occurrence(
            campaign: campaign.identity, key: tick.local.text, due: tick.instant, instant: tick.instant,
            values: JSONObject(), event: nil)
    }

    /// The code of a holiday's region, as the customer has it; missing: none.
    func regionValue(of trigger: HolidayTrigger) -> LogicValue {
        switch trigger.region {
        case .code(let code): .string(code)
        case .attribute(let index, _): value(of: .attribute(index))
        }
    }

    func holidayInstants(of trigger: HolidayTrigger) -> HolidayInstants? {
        holidayInstants(of: trigger, region: regionValue(of: trigger), zone: zone)
    }

    private func holidayInstants(of trigger: HolidayTrigger, region: LogicValue, zone: Zone) -> HolidayInstants? {
        guard case .string(let code) = region, let region = decider.active.holidays.region(code) else { return nil }
        return HolidayInstants(trigger: trigger, region: region, zone: zone)
    }

    private func holidayOccurrence(
        _ instant: HolidayInstants.Instant, _ instants: HolidayInstants, campaign: Campaign
    ) -> Occurrence {
        Occurrence(
            campaign: campaign.identity, key: instants.key(instant), due: instant.due, instant: instant.due,
            values: [
                "date": .string(instant.holiday.date.text), "holiday": .string(instants.trigger.name),
                "offset": .string(instants.trigger.offsets[instant.position - 1].text),
                "region": .string(instants.region.code),
            ], event: nil)
    }

    // MARK: What is over

    /// Whether a schedule's tick, or one named later, was decided, or waits: ticks are decided in their order, so the
    /// last one's name says it of all before it, also after a move to a zone where they come once more.
    private func isOver(_ occurrence: Occurrence) -> Bool {
        row.memory.decided.contains {
            $0.campaign == occurrence.campaign && $0.isTick && $0.occurrence >= occurrence.key
        }
            || isKnown(occurrence.campaign, occurrence.key)
    }

    /// Remembers a schedule's tick in the place of the one before it.
    mutating func rememberTick(_ occurrence: Occurrence, campaign: Campaign) {
        guard
            !row.memory.decided.contains(where: {
                $0.campaign == campaign.identity && $0.isTick && $0.occurrence >= occurrence.key
            })
        else { return }
        row.memory.decided.removeAll { $0.campaign == campaign.identity && $0.isTick }
        row.memory.decided.append(
            DecidedOccurrence(campaign: campaign.identity, occurrence: occurrence.key, due: occurrence.due))
    }

    // MARK: Spread

    /// Keeps a tick until the customer's part of the `spread` is over: the condition is asked at the tick too, so that
    /// only those who match wait.
    mutating func spreadTick(_ occurrence: Occurrence, campaign: Campaign) {
        remember(occurrence, campaign: campaign)
        // What cannot be evaluated now may be when its time has come.
        if let condition = campaign.condition,
            let isMet = try? condition.isTrue(context(entry: occurrence.values)).isTrue, !isMet
        {
            outcome.conditionFalse.append(campaign.identity)
            noteNotMatching(occurrence)
            return
        }
        var waiting = DelayedOccurrence(occurrence: occurrence, firedAt: occurrence.instant)
        waiting.occurrence.due = spread(occurrence.instant, campaign: campaign)
        waiting.occurrence.instant = waiting.occurrence.due
        row.memory.delayed.append(waiting)
    }

    // MARK: Ticks that a fact moves

    /// A move of the zone brings the last tick by now, unless it was looked at on the old clock. A project's clock does
    /// not move.
    mutating func noteMoved(_ trigger: ScheduleTrigger, campaign index: Int, old: TimedInstants) {
        guard trigger.clock == .customer else {
            forgetMove(ofCampaign: index)
            return
        }
        let end = min(row.asOf, triggerEnd(of: index).advanced(byMilliseconds: -1))
        guard let tick = trigger.cron.last(after: decider.active.starts[index], through: end, in: zone)?.tick
        else {
            return
        }
        let before = old.zone.instant(of: tick.local)
        let occurrence = tickOccurrence(tick, campaign: decider.campaigns[index])
        guard tick.instant > asOfBefore || before > asOfBefore, !isOver(occurrence) else { return }
        note(occurrence, campaign: index, isMoved: before != tick.instant)
    }

    /// What waits for approval is the return in the region that the customer has now; one that is not due there, or not
    /// in time any more, is none.
    private mutating func moveWaiting(_ trigger: HolidayTrigger, campaign index: Int) {
        let campaign = decider.campaigns[index]
        let instants = holidayInstants(of: trigger)
        for place in row.memory.waiting.indices.reversed() {
            let waiting = row.memory.waiting[place]
            guard waiting.occurrence.campaign == campaign.identity, !waiting.cause.isError else { continue }
            let key = waiting.occurrence.key
            if let instants, let instant = instants.instant(ofKey: key), instant.due <= row.asOf,
                LatenessGate.limit(of: campaign, due: instant.due, isFirstStep: true, zone: zone)
                    .map({ $0 > row.asOf }) ?? true
            {
                row.memory.waiting[place].occurrence = holidayOccurrence(instant, instants, campaign: campaign)
            } else {
                row.memory.waiting.remove(at: place)
                row.memory.decided.removeAll { $0.campaign == campaign.identity && $0.occurrence == key }
            }
        }
    }

    /// A move of the zone or the region brings the latest return by now, if it was due at another instant before, or
    /// nobody has looked at it.
    mutating func noteMoved(_ trigger: HolidayTrigger, campaign index: Int, old: TimedInstants) {
        if regionValue(of: trigger) != old.value { moveWaiting(trigger, campaign: index) }
        guard let instants = holidayInstants(of: trigger) else { return }
        let before = holidayInstants(of: trigger, region: old.value, zone: old.zone)
        let horizon = row.asOf.advanced(byMilliseconds: -800 * 86_400_000)
        for position in 1...trigger.offsets.count {
            guard let last = instants.instants(after: horizon, through: row.asOf, position: position).last else {
                continue
            }
            note(
                holidayOccurrence(last, instants, campaign: decider.campaigns[index]), campaign: index,
                isMoved: before?.due(year: last.holiday.year, position: position) != last.due)
        }
    }
}

extension DecidedOccurrence {
    /// Whether it is the name of a schedule's tick, `2026-03-01T10:00`.
    fileprivate var isTick: Bool {
        let text = occurrence.utf8
        return text.count == 16 && text[text.index(text.startIndex, offsetBy: 10)] == UInt8(ascii: "T")
    }
}
