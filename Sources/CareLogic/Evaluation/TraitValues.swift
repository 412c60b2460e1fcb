import CareValues

extension Schema {
    /// A trait's value for a customer, and the first instant at which it can differ through time alone.
    ///
    /// - Throws: ``LogicError/limitExceeded(trait:)``.
    public func trait(_ index: Int, _ context: EvaluationContext) throws(LogicError) -> Evaluation {
        if plan.slots[index] == nil { return try computed(index, context) }
        return try trait(index, in: context.cache, customer: context.customer, now: context.now, zone: context.zone)
    }

    /// The same, of a cache alone: no context need be made.
    ///
    /// - Parameters:
    ///   - customer: the customer's id.
    ///   - zone: whose calendar windows end.
    public func trait(
        _ index: Int, in cache: FactCache, customer: String, now: Timestamp, zone: Zone
    ) throws(LogicError) -> Evaluation {
        guard let slot = plan.slots[index] else {
            return try computed(
                index, EvaluationContext(schema: self, cache: cache, customer: customer, now: now, zone: zone))
        }
        let value: LogicValue
        switch slot {
        case .moment(let place):
            value = cache.moments[place]?.value ?? .missing
        case .count(let place):
            value = .number(Double(cache.counts[place]))
        case .sum(let place):
            try check(.sum(place), cache, index)
            value = .number(cache.sums[place].doubleValue)
        case .average(let sum, let count):
            try check(.sum(sum), cache, index)
            value = Schema.average(cache.sums[sum], of: cache.counts[count])
        case .distinct(let place):
            try check(.distinct(place), cache, index)
            value = .number(Double(cache.distincts[place].count))
        case .open(let place):
            try check(.open(place), cache, index)
            value = .number(Double(cache.opens[place].reduce(0) { $1.isOpen ? $0 + 1 : $0 }))
        case .list(let place, let column):
            try check(.list(place), cache, index)
            return try windowed(index, cache.lists[place], column, now: now, zone: zone)
        case .measures, .listMeasures:
            return try score(index, in: cache, now: now, zone: zone)
        }
        return Evaluation(value: value, validUntil: .distantFuture)
    }

    func check(_ overflow: FactCache.Overflow, _ cache: FactCache, _ index: Int) throws(LogicError) {
        if !cache.overflows.isEmpty, cache.overflows.contains(overflow) { throw overLimit(index) }
    }

    func overLimit(_ index: Int) -> LogicError { .limitExceeded(trait: traits[index].name) }

    /// The double nearest to a sum, over the number of its parts; missing of nothing.
    static func average(_ sum: FixedDecimal, of count: Int64) -> LogicValue {
        count == 0 ? .missing : .number(sum.doubleValue / Double(count))
    }
}
