import CareValues

/// Traits, counted anew from all events.
extension CareInterpreter {
    /// An aggregate over the events that have happened; nil: it is of no such kind.
    func aggregate(_ kind: String, _ body: JSONValue, _ customer: Customer) -> LogicValue? {
        guard case .object(let definition) = body,
            ["count", "sum", "avg", "min", "max", "distinct", "first", "last", "open"].contains(kind)
        else { return nil }
        if kind == "open" { return .number(Double(open(definition, customer.happened))) }
        let items = selected(definition, customer)
        switch kind {
        case "count": return .number(Double(items.count))
        case "last": return items.last?.value ?? .missing
        case "first": return items.first?.value ?? .missing
        case "sum", "avg":
            var sum = FixedDecimal.zero
            var count = 0
            for case .number(let number) in items.map(\.value) {
                guard let decimal = FixedDecimal(number) else { continue }
                sum = sum.adding(decimal) ?? sum
                count += 1
            }
            if kind == "sum" { return .number(sum.doubleValue) }
            return count == 0 ? .missing : .number(sum.doubleValue / Double(count))
        case "distinct":
            return .number(Double(Set(items.map { CanonicalJSON.bytes($0.value.jsonValue) }).count))
        default:
            let type = Self.path(definition["property"] ?? .null).joined(separator: ".")
            let words = propertyType(type, of: Self.texts(definition["event"]))?.words
            var best: LogicValue?
            for item in items where words != nil || Self.isOrderable(item.value) {
                guard let known = best else {
                    best = item.value
                    continue
                }
                let isBetter = kind == "min" ? item.value.isBelow(known, words) : known.isBelow(item.value, words)
                if isBetter { best = item.value }
            }
            return best ?? .missing
        }
    }

    private static func isOrderable(_ value: LogicValue) -> Bool {
        switch value {
        case .number, .date, .instant: true
        default: false
        }
    }

    /// Apart from the event at hand and the entry: what segments and traits see.
    static func apart(_ scene: Scene) -> Scene {
        var apart = Scene(customer: scene.customer, element: nil, depth: scene.depth)
        apart.customer.event = nil
        apart.customer.entry = nil
        return apart
    }

    /// A trait that is computed from others, or a part of a score; nil: the path names none.
    func computed(_ path: [String], _ scene: Scene) throws(LogicError) -> LogicValue? {
        guard let name = path.first, case .object(let object)? = traits[name],
            let (kind, body) = object.members.first
        else { return nil }
        switch (kind, body) {
        case ("value", _) where path.count == 1:
            return try value(body, Self.apart(scene))
        case ("lifecycle", .array(let stages)) where path.count == 1:
            for case .object(let stage) in stages {
                if Self.truth(try value(stage["when"] ?? .null, Self.apart(scene))) == true {
                    return stage["name"].map { Self.untyped($0) }
                }
            }
            return .missing
        case ("rfm", .object(let definition)) where path.count == 2:
            return score(definition, path[1], scene.customer)
        default: return nil
        }
    }

    /// 1 and one more for each cut point that the customer is better than.
    private func score(_ definition: JSONObject, _ part: String, _ customer: Customer) -> LogicValue {
        let items = selected(definition, customer).filter {
            if case .number(let number) = $0.value { FixedDecimal(number) != nil } else { false }
        }
        guard let newest = items.last, case .object(let cuts)? = definition["scores"] else { return .missing }
        func score(_ name: String, _ isBetter: (Double) -> Bool) -> Int {
            1
                + Self.listed(cuts[name] ?? .null).count {
                    if case .number(let cut) = $0 { isBetter(cut) } else { false }
                }
        }
        let today = customer.zone.date(at: customer.now).dayNumber
        let days = Double(today - customer.zone.date(at: newest.time).dayNumber)
        var sum = FixedDecimal.zero
        for case .number(let number) in items.map(\.value) {
            sum = FixedDecimal(number).flatMap { sum.adding($0) } ?? sum
        }
        let recency = score("recency") { days < $0 }
        let frequency = score("frequency") { Double(items.count) > $0 }
        let monetary = score("monetary") { sum.doubleValue > $0 }
        switch part {
        case "r": return .number(Double(recency))
        case "f": return .number(Double(frequency))
        case "m": return .number(Double(monetary))
        case "code": return .string("\(recency)\(frequency)\(monetary)")
        case "group":
            // Rows: recency 5 to 1; columns: the mean of the other two, 1 to 5.
            let groups = [
                ["new", "potential-loyalist", "potential-loyalist", "champions", "champions"],
                ["promising", "potential-loyalist", "potential-loyalist", "loyal", "loyal"],
                ["about-to-sleep", "about-to-sleep", "needs-attention", "loyal", "loyal"],
                ["hibernating", "hibernating", "at-risk", "at-risk", "cant-lose-them"],
                ["hibernating", "hibernating", "at-risk", "at-risk", "cant-lose-them"],
            ]
            return .string(groups[5 - recency][(frequency + monetary + 1) / 2 - 1])
        default: return .missing
        }
    }

    /// The events that a trait looks at, oldest first, each with its property, or else its instant.
    private func selected(
        _ definition: JSONObject, _ customer: Customer
    ) -> [(time: Timestamp, value: LogicValue)] {
        let types = Self.texts(definition["event"])
        var items: [(time: Timestamp, value: LogicValue)] = []
        for event in Self.byTime(customer.happened)
        where types.contains(event.type) && counts(event, definition, customer) {
            if let filter = definition["where"] {
                // A filter knows the event alone, at the event's own time.
                let bare = Customer(
                    id: "", attributes: [:], happened: [], now: event.time, zone: .utc, event: event,
                    eventTypes: types)
                guard (try? isTrue(filter, for: bare)) ?? false else { continue }
            }
            guard case .string(let name)? = definition["property"] else {
                items.append((event.time, .instant(event.time)))
                continue
            }
            let value = property(Self.path(.string(name)), of: event, types: types)
            if value != .missing { items.append((event.time, value)) }
        }
        return items
    }

    /// Whether an event counts now: by its age, or because its period of the calendar is today's.
    private func counts(_ event: Event, _ definition: JSONObject, _ customer: Customer) -> Bool {
        func age(_ json: JSONValue?) -> Timestamp? {
            guard case .string(let text)? = json, let length = ISODuration(text: text)?.fixedMilliseconds else {
                return nil
            }
            return event.time.advanced(byMilliseconds: length)
        }
        if let end = age(definition["within"]) { return event.time <= customer.now && customer.now < end }
        if case .array(let ages)? = definition["between"], ages.count == 2, let end = age(ages[0]),
            let begin = age(ages[1])
        {
            return begin <= customer.now && customer.now < end
        }
        if case .string(let word)? = definition["calendar"], let period = CalendarPeriod(rawValue: word) {
            let bounds = period.bounds(around: customer.now, in: customer.zone)
            return bounds.from <= event.time && event.time <= customer.now
        }
        return true
    }

    /// How many ids there are whose newest event by time is an opening one.
    private func open(_ definition: JSONObject, _ happened: [Event]) -> Int {
        let (opened, closed) = (Self.texts(definition["opened"]), Self.texts(definition["closed"]))
        guard case .string(let name)? = definition["by"] else { return 0 }
        var states: [(id: String, isOpen: Bool)] = []
        for event in Self.byTime(happened) where opened.contains(event.type) || closed.contains(event.type) {
            let value = Self.descend(Self.path(.string(name)), into: .object(event.properties))
            guard value != .missing else { continue }
            let id = Self.text(value)
            states.removeAll { $0.id.utf8.elementsEqual(id.utf8) }
            states.append((id, opened.contains(event.type)))
        }
        return states.count { $0.isOpen }
    }

    /// By time, of equal ones the earlier received first, else as they came.
    private static func byTime(_ events: [Event]) -> [Event] {
        events.enumerated().sorted {
            ($0.element.time, $0.element.receivedAt, $0.offset) < ($1.element.time, $1.element.receivedAt, $1.offset)
        }.map(\.element)
    }
}
