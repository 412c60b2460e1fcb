import CareValues

extension FactCache {
    /// Takes in attributes that were so from the fact's time on.
    ///
    /// The newest `time` counts, of equal ones the later received. Values that do not fit the declared type, and
    /// attributes that are not declared, are passed over.
    /// - Returns: the attributes whose current value is another now, by index.
    public mutating func apply(_ fact: AttributeFact, schema: Schema) -> [AttributeChange] {
        parts.apply(fact, schema: schema)
    }

    /// Takes in an event that was not taken in before and whose time has come.
    public mutating func apply(_ event: Event, schema: Schema) {
        parts.apply(event, schema: schema)
    }

    /// Nothing known, of no schema.
    static let empty = FactCache(schema: .empty)
}

extension FactCache.Parts {
    typealias AttributeState = FactCache.AttributeState
    typealias Moment = FactCache.Moment
    typealias Item = FactCache.Item
    typealias OpenID = FactCache.OpenID

    mutating func apply(_ fact: AttributeFact, schema: Schema) -> [AttributeChange] {
        var changes: [AttributeChange] = []
        for member in fact.values.members {
            guard let index = schema.attributeIndex(member.name),
                let value = schema.attributes[index].type.read(member.value)
            else { continue }
            let before = attributes[index]
            if let before, (before.time, before.receivedAt) > (fact.time, fact.receivedAt) { continue }
            attributes[index] = AttributeState(value: value, time: fact.time, receivedAt: fact.receivedAt)
            let from = before?.value ?? .missing
            if from != value { changes.append(AttributeChange(index: index, from: from, to: value)) }
        }
        changes.sort { $0.index < $1.index }
        return changes
    }

    mutating func apply(_ event: Event, schema: Schema) {
        newestEventTime = max(newestEventTime ?? event.time, event.time)
        guard let sources = schema.plan.sourcesByType[event.type] else { return }
        for index in sources {
            let source = schema.plan.sources[index]
            if let filter = source.filter, !matches(filter, event, schema: schema) { continue }
            for consumer in source.consumers { feed(event, to: consumer, plan: schema.plan) }
        }
    }

    /// A trait's `where` reads the event alone; one that cannot be evaluated does not match.
    private func matches(_ filter: Expression, _ event: Event, schema: Schema) -> Bool {
        let context = EvaluationContext(
            schema: .empty, cache: .empty, customer: "", now: event.time, zone: .utc, event: event)
        return (try? filter.isTrue(context).isTrue) ?? false
    }

    private mutating func feed(_ event: Event, to consumer: FactPlan.Consumer, plan: FactPlan) {
        switch consumer {
        case .last(let place, let property):
            guard let moment = moment(of: event, property) else { return }
            if let known = moments[place], (known.time, known.receivedAt) > (moment.time, moment.receivedAt) { return }
            moments[place] = moment
        case .first(let place, let property):
            guard let moment = moment(of: event, property) else { return }
            if let known = moments[place], (known.time, known.receivedAt) <= (moment.time, moment.receivedAt) { return }
            moments[place] = moment
        case .least(let place, let property):
            keep(event, property, in: place, isLeast: true)
        case .greatest(let place, let property):
            keep(event, property, in: place, isLeast: false)
        case .count(let place, let property):
            if let property, property.value(in: event).isMissing { return }
            counts[place] += 1
        case .sum(let place, let property):
            guard let decimal = property.decimal(in: event) else { return }
            add(decimal, to: place)
        case .average(let sum, let count, let property):
            guard let decimal = property.decimal(in: event) else { return }
            add(decimal, to: sum)
            counts[count] += 1
        case .distinct(let place, let property):
            let value = property.value(in: event)
            if !value.isMissing { note(value.jsonValue.canonicalText, in: place) }
        case .list(let place):
            let item = Item(
                time: event.time, receivedAt: event.receivedAt,
                values: plan.lists[place].columns.map { $0.value(in: event) })
            insert(item, into: place, longest: plan.lists[place].longest)
        case .opens(let place, let property):
            note(event, property, isOpen: true, in: place)
        case .closes(let place, let property):
            note(event, property, isOpen: false, in: place)
        }
    }

    private func moment(of event: Event, _ property: FactPlan.Property?) -> Moment? {
        guard let property else {
            return Moment(time: event.time, receivedAt: event.receivedAt, value: .instant(event.time))
        }
        let value = property.value(in: event)
        return value.isMissing ? nil : Moment(time: event.time, receivedAt: event.receivedAt, value: value)
    }

    /// Of equal values the oldest event is kept, so that the order of arrival leaves no trace.
    private mutating func keep(_ event: Event, _ property: FactPlan.Property, in place: Int, isLeast: Bool) {
        guard let moment = moment(of: event, property) else { return }
        if let known = moments[place] {
            let words = property.type?.words
            if isLeast ? known.value.isBelow(moment.value, words) : moment.value.isBelow(known.value, words) { return }
            let isEqual = !known.value.isBelow(moment.value, words) && !moment.value.isBelow(known.value, words)
            if isEqual, (known.time, known.receivedAt) <= (moment.time, moment.receivedAt) { return }
        }
        moments[place] = moment
    }

    private mutating func add(_ decimal: FixedDecimal, to place: Int) {
        if let sum = sums[place].adding(decimal) {
            sums[place] = sum
        } else {
            overflows.insert(.sum(place))
        }
    }

    /// Notes a value of a `distinct`, once.
    private mutating func note(_ value: String, in place: Int) {
        var low = 0
        var high = distincts[place].count
        while low < high {
            let middle = (low + high) / 2
            if textPrecedes(distincts[place][middle], value) { low = middle + 1 } else { high = middle }
        }
        if low < distincts[place].count, sameText(distincts[place][low], value) { return }
        guard distincts[place].count < LogicLimits.distinctValues else {
            overflows.insert(.distinct(place))
            return
        }
        distincts[place].insert(value, at: low)
    }

    private mutating func insert(_ item: Item, into place: Int, longest: Int64) {
        // Clocks only go on, and are never behind an event that was applied: what is too old at the newest event will
        // not count again.
        let newest = newestEventTime ?? item.time
        if item.time <= newest.advanced(byMilliseconds: -longest) { return }
        if lists[place].count >= LogicLimits.listedEvents {
            prune(list: place, longest: longest, now: newest)
            guard lists[place].count < LogicLimits.listedEvents else {
                overflows.insert(.list(place))
                return
            }
        }
        // Mostly the newest: looked for from the end.
        var index = lists[place].endIndex
        while index > 0,
            (lists[place][index - 1].time, lists[place][index - 1].receivedAt) > (item.time, item.receivedAt)
        {
            index -= 1
        }
        lists[place].insert(item, at: index)
    }

    private mutating func note(_ event: Event, _ property: FactPlan.Property, isOpen: Bool, in place: Int) {
        guard let id = property.value(in: event).text else { return }
        let state = OpenID(id: id, time: event.time, receivedAt: event.receivedAt, isOpen: isOpen)
        if let index = opens[place].firstIndex(where: { sameText($0.id, id) }) {
            let known = opens[place][index]
            if (known.time, known.receivedAt) <= (state.time, state.receivedAt) { opens[place][index] = state }
            return
        }
        // A closed id is kept, so that a late opening does not open it again; the oldest closed one makes room.
        if opens[place].count >= LogicLimits.openKeys {
            guard
                let oldest = opens[place].indices.filter({ !opens[place][$0].isOpen })
                    .min(by: { opens[place][$0].time < opens[place][$1].time })
            else {
                overflows.insert(.open(place))
                return
            }
            opens[place].remove(at: oldest)
        }
        opens[place].append(state)
    }
}

extension FactPlan.Property {
    /// The property's value, or missing when it is not there or not of its declared type.
    func value(in event: Event) -> LogicValue {
        guard let json = lookUp(path, in: event.properties) else { return .missing }
        guard let type else { return LogicValue(json) }
        let value = type.read(json) ?? .missing
        if isAddable, case .number(let number) = value, FixedDecimal(number) == nil { return .missing }
        return value
    }

    /// The property as an exact decimal, or nil.
    func decimal(in event: Event) -> FixedDecimal? {
        guard case .number(let number) = value(in: event) else { return nil }
        return FixedDecimal(number)
    }
}
