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
            let metrics = try await service.work.run { try service.dispatcher.metrics() }
            let now = service.clock.now()
            let settings = service.environment.destinations
            let items = try await service.read { store -> [JSONValue] in
                let queues = try store.destinationQueues()
                let disabled = try store.disabledDestinations()
                let names = Set(settings.map(\.name) + queues.map(\.destination) + disabled.map(\.name))
                return try names.sorted().map { name in
                    let off = disabled.first { $0.name == name }
                    let seen = metrics.first { $0.destination == name }
                    func count(_ state: DeliveryState) -> JSONValue {
                        .number(Double(queues.first { $0.destination == name && $0.state == state }?.count ?? 0))
                    }
                    let failure = try store.lastFailure(at: name)
                    let pausedUntil = try DestinationPauses.until(name, in: store, now: now)
                    return .object(
                        JSONObject(uniqueMembers: [
                            ("name", .string(name)),
                            ("type", settings.first { $0.name == name }.map { .string($0.type) } ?? .null),
                            ("state", .string(off != nil ? "disabled" : pausedUntil != nil ? "pauses" : "delivers")),
                            ("breaker", seen.map { .string($0.breaker.rawValue) } ?? .null),
                            ("waiting", count(.waiting)), ("sending", count(.sending)), ("parked", count(.parked)),
                            ("dead", count(.dead)),
                            ("disabledSince", off.map { .string($0.since.iso8601) } ?? .null),
                            ("disabledReason", off.map { .string($0.reason) } ?? .null),
                            ("pausedUntil", pausedUntil.map { .string($0.iso8601) } ?? .null),
                            ("lastFailureAt", failure.map { .string($0.at.iso8601) } ?? .null),
                            ("lastFailure", failure.map { .string($0.detail) } ?? .null),
                        ]))
                }
            }
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
            guard isOff != isDisabled else { return false }
            try store.setDestination(name, disabled: isDisabled, since: now, reason: isDisabled ? reason : "")
            return true
        }
        if isChanged {
            call.service.dispatcher.wake()
            try call.note(isDisabled ? "destinations.disable" : "destinations.enable", name)
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
        let trial = try await call.service.work.run(.heavy) {
            try DestinationTrial.run(order, to: destination, now: now)
        }
        try call.note("destinations.test", name)
        return call.json([
            "delivered": .bool(trial.result.kind == .delivered), "status": .number(Double(trial.result.status)),
            "detail": .string(trial.result.detail), "milliseconds": .number(Double(trial.milliseconds)),
            "place": .string(trial.place),
        ])
    }
}
