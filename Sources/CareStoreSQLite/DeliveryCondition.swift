import CareStore
import CareValues

/// A filter of deliveries as SQL: the table with the index that serves, and what its columns must be.
///
/// A filter over several states is several conditions, one a state: each state has an index of its own, or is what most
/// rows are in.
struct DeliveryCondition {
    /// `outbox INDEXED BY … WHERE …`; ?1 and ?2 are left to the query around it.
    let table: String
    private let texts: [(place: Int32, value: String)]
    private let integers: [(place: Int32, value: Int64)]
    private let ids: [(place: Int32, value: DeliveryID)]

    /// The conditions that together stand for `filter`; each row fits at most one of them.
    static func parts(of filter: DeliveryFilter) -> [DeliveryCondition] {
        if !filter.ids.isEmpty || filter.states.isEmpty { return [DeliveryCondition(filter, state: nil)] }
        return DeliveryState.allCases.filter(filter.states.contains).map { DeliveryCondition(filter, state: $0) }
    }

    private init(_ filter: DeliveryFilter, state: DeliveryState?) {
        var index = ""
        var conditions: [String] = []
        var texts: [(place: Int32, value: String)] = []
        var integers: [(place: Int32, value: Int64)] = []
        var ids: [(place: Int32, value: DeliveryID)] = []
        var place: Int32 = 3
        func next() -> Int32 {
            defer { place += 1 }
            return place
        }
        switch state {
        case .waiting?: (index, conditions) = (" INDEXED BY outbox_waiting", ["state = 0"])
        case .sending?: (index, conditions) = (" INDEXED BY outbox_sending", ["state = 1"])
        case .delivered?: (index, conditions) = (" NOT INDEXED", ["state = 2"])
        case .parked? where filter.answerLost == true:
            (index, conditions) = (" INDEXED BY outbox_lost", ["state = \(DeliveryState.parked.code)"])
        case let state?:
            // By the state alone they come in the order of their numbers.
            let serving = filter.destination == nil ? "outbox_aside" : "outbox_aside_for"
            (index, conditions) = (" INDEXED BY \(serving)", ["state > 2", "state = \(state.code)"])
        case nil:
            if !filter.states.isEmpty {
                conditions.append(
                    "state IN (\(filter.states.map { String($0.code) }.sorted().joined(separator: ", ")))")
            }
        }
        if !filter.ids.isEmpty {
            let places = filter.ids.map { id in
                let place = next()
                ids.append((place, id))
                return "?\(place)"
            }
            conditions.append("id IN (\(places.joined(separator: ", ")))")
        }
        for (column, value) in [
            ("destination", filter.destination), ("campaign", filter.campaign), ("customer", filter.customer),
        ] {
            guard let value else { continue }
            let place = next()
            conditions.append("\(column) = ?\(place)")
            texts.append((place, value))
        }
        if let from = filter.decidedFrom {
            let place = next()
            conditions.append("decidedAt >= ?\(place)")
            integers.append((place, from.milliseconds))
        }
        if let until = filter.decidedUntil {
            let place = next()
            conditions.append("decidedAt < ?\(place)")
            integers.append((place, until.milliseconds))
        }
        if let expired = filter.expiredBy {
            let place = next()
            conditions.append("expiresAt <= ?\(place)")
            integers.append((place, expired.milliseconds))
        }
        switch filter.answerLost {
        case true?: conditions.append("staysParked = 1 AND state = 4")
        case false?: conditions.append("NOT (staysParked = 1 AND state = 4)")
        case nil: break
        }
        table = "outbox\(index)" + (conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND "))
        self.texts = texts
        self.integers = integers
        self.ids = ids
    }

    /// The rows' numbers, for a statement that changes them; `further` is a condition of its own, or empty.
    func numbers(where further: String = "") -> String {
        let word = table.contains(" WHERE ") ? " AND " : " WHERE "
        return "SELECT number FROM \(table)" + (further.isEmpty ? "" : word + further)
    }

    /// Gives the places from ?3 on their values.
    func bind(to query: RawStatement) throws {
        for (place, value) in texts { query.bind(place, value) }
        for (place, value) in integers { query.bind(place, value) }
        for (place, value) in ids { query.bind(place, high: value.high, low: value.low) }
    }
}
