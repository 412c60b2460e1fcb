import CareStore
import CareStoreSQLite
import CareValues
import Testing

@testable import care

/// A shop with three destinations and an outbox in which everything that can happen has happened.
struct DeliveryWorld {
    let world: World

    static let now = "2026-09-21T00:30:00Z"

    /// The id of the delivery of that name.
    static func id(_ name: String) -> DeliveryID { DeliveryID(hashing: name) }
    /// Its first twelve characters, as lists show it.
    static func short(_ name: String) -> String { String(id(name).text.prefix(12)) }

    static func at(_ text: String) throws -> Timestamp { try #require(Timestamp(iso8601: "2026-09-\(text)Z")) }

    /// An empty outbox.
    init() throws {
        world = try World(now: Self.now)
        try world.write(
            "care.json",
            #"""
            {
              "timeZone": "Asia/Shanghai",
              "store": "care.sqlite",
              "destinations": {
                "crm": { "type": "webhook", "url": "http://127.0.0.1:9/crm", "secret": "env:CARE_SECRET", "allowPrivateAddresses": true },
                "helpdesk": { "type": "webhook", "url": "http://127.0.0.1:9/help", "secret": "env:CARE_SECRET", "allowPrivateAddresses": true },
                "sms": { "type": "twilio", "accountSid": "AC1", "authToken": "env:SMS_TOKEN", "from": "+15557122661" }
              }
            }
            """#)
    }

    func write(_ body: (any StoreTransaction) throws -> Void) throws {
        let store = try SQLiteStore(path: world.folder + "/care.sqlite", access: .readWrite(owner: "test"))
        try store.write(body)
        try store.close()
    }

    func state(_ name: String) throws -> StoredDelivery {
        let store = try SQLiteStore(path: world.folder + "/care.sqlite", access: .readOnly)
        defer { try? store.close() }
        return try #require(try store.read { try $0.deliveries(idPrefix: Self.id(name).text, limit: 1) }.first)
    }

    static func order(
        _ name: String, to destination: String, campaign: String = "birthday-gold", customer: String = "c1042",
        decided: String, expires: String? = nil, address: String = "",
        data: String = #"{"customer":"c1042","email":"lin@example.com","turns":38,"vip":true}"#
    ) throws -> NewDelivery {
        NewDelivery(
            id: id(name), customer: customer, campaign: campaign,
            key: CanonicalJSON.array(of: [campaign, customer, name, "1", "1"]), destination: destination,
            address: address, type: "care.\(campaign)", data: data, decidedAt: try at(decided),
            expiresAt: try expires.map { try at($0) })
    }

    /// One delivery in each state, and two ways of being dead and parked.
    static func full() throws -> DeliveryWorld {
        let world = try DeliveryWorld()
        try world.write { store in
            func enqueue(_ order: NewDelivery) throws { try store.enqueue(order, firstAttemptAt: order.decidedAt) }
            func attempt(
                _ name: String, _ number: Int, _ time: String, _ outcome: StoredAttempt.Outcome, _ detail: String,
                _ state: DeliveryState, _ reason: String, next: String = "21T00:00:00", took: Int64 = 212
            ) throws {
                try store.setDelivery(id(name), state: .sending, nextAttemptAt: try at(next), reason: "")
                try store.record(
                    StoredAttempt(
                        delivery: id(name), number: number, startedAt: try at(time), durationMilliseconds: took,
                        outcome: outcome, status: outcome == .ok ? 204 : 503, detail: detail), state: state,
                    nextAttemptAt: try at(next), reason: reason)
            }
            try enqueue(try order("delivered", to: "crm", decided: "20T01:00:00"))
            try attempt("delivered", 1, "20T01:00:02", .ok, "", .delivered, "")
            try enqueue(try order("exhausted", to: "crm", campaign: "win-back", decided: "20T02:00:00"))
            try attempt(
                "exhausted", 1, "20T02:00:02", .failed, "500 Internal Server Error", .dead,
                "attempts exhausted: 500 Internal Server Error")
            try enqueue(try order("expired", to: "crm", decided: "20T03:00:00", expires: "20T16:00:00"))
            try store.setDelivery(id("expired"), state: .dead, nextAttemptAt: try at("20T16:00:00"), reason: "expired")
            try enqueue(
                try order(
                    "lost", to: "sms", campaign: "points", customer: "c7", decided: "20T04:00:00",
                    address: "+8613800001111"))
            try attempt("lost", 1, "20T04:00:01", .unknown, "connection lost", .parked, "answer lost: connection lost")
            try enqueue(try order("gone", to: "helpdesk", campaign: "complaint", decided: "21T00:00:00"))
            try attempt("gone", 1, "21T00:00:01", .failed, "410 Gone", .parked, "410 Gone")
            try store.setDestination("helpdesk", disabled: true, since: try at("21T00:00:01"), reason: "410 Gone")
            try enqueue(try order("waiting", to: "crm", decided: "21T00:10:00", expires: "26T01:00:00"))
            try attempt(
                "waiting", 1, "21T00:10:02", .failed, "503 Service Unavailable", .waiting, "503 Service Unavailable",
                next: "21T00:36:00")
            try attempt(
                "waiting", 2, "21T00:15:21", .unknown, "no answer in time", .waiting, "no answer in time",
                next: "21T00:46:00", took: 10_000)
            try enqueue(try order("cancelled", to: "crm", campaign: "win-back", decided: "21T00:20:00"))
            _ = try store.cancel(
                {
                    var filter = DeliveryFilter()
                    filter.ids = [id("cancelled")]
                    return filter
                }(), reason: "wrong coupon")
        }
        return world
    }

    func care(_ line: String) async -> World.Answer { await world.care(line) }
}
