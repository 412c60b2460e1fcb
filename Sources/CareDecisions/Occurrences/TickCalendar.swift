import CareLogic
import CareRules
import CareValues

/// The ticks of a period, clock by clock: reckoned once, asked for many customers. Belongs to one thread.
public final class TickCalendar {
    /// What is reckoned of one campaign on one clock.
    struct Reckoned {
        /// Those in the period, ascending.
        var instants: [Timestamp] = []
        /// What names the occurrence of each: of a holiday a list, of a schedule its times, for they may be many.
        var holidayKeys: [String] = []
        /// What names the occurrences of a schedule, where they are few; else empty.
        var scheduleKeys: [String] = []
        /// Whether every tick of the period is among them: none is left out because its name has come before.
        var isWhole = true
        var times: (cron: CronExpression, zone: Zone)?
        /// The last one at or before the period's beginning; `distantFuture`: it is not known.
        var newest: Timestamp = .distantPast

        /// The key of the occurrence at `place`.
        func key(at place: Int) -> String {
            guard let times else { return holidayKeys[place] }
            if !scheduleKeys.isEmpty { return scheduleKeys[place] }
            let instant = instants[place]
            return times.cron.last(after: instant.advanced(byMilliseconds: -1), through: instant, in: times.zone)?
                .tick.local.text ?? ""
        }
    }

    /// The ticks of one campaign on one clock: asked of many customers, so behind one reference.
    final class Ticks {
        private let reckoned: Reckoned

        init(_ reckoned: Reckoned) { self.reckoned = reckoned }

        var instants: [Timestamp] { reckoned.instants }
        var newest: Timestamp { reckoned.newest }
        var holidayKeys: [String] { reckoned.holidayKeys }
        /// Whether they are a schedule's.
        var isSchedule: Bool { reckoned.times != nil }

        /// The key of the occurrence at `place`.
        func key(at place: Int) -> String { reckoned.key(at: place) }

        /// The place of the tick of a schedule that is the only one in `(start, end]`; nil: there is none or another, or it
        /// is not known.
        ///
        /// - Parameter from: the period's beginning.
        func onlyPlace(after start: Timestamp, through end: Timestamp, from: Timestamp) -> Int? {
            guard reckoned.isWhole, !reckoned.scheduleKeys.isEmpty, start >= from || newest <= start else { return nil }
            let last = place(after: end) - 1
            guard last >= 0, instants[last] > start, last == 0 || instants[last - 1] <= start else { return nil }
            return last
        }

        /// The place of the first after `instant`.
        func place(after instant: Timestamp) -> Int {
            var (low, high) = (0, instants.count)
            while low < high {
                let middle = (low + high) / 2
                if instants[middle] <= instant { low = middle + 1 } else { high = middle }
            }
            return low
        }

        /// The first after `instant`; `distantFuture`: none.
        func first(after instant: Timestamp) -> Timestamp {
            let place = place(after: instant)
            return place < instants.count ? instants[place] : .distantFuture
        }
    }

    /// The ticks of every scanned campaign, by its place among the decider's, for customers of one zone.
    final class Clock {
        let zone: Zone
        let isOwn: Bool
        /// The period's beginning.
        let from: Timestamp
        let ticks: [Ticks]

        init(zone: Zone, isOwn: Bool, from: Timestamp, ticks: [Ticks]) {
            self.zone = zone
            self.from = from
            self.isOwn = isOwn
            self.ticks = ticks
        }
    }

    private let decider: Decider
    /// The period, both ends excluded: what is due at its beginning is overdue.
    let from: Timestamp
    let until: Timestamp
    private var clocks: [Clock] = []
    private var last = 0

    /// The ticks in `(from, until)`.
    public init(decider: Decider, from: Timestamp, until: Timestamp) {
        self.decider = decider
        self.from = from
        self.until = until
    }

    /// The clock of customers whose zone is `zone`, their own or the project's.
    func clock(_ zone: Zone, isOwn: Bool) -> Clock {
        func isMeant(_ clock: Clock) -> Bool { clock.isOwn == isOwn && clock.zone == zone }
        if last < clocks.count, isMeant(clocks[last]) { return clocks[last] }
        if let known = clocks.firstIndex(where: isMeant) {
            last = known
            return clocks[known]
        }
        let clock = Clock(
            zone: zone, isOwn: isOwn, from: from,
            ticks: decider.scannedCampaigns.map { reckon($0, zone, isOwn: isOwn) })
        last = clocks.count
        clocks.append(clock)
        return clock
    }

    /// The first tick of the period after `instant` for the customer of `row`; nil: none. It may turn out to be over, or
    /// of another region.
    public func next(after instant: Timestamp, _ row: CustomerRow) -> Timestamp? {
        let (zone, isOwn, _) = decider.active.zone(of: row)
        let next = clock(zone, isOwn: isOwn).ticks.lazy.map { $0.first(after: instant) }.min() ?? .distantFuture
        return next < .distantFuture ? next : nil
    }

    /// Whether one may be overdue at the period's beginning for a customer of that zone, looked at last as of `instant`.
    public func mayBeOverdue(since instant: Timestamp, in zone: Zone, isOwn: Bool) -> Bool {
        instant < from && clock(zone, isOwn: isOwn).ticks.contains { $0.newest > instant }
    }

    /// Of schedules with no more ticks in the period they are named once for all customers: a daily one has that many in
    /// three months. Each zone has names of its own.
    private static let namedTicks = 92

    /// A minute, a day, a month and a year and more: the last tick lies mostly in the first that has one.
    private static let lookBack: [Int64] = [60_000, 86_400_000, 32 * 86_400_000, 400 * 86_400_000]

    private func reckon(_ index: Int, _ customerZone: Zone, isOwn: Bool) -> Ticks {
        Ticks(reckoned(index, customerZone, isOwn: isOwn))
    }

    private func reckoned(_ index: Int, _ customerZone: Zone, isOwn: Bool) -> Reckoned {
        var ticks = Reckoned()
        let campaign = decider.campaigns[index]
        if campaign.terms.isPaused { return ticks }
        var zone = customerZone
        if let own = decider.active.campaignZones[index], own.isFixed || !isOwn { zone = own.zone }
        let from = max(self.from, decider.active.starts[index])
        switch campaign.trigger {
        case .schedule(let trigger):
            if trigger.clock == .project { zone = decider.active.projectZone }
            ticks.times = (trigger.cron, zone)
            var instant = from
            var named: LocalDateTime?
            while let tick = trigger.cron.first(after: instant, in: zone), tick.instant < until {
                instant = tick.instant
                // The name of a tick says of all before it that they are over.
                if let named, tick.local.wallMilliseconds <= named.wallMilliseconds {
                    ticks.isWhole = false
                    continue
                }
                named = tick.local
                ticks.instants.append(instant)
            }
            if ticks.instants.count <= Self.namedTicks {
                ticks.scheduleKeys = ticks.instants.indices.map { ticks.key(at: $0) }
            }
            ticks.newest = newest(index) { trigger.cron.last(after: $0, through: self.from, in: zone)?.tick.instant }
        case .holiday(let trigger):
            for region in decider.holidayRegions[index] ?? [] {
                let instants = HolidayInstants(trigger: trigger, region: region, zone: zone)
                var instant = from
                while let next = instants.first(after: instant), next.due < until {
                    instant = next.due
                    // Of several at one instant the last counts.
                    let before = instant.advanced(byMilliseconds: -1)
                    guard let last = instants.last(after: before, through: instant)?.instant else { continue }
                    ticks.instants.append(instant)
                    ticks.holidayKeys.append(instants.key(last))
                }
                let newest = newest(index) { instants.last(after: $0, through: self.from)?.instant.due }
                ticks.newest = max(ticks.newest, newest)
            }
            if decider.holidayRegions[index]?.count ?? 0 > 1 {
                let order = ticks.instants.indices.sorted { ticks.instants[$0] < ticks.instants[$1] }
                ticks.instants = order.map { ticks.instants[$0] }
                ticks.holidayKeys = order.map { ticks.holidayKeys[$0] }
            }
        default: break
        }
        return ticks
    }

    private func newest(_ index: Int, _ last: (_ after: Timestamp) -> Timestamp?) -> Timestamp {
        let start = decider.active.starts[index]
        for length in Self.lookBack {
            let after = max(from.advanced(byMilliseconds: -length), start)
            if let tick = last(after) { return tick }
            if after == start { return .distantPast }
        }
        return .distantFuture
    }
}

extension Session {
    /// Notes when each scanned campaign ticks next in `(from, end)`. What ticks for somebody who does not match is
    /// counted at once, where no fact is ahead.
    mutating func foreseeTicks(_ calendar: TickCalendar, from: Timestamp, until end: Timestamp) {
        let clock = calendar.clock(customerZone, isOwn: hasOwnZone)
        tickClock = clock
        nextTicks = [Timestamp](repeating: .distantFuture, count: decider.scannedCampaigns.count)
        for (place, index) in decider.scannedCampaigns.enumerated() {
            let ticks = clock.ticks[place]
            let start = max(row.asOf, decider.active.starts[index])
            if row.asOf < calendar.from, ticks.newest > start,
                lastTick(ofCampaign: index, after: row.asOf, through: calendar.from) != nil
            {
                nextTicks[place] = from
                continue
            }
            let first = ticks.place(after: max(start, from))
            guard first < ticks.instants.count, ticks.instants[first] < end else { continue }
            if foreseenUntil != nil, row.memory.waiting.isEmpty, canForesee(campaign: index),
                decider.isOpen(ticks, from: first, campaign: index, row.memory.decided), isFalse(campaign: index)
            {
                let campaign = decider.campaigns[index]
                for tick in first..<ticks.place(after: end.advanced(byMilliseconds: -1)) {
                    let due = ticks.instants[tick]
                    passOver(campaign, due: due) { _ in
                        Occurrence(
                            campaign: campaign.identity, key: ticks.key(at: tick), due: due, instant: due,
                            values: JSONObject(), event: nil)
                    }
                }
            } else {
                nextTicks[place] = ticks.instants[first]
            }
        }
    }

    /// The tick of a schedule that is due, and no other before it, as it was reckoned for all customers; nil: that is to be
    /// reckoned.
    func foreseenTick(scannedPlace place: Int, after: Timestamp, through end: Timestamp) -> Occurrence? {
        let index = decider.scannedCampaigns[place]
        let campaign = decider.campaigns[index]
        guard !nextTicks.isEmpty, let tickClock, !campaign.isLimited,
            let found = tickClock.ticks[place].onlyPlace(
                after: max(after, decider.active.starts[index]), through: end, from: tickClock.from)
        else { return nil }
        let due = tickClock.ticks[place].instants[found]
        return Occurrence(
            campaign: campaign.identity, key: tickClock.ticks[place].key(at: found), due: due, instant: due,
            values: JSONObject(), event: nil)
    }

    /// The next tick of any campaign after the clock.
    mutating func nextTick(_ calendar: TickCalendar) -> Timestamp {
        var next = Timestamp.distantFuture
        let clock = calendar.clock(customerZone, isOwn: hasOwnZone)
        for place in nextTicks.indices {
            if nextTicks[place] <= self.clock {
                nextTicks[place] = clock.ticks[place].first(after: self.clock)
            }
            next = min(next, nextTicks[place])
        }
        return next
    }
}

extension Decider {
    /// Whether each of the ticks from that place on fires for a customer, and only its condition says what of it.
    func isOpen(
        _ ticks: TickCalendar.Ticks, from first: Int, campaign index: Int, _ decided: [DecidedOccurrence]
    ) -> Bool {
        let campaign = campaigns[index]
        guard !campaign.isLimited else { return false }
        // Another customer's region has other days.
        if case .holiday(let trigger) = campaign.trigger, case .attribute = trigger.region { return false }
        return !decided.contains { decided in
            guard decided.campaign == campaign.identity else { return false }
            return ticks.isSchedule
                ? decided.occurrence >= ticks.key(at: first) : ticks.holidayKeys.contains(decided.occurrence)
        }
    }
}
