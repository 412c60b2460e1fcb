import CareLogic
import CareRules
import CareValues

/// Something due, with what orders it among all that is.
struct Candidate {
    enum Kind {
        case factAhead
        case trigger(Occurrence)
        case tick(Occurrence, others: Int)
        case moved(Int)
        case crossing(Int)
        case delayed(Int)
        case waiting(Int)
        case step(entry: Int, step: Int)
        case pending(entry: Int, action: Int)
    }
    var kind: Kind
    /// The `now` it would be decided at.
    var now: Timestamp
    /// Its campaign's priority; a fact whose time has come goes before every campaign.
    var priority: Int
    /// When it was due; of a pending action: its step's.
    var due: Timestamp
    /// Index of its campaign; campaigns are ordered by name.
    var campaign: Int
    var occurrence: String
    /// Position of the step, then of the action.
    var step: Int
    var action: Int

    /// The order of §5.1: now, priority (high first), due instant, campaign, occurrence, step, action.
    func comesBefore(_ other: Candidate) -> Bool {
        if now != other.now { return now < other.now }
        if priority != other.priority { return priority > other.priority }
        if due != other.due { return due < other.due }
        if campaign != other.campaign { return campaign < other.campaign }
        if occurrence != other.occurrence {
            return occurrence.unicodeScalars.lexicographicallyPrecedes(other.occurrence.unicodeScalars)
        }
        return (step, action) < (other.step, other.action)
    }
}

extension Session {
    /// The next thing to decide at or before the clock, or nil; and the earliest instant after the clock at which
    /// something will be due (`distantFuture`: none), which is the wake-up when nothing is due.
    mutating func next() -> (candidate: Candidate?, wakeUp: Timestamp) {
        var search = Search(clock: clock, asOf: row.asOf)
        if let ahead = row.memory.factsAhead.first {
            search.offer(at: ahead.time) { now in
                Candidate(
                    kind: .factAhead, now: now, priority: .max, due: ahead.time, campaign: -1, occurrence: "", step: 0,
                    action: 0)
            }
        }
        if nextInstants.isEmpty {
            for index in decider.timedCampaigns { offerTimed(index, to: &search) }
        } else {
            offerTimedAgain(to: &search)
        }
        if nextTicks.isEmpty {
            for place in decider.scannedCampaigns.indices { offerTick(scannedPlace: place, to: &search) }
        } else {
            for place in decider.scannedCampaigns.indices where nextTicks[place] <= clock {
                offerTick(scannedPlace: place, to: &search)
            }
        }
        for (index, moved) in moved.enumerated() {
            let campaign = decider.campaigns[moved.campaign]
            search.take(
                Candidate(
                    kind: .moved(index), now: row.asOf, priority: campaign.priority, due: moved.occurrence.due,
                    campaign: moved.campaign, occurrence: moved.occurrence.key, step: 0, action: 0))
        }
        for (index, look) in looks.enumerated() {
            search.offer(at: look.validUntil) { now in
                Candidate(
                    kind: .crossing(index), now: now, priority: .max, due: look.validUntil, campaign: -1,
                    occurrence: "", step: index, action: 0)
            }
        }
        for index in row.memory.delayed.indices {
            let outer = enterScope(of: row.memory.delayed[index].occurrence.campaign)
            offerDelayed(at: index, to: &search)
            if let outer { zone = outer }
        }
        for index in row.memory.waiting.indices {
            let outer = enterScope(of: row.memory.waiting[index].occurrence.campaign)
            offerWaiting(at: index, to: &search)
            if let outer { zone = outer }
        }
        for index in row.memory.entries.indices {
            let outer = enterScope(of: row.memory.entries[index].campaign)
            offerSteps(ofEntry: index, to: &search)
            if let outer { zone = outer }
        }
        return (search.best, search.wakeUp)
    }

    /// Goes over to the clock of the campaign of that identity.
    ///
    /// - Returns: the zone to go back to; nil: it is the same.
    private mutating func enterScope(of campaign: String) -> Zone? {
        guard decider.active.hasCampaignZones, let index = decider.index(ofIdentity: campaign),
            let own = ownZone(ofCampaign: index)
        else { return nil }
        let outer = zone
        zone = own
        return outer
    }

    /// The same where it is known when some fall due: those that do after the clock are not reckoned again.
    private mutating func offerTimedAgain(to search: inout Search) {
        for place in nextInstants.indices {
            let known = nextInstants[place]
            if known > clock {
                if known < search.wakeUp { search.wakeUp = known }
                continue
            }
            let index = decider.timedCampaigns[place]
            if known == .distantPast, let end = foreseenUntil, passesOver(timedPlace: place, until: end) {
                nextInstants[place] = .distantFuture
                continue
            }
            search.later = .distantPast
            search.hasTaken = false
            offerTimed(index, to: &search)
            guard decider.keepsInstants[place] else { continue }
            // What has nothing to come has nothing until a fact comes; what waits may become new again.
            let mayCome = search.hasTaken || !row.memory.waiting.isEmpty
            nextInstants[place] = search.later > clock ? search.later : mayCome ? Self.lookedAt : .distantFuture
        }
    }

    /// Of what falls due at once: it is not known when it does the next time, but was asked whether it can.
    private static let lookedAt = Timestamp.distantPast.advanced(byMilliseconds: 1)

    /// The next instant of a timed trigger that counts.
    private mutating func offerTimed(_ index: Int, to search: inout Search) {
        guard let after = instantsStart(of: index) else { return }
        search.end = triggerEnd(of: index)
        if let own = ownZone(ofCampaign: index) {
            let outer = zone
            zone = own
            offerTrigger(of: index, after: after, to: &search)
            zone = outer
        } else {
            offerTrigger(of: index, after: after, to: &search)
        }
        search.end = .distantFuture
    }

    /// After which instant those of a timed trigger count in this touch; nil: none does.
    func instantsStart(of index: Int) -> Timestamp? {
        // Nothing at or before the campaign's start, nothing that an earlier touch has looked at.
        let start = max(asOfBefore, decider.active.starts[index])
        guard let after = triggerStart(of: index, notBefore: start) else { return nil }
        // Nor what a fact of this one has.
        if let moved = lastMove(ofCampaign: index) { return max(after, moved) }
        return after
    }

    /// Keeps the first candidate and the earliest later instant.
    struct Search {
        let clock: Timestamp
        let asOf: Timestamp
        var best: Candidate?
        var wakeUp: Timestamp = .distantFuture
        /// The last instant offered, if it lies after the clock.
        var later: Timestamp = .distantPast
        /// Whether something was offered that is due.
        var hasTaken = false
        /// From then on nothing is offered.
        var end: Timestamp = .distantFuture

        /// Something is due at `instant`: a candidate when the clock has reached it, else a wake-up.
        mutating func offer(at instant: Timestamp, _ make: (_ now: Timestamp) -> Candidate) {
            guard instant < end else { return }
            guard instant <= clock else {
                later = instant
                if instant < wakeUp { wakeUp = instant }
                return
            }
            take(make(now(at: instant)))
        }

        /// Whether something that is due at `instant`, which the clock has reached, could come before the best so far.
        func canWin(due instant: Timestamp, priority: Int, campaign: Int) -> Bool {
            guard let best else { return true }
            let now = self.now(at: instant)
            if now != best.now { return now < best.now }
            if priority != best.priority { return priority > best.priority }
            if instant != best.due { return instant < best.due }
            return campaign <= best.campaign
        }

        /// As of when something is decided that is due at an instant that the clock has reached.
        private func now(at instant: Timestamp) -> Timestamp {
            let decidedAt = clock.milliseconds - instant.milliseconds <= Session.grace ? instant : clock
            return max(asOf, decidedAt)
        }

        mutating func take(_ candidate: Candidate) {
            hasTaken = true
            if let best, !candidate.comesBefore(best) { return }
            best = candidate
        }
    }

    /// The first instant of a timed trigger after `after`.
    func offerTrigger(of index: Int, after: Timestamp, to search: inout Search) {
        let campaign = decider.campaigns[index]
        switch campaign.trigger {
        case .anniversary(let trigger):
            guard let instants = AnniversaryInstants(of: value(of: trigger.of), trigger: trigger, zone: zone)
            else { return }
            let first = instants.first(after: after) { instant in
                knowsNothing
                    || !isKnown(
                        campaign.identity, AnniversaryInstants.key(year: instant.year, position: instant.position))
            }
            guard let first else { return }
            search.offer(at: first.due) { now in
                let occurrence = anniversaryOccurrence(first, instants, campaign: campaign)
                return Candidate(
                    kind: .trigger(occurrence), now: now, priority: campaign.priority, due: first.due,
                    campaign: index, occurrence: occurrence.key, step: 0, action: 0)
            }
        case .date(let trigger):
            guard let instants = DateInstants(of: value(of: trigger.of), trigger: trigger, zone: zone),
                let first = instants.first(after: after, where: { !isKnown(campaign.identity, $0) })
            else { return }
            search.offer(at: first.due) { now in
                let occurrence = dateOccurrence(first.position, instants, campaign: campaign)
                return Candidate(
                    kind: .trigger(occurrence), now: now, priority: campaign.priority, due: first.due,
                    campaign: index, occurrence: occurrence.key, step: 0, action: 0)
            }
        case .inactivity(let trigger):
            guard let silence = SilenceInstants(since: since(of: trigger), trigger: trigger, zone: zone) else { return }
            // Nothing wakes anybody in a period that is run through: that it lies behind it is enough.
            if let end = foreseenUntil, silence.earliest >= end, silence.earliest > search.clock {
                search.offer(at: silence.earliest) { _ in
                    preconditionFailure("an instant after the clock is no candidate")
                }
                return
            }
            let fired = fired(campaign: campaign.identity, in: silence)
            guard let next = silence.next(after: after, fired: fired) else { return }
            if next.due > search.clock {
                search.offer(at: next.due) { _ in preconditionFailure("an instant after the clock is no candidate") }
                return
            }
            let occurrence = inactivityOccurrence(next, silence, number: fired.count + 1, campaign: campaign)
            guard !isKnown(campaign.identity, occurrence.key) else {
                search.hasTaken = true
                return
            }
            search.offer(at: next.due) { now in
                Candidate(
                    kind: .trigger(occurrence), now: now, priority: campaign.priority, due: next.due, campaign: index,
                    occurrence: occurrence.key, step: 0, action: 0)
            }
        case .event, .api, .change, .segment, .holiday, .schedule:
            return
        }
    }

    /// Whether no occurrence is known: then none need be named.
    var knowsNothing: Bool { row.memory.decided.isEmpty && row.memory.waiting.isEmpty && moved.isEmpty }

    /// Whether an occurrence is decided, waits to be tried again, or was moved and is to be decided anyway.
    func isKnown(_ campaign: String, _ occurrence: String) -> Bool {
        isDecided(campaign: campaign, occurrence: occurrence)
            || row.memory.waiting.contains {
                $0.occurrence.campaign == campaign && $0.occurrence.key == occurrence
            }
            || moved.contains { $0.occurrence.campaign == campaign && $0.occurrence.key == occurrence }
    }

    private func offerSteps(ofEntry index: Int, to search: inout Search) {
        // The entry is not taken out: each of its parts would be counted, for every entry at every decision.
        guard let campaignIndex = decider.index(ofIdentity: row.memory.entries[index].campaign) else { return }
        let campaign = decider.campaigns[campaignIndex]
        for position in campaign.steps.indices {
            let step = campaign.steps[position]
            guard row.memory.entries[index].todo.contains(step.name) else { continue }
            // One that has begun waits for its held actions.
            if !row.memory.entries[index].pending.isEmpty, row.memory.entries[index].isUnderWay(step.name) { continue }
            // Most steps are the first, and wait for nothing.
            let isAtOnce = position == 0 && step.isAtOnce
            let reckoned =
                isAtOnce
                ? row.memory.entries[index].instant
                : due(ofStep: position, of: row.memory.entries[index], campaign: campaign)
            guard let reckoned else { continue }
            if isPartial, !takes.step(step.name, of: row.memory.entries[index]) { continue }
            let isPlain = reckoned > asOfBefore && row.memory.overdue.isEmpty
            let due =
                isPlain ? reckoned : effectiveDue(reckoned, ofStep: step.name, of: row.memory.entries[index])
            search.offer(at: due) { now in
                Candidate(
                    kind: .step(entry: index, step: position), now: now, priority: campaign.priority, due: due,
                    campaign: campaignIndex, occurrence: row.memory.entries[index].occurrence, step: position,
                    action: 0)
            }
        }
        guard !row.memory.entries[index].pending.isEmpty else { return }
        let entry = row.memory.entries[index]
        for (place, pending) in entry.pending.enumerated() {
            if isPartial, !takes.step(pending.step, of: entry) { continue }
            let step = campaign.steps.firstIndex { $0.name == pending.step } ?? 0
            let candidate = { (now: Timestamp) in
                Candidate(
                    kind: .pending(entry: index, action: place), now: now, priority: campaign.priority,
                    due: pending.due, campaign: campaignIndex, occurrence: entry.occurrence, step: step,
                    action: campaign.steps[step].actions.firstIndex { $0.name == pending.action } ?? 0)
            }
            if retriesErrors, !retried.contains(key(of: entry, step: pending.step, action: pending.action)) {
                search.take(candidate(row.asOf))
            } else {
                search.offer(at: pending.wakeUp, candidate)
            }
        }
    }

    /// A wait that an edit or a move of the zone has put into the past is due now, not late.
    func effectiveDue(_ due: Timestamp, ofStep step: String, of entry: Entry) -> Timestamp {
        if let overdue = row.memory.overdue.first(where: {
            $0.campaign == entry.campaign && $0.occurrence == entry.occurrence && $0.step == step
        }) {
            return min(overdue.due, due)
        }
        guard due <= asOfBefore,
            !begun.contains(where: { $0.campaign == entry.campaign && $0.occurrence == entry.occurrence })
        else { return due }
        return row.asOf
    }
}
