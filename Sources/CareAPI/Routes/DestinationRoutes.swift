import CareDispatch
import CareEngine
import CareStore
import CareValues
import Hummingbird

/// Where deliveries go: how it stands there, on and off, a trial.
public struct DestinationRoutes: RouteSet {
    /// The routes.
    public init() {}

    /// Adds them.
    public func add(to routes: RouteTable) {
        routes.get("/v1/destinations", .scope(.read)) { call in
            let service = call.service
            let now = service.clock.now()
            let settings = service.environment.destinations
            let rows = try await service.read { try DestinationStanding.all(settings, in: $0, now: now) }
            let items = rows.sorted { $0.name < $1.name }.map(Self.json)
            return call.json(["items": .array(items)])
        }
        routes.post("/v1/destinations/:name/enable", .scope(.operate)) { call in
            try await Self.set(call, isDisabled: false)
        }
        routes.post("/v1/destinations/:name/disable", .scope(.operate)) { call in
            try await Self.set(call, isDisabled: true)
        }
        routes.post("/v1/destinations/:name/test", .scope(.operate)) { call in try await Self.test(call) }
    }

    private static func json(_ row: DestinationStanding) -> JSONValue {
        func count(_ state: DeliveryState) -> JSONValue { .number(Double(row.count(state))) }
        func instant(_ instant: Timestamp?) -> JSONValue { instant.map { .string($0.iso8601) } ?? .null }
        return .object(
            JSONObject(uniqueMembers: [
                ("name", .string(row.name)), ("type", row.type.map(JSONValue.string) ?? .null),
                ("state", .string(row.state.rawValue)), ("breaker", .string(row.breaker.rawValue)),
                ("breakerUntil", instant(row.breakerUntil)),
                ("waiting", count(.waiting)), ("sending", count(.sending)), ("parked", count(.parked)),
                ("dead", count(.dead)),
                ("disabledSince", instant(row.disabled?.since)),
                ("disabledReason", row.disabled.map { .string($0.reason) } ?? .null),
                ("pausedUntil", instant(row.pausedUntil)),
                ("lastFailureAt", instant(row.lastFailure?.at)),
                ("lastFailure", row.lastFailure.map { .string($0.detail) } ?? .null),
            ]))
    }

    private static func set(_ call: Call, isDisabled: Bool) async throws -> Response {
        let name = try call.parameter("name")
        let reason = call.query("reason") ?? "by \(call.identity?.name ?? "")"
        guard (1...200).contains(reason.utf8.count), !reason.utf8.contains(where: { $0 < 0x20 }) else {
            throw Problem(400, "bad-query", "reason is one line of 1 to 200 bytes")
        }
        let known = call.service.environment.destinations.contains { $0.name == name }
        let now = call.service.clock.now()
        let isChanged = try await call.service.live.perform { store, _ in
            let isOff = try store.disabledDestinations().contains { $0.name == name }
            if !known, !isOff, try !store.destinationQueues().contains(where: { $0.destination == name }) {
                throw Self.unknown
            }
            let isFailing = try !isDisabled && DestinationStanding.isFailing(name, in: store)
            guard isOff != isDisabled || isFailing else { return false }
            try store.switchDestination(name, disabledReason: isDisabled ? reason : nil, now: now)
            return true
        }
        if isChanged {
            call.service.dispatcher.set(name, disabledReason: isDisabled ? reason : nil)
            try await call.note(isDisabled ? "destinations.disable" : "destinations.enable", name)
        }
        return call.json(["state": isDisabled ? "disabled" : "delivers", "changed": .bool(isChanged)])
    }

    private static var unknown: Problem { Problem(404, "unknown-destination", "there is no such destination") }

    private static func test(_ call: Call) async throws -> Response {
        let name = try call.parameter("name")
        guard let destination = call.service.destinations.first(where: { $0.name == name }) else { throw unknown }
        let now = call.service.clock.now()
        let customer = "care-sample"
        let key = CanonicalJSON.array(of: ["care send", customer, now.iso8601, "1", "1"])
        let data = CanonicalJSON.text(
            .object(["customer": .string(customer), "sample": .bool(true), "text": "This is a sample of care."]))
        let order = NewDelivery(
            id: DeliveryID(hashing: key), customer: customer, campaign: "care send", key: key, destination: name,
            address: call.query("to") ?? "", type: "care.sample", data: data, decidedAt: now, expiresAt: nil)
        let trial = try await call.service.work.run(.deed) {
            try DestinationTrial.run(order, to: destination, now: now)
        }
        try await call.note("destinations.test", name)
        return call.json([
            "delivered": .bool(trial.result.kind == .delivered), "status": .number(Double(trial.result.status)),
            "detail": .string(trial.result.detail), "milliseconds": .number(Double(trial.milliseconds)),
            "place": .string(trial.place),
        ])
    }
}
