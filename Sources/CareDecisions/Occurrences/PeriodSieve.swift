import CareLogic
import CareRules
import CareValues

/// Rules customers out of a period: those whom nothing can fall due for, told by columns alone.
///
/// It only ever rules out what `decide` would do nothing for; everything else is decided. Days are taken generously, so
/// that zones, wall times and months of any length lie inside.
public final class PeriodSieve {
    /// Says of each customer in columns which campaigns' instants cannot lie in the period, and whom it does not match.
    public let program: BatchProgram
    /// Whether a customer with nothing under way may be passed over whole: not where something that is watched moves with
    /// time, or an activation lets in those who are members already.
    public let passesOver: Bool

    private let decider: Decider
    private let until: Timestamp
    private let ticks: TickCalendar?
    private let questions: PeriodAnswers.Questions

    /// The sieve of `decider`'s triggers for instants in `[from, until)`.
    public init(_ decider: Decider, from: Timestamp, until: Timestamp) {
        self.decider = decider
        self.until = until
        let schema = decider.active.rules.schema
        passesOver =
            !decider.campaigns.contains { $0.terms.backfill != nil }
            && !decider.watches.contains { watch in
                switch watch.kind {
                case .segment: schema.movesWithTime(segment: watch.index)
                case .trait: schema.movesWithTime(trait: watch.index)
                }
            }
        ticks = decider.hasTicks ? TickCalendar(decider: decider, from: from, until: until) : nil
        var sieve = BatchProgram.Sieve()
        let period = Period(decider.active, from: from, until: until)
        // By answer: its bit.
        var bits: [Int] = []
        for (place, campaign) in decider.timedCampaigns.enumerated() {
            // Where columns cannot tell, an instant may lie in the period.
            guard let tests = Self.tests(decider.campaigns[campaign].trigger, schema, period) else { continue }
            bits.append(place)
            sieve.moments.append(tests)
        }
        let asksByDay = PeriodAnswers.ByDay.canAsk(from: from, until: until)
        var moving: [Int] = []
        for campaign in decider.timedCampaigns + decider.scannedCampaigns
        where decider.isSteady[campaign] || asksByDay && decider.isSteadyByDay[campaign] {
            let parts = [decider.campaigns[campaign].triggerWhere, decider.campaigns[campaign].condition]
            if !decider.isSteady[campaign] { moving.append(bits.count) }
            bits.append(decider.timedCampaigns.count + campaign)
            sieve.conditions.append(parts.compactMap { $0 })
        }
        program = BatchProgram(sieve: sieve, schema: schema)
        questions = PeriodAnswers.Questions(
            program, bits: bits, moving: moving, timedCount: decider.timedCampaigns.count,
            campaignCount: decider.campaigns.count, from: from, until: until)
    }

    /// The moments of which one falls on its days where an instant of a trigger can lie in the period; nil: columns cannot
    /// tell.
    private static func tests(_ trigger: Trigger, _ schema: Schema, _ period: Period) -> [MomentTest]? {
        switch trigger {
        case .anniversary(let trigger):
            let source = BatchColumn.Source(trigger.of)
            guard schema.canTellDates(of: source).returns else { return nil }
            if case .trait(let trait) = trigger.of, schema.movesWithTime(trait: trait) { return nil }
            // Columns tell returns only in the Gregorian calendar: whoever may return in the Chinese one is kept.
            var days = MomentTest.chineseYearDays
            if trigger.calendar == .chinese { days.formUnion(1...366) }
            for offset in trigger.offsets {
                let span = Span(period, less: offset, at: trigger.at)
                days.formUnion(MomentTest.yearDays(from: span.from, through: span.through))
            }
            return [.yearDays(source, days)]
        case .date(let trigger):
            let source = BatchColumn.Source(trigger.of)
            guard schema.canTellDates(of: source).days else { return nil }
            if case .trait(let trait) = trigger.of, schema.movesWithTime(trait: trait) { return nil }
            return trigger.offsets.map { offset in
                let span = Span(period, less: offset, at: trigger.at)
                return .dates(source, from: span.from, through: span.through)
            }
        case .inactivity(let trigger):
            // A silence that fires again may have begun at any time.
            let (first, last) = period.beginnings(trigger)
            let from = trigger.every == nil ? first : .distantPast
            var tests: [MomentTest] = [.instants(.trait(trigger.lastTrait), from: from, through: last)]
            if let orSince = trigger.orSince {
                let slack: Int64 = 2 * 86_400_000
                tests.append(
                    .dates(
                        .attribute(orSince),
                        from: Zone.utc.date(at: from.advanced(byMilliseconds: -slack)),
                        through: Zone.utc.date(at: last.advanced(byMilliseconds: slack))))
            }
            return tests
        case .event, .api, .change, .segment, .schedule, .holiday:
            return nil
        }
    }

    /// Room for the answers of one thread.
    public func answers() -> PeriodAnswers { PeriodAnswers(questions) }

    /// Whether nothing is decided in the period for a customer of the block that was asked about last: whatever instants and
    /// ticks lie in it are of campaigns that the customer does not match, and are only counted.
    ///
    /// - Parameters:
    ///   - position: its place in the block.
    ///   - asOf: the customer's own clock.
    ///   - decided: what was decided of it.
    ///   - cache: its stored cache, of the decider's schema; nil: nobody is ruled out whom an instant falls to.
    ///   - notMatching: by campaign; gets how many instants and ticks of each the customer does not match.
    /// - Precondition: nothing is under way for the customer, or overdue.
    public func rulesOut(
        at position: Int, _ answers: borrowing PeriodAnswers, _ zone: Zone, isOwn: Bool, asOf: Timestamp,
        decided: [DecidedOccurrence], cache: UnsafeRawBufferPointer?, notMatching: inout [Int]
    ) -> Bool {
        guard passesOver else { return false }
        var isFree = true
        for (place, index) in decider.timedCampaigns.enumerated() where !answers.isFree(place: place, at: position) {
            guard cache != nil, answers.isFalse(campaign: index, at: position) else { return false }
            isFree = false
        }
        guard passesTicks(at: position, answers, zone, isOwn: isOwn, asOf: asOf, decided: decided) else { return false }
        if !isFree, let cache {
            let passed = PassedInstants(
                decider: decider, cache: cache, decided: decided, zone: zone, isOwnZone: isOwn)
            guard count(passed, at: position, answers, asOf: asOf, notMatching: &notMatching) else { return false }
        }
        countTicks(zone, isOwn: isOwn, asOf: asOf, notMatching: &notMatching)
        return true
    }

    /// Counts the instants of the timed campaigns.
    ///
    /// - Returns: false: those of one cannot be told, and none is counted.
    private func count(
        _ passed: PassedInstants, at position: Int, _ answers: borrowing PeriodAnswers, asOf: Timestamp,
        notMatching: inout [Int]
    ) -> Bool {
        withUnsafeTemporaryAllocation(of: Int.self, capacity: decider.timedCampaigns.count) { counts in
            for (place, index) in decider.timedCampaigns.enumerated() {
                var count: Int? = 0
                if !answers.isFree(place: place, at: position) {
                    count = passed.count(ofCampaign: index, after: asOf, before: until)
                }
                guard let count else { return false }
                counts.initializeElement(at: place, to: count)
            }
            for (place, index) in decider.timedCampaigns.enumerated() { notMatching[index] += counts[place] }
            return true
        }
    }

    /// Whether no tick of the period is of a campaign that the customer may match.
    private func passesTicks(
        at position: Int, _ answers: borrowing PeriodAnswers, _ zone: Zone, isOwn: Bool, asOf: Timestamp,
        decided: [DecidedOccurrence]
    ) -> Bool {
        guard let ticks else { return true }
        let clock = ticks.clock(zone, isOwn: isOwn)
        for (place, index) in decider.scannedCampaigns.enumerated() {
            let ofCampaign = clock.ticks[place]
            let start = max(asOf, decider.active.starts[index])
            if asOf < ticks.from, ofCampaign.newest > start { return false }
            let first = ofCampaign.place(after: max(start, ticks.from))
            if first == ofCampaign.instants.count { continue }
            guard answers.isFalse(campaign: index, at: position),
                decider.isOpen(ofCampaign, from: first, campaign: index, decided)
            else { return false }
        }
        return true
    }

    private func countTicks(_ zone: Zone, isOwn: Bool, asOf: Timestamp, notMatching: inout [Int]) {
        guard let ticks else { return }
        let clock = ticks.clock(zone, isOwn: isOwn)
        for (place, index) in decider.scannedCampaigns.enumerated() {
            let ofCampaign = clock.ticks[place]
            let first = ofCampaign.place(after: max(asOf, decider.active.starts[index], ticks.from))
            if first < ofCampaign.instants.count {
                notMatching[index] += ofCampaign.instants.count - first
            }
        }
    }

    /// The days on which something lies that an offset brings into a period.
    private struct Span {
        var from: CivilDate
        var through: CivilDate

        /// A day for zones, a day for wall times and what is rounded, a day for months' ends.
        private static let slack = 3

        /// - Parameter time: the wall time of what falls due; nil: any.
        init(_ period: Period, less offset: ISODuration, at time: LocalTime?) {
            guard offset.months == 0, period.isCustomersOwn else {
                let months = Int(offset.months)
                let elapsed = Int(offset.milliseconds / 86_400_000)
                let shortest = min(months * 28, months * 31) + Int(offset.days) + elapsed - 1
                let longest = max(months * 28, months * 31) + Int(offset.days) + elapsed + 1
                from = Zone.utc.date(at: period.from).advanced(byDays: -longest - Self.slack)
                through = Zone.utc.date(at: period.until).advanced(byDays: -shortest + Self.slack)
                return
            }
            let first = period.from.advanced(byMilliseconds: -offset.milliseconds)
            let last = period.until.advanced(byMilliseconds: -1 - offset.milliseconds)
            // A day less for a wall time in a gap over midnight, which falls due on the next date.
            var (low, high) =
                period.zone.map { ($0.date(at: first).advanced(byDays: -1), $0.date(at: last)) }
                ?? (
                    Zone.utc.date(at: first).advanced(byDays: -2), Zone.utc.date(at: last).advanced(byDays: 1)
                )
            if let zone = period.zone, let time {
                func instant(_ date: CivilDate) -> Timestamp { zone.instant(of: LocalDateTime(date: date, time: time)) }
                while low <= high, instant(low) < first { low = low.advanced(byDays: 1) }
                while low <= high, instant(high) > last { high = high.advanced(byDays: -1) }
            }
            from = low.advanced(byDays: -Int(offset.days))
            through = high.advanced(byDays: -Int(offset.days))
        }
    }

    /// The period, and on whose clocks it is read.
    private struct Period {
        var from: Timestamp
        var until: Timestamp
        /// The zone of everybody; nil: customers have zones.
        var zone: Zone?
        /// Whether no campaign has a zone of its own.
        var isCustomersOwn: Bool

        init(_ active: ActiveRules, from: Timestamp, until: Timestamp) {
            self.from = from
            self.until = until
            isCustomersOwn = !active.hasCampaignZones
            zone = active.rules.schema.zoneAttribute == nil ? active.projectZone : nil
        }

        /// The instants since which a silence can last that fires in the period.
        func beginnings(_ trigger: InactivityTrigger) -> (from: Timestamp, through: Timestamp) {
            let duration = trigger.duration
            guard duration.months == 0 else {
                let span = Span(self, less: duration, at: nil)
                return (Zone.utc.startOfDay(span.from), Zone.utc.startOfDay(span.through.advanced(byDays: 1)))
            }
            // It fires at most a day and a gap after it is complete.
            let day: Int64 = 86_400_000
            let length = Int64(duration.days) * day + duration.milliseconds
            var first = from.advanced(byMilliseconds: -length)
            var last = until.advanced(byMilliseconds: -length)
            if let time = trigger.at {
                first = first.advanced(byMilliseconds: -day)
                if isCustomersOwn, let zone {
                    let firings = firings(at: time, in: zone)
                    first = firings.first.advanced(byMilliseconds: -length - day)
                    last = firings.last.advanced(byMilliseconds: -length)
                }
            }
            // Days are of the wall clock: longer or shorter by as much as it is put forward or back.
            let shift =
                isCustomersOwn
                ? zone.map {
                    $0.largestShift(from: first.advanced(byMilliseconds: -3 * day), through: until)
                } ?? 26 * 3_600_000 : 26 * 3_600_000
            return (first.advanced(byMilliseconds: -2 * shift), last.advanced(byMilliseconds: 2 * shift))
        }

        /// The first and the last instant of the period at which the clock of `zone` shows `time`; the last before the
        /// first: there is none.
        private func firings(at time: LocalTime, in zone: Zone) -> (first: Timestamp, last: Timestamp) {
            let first = zone.firstInstant(ofWallTime: time, atOrAfter: from)
            var last = first.advanced(byMilliseconds: -1)
            var next = first
            while next < until {
                last = next
                next = zone.firstInstant(ofWallTime: time, atOrAfter: next.advanced(byMilliseconds: 1))
            }
            return (first, last)
        }
    }
}

extension BatchColumn.Source {
    /// Where a watched value is read.
    init(_ value: WatchedValue) {
        switch value {
        case .attribute(let index): self = .attribute(index)
        case .trait(let index): self = .trait(index)
        }
    }
}
