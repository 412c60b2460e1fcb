import CareLogic
import CareRules
import CareValues

/// The work of one touch on one customer: the row as it changes, and what has been decided so far.
///
/// Not copyable: it has some forty parts that are counted, and a copy by oversight costs as much as a decision.
struct Session: ~Copyable {
    /// A clock at most this far past an instant decides as of the instant, not as of the clock.
    static let grace: Int64 = 15 * 60_000

    let decider: Decider
    private(set) var clock: Timestamp
    /// The customer's clock before the touch: trigger instants at or before it were looked at then.
    private(set) var asOfBefore: Timestamp
    var row: CustomerRow
    /// The zone that wall times are read in: the customer's, while a campaign is at work perhaps the campaign's.
    var zone: Zone
    /// Whether the customer has a zone of its own.
    var hasOwnZone: Bool
    /// The customer's zone, whatever campaign is at work.
    var customerZone: Zone
    var zoneIsFallback: Bool
    var outcome = TouchOutcome()
    /// Occurrences that a fact brought to at or before `now`: due at once, whatever `asOf` was.
    var moved: [MovedOccurrence] = []
    /// By campaign the `now` of the last fact that moved its instants: those up to then are in ``moved``, or nothing;
    /// `distantPast`: none has. Empty: none has moved any.
    private var movedAt: [Timestamp] = []
    /// Entries begun in this touch: campaign and occurrence.
    var begun: [DecidedOccurrence] = []
    /// Holds and errors that were tried again in this touch, and are not again until their wake-up.
    var retried: Set<DecisionKey> = []
    /// Whether decisions are only counted: what an act orders and what a decision rests on is not written down.
    var onlyCounts = false
    /// What of all that is due is done.
    var takes = Takes.everything(approves: false)
    /// Whether pending actions and waiting occurrences are tried again now: after a fact, after an activation.
    var retriesErrors = false
    /// The waiting occurrence that is being tried again.
    var previousWait: WaitingOccurrence?
    /// Stored events that end at once what an event made up for begins, where they are later.
    var laterEvents: [Event] = []
    /// When each timed campaign falls due next, by its place among the decider's, where that is known: `distantPast` is
    /// not known. Empty: nothing is kept.
    var nextInstants: [Timestamp] = []
    /// The end of the period without facts that the session runs through; nil: it is one touch.
    var foreseenUntil: Timestamp?
    /// When each scanned campaign ticks next in that period, by its place among the decider's; `distantFuture`: not any
    /// more, or to no effect. Empty: nothing is known.
    var nextTicks: [Timestamp] = []
    /// The ticks of that period for the customer's zone.
    var tickClock: TickCalendar.Clock?
    /// What of each scanned campaign is due in this touch, by its place among the decider's; asked once until something
    /// begins that may end it. Empty: nothing was asked.
    var dueTicks: [DueTick] = []
    /// Whether occurrences of somebody who does not match are remembered though they are only counted: facts may come.
    var remembersPassedOver = false
    /// Of each campaign, whether its `where` or condition is false; asked once until a fact comes that can turn it. Kept
    /// only where facts may come.
    var steadyAnswers: [SteadyAnswer] = []
    /// Before which instant none of a timed campaign's lies any more, of those that were passed over, by its place among
    /// the decider's, as long as no fact moves them; `distantPast`: it is not known. Empty: nothing is.
    var comesNotBefore: [Timestamp] = []
    /// The last instant of one of those.
    var passedThrough: Timestamp = .distantPast
    /// What is known of that period beforehand.
    var look: PeriodLook?
    /// As of when each watched value was last looked at, in the order of the decider's watches; empty: not yet.
    var looks: [WatchLook] = []

    /// An occurrence that a fact created or moved.
    struct MovedOccurrence {
        var campaign: Int
        var occurrence: Occurrence
    }

    /// What of a scanned campaign is due.
    enum DueTick {
        /// That is not known.
        case unasked
        /// Nothing.
        case nothing
        /// Its last tick, and how many came before it.
        case tick(Occurrence, others: Int)
    }

    init(decider: Decider, row: consuming CustomerRow, clock: Timestamp) {
        self.decider = decider
        self.clock = clock
        asOfBefore = row.asOf
        let (zone, isOwn, unknown) = decider.active.zone(of: row)
        self.zone = zone
        customerZone = zone
        hasOwnZone = isOwn
        zoneIsFallback = unknown != nil
        self.row = row
    }

    var rules: RuleSet { decider.active.rules }
    var schema: Schema { decider.active.rules.schema }

    /// Decides what is due at or before the clock, one after another, until nothing is.
    mutating func run(retryErrors: Bool) {
        retriesErrors = retryErrors
        lookAtWatches()
        if nextInstants.isEmpty { forgetInstants() }
        while true {
            let (candidate, wakeUp) = next()
            guard let candidate else {
                outcome.wakeUp = wakeUp == .distantFuture ? nil : wakeUp
                return
            }
            row.asOf = max(row.asOf, candidate.now)
            inZone(ofCampaign: candidate.campaign) { $0.process(candidate) }
        }
    }

    /// Nothing is known of when timed campaigns fall due next.
    mutating func forgetInstants() {
        nextInstants = [Timestamp](repeating: .distantPast, count: decider.timedCampaigns.count)
        comesNotBefore = []
    }

    /// The next wake-up of a row on which nothing is due at or before the clock.
    mutating func nextWakeUp() -> Timestamp? {
        lookAtWatches()
        let wakeUp = next().wakeUp
        return wakeUp == .distantFuture ? nil : wakeUp
    }

    /// The row afterwards, tidied, and the outcome.
    consuming func finish() -> (row: CustomerRow, outcome: TouchOutcome) {
        tidy()
        return (row, outcome)
    }

    /// Begins the next touch of the same customer, who has had no fact since the last one.
    mutating func turn(to instant: Timestamp) {
        asOfBefore = row.asOf
        clock = instant
        dueTicks.removeAll(keepingCapacity: true)
        moved.removeAll(keepingCapacity: true)
        movedAt.removeAll(keepingCapacity: true)
        begun.removeAll(keepingCapacity: true)
        retried.removeAll(keepingCapacity: true)
        previousWait = nil
        // What is watched is as it was until its time runs out.
        if looks.contains(where: { $0.validUntil <= instant }) { looks.removeAll(keepingCapacity: true) }
    }

    /// Brings the row's clock to the touch's, and forgets what counts no more.
    mutating func tidy() {
        row.asOf = max(row.asOf, clock)
        row.cache.prune(now: row.asOf, schema: schema)
        forgetOldDecided()
        reckonDelayed()
        forgetGoals()
        if !row.memory.overdue.isEmpty || isPartial { noteOverdueSteps() }
        if !row.acts.isEmpty {
            row.acts.forget(before: row.asOf.advanced(byMilliseconds: Int64(-decider.actDays) * 86_400_000))
        }
    }

    /// The `now` of the last fact of this touch that moved a campaign's instants; nil: none has.
    func lastMove(ofCampaign index: Int) -> Timestamp? {
        movedAt.isEmpty || movedAt[index] == .distantPast ? nil : movedAt[index]
    }

    /// Notes that a fact has moved a campaign's instants just now.
    mutating func noteMove(ofCampaign index: Int) {
        if movedAt.isEmpty { movedAt.append(contentsOf: repeatElement(.distantPast, count: decider.campaigns.count)) }
        movedAt[index] = row.asOf
    }

    /// Takes that back: a fact has moved none.
    mutating func forgetMove(ofCampaign index: Int) {
        if !movedAt.isEmpty { movedAt[index] = .distantPast }
    }

    /// Whether only what a plan holds is done.
    var isPartial: Bool { if case .planned = takes { true } else { false } }

    private mutating func process(_ candidate: Candidate) {
        forgetDueTicks(after: candidate)
        switch candidate.kind {
        case .factAhead:
            let fact = row.memory.factsAhead.removeFirst()
            apply(fact, laterEvents: [])
            forgetInstants()
            steadyAnswers = []
            nextTicks = []
            retriesErrors = true
            retried = []
        case .trigger(let occurrence):
            fire(occurrence, campaign: candidate.campaign)
        case .moved(let index):
            fire(moved.remove(at: index).occurrence, campaign: candidate.campaign)
        case .tick(let occurrence, let others):
            if others > 0 { outcome.passedOver[occurrence.campaign, default: 0] += others }
            fire(occurrence, campaign: candidate.campaign)
        case .crossing(let watch):
            noticeCrossing(of: watch, at: candidate.due)
        case .delayed(let index):
            fireDelayed(at: index, campaign: candidate.campaign, due: candidate.due)
        case .waiting(let index):
            retryWaiting(at: index, campaign: candidate.campaign)
        case .step(let entry, let step):
            runStep(entry: entry, campaign: candidate.campaign, step: step, due: candidate.due)
        case .pending(let entry, let action):
            retryAction(entry: entry, campaign: candidate.campaign, pending: action)
        }
    }

    /// Begins an occurrence, and runs the first step of the entry where nothing comes between the two.
    private mutating func fire(_ occurrence: Occurrence, campaign index: Int) {
        let alreadyBegun = begun.count
        beginOrSpread(occurrence, campaign: index)
        guard begun.count > alreadyBegun else { return }
        if let event = occurrence.event, !laterEvents.isEmpty {
            return exitNewestEntry(by: laterEvents.filter { $0.time > event.time })
        }
        runFirstStepAtOnce(of: occurrence, campaign: index)
    }

    /// A context in which expressions read this customer now.
    func context(entry: JSONObject? = nil, event: Event? = nil) -> EvaluationContext {
        EvaluationContext(
            schema: schema, cache: row.cache, customer: row.customer, now: row.asOf, zone: zone, event: event,
            entry: entry)
    }

    /// Whether one of the decider's conditions holds; there being none, it does.
    func holds(_ place: Int?, entry: JSONObject, event: Event? = nil) throws(LogicError) -> Bool {
        guard let place else { return true }
        return try decider.conditions.isTrue(place, context(entry: entry, event: event))
    }

    /// What a trigger watches, as it is now; missing when it cannot be evaluated.
    func value(of watched: WatchedValue) -> LogicValue {
        switch watched {
        case .attribute(let index): row.cache.attribute(index, schema: schema)
        case .trait(let index):
            (try? schema.trait(index, in: row.cache, customer: row.customer, now: row.asOf, zone: zone).value)
                ?? .missing
        }
    }

    /// Whether the occurrence was decided before.
    func isDecided(campaign: String, occurrence: String) -> Bool {
        for decided in row.memory.decided where decided.occurrence == occurrence && decided.campaign == campaign {
            return true
        }
        return false
    }

    /// A yearly occurrence can come again while its year can: three years are more than any correction moves it. The
    /// last firing of a silence is remembered as long as there is none after it, for the number of the next.
    private mutating func forgetOldDecided() {
        guard row.memory.decided.count > 1 else { return }
        let horizon = row.asOf.advanced(byMilliseconds: -3 * 366 * 86_400_000)
        guard row.memory.decided.contains(where: { $0.due < horizon }) else { return }
        var newest: Set<String> = []
        var kept: [DecidedOccurrence] = []
        for decided in row.memory.decided.reversed() {
            let isLastOfSilence =
                decided.occurrence.utf8.contains(UInt8(ascii: "#")) && newest.insert(decided.campaign).inserted
            if decided.due >= horizon || isLastOfSilence { kept.append(decided) }
        }
        row.memory.decided = kept.reversed()
    }
}
