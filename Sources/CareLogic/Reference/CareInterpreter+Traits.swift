import CareValues

/// Traits, counted anew from all events.
extension CareInterpreter {
    /// A trait's value over the events that have happened; missing where there is none.
    func trait(_ declaration: JSONValue, _ happened: [Event], _ now: Timestamp) -> LogicValue {
        guard case .object(let object) = declaration, let (kind, body) = object.members.first,
            case .object(let definition) = body
        else { return .missing }
        if kind == "open" { return .number(Double(open(definition, happened))) }
        let items = selected(definition, happened, now)
        switch kind {
        case "count": return .number(Double(items.count))
        case "last": return items.last?.value ?? .missing
        case "first": return items.first?.value ?? .missing
        case "sum":
            var sum = FixedDecimal.zero
            for case .number(let number) in items.map(\.value) {
                sum = FixedDecimal(number).flatMap { sum.adding($0) } ?? sum
            }
            return .number(sum.doubleValue)
        default: return .missing
        }
    }

    /// The events that a trait looks at, oldest first, each with its property, or else its instant.
    private func selected(
        _ definition: JSONObject, _ happened: [Event], _ now: Timestamp
    ) -> [(time: Timestamp, value: LogicValue)] {
        let types = Self.texts(definition["event"])
        var window: Int64?
        if case .string(let text)? = definition["within"] { window = ISODuration(text: text)?.fixedMilliseconds }
        var items: [(time: Timestamp, value: LogicValue)] = []
        for event in Self.byTime(happened) where types.contains(event.type) {
            if let window, event.time > now || now >= event.time.advanced(byMilliseconds: window) { continue }
            if let filter = definition["where"] {
                // A filter knows the event alone, at the event's own time.
                let bare = Customer(
                    id: "", attributes: [:], now: event.time, zone: .utc, event: event, eventTypes: types)
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
