import CareLogic
import CareRules
import CareValues

/// The instants of an inactivity trigger for one silence, in one zone.
///
/// A silence is *complete* when it has lasted `for`, and again after each further `every`, all reckoned from its
/// beginning, so that an edit of either puts what is still to come on another grid. It is due at the first `at` from
/// then on.
struct SilenceInstants {
    /// The trigger's settings.
    let trigger: InactivityTrigger
    /// When it began: the last event's time, or the first instant of the date since which nothing was done.
    let begin: Timestamp
    /// The date that says so, where it is one: its key stays when the zone moves.
    let date: CivilDate?
    /// The customer's zone.
    let zone: Zone

    /// One firing, before any `spread`.
    struct Firing {
        /// How many `every` lie between it and the end of `for`.
        var repeats: Int64
        /// When the silence had lasted that long.
        var complete: Timestamp
        /// When it is due.
        var due: Timestamp
    }

    /// What has fired in one silence.
    struct Fired {
        /// How many firings.
        var count: Int
        /// When the silence had lasted as long as the last of them asked.
        var complete: Timestamp

        static let none = Fired(count: 0, complete: .distantPast)
    }

    /// The instants of the silence since `value`; nil when that is no date and no instant.
    init?(since value: LogicValue, trigger: InactivityTrigger, zone: Zone) {
        switch value {
        case .instant(let instant): (begin, date) = (instant, nil)
        case .date(let date): (begin, self.date) = (zone.startOfDay(date), date)
        default: return nil
        }
        self.trigger = trigger
        self.zone = zone
    }

    /// How often a campaign has fired in it, by what was decided.
    func fired(campaign: String, _ decided: [DecidedOccurrence]) -> Fired {
        if decided.isEmpty { return .none }
        for decided in decided where decided.campaign == campaign {
            if let number = number(ofKey: decided.occurrence) { return Fired(count: number, complete: decided.due) }
        }
        return .none
    }

    /// The silence in keys and in `entry.since`.
    var text: String { date?.text ?? begin.iso8601 }

    /// No firing is complete before this instant, told without reckoning wall times.
    var earliest: Timestamp { begin.advanced(byMilliseconds: trigger.shortest) }

    /// The firing after `repeats` times `every`.
    func firing(_ repeats: Int64) -> Firing {
        var length = trigger.duration
        if repeats > 0, let every = trigger.every {
            length.months = Int32(clamping: Int64(length.months) + Int64(every.months) * repeats)
            length.days = Int32(clamping: Int64(length.days) + Int64(every.days) * repeats)
            length.milliseconds += every.milliseconds * repeats
        }
        let complete = zone.advance(begin, by: length)
        return Firing(repeats: repeats, complete: complete, due: due(complete))
    }

    private func due(_ complete: Timestamp) -> Timestamp {
        trigger.at.map { zone.firstInstant(ofWallTime: $0, atOrAfter: complete) } ?? complete
    }

    /// The first firing due after `instant` that has not been; nil: none comes.
    func next(after instant: Timestamp, fired: Fired) -> Firing? {
        let first = firing(0)
        if fired.count == 0, first.due > instant { return first }
        guard let every = trigger.every else { return nil }
        let isNext = { (repeats: Int64) -> Firing? in
            let firing = self.firing(repeats)
            return firing.due > instant && self.isNew(firing, fired, every) ? firing : nil
        }
        // By its average length, then to the exact place.
        let reference = max(instant.advanced(byMilliseconds: -2 * 86_400_000), fired.complete, first.complete)
        var repeats = max(1, reference.milliseconds(since: first.complete) / every.approximateMilliseconds - 1)
        while repeats > 1, isNext(repeats - 1) != nil { repeats -= 1 }
        while true {
            if let firing = isNext(repeats) { return firing }
            guard firing(repeats).complete < .distantFuture else { return nil }
            repeats += 1
        }
    }

    /// The last firing due by `instant`, if it has not been.
    func latest(by instant: Timestamp, fired: Fired) -> Firing? {
        // It is due no sooner than it is complete: mostly it is not, which is told without looking for the wall time.
        guard zone.advance(begin, by: trigger.duration) <= instant else { return nil }
        var latest = firing(0)
        guard latest.due <= instant else { return nil }
        if let every = trigger.every {
            let elapsed = instant.milliseconds(since: latest.complete)
            var repeats = max(0, elapsed / every.approximateMilliseconds - 1)
            while repeats > 0, firing(repeats).due > instant { repeats -= 1 }
            latest = firing(repeats)
            while latest.complete < .distantFuture {
                let following = firing(repeats + 1)
                guard following.due <= instant else { break }
                latest = following
                repeats += 1
            }
            return isNew(latest, fired, every) ? latest : nil
        }
        return fired.count == 0 ? latest : nil
    }

    /// Whether a firing lies after the last one, and is not the same one as a moved zone, another `at` or another `for`
    /// shows it: the first of a silence is so once, and a zone moves no repetition by as much as half a day.
    private func isNew(_ firing: Firing, _ fired: Fired, _ every: ISODuration) -> Bool {
        guard fired.count > 0 else { return true }
        guard firing.repeats > 0 else { return false }
        let slack = min(43_200_000, every.approximateMilliseconds / 2)
        return firing.complete > fired.complete.advanced(byMilliseconds: slack) && firing.due > due(fired.complete)
    }

    /// The occurrence's key: the silence, and which of its firings it is, from 1 on.
    func key(number: Int) -> String { "\(text)#\(number)" }

    /// Which firing of this silence `key` is; nil: none.
    func number(ofKey key: String) -> Int? {
        if isOfAnotherDay(key) { return nil }
        let text = self.text
        guard key.hasPrefix(text) else { return nil }
        let rest = key.utf8.dropFirst(text.utf8.count)
        return rest.first == UInt8(ascii: "#") ? Int(Substring(rest.dropFirst())) : nil
    }

    /// Whether a key names a silence of another day: told without writing the text of this one.
    private func isOfAnotherDay(_ key: String) -> Bool {
        let day = key.utf8.withContiguousStorageIfAvailable {
            CivilDate(iso8601: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer($0).prefix(10)))
        }
        guard let day = day ?? nil else { return false }
        return day != date ?? Zone.utc.date(at: begin)
    }
}
