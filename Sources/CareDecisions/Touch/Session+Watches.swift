import CareLogic
import CareRules
import CareValues

/// A segment or a trait that triggers watch.
struct Watch {
    /// Whether it is a segment or a trait.
    var kind: WatchedState.Kind
    /// Its index in the schema.
    var index: Int
    /// Its name in the rule files.
    var name: String
    /// Changes when its definition is edited.
    var definitionHash: UInt64
    /// The campaigns that watch it, in the order of decisions.
    var campaigns: [Int]
    /// The place of a segment's condition among the decider's, where only facts change what it says.
    var steadyPlace: Int?
}

/// As of when a watched value was last looked at, in one touch.
struct WatchLook {
    /// The memory holds the value as of this instant.
    var at: Timestamp
    /// The first instant after it at which the value can differ through time alone.
    var validUntil: Timestamp
}

/// An occurrence that something brought about just now, and its campaign.
struct Firing {
    var campaign: Int
    var occurrence: Occurrence
}

extension Session {
    /// A value that turned more often than this between two looks is taken as it is at the second.
    private static let maximumTurns = 1_000
    /// A value is looked at again no sooner than a minute later, whatever its validity says.
    private static let shortestValidity: Int64 = 60_000

    /// Looks at every watched value that no fact of this touch has made it look at, as of the clock before the touch: a
    /// trait that was never looked at gets its first value, which is no change.
    mutating func lookAtWatches() {
        guard looks.isEmpty, !decider.watches.isEmpty else { return }
        let context = watching(at: asOfBefore)
        looks.reserveCapacity(decider.watches.count)
        for watch in decider.watches {
            let (value, validUntil) = value(of: watch, context)
            if watch.kind == .trait, let value, state(of: watch) == nil { remember(watch, value) }
            let isAsKnown = value == nil || value == lastValue(of: watch)
            looks.append(WatchLook(at: asOfBefore, validUntil: isAsKnown ? validUntil : row.asOf))
        }
    }

    /// Takes over what is watched as it is now, without firing: the state at an activation, or after an import.
    mutating func rememberSilently(_ isNews: (Watch) -> Bool = { _ in true }) {
        let context = watching(at: row.asOf)
        for (position, watch) in decider.watches.enumerated() {
            guard isNews(watch) else { continue }
            let (value, validUntil) = value(of: watch, context)
            if looks.indices.contains(position) { looks[position] = WatchLook(at: row.asOf, validUntil: validUntil) }
            guard let value else { continue }
            if lastValue(of: watch) != value { dropDelayed(watching: watch) }
            remember(watch, value)
        }
    }

    // MARK: Crossings

    /// What the fact that was just applied makes of the watched values: the occurrences it fires.
    ///
    /// A crossing that time alone has brought since the last look is left to its own instant.
    mutating func crossings(since before: Timestamp) -> [Firing] {
        lookAtWatches(asOf: before)
        var firings: [Firing] = []
        let context = watching(at: row.asOf)
        for (position, watch) in decider.watches.enumerated() {
            let (value, validUntil) = value(of: watch, context)
            guard let value else { continue }
            guard let last = lastValue(of: watch) else {
                remember(watch, value)
                looks[position] = WatchLook(at: row.asOf, validUntil: validUntil)
                continue
            }
            if let first = firstTurn(of: watch, from: looks[position].at, last: last, to: value) {
                looks[position].validUntil = first
                continue
            }
            looks[position] = WatchLook(at: row.asOf, validUntil: validUntil)
            if value != last { firings += cross(watch, from: last, to: value, at: row.asOf, byFact: true) }
        }
        return firings
    }

    /// Where time alone leads from `last` at `start` to `value` now: the first instant at which it turned; nil when
    /// time alone does not explain it.
    private func firstTurn(of watch: Watch, from start: Timestamp, last: LogicValue, to value: LogicValue) -> Timestamp?
    {
        guard start < row.asOf else { return nil }
        var (current, next) = self.value(of: watch, watching(at: start))
        guard current == last, next <= row.asOf else { return nil }
        let first = next
        for _ in 0..<Self.maximumTurns {
            (current, next) = self.value(of: watch, watching(at: next))
            if next > row.asOf { return current == value ? first : nil }
        }
        return nil
    }

    /// Looks at a watched value as of `instant`, at which it can have turned through time.
    mutating func noticeCrossing(of position: Int, at instant: Timestamp) {
        let watch = decider.watches[position]
        let (value, validUntil) = value(of: watch, watching(at: instant))
        looks[position] = WatchLook(at: instant, validUntil: validUntil)
        guard let value, let last = lastValue(of: watch), value != last else { return }
        for firing in cross(watch, from: last, to: value, at: instant, byFact: false) {
            moved.append(MovedOccurrence(campaign: firing.campaign, occurrence: firing.occurrence))
        }
    }

    /// A watched value has become another at `instant`: what fires at once; what waits for its wall time is kept.
    private mutating func cross(
        _ watch: Watch, from last: LogicValue, to value: LogicValue, at instant: Timestamp, byFact: Bool
    ) -> [Firing] {
        let edge: SegmentTrigger.Edge = value == .bool(true) ? .entered : .left
        let counts = state(of: watch).map { ($0.entered, $0.left) } ?? (0, 0)
        let isLeft = watch.kind == .segment && edge == .left
        remember(watch, value, entered: counts.0 + (isLeft ? 0 : 1), left: counts.1 + (isLeft ? 1 : 0))
        dropDelayed(watching: watch)
        var firings: [Firing] = []
        for index in watch.campaigns {
            let campaign = decider.campaigns[index]
            guard byFact || instant > decider.active.starts[index], triggerCounts(index, at: instant) else { continue }
            var occurrence = Occurrence(
                campaign: campaign.identity, key: "", due: instant, instant: instant, values: JSONObject(), event: nil)
            switch campaign.trigger {
            case .segment(let trigger) where trigger.edge == edge:
                occurrence.key = "\(watch.name)\(isLeft ? "-" : "+")#\(isLeft ? counts.1 + 1 : counts.0 + 1)"
                occurrence.values = ["segment": .string(watch.name)]
            case .change(let trigger) where trigger.matches(from: last, to: value):
                occurrence.key = "\(watch.name)#\(counts.0 + 1)"
                occurrence.values = ["from": last.jsonValue, "to": value.jsonValue]
            default:
                continue
            }
            if let firing = delayed(occurrence, campaign: index) { firings.append(firing) }
        }
        return firings
    }

    /// One more entering of a segment, not by a crossing: the number of it.
    ///
    /// - Parameter counted: the segments counted already: several campaigns that let the customer in at once speak of
    ///   one entering.
    mutating func countEntering(_ trigger: SegmentTrigger, counted: inout Set<Int>) -> Int {
        guard let watch = decider.watches.first(where: { $0.kind == .segment && $0.index == trigger.segment }) else {
            return 1
        }
        let isNew = counted.insert(trigger.segment).inserted
        let entered = (state(of: watch)?.entered ?? 0) + (isNew ? 1 : 0)
        remember(watch, .bool(true), entered: entered)
        return entered
    }

    // MARK: Values

    /// The value at `instant`, and how long it stays so; a value that cannot be computed is nil, and never turns.
    private func value(
        of watch: Watch, _ context: EvaluationContext
    ) -> (value: LogicValue?, validUntil: Timestamp) {
        let evaluation: Evaluation
        let instant = context.now
        do {
            if let place = watch.steadyPlace {
                return (.bool(try decider.conditions.isTrue(place, context)), .distantFuture)
            }
            switch watch.kind {
            case .segment:
                let (isMember, validUntil) = try schema.segment(watch.index, context)
                evaluation = Evaluation(value: .bool(isMember), validUntil: validUntil)
            case .trait:
                evaluation = try schema.trait(watch.index, context)
            }
        } catch {
            return (nil, .distantFuture)
        }
        let soonest = instant.advanced(byMilliseconds: Self.shortestValidity)
        let isShort = evaluation.validUntil.milliseconds - instant.milliseconds <= 1
        return (evaluation.value, isShort ? soonest : evaluation.validUntil)
    }

    /// What the values at `instant` are reckoned from.
    private func watching(at instant: Timestamp) -> EvaluationContext {
        EvaluationContext(schema: schema, cache: row.cache, customer: row.customer, now: instant, zone: zone)
    }

    private func state(of watch: Watch) -> WatchedState? {
        row.memory.watched.first { $0.kind == watch.kind && $0.name == watch.name }
    }

    /// The value at the last look; a customer that was never looked at is in no segment, and has no trait.
    private func lastValue(of watch: Watch) -> LogicValue? {
        state(of: watch)?.value ?? (watch.kind == .segment ? .bool(false) : nil)
    }

    private mutating func remember(_ watch: Watch, _ value: LogicValue, entered: Int? = nil, left: Int? = nil) {
        guard
            let index = row.memory.watched.firstIndex(where: { $0.kind == watch.kind && $0.name == watch.name })
        else {
            // Not being in a segment and never having been is what no state says too.
            if watch.kind == .segment, value == .bool(false), entered == nil { return }
            row.memory.watched.append(
                WatchedState(
                    kind: watch.kind, name: watch.name, value: value, entered: entered ?? 0, left: left ?? 0))
            return
        }
        row.memory.watched[index].value = value
        if let entered { row.memory.watched[index].entered = entered }
        if let left { row.memory.watched[index].left = left }
    }

    /// Looks as of an instant before the fact at hand was known, at which the memory is up to date.
    private mutating func lookAtWatches(asOf instant: Timestamp) {
        guard looks.isEmpty else { return }
        looks = decider.watches.map { _ in WatchLook(at: instant, validUntil: .distantFuture) }
    }
}
