import CareLogic
import CareRules
import CareValues

/// What is known of a steady campaign's `where` and condition.
enum SteadyAnswer: UInt8 {
    case unasked
    /// One of them is false.
    case isFalse
    /// Both are true, or cannot be evaluated.
    case isNotFalse
}

/// One customer's life under one set of rules: touches that follow one another, in one session.
///
/// What needs approval is taken as approved. Where no fact is ahead, whoever does not match a steady condition, or one of
/// which columns say so for the whole period, is only counted.
public struct Course: ~Copyable {
    private var session: Session
    private let maximum: Int

    /// The course of `row` from its clock on.
    ///
    /// - Parameters:
    ///   - hasFacts: whether facts may come later.
    ///   - maximum: it is looked at no more often than so many times in one stretch.
    ///   - onlyCounts: whether decisions come without what they order and rest on.
    public init(
        _ decider: Decider, _ row: consuming CustomerRow, hasFacts: Bool, maximum: Int, onlyCounts: Bool = false
    ) {
        let clock = row.asOf
        session = Session(decider: decider, row: row, clock: clock)
        session.takes = .everything(approves: true)
        session.onlyCounts = onlyCounts
        session.remembersPassedOver = hasFacts
        self.maximum = maximum
    }

    /// All that was decided.
    public consuming func finish() -> TouchOutcome { session.outcome }

    /// What falls due until `end`, that instant excluded, each at its own instant: the touches at wake-ups and ticks.
    ///
    /// - Parameters:
    ///   - wakeUp: when something is due first; may be too early.
    ///   - from: what is overdue then is decided then.
    ///   - ticks: those of the time until `end`, at least; nil: there are none.
    ///   - look: what is known of the time until `end` beforehand.
    public mutating func advance(
        wakeUp: Timestamp?, from: Timestamp, until end: Timestamp, ticks: TickCalendar?, look: PeriodLook? = nil
    ) {
        if session.row.memory.factsAhead.isEmpty {
            session.foreseenUntil = end
            if let look { session.foresee(look) }
        }
        var next = wakeUp ?? .distantFuture
        if let ticks {
            session.foreseeTicks(ticks, from: from, until: end)
            next = session.nextTicks.reduce(next, min)
        }
        var count = 0
        while next < end, count < maximum {
            count += 1
            session.turn(to: max(next, from))
            session.run(retryErrors: false)
            session.tidy()
            next = session.outcome.wakeUp ?? .distantFuture
            guard let ticks else { continue }
            // A fact that was ahead may have moved the clock that ticks come on.
            if session.nextTicks.isEmpty { session.foreseeTicks(ticks, from: session.clock, until: end) }
            next = min(next, session.nextTick(ticks))
        }
        session.row.asOf = max(session.row.asOf, session.passedThrough)
    }

    /// Decides the facts of one request, and what is due at its instant; then what falls due until `end`, as
    /// ``advance(wakeUp:from:until:ticks:look:)`` does.
    ///
    /// - Parameter laterEvents: as of ``Decider/touch(_:facts:laterEvents:clock:approves:)``.
    public mutating func receive(
        _ facts: [Fact], laterEvents: [Event], at instant: Timestamp, until end: Timestamp, ticks: TickCalendar?
    ) {
        session.turn(to: instant)
        session.forgetPeriod(before: facts)
        session.receive(facts, laterEvents: laterEvents)
        session.forgetBounds(before: end)
        if session.row.memory.factsAhead.isEmpty { session.foreseenUntil = end }
        session.run(retryErrors: !facts.isEmpty)
        session.tidy()
        advance(wakeUp: session.outcome.wakeUp, from: instant, until: end, ticks: ticks)
    }

    /// When something is due first, its ticks apart; nil: not before a new fact.
    public mutating func wakeUp() -> Timestamp? { session.nextWakeUp() }
}

extension Session {
    /// Takes over what is known of a period without facts.
    mutating func foresee(_ look: PeriodLook) {
        self.look = look
        if nextInstants.isEmpty { forgetInstants() }
        for place in nextInstants.indices where look.isFree(place: place) { nextInstants[place] = .distantFuture }
    }

    /// Forgets what was known of a period: facts come. When a campaign falls due next is known on where no event of them
    /// moves its instants, and no such instant was passed over because of what it may turn.
    mutating func forgetPeriod(before facts: [Fact]) {
        foreseenUntil = nil
        look = nil
        nextTicks = []
        looks = []
        guard row.memory.waiting.isEmpty, row.memory.factsAhead.isEmpty, !nextInstants.isEmpty, !steadyAnswers.isEmpty
        else { return forgetAll() }
        for fact in facts {
            guard case .event(let event) = fact else { return forgetAll() }
            for index in decider.steadyByEventType[event.type] ?? [] { steadyAnswers[index] = .unasked }
            for place in decider.timedPlacesByEventType[event.type] ?? [] {
                nextInstants[place] = .distantPast
                if !comesNotBefore.isEmpty { comesNotBefore[place] = .distantPast }
            }
        }
        for place in nextInstants.indices {
            let known = nextInstants[place]
            let isNothing = known == .distantFuture && steadyAnswers[decider.timedCampaigns[place]] == .isNotFalse
            if !isNothing, known == .distantFuture || known <= clock { nextInstants[place] = .distantPast }
        }
    }

    /// Forgets when silences fall due next where that may be told for the period before only: of one that lies behind a
    /// period its earliest instant is enough there, and nobody is to be looked at because of that.
    mutating func forgetBounds(before end: Timestamp) {
        for place in nextInstants.indices where nextInstants[place] > clock && nextInstants[place] < end {
            if case .inactivity = decider.campaigns[decider.timedCampaigns[place]].trigger {
                nextInstants[place] = .distantPast
            }
        }
    }

    private mutating func forgetAll() {
        forgetInstants()
        steadyAnswers = []
    }

    /// As ``isFalse(campaign:)``, asked once until a fact comes that can turn it.
    private mutating func staysFalse(campaign index: Int) -> Bool {
        guard remembersPassedOver else { return isFalse(campaign: index) }
        if steadyAnswers.isEmpty {
            steadyAnswers = [SteadyAnswer](repeating: .unasked, count: decider.campaigns.count)
        }
        if steadyAnswers[index] == .unasked {
            steadyAnswers[index] = isFalse(campaign: index) ? .isFalse : .isNotFalse
        }
        return steadyAnswers[index] == .isFalse
    }

    /// Passes over a timed campaign that the customer does not match in the foreseen period: its occurrences are only
    /// counted.
    ///
    /// - Parameter place: among the decider's timed campaigns.
    mutating func passesOver(timedPlace place: Int, until: Timestamp) -> Bool {
        let index = decider.timedCampaigns[place]
        guard canForesee(campaign: index), row.memory.waiting.isEmpty, staysFalse(campaign: index) else { return false }
        if !comesNotBefore.isEmpty, comesNotBefore[place] >= until { return true }
        guard let after = instantsStart(of: index) else { return true }
        let end = min(until, triggerEnd(of: index))
        let next = inZone(ofCampaign: index) { $0.passOverInstants(of: index, after: after, before: end) }
        // Facts come: the next period is asked about soon, and mostly lies before that instant too.
        if remembersPassedOver, decider.keepsInstants[place] {
            if comesNotBefore.isEmpty {
                comesNotBefore = [Timestamp](repeating: .distantPast, count: decider.timedCampaigns.count)
            }
            comesNotBefore[place] = next
        }
        return true
    }

    /// Counts an occurrence of a customer who does not match, and remembers it where a fact may yet bring it again.
    mutating func passOver(_ campaign: Campaign, due: Timestamp, _ occurrence: (borrowing Session) -> Occurrence) {
        outcome.conditionFalse.append(campaign.identity)
        guard remembersPassedOver else { return }
        remember(occurrence(self), campaign: campaign)
        passedThrough = max(passedThrough, due)
    }

    /// Whether it can be told of a campaign that its `where` or condition is false in the whole foreseen period.
    func canForesee(campaign index: Int) -> Bool {
        decider.isSteady[index] || look?.isFalse(campaign: index) == true
    }

    /// Whether a campaign's `where` or condition is false; what cannot be evaluated is not.
    ///
    /// - Precondition: ``canForesee(campaign:)``.
    func isFalse(campaign index: Int) -> Bool {
        if look?.isFalse(campaign: index) == true { return true }
        let places = decider.conditionPlaces[index]
        if places.where == nil, places.condition == nil { return false }
        let zone = ownZone(ofCampaign: index) ?? self.zone
        let context = EvaluationContext(
            schema: schema, cache: row.cache, customer: row.customer, now: row.asOf, zone: zone)
        do {
            if let place = places.where, try !decider.conditions.isTrue(place, context) { return true }
            if let place = places.condition { return try !decider.conditions.isTrue(place, context) }
            return false
        } catch {
            return false
        }
    }

    /// - Returns: the first instant at `end` or later; `distantPast`: that is not known.
    private mutating func passOverInstants(of index: Int, after: Timestamp, before end: Timestamp) -> Timestamp {
        let campaign = decider.campaigns[index]
        switch campaign.trigger {
        case .anniversary(let trigger):
            guard let instants = AnniversaryInstants(of: value(of: trigger.of), trigger: trigger, zone: zone) else {
                return .distantFuture
            }
            instants.forEach(after: after, before: end) { instant in
                let key = { AnniversaryInstants.key(year: instant.year, position: instant.position) }
                guard knowsNothing || !isKnown(campaign.identity, key()) else { return }
                passOver(campaign, due: instant.due) {
                    $0.anniversaryOccurrence(instant, instants, campaign: campaign)
                }
            }
            guard remembersPassedOver else { return .distantPast }
            return instants.first(after: end.advanced(byMilliseconds: -1)) { _ in true }?.due ?? .distantPast
        case .date(let trigger):
            guard let instants = DateInstants(of: value(of: trigger.of), trigger: trigger, zone: zone) else {
                return .distantFuture
            }
            var next = Timestamp.distantFuture
            for position in 1...trigger.offsets.count {
                let due = instants.due(position: position)
                if due >= end { next = min(next, due) }
                guard due > after, due < end, !isKnown(campaign.identity, instants.key(position: position)) else {
                    continue
                }
                passOver(campaign, due: due) { $0.dateOccurrence(position, instants, campaign: campaign) }
            }
            return next
        case .inactivity(let trigger):
            guard let silence = SilenceInstants(since: since(of: trigger), trigger: trigger, zone: zone) else {
                return .distantFuture
            }
            if silence.earliest >= end { return silence.earliest }
            guard fired(campaign: campaign.identity, in: silence).count == 0 else { return .distantFuture }
            let firing = silence.firing(0)
            guard firing.due < end else { return firing.due }
            guard firing.due > after else { return .distantFuture }
            outcome.conditionFalse.append(campaign.identity)
            guard remembersPassedOver else { return .distantPast }
            keep(silence, number: 1, complete: firing.complete, campaign: campaign)
            passedThrough = max(passedThrough, firing.due)
            return .distantFuture
        case .event, .api, .change, .segment, .holiday, .schedule:
            return .distantPast
        }
    }
}
