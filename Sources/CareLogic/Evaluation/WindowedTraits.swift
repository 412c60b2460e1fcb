import CareValues

/// The events of one list as one window sees them at an instant.
struct WindowView {
    /// Events that count, oldest first.
    var inside: ArraySlice<FactCache.Item>
    /// Events that do not count yet, oldest first.
    var coming: ArraySlice<FactCache.Item>
    let window: EventWindow
    /// The end of a calendar window's period; of other windows not asked.
    let periodEnd: Timestamp

    init(_ items: [FactCache.Item], _ window: EventWindow, now: Timestamp, zone: Zone) {
        self.window = window
        // An event counts when `after < time ≤ upTo`.
        let after: Timestamp
        let upTo: Timestamp
        switch window {
        case .ages(let newer, let older):
            after = now.advanced(byMilliseconds: -older)
            upTo = now.advanced(byMilliseconds: -newer)
            periodEnd = .distantFuture
        case .calendar(let period):
            let bounds = period.bounds(around: now, in: zone)
            after = bounds.from.advanced(byMilliseconds: -1)
            upTo = now
            periodEnd = bounds.until
        }
        let begin = WindowView.firstIndex(after: after, in: items)
        let end = max(begin, WindowView.firstIndex(after: upTo, in: items))
        inside = items[begin..<end]
        coming = items[end...]
    }

    /// The first item later than `instant`; items are by time.
    static func firstIndex(after instant: Timestamp, in items: [FactCache.Item]) -> Int {
        var low = 0
        var high = items.count
        while low < high {
            let middle = (low + high) / 2
            if items[middle].time <= instant { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// When an event that counts stops counting.
    func leaves(_ item: FactCache.Item) -> Timestamp {
        switch window {
        case .ages(_, let older): item.time.advanced(byMilliseconds: older)
        case .calendar: periodEnd
        }
    }

    /// When an event that does not count yet begins to.
    func enters(_ item: FactCache.Item?) -> Timestamp {
        guard let item else { return .distantFuture }
        switch window {
        case .ages(let newer, _): return item.time.advanced(byMilliseconds: newer)
        case .calendar: return item.time
        }
    }
}

extension Schema {
    /// An aggregate over the events that its window lets count now.
    ///
    /// It can differ when an event that matters to it begins to count or stops counting, whichever is first.
    func windowed(
        _ index: Int, _ items: [FactCache.Item], _ column: Int?, now: Timestamp, zone: Zone
    ) throws(LogicError) -> Evaluation {
        guard case .aggregate(let aggregate, let selection) = traits[index].definition, let window = selection.window
        else { preconditionFailure("a list serves windows only") }
        let view = WindowView(items, window, now: now, zone: zone)
        guard view.inside.count <= LogicLimits.windowedEvents else { throw overLimit(index) }
        func value(_ item: FactCache.Item) -> LogicValue { column.map { item.values[$0] } ?? .instant(item.time) }
        func matters(_ item: FactCache.Item) -> Bool { !value(item).isMissing }

        switch aggregate {
        case .first:
            guard let first = view.inside.first(where: matters) else {
                return Evaluation(value: .missing, validUntil: view.enters(view.coming.first(where: matters)))
            }
            return Evaluation(value: value(first), validUntil: view.leaves(first))
        case .last:
            let next = view.enters(view.coming.first(where: matters))
            guard let last = view.inside.last(where: matters) else {
                return Evaluation(value: .missing, validUntil: next)
            }
            return Evaluation(value: value(last), validUntil: min(view.leaves(last), next))
        case .count:
            let count = view.inside.reduce(0) { matters($1) ? $0 + 1 : $0 }
            let next = view.enters(view.coming.first(where: matters))
            return Evaluation(
                value: .number(Double(count)),
                validUntil: min(view.inside.first(where: matters).map(view.leaves) ?? .distantFuture, next))
        case .sum, .average:
            return try added(aggregate, view, index, value)
        case .minimum, .maximum:
            return extreme(aggregate, view, selection.propertyType?.words, value)
        case .distinct:
            return distinct(view, value)
        }
    }

    private func added(
        _ aggregate: Aggregate, _ view: WindowView, _ index: Int, _ value: (FactCache.Item) -> LogicValue
    ) throws(LogicError) -> Evaluation {
        func decimal(_ item: FactCache.Item) -> FixedDecimal? {
            if case .number(let number) = value(item) { FixedDecimal(number) } else { nil }
        }
        var sum = FixedDecimal.zero
        var count: Int64 = 0
        var first: FactCache.Item?
        for item in view.inside {
            guard let decimal = decimal(item) else { continue }
            guard let next = sum.adding(decimal) else { throw overLimit(index) }
            sum = next
            count += 1
            if first == nil { first = item }
        }
        let next = view.enters(view.coming.first { decimal($0) != nil })
        return Evaluation(
            value: aggregate == .sum ? .number(sum.doubleValue) : Schema.average(sum, of: count),
            validUntil: min(first.map(view.leaves) ?? .distantFuture, next))
    }

    /// The least or greatest value: it holds until the newest event that has it leaves, or a better one comes.
    private func extreme(
        _ aggregate: Aggregate, _ view: WindowView, _ words: [String]?, _ value: (FactCache.Item) -> LogicValue
    ) -> Evaluation {
        func isBetter(_ left: LogicValue, _ right: LogicValue) -> Bool {
            aggregate == .minimum ? left.isBelow(right, words) : right.isBelow(left, words)
        }
        var best = LogicValue.missing
        var holder: FactCache.Item?
        for item in view.inside {
            let value = value(item)
            if value.isMissing || (holder != nil && isBetter(best, value)) { continue }
            (best, holder) = (value, item)
        }
        let next = view.coming.first { item in
            let value = value(item)
            return !value.isMissing && (holder == nil || isBetter(value, best))
        }
        return Evaluation(
            value: best, validUntil: min(holder.map(view.leaves) ?? .distantFuture, view.enters(next)))
    }

    /// How many different values: it holds until the last event of one of them leaves, or a new value comes.
    private func distinct(_ view: WindowView, _ value: (FactCache.Item) -> LogicValue) -> Evaluation {
        var newest: [[UInt8]: FactCache.Item] = [:]
        for item in view.inside {
            let value = value(item)
            if !value.isMissing { newest[CanonicalJSON.bytes(value.jsonValue)] = item }
        }
        let next = view.coming.first { item in
            let value = value(item)
            return !value.isMissing && newest[CanonicalJSON.bytes(value.jsonValue)] == nil
        }
        let leaves = newest.values.map(view.leaves).min() ?? .distantFuture
        return Evaluation(value: .number(Double(newest.count)), validUntil: min(leaves, view.enters(next)))
    }
}
