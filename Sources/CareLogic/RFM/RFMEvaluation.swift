import CareValues

extension Schema {
    /// What an RFM trait measures of a customer at `now`; nil: no event counts.
    ///
    /// - Throws: ``LogicError/limitExceeded(trait:)``.
    public func measures(
        of definition: RFMDefinition, in cache: FactCache, now: Timestamp, zone: Zone
    ) throws(LogicError) -> RFMMeasures? {
        guard let index = traitIndex("\(definition.name).\(RFMPart.code.rawValue)") else { return nil }
        return try measured(index, in: cache, now: now, zone: zone)?.measures(at: now, zone)
    }

    /// A part of an RFM score; missing without events, and without cut points.
    func score(_ index: Int, in cache: FactCache, now: Timestamp, zone: Zone) throws(LogicError) -> Evaluation {
        guard case .rfm(_, let part) = traits[index].definition else { preconditionFailure("its slot says so") }
        guard let cuts = cuts[index] else { return Evaluation(value: .missing, validUntil: .distantFuture) }
        guard var state = try measured(index, in: cache, now: now, zone: zone) else {
            return Evaluation(value: .missing, validUntil: try comingMeasure(index, in: cache, now: now))
        }
        // From turn to turn until the part of the score is another: an event leaves, a day passes a cut point.
        let value = cuts.value(part, of: state.measures(at: now, zone))
        let firstComing = try comingMeasure(index, in: cache, now: now)
        var instant = now
        while true {
            let turn = min(state.leaves, state.nextDay(at: instant, cuts.recency, zone))
            guard turn < firstComing else { return Evaluation(value: value, validUntil: firstComing) }
            guard let later = try state.advanced(to: turn, limit: overLimit(index)) else {
                return Evaluation(value: value, validUntil: turn)
            }
            state = later
            instant = turn
            if cuts.value(part, of: state.measures(at: turn, zone)) != value {
                return Evaluation(value: value, validUntil: turn)
            }
        }
    }

    /// The events that count now; nil: none does.
    private func measured(
        _ index: Int, in cache: FactCache, now: Timestamp, zone: Zone
    ) throws(LogicError) -> MeasureState? {
        guard case .rfm(let definition, _) = traits[index].definition, let slot = plan.slots[index] else {
            preconditionFailure("its slot says so")
        }
        switch slot {
        case .measures(let newest, let count, let sum):
            try check(.sum(sum), cache, index)
            guard let moment = cache.moments[newest], cache.counts[count] > 0 else { return nil }
            return MeasureState(
                newest: moment.time, count: Int(cache.counts[count]), sum: cache.sums[sum], leaving: [], window: nil,
                column: 0)
        case .listMeasures(let list, let column):
            try check(.list(list), cache, index)
            guard let window = definition.windowMilliseconds else { preconditionFailure("a list serves windows only") }
            let after = now.advanced(byMilliseconds: -window)
            let items = cache.lists[list]
            let inside = items[
                WindowView.firstIndex(after: after, in: items)..<WindowView.firstIndex(after: now, in: items)]
            guard inside.count <= LogicLimits.windowedEvents else { throw overLimit(index) }
            var state = MeasureState(
                newest: .distantPast, count: 0, sum: .zero, leaving: inside, window: window, column: column)
            for item in inside {
                guard let decimal = item.decimal(column) else { continue }
                guard let sum = state.sum.adding(decimal) else { throw overLimit(index) }
                state.sum = sum
                state.count += 1
                state.newest = item.time
            }
            return state.count == 0 ? nil : state
        default:
            preconditionFailure("its slot says so")
        }
    }

    /// When an event that does not count yet begins to.
    private func comingMeasure(_ index: Int, in cache: FactCache, now: Timestamp) throws(LogicError) -> Timestamp {
        guard case .listMeasures(let list, let column)? = plan.slots[index] else { return .distantFuture }
        let items = cache.lists[list]
        let coming = items[WindowView.firstIndex(after: now, in: items)...]
        return coming.first { $0.decimal(column) != nil }?.time ?? .distantFuture
    }
}

/// The events of an RFM trait that count at an instant, and which of them leaves next.
private struct MeasureState {
    var newest: Timestamp
    var count: Int
    var sum: FixedDecimal
    /// Those that still count, oldest first; empty where events count for ever.
    var leaving: ArraySlice<FactCache.Item>
    let window: Int64?
    let column: Int

    func measures(at now: Timestamp, _ zone: Zone) -> RFMMeasures {
        RFMMeasures(
            days: Int(zone.date(at: now).dayNumber) - Int(zone.date(at: newest).dayNumber), count: count,
            sum: sum.doubleValue)
    }

    /// When the oldest event stops counting.
    var leaves: Timestamp {
        guard let window, let first = leaving.first else { return .distantFuture }
        return first.time.advanced(byMilliseconds: window)
    }

    /// The first instant after `now` at which the number of days since the newest event reaches a cut point.
    func nextDay(at now: Timestamp, _ cuts: [Double], _ zone: Zone) -> Timestamp {
        let newestDate = zone.date(at: newest)
        let days = Int(zone.date(at: now).dayNumber) - Int(newestDate.dayNumber)
        guard let next = cuts.first(where: { $0 > Double(days) }), next < 4_000_000 else { return .distantFuture }
        return zone.startOfDay(newestDate.advanced(byDays: Int(next.rounded(.up))))
    }

    /// What counts at `instant`, before which nothing but the oldest event leaves; nil: nothing is left.
    func advanced(to instant: Timestamp, limit: LogicError) throws(LogicError) -> MeasureState? {
        guard leaves <= instant else { return self }
        var later = self
        while let first = later.leaving.first, later.leaves <= instant {
            later.leaving.removeFirst()
            guard let decimal = first.decimal(column) else { continue }
            guard let sum = later.sum.subtracting(decimal) else { throw limit }
            later.sum = sum
            later.count -= 1
        }
        return later.count == 0 ? nil : later
    }
}

extension FactCache.Item {
    /// The number in a column as an exact decimal, or nil.
    func decimal(_ column: Int) -> FixedDecimal? {
        if case .number(let number) = values[column] { FixedDecimal(number) } else { nil }
    }
}
