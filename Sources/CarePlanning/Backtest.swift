import CareDecisions
import CareLogic
import CareRules
import CareValues

/// Runs one customer's recorded past again, as if the rules had been in force then.
///
/// Facts come in the order they were received in, each visible from then on. Caps, re-entry and holdout go by what this
/// replay decides. What needs approval is taken as approved. Belongs to one thread.
public struct Replay {
    /// Decides; its rules are active since the replay's first instant.
    public let decider: Decider
    /// The first instant: what was received before only warms up.
    public let from: Timestamp
    /// The first instant after the replay.
    public let until: Timestamp

    /// The ticks of the period, which wake nobody; nil: there are none.
    private let ticks: TickCalendar?
    private let onlyCounts: Bool

    /// A replay of `[from, until)`.
    ///
    /// - Parameter onlyCounts: whether decisions may come without what they order and rest on.
    public init(decider: Decider, from: Timestamp, until: Timestamp, onlyCounts: Bool = false) {
        self.decider = decider
        self.onlyCounts = onlyCounts
        self.from = from
        self.until = until
        ticks = decider.hasTicks ? TickCalendar(decider: decider, from: from, until: until) : nil
    }

    /// What the customer would have got.
    ///
    /// - Parameters:
    ///   - facts: all that is stored of it, by the time they were received at.
    ///   - acts: what was really sent before ``from``, where the replay starts with that.
    ///   - marks: the real entries before, likewise.
    ///   - decided: the occurrences really decided before, likewise.
    public func run(
        customer: String, facts: [Fact], acts: CountedActs = CountedActs(), marks: [ReentryMark] = [],
        decided: [DecidedOccurrence] = []
    ) -> CustomerForecast {
        var forecast = CustomerForecast()
        guard let first = facts.first, first.receivedAt < until else { return forecast }
        let start = facts.firstIndex { $0.receivedAt >= from } ?? facts.endIndex
        var row = decider.newRow(customer: customer, asOf: max(from, first.receivedAt))
        let past = facts[..<start]
        if !past.isEmpty {
            // What was announced for later is not so yet.
            decider.absorb(past.filter { $0.time <= from }, into: &row)
            row.memory.factsAhead = past.filter { $0.time > from }.sorted { $0.time < $1.time }
        }
        row.acts = acts
        row.memory.marks = marks
        row.memory.decided = decided
        var course = Course(decider, row, hasFacts: true, maximum: Simulation.maximumWakeUps, onlyCounts: onlyCounts)
        // What was received at one instant is one request.
        var position = start
        if start > facts.startIndex {
            let first = position < facts.endIndex ? min(facts[position].receivedAt, until) : until
            course.advance(wakeUp: course.wakeUp(), from: from, until: first, ticks: ticks)
        }
        var newest = past.lazy.map(\.time).max() ?? .distantPast
        while position < facts.endIndex, facts[position].receivedAt < until {
            let at = facts[position].receivedAt
            var end = position + 1
            while end < facts.endIndex, facts[end].receivedAt == at { end += 1 }
            let request = Array(facts[position..<end])
            var late: [Event] = []
            if request.contains(where: { $0.time < newest }) {
                let oldest = request.lazy.map(\.time).min() ?? at
                late = facts[..<position].compactMap { fact in
                    // What was announced for later has not happened.
                    if case .event(let event) = fact, event.time > oldest, event.time < at { event } else { nil }
                }.sorted { $0.time < $1.time }
            }
            newest = max(newest, request.lazy.map(\.time).max() ?? newest)
            let next = end < facts.endIndex ? min(facts[end].receivedAt, until) : until
            course.receive(request, laterEvents: late, at: at, until: next, ticks: ticks)
            position = end
        }
        forecast.add(course.finish())
        return forecast
    }
}

/// The figures of a backtest, gathered customer by customer.
public struct Backtest: Sendable {
    /// What is looked for after a message.
    public struct Outcome: Sendable, Hashable {
        /// The event types that count.
        public var types: [String]
        /// So long after the message.
        public var within: ISODuration
        /// Events of these types, that long after.
        public init(types: [String], within: ISODuration) {
            self.types = types
            self.within = within
        }
    }

    /// So many of so many.
    public struct Share: Sendable, Hashable {
        /// Of whom it is so.
        public var count = 0
        /// Of whom it could be seen: the time after the message has passed.
        public var of = 0

        /// Nobody seen.
        public init(count: Int = 0, of: Int = 0) {
            self.count = count
            self.of = of
        }

        /// The share, 0 of nobody.
        public var fraction: Double { of == 0 ? 0 : Double(count) / Double(of) }

        /// The bounds of Wilson's score interval of 95 %. Source: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209.
        var wilson: (low: Double, high: Double) {
            guard of > 0 else { return (0, 1) }
            let z = 1.959_963_984_540_054
            let n = Double(of)
            let p = fraction
            let middle = p + z * z / (2 * n)
            let half = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
            let scale = 1 + z * z / n
            return (max(0, (middle - half) / scale), min(1, (middle + half) / scale))
        }

        /// How much higher this share is than another, with the bounds of 95 %.
        ///
        /// Source: R. G. Newcombe, Statistics in Medicine 17 (1998) 873, method 10.
        public func difference(from other: Share) -> (value: Double, low: Double, high: Double) {
            let left = wilson
            let right = other.wilson
            let value = fraction - other.fraction
            let below =
                (fraction - left.low) * (fraction - left.low) + (right.high - other.fraction)
                * (right.high - other.fraction)
            let above =
                (left.high - fraction) * (left.high - fraction) + (other.fraction - right.low)
                * (other.fraction - right.low)
            return (value, value - below.squareRoot(), value + above.squareRoot())
        }
    }

    /// One step of one campaign.
    public struct StepKey: Sendable, Hashable, Comparable {
        /// The campaign's name, or its identity before ``named(_:)``.
        public var campaign: String
        /// The step's name.
        public var step: String

        public static func < (left: StepKey, right: StepKey) -> Bool {
            (left.campaign, left.step) < (right.campaign, right.step)
        }
    }

    /// What became of a step.
    public struct Counts: Sendable, Hashable {
        /// Messages that would have gone out.
        public var acts = 0
        /// Actions a gate would have refused, or whose time would have gone.
        public var refused = 0
        /// Those held out.
        public var heldOut = 0
        /// Of the messages, how many were followed by what was looked for.
        public var reached = Share()
        /// Of the held out, likewise.
        public var reachedHeldOut = Share()
        /// Of the messages, how many were followed by a complaint.
        public var complained = Share()

        /// Counts a message, or one held out; what followed it only where its time has passed.
        fileprivate mutating func add(isHeldOut: Bool, isSeen: Bool, reached: Int, complained: Int) {
            let seen = isSeen ? 1 : 0
            guard !isHeldOut else {
                heldOut += 1
                reachedHeldOut.add(Share(count: reached, of: seen))
                return
            }
            acts += 1
            self.reached.add(Share(count: reached, of: seen))
            self.complained.add(Share(count: complained, of: seen))
        }
    }

    /// Per step.
    public var steps: [StepKey: Counts] = [:]
    /// Acts by date in the project's zone.
    public var actsByDay: [CivilDate: Int] = [:]
    /// Customers with something recorded before the end.
    public var customers = 0
    /// Customers to whom something would have been sent.
    public var customersReached = 0
    /// Facts replayed: received in the period.
    public var facts = 0
    /// Customers whose attributes became known only in the period or after it.
    public var withoutAttributes = 0

    /// Nothing replayed.
    public init() {}

    /// Adds one customer.
    ///
    /// - Parameters:
    ///   - outcomes: what is looked for, by campaign; nil: ``otherwise``.
    ///   - dataEnd: what happened up to then is known.
    public mutating func add(
        _ forecast: CustomerForecast, facts: [Fact], only: Set<String>?, outcomes: [String: Outcome],
        otherwise: Outcome, complaints: Set<String>, dataEnd: Timestamp, zone: Zone
    ) {
        var hasAct = false
        // Sorted at the first message only: most customers get none.
        var followed: FollowedEvents?
        forecast.forEachLast { decision, _ in
            guard !decision.key.step.isEmpty, only?.contains(decision.key.campaign) ?? true else { return }
            if decision.isAlternative || decision.reason == .notChosen { return }
            let key = StepKey(campaign: decision.key.campaign, step: decision.key.step)
            let isHeldOut = decision.reason == .holdout
            guard decision.outcome == .act || isHeldOut else {
                steps[key, default: Counts()].refused += 1
                return
            }
            let outcome = outcomes[decision.key.campaign] ?? otherwise
            let end = zone.advance(decision.now, by: outcome.within)
            let events = followed ?? FollowedEvents(facts)
            followed = events
            let isSeen = end <= dataEnd
            let reached = isSeen && events.has(after: decision.now, before: end) { outcome.types.contains($0) } ? 1 : 0
            let complained = isSeen && events.has(after: decision.now, before: end, complaints.contains) ? 1 : 0
            if !isHeldOut {
                hasAct = true
                actsByDay[zone.date(at: decision.now), default: 0] += 1
            }
            steps[key, default: Counts()].add(
                isHeldOut: isHeldOut, isSeen: isSeen, reached: reached, complained: complained)
        }
        customers += 1
        if hasAct { customersReached += 1 }
    }

    /// Adds other customers.
    public mutating func merge(_ other: Backtest) {
        for (key, counts) in other.steps {
            var sum = steps[key] ?? Counts()
            sum.acts += counts.acts
            sum.refused += counts.refused
            sum.heldOut += counts.heldOut
            sum.reached.add(counts.reached)
            sum.reachedHeldOut.add(counts.reachedHeldOut)
            sum.complained.add(counts.complained)
            steps[key] = sum
        }
        actsByDay.merge(other.actsByDay, uniquingKeysWith: +)
        customers += other.customers
        customersReached += other.customersReached
        facts += other.facts
        withoutAttributes += other.withoutAttributes
    }

    /// The same with campaigns under their names: `names` by identity.
    public func named(_ names: [String: String]) -> Backtest {
        guard !names.isEmpty else { return self }
        var named = self
        named.steps = Dictionary(
            steps.map { (StepKey(campaign: names[$0.key.campaign] ?? $0.key.campaign, step: $0.key.step), $0.value) },
            uniquingKeysWith: { first, _ in first })
        return named
    }

    /// All messages.
    public var acts: Int { steps.values.reduce(0) { $0 + $1.acts } }
}

extension Backtest.Share {
    fileprivate mutating func add(_ other: Backtest.Share) {
        count += other.count
        of += other.of
    }
}
