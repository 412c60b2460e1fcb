import CareDispatch
import CareEngine
import CareLogic
import CarePlanning
import CareStore
import CareValues
import Hummingbird

/// What goes out, and where to: looked at, put back, taken back.
public struct DeliveryRoutes: RouteSet {
    /// The routes.
    public init() {}

    /// Adds them.
    public func add(to routes: RouteTable) {
        routes.get("/v1/deliveries", .scope(.read)) { call in
            let limit = try call.number("limit", usual: 100, in: 1...1_000)
            let filter = try Self.filter(call)
            let before = try Cursor.sent(call).map(Cursor.place)
            let (found, counts) = try await call.service.read {
                store -> ([(place: Int64, delivery: StoredDelivery)], [DeliveryState: Int]?) in
                (
                    try store.deliveries(filter, before: before, limit: limit + 1),
                    before == nil ? try Self.counts(filter, in: store) : nil
                )
            }
            var answer = Cursor.page(
                found, limit: limit, item: { .object(JSONObject(uniqueMembers: $0.delivery.apiMembers)) },
                cursor: { Cursor.make($0.place) })
            if let counts, case .object(var members) = answer {
                members["counts"] = .object(
                    JSONObject(
                        uniqueMembers: DeliveryState.allCases.map { ($0.rawValue, .number(Double(counts[$0] ?? 0))) }))
                answer = .object(members)
            }
            return call.json(answer)
        }
        routes.get("/v1/deliveries/:id", .scope(.read)) { call in
            let id = try Self.id(call)
            let showsPII = try await call.showsPII()
            let found = try await call.service.read { store in
                (try store.deliveries(Self.only([id]), limit: 1).first, try store.attempts(of: id))
            }
            guard let delivery = found.0 else { throw Self.unknown }
            return call.json(delivery.api(found.1, showsPII: showsPII, try call.service.rules.rules.schema))
        }
        routes.post("/v1/deliveries/:id/redrive", .scope(.operate)) { call in
            let id = try Self.id(call)
            let late = try call.flag("late")
            return try await Self.redrive(call, Self.only([id]), late: late, one: id)
        }
        routes.post("/v1/deliveries/:id/cancel", .scope(.operate)) { call in
            let id = try Self.id(call)
            return try await Self.cancel(call, Self.only([id]), one: id)
        }
        routes.post("/v1/deliveries/redrive", .scope(.operate)) { call in
            let filter = try Self.narrowed(try Self.filter(call), to: [.dead, .parked])
            return try await Self.redrive(call, filter, late: try call.flag("late"), one: nil)
        }
        routes.post("/v1/deliveries/cancel", .scope(.operate)) { call in
            let filter = try Self.narrowed(try Self.filter(call), to: [.waiting, .sending, .parked])
            return try await Self.cancel(call, filter, one: nil)
        }
    }

    /// How many there are in each state: of all of a state the store keeps count, of others it must look.
    private static func counts(
        _ filter: DeliveryFilter, in store: any StoreSnapshot
    ) throws -> [DeliveryState: Int] {
        guard filter == DeliveryFilter(states: filter.states) else { return try store.deliveryCounts(filter) }
        let counts = try store.deliveryCounts()
        return filter.states.isEmpty ? counts : counts.filter { filter.states.contains($0.key) }
    }

    private static var unknown: Problem { Problem(404, "unknown-delivery", "there is no such delivery") }

    private static func only(_ ids: [DeliveryID]) -> DeliveryFilter {
        var filter = DeliveryFilter()
        filter.ids = ids
        return filter
    }

    private static func id(_ call: Call) throws -> DeliveryID {
        guard let id = DeliveryID(text: try call.parameter("id")) else { throw unknown }
        return id
    }

    /// What the query asks for.
    private static func filter(_ call: Call) throws -> DeliveryFilter {
        var filter = DeliveryFilter(
            destination: call.query("destination"), campaign: call.query("campaign"), customer: call.query("customer"),
            decidedFrom: try call.instant("from"), decidedUntil: try call.instant("until"))
        if let text = call.query("state") {
            for name in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
                guard let state = DeliveryState(rawValue: name) else {
                    throw Problem(
                        400, "bad-query",
                        "state is one or more of \(DeliveryState.allCases.map(\.rawValue).joined(separator: ", "))")
                }
                filter.states.insert(state)
            }
        }
        return filter
    }

    /// The same, of these states only. - Throws: a ``Problem`` when nothing else narrows it: that is no slip to carry out.
    private static func narrowed(_ filter: DeliveryFilter, to states: Set<DeliveryState>) throws -> DeliveryFilter {
        var filter = filter
        guard filter.destination != nil || filter.campaign != nil || filter.customer != nil else {
            throw Problem(422, "too-wide", "say which: by destination, campaign or customer")
        }
        filter.states = filter.states.isEmpty ? states : filter.states.intersection(states)
        guard !filter.states.isEmpty else {
            throw Problem(422, "wrong-state", "nothing in these states can be changed so")
        }
        return filter
    }

    private static func redrive(
        _ call: Call, _ filter: DeliveryFilter, late: Bool, one: DeliveryID?
    ) async throws -> Response {
        let clock = call.service.clock
        let wanted = filter
        let count = try await call.service.live.perform { store, _ in
            if let one {
                guard let delivery = try store.deliveries(Self.only([one]), limit: 1).first else { throw Self.unknown }
                guard delivery.state == .dead || delivery.state == .parked else {
                    throw Problem(409, "wrong-state", "it is \(delivery.state.rawValue), neither dead nor parked")
                }
                if !late, let expiresAt = delivery.order.expiresAt, expiresAt <= clock.decisionNow {
                    throw Problem(409, "expired", "it expired; with late=true it goes out all the same")
                }
            }
            var chosen = wanted
            // Those whose answer was lost might arrive twice: only by their id.
            if one == nil { chosen.answerLost = false }
            return try store.redrive(chosen, at: clock.now(), clock: clock.decisionNow, late: late)
        }
        call.service.dispatcher.wake()
        try await call.note("deliveries.redrive", one?.text ?? Self.text(filter))
        return call.json(["redriven": .number(Double(count))])
    }

    private static func cancel(_ call: Call, _ filter: DeliveryFilter, one: DeliveryID?) async throws -> Response {
        let reason = call.query("reason") ?? "by \(call.identity?.name ?? "")"
        guard (1...200).contains(reason.utf8.count), !reason.utf8.contains(where: { $0 < 0x20 }) else {
            throw Problem(400, "bad-query", "reason is one line of 1 to 200 bytes")
        }
        let wanted = filter
        let (count, claimed) = try await call.service.live.perform { store, _ -> (Int, [DeliveryID]) in
            if one != nil {
                guard let delivery = try store.deliveries(wanted, limit: 1).first else { throw Self.unknown }
                guard [.waiting, .sending, .parked].contains(delivery.state) else {
                    throw Problem(409, "wrong-state", "it is \(delivery.state.rawValue): there is nothing to cancel")
                }
            }
            return try store.cancel(wanted, reason: reason)
        }
        await call.service.takeBack(claimed)
        try await call.note("deliveries.cancel", one?.text ?? Self.text(filter))
        return call.json(["cancelled": .number(Double(count))])
    }

    /// The filter for the audit log: never a customer.
    private static func text(_ filter: DeliveryFilter) -> String {
        [
            filter.destination.map { "destination=\($0)" }, filter.campaign.map { "campaign=\($0)" },
            filter.customer.map { _ in "customer" },
        ].compactMap { $0 }.joined(separator: " ")
    }
}

extension StoredDelivery {
    /// What clients read of it, the message itself apart.
    var apiMembers: [(name: String, value: JSONValue)] {
        [
            ("id", .string(order.id.text)), ("customer", .string(order.customer)),
            ("campaign", .string(order.campaign)),
            ("destination", .string(order.destination)), ("type", .string(order.type)),
            ("state", .string(state.rawValue)), ("tries", .number(Double(attempts))),
            ("decidedAt", .string(order.decidedAt.iso8601)),
            ("expiresAt", order.expiresAt.map { .string($0.iso8601) } ?? .null),
            ("nextAttemptAt", state == .waiting ? .string(nextAttemptAt.iso8601) : .null), ("reason", .string(reason)),
        ]
    }

    /// All of it, with its attempts; address and data only where personal values are to be shown.
    func api(_ attempts: [StoredAttempt], showsPII: Bool, _ schema: Schema) -> JSONValue {
        var members = apiMembers
        members.append(("key", .string(showsPII ? order.key : Mask.key(order.key, schema))))
        members.append(("to", .string(showsPII ? order.address : PersonalText.masked(order.address))))
        members.append(("data", showsPII ? JSONValue(storedText: order.data) ?? .null : .null))
        members.append(
            (
                "attempts",
                .array(
                    attempts.map { attempt in
                        .object(
                            JSONObject(uniqueMembers: [
                                ("number", .number(Double(attempt.number))),
                                ("startedAt", .string(attempt.startedAt.iso8601)),
                                ("milliseconds", .number(Double(attempt.durationMilliseconds))),
                                ("outcome", .string(attempt.outcome.rawValue)),
                                ("status", .number(Double(attempt.status))), ("detail", .string(attempt.detail)),
                            ]))
                    })
            ))
        return .object(JSONObject(uniqueMembers: members))
    }
}
