import CareLogic
import CareRules
import CareValues

/// Rules customers out of a period: those whom nothing can fall due for, told by columns alone.
///
/// It only ever passes over customers for whom `decide` would do nothing; everybody else is decided. Days are taken
/// generously, so that zones, wall times and months of any length lie inside.
public struct PeriodSieve: Sendable {
    /// Says of each customer in columns whether none of the triggers' instants can lie in the period.
    public let program: BatchProgram

    /// The sieve of `decider`'s timed triggers for instants in `[from, until)`.
    ///
    /// nil: columns cannot tell, because something that is watched moves with time, an instant hangs on more than one
    /// date, ticks come to everybody, or an activation lets in those who are members already.
    public init?(_ decider: Decider, from: Timestamp, until: Timestamp) {
        if decider.hasTicks || decider.active.rules.campaigns.contains(where: { $0.terms.backfill != nil }) { return nil }
        let schema = decider.active.rules.schema
        for watch in decider.watches {
            switch watch.kind {
            case .segment: if schema.movesWithTime(segment: watch.index) { return nil }
            case .trait: if schema.movesWithTime(trait: watch.index) { return nil }
            }
        }
        var tests: [MomentTest] = []
        for campaign in decider.timedCampaigns {
            switch decider.active.rules.campaigns[campaign].trigger {
            case .anniversary(let trigger):
                let source = BatchColumn.Source(trigger.of)
                guard schema.canTellDates(of: source).returns else { return nil }
                // Columns tell returns only in the Gregorian calendar: whoever may return in the Chinese one is kept.
                var days = MomentTest.chineseYearDays
                if trigger.calendar == .chinese { days.formUnion(1...366) }
                for offset in trigger.offsets {
                    let span = Span(from: from, until: until, less: offset)
                    days.formUnion(MomentTest.yearDays(from: span.from, through: span.through))
                }
                tests.append(.yearDays(source, days))
            case .date(let trigger):
                let source = BatchColumn.Source(trigger.of)
                guard schema.canTellDates(of: source).days else { return nil }
                for offset in trigger.offsets {
                    let span = Span(from: from, until: until, less: offset)
                    tests.append(.dates(source, from: span.from, through: span.through))
                }
            case .inactivity(let trigger):
                let span = Span(from: from, until: until, less: trigger.duration)
                // A silence that fires again may have begun at any time.
                let first = trigger.every == nil ? span.from : CivilDate(dayNumber: -719_162)
                tests.append(
                    .instants(
                        .trait(trigger.lastTrait),
                        from: trigger.every == nil ? Zone.utc.startOfDay(first) : .distantPast,
                        through: Zone.utc.startOfDay(span.through.advanced(byDays: 1))))
                if let orSince = trigger.orSince {
                    tests.append(.dates(.attribute(orSince), from: first, through: span.through))
                }
            case .event, .api, .change, .segment, .schedule, .holiday: continue
            }
        }
        program = BatchProgram(noneOf: tests, schema: schema)
    }

    /// The days on which something lies that an offset brings into a period, in whatever zone.
    private struct Span {
        var from: CivilDate
        var through: CivilDate

        /// A day for zones, a day for wall times and what is rounded, a day for months' ends.
        private static let slack = 3

        init(from: Timestamp, until: Timestamp, less offset: ISODuration) {
            let months = Int(offset.months)
            let elapsed = Int(offset.milliseconds / 86_400_000)
            let shortest = min(months * 28, months * 31) + Int(offset.days) + elapsed - 1
            let longest = max(months * 28, months * 31) + Int(offset.days) + elapsed + 1
            self.from = Zone.utc.date(at: from).advanced(byDays: -longest - Self.slack)
            through = Zone.utc.date(at: until).advanced(byDays: -shortest + Self.slack)
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
