import CareValues

extension Schema {
    /// A trait's value for a customer, and the first instant at which a window lets an event go.
    ///
    /// An event counts in a window while `time ≤ now < time + window`.
    /// - Throws: ``LogicError/limitExceeded(trait:)``.
    public func trait(_ index: Int, _ context: EvaluationContext) throws(LogicError) -> Evaluation {
        try trait(index, in: context.cache, now: context.now)
    }

    /// The same, of a cache alone.
    public func trait(_ index: Int, in cache: FactCache, now: Timestamp) throws(LogicError) -> Evaluation {
        switch plan.slots[index] {
        case .moment(let place):
            return Evaluation(value: cache.moments[place]?.value ?? .missing, validUntil: .distantFuture)
        case .count(let place):
            return Evaluation(value: .number(Double(cache.counts[place])), validUntil: .distantFuture)
        case .sum(let place):
            if !cache.overflows.isEmpty, cache.overflows.contains(.sum(place)) { throw overLimit(index) }
            return Evaluation(value: .number(cache.sums[place].doubleValue), validUntil: .distantFuture)
        case .open(let place):
            if !cache.overflows.isEmpty, cache.overflows.contains(.open(place)) { throw overLimit(index) }
            let open = cache.opens[place].reduce(0) { $1.isOpen ? $0 + 1 : $0 }
            return Evaluation(value: .number(Double(open)), validUntil: .distantFuture)
        case .list(let place, let column):
            if !cache.overflows.isEmpty, cache.overflows.contains(.list(place)) { throw overLimit(index) }
            return try windowed(index, cache.lists[place], column, now: now)
        }
    }

    private func overLimit(_ index: Int) -> LogicError { .limitExceeded(trait: traits[index].name) }

    private func windowed(
        _ index: Int, _ items: [FactCache.Item], _ column: Int?, now: Timestamp
    ) throws(LogicError)
        -> Evaluation
    {
        let definition = traits[index].definition
        guard let window = definition.window else { preconditionFailure("a list serves windows only") }
        let horizon = now.advanced(byMilliseconds: -window)
        var count = 0
        var sum = FixedDecimal.zero
        var first: FactCache.Item?
        var last: FactCache.Item?
        for item in items.reversed() {
            if item.time <= horizon { break }
            if item.time > now { continue }
            if let column {
                let value = item.values[column]
                if value.isMissing { continue }
                if case .sum = definition {
                    guard case .number(let number) = value, let decimal = FixedDecimal(number) else { continue }
                    guard let next = sum.adding(decimal) else { throw overLimit(index) }
                    sum = next
                }
            }
            count += 1
            if last == nil { last = item }
            first = item
        }
        guard let first, let last else {
            let isNumber = if case .count = definition { true } else if case .sum = definition { true } else { false }
            return Evaluation(value: isNumber ? .number(0) : .missing, validUntil: .distantFuture)
        }
        func leaves(_ item: FactCache.Item) -> Timestamp { item.time.advanced(byMilliseconds: window) }
        func value(_ item: FactCache.Item) -> LogicValue { column.map { item.values[$0] } ?? .instant(item.time) }
        switch definition {
        case .count: return Evaluation(value: .number(Double(count)), validUntil: leaves(first))
        case .sum: return Evaluation(value: .number(sum.doubleValue), validUntil: leaves(first))
        case .last: return Evaluation(value: value(last), validUntil: leaves(last))
        case .first, .open: return Evaluation(value: value(first), validUntil: leaves(first))
        }
    }
}
