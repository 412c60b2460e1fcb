import CareDecisions
import CareEngine
import CareLogic
import CareStore
import CareValues
import Hummingbird

/// What is known of customers. Attributes marked `pii` are masked unless `pii=true` is asked for.
public struct CustomerRoutes: RouteSet {
    /// The routes.
    public init() {}

    /// Adds them.
    public func add(to routes: RouteTable) {
        routes.get("/v1/customers", .scope(.read)) { call in
            let limit = try call.number("limit", usual: 100, in: 1...1_000)
            let after = try Cursor.sent(call).map(Cursor.text)
            let ids = try await call.service.read { try Self.ids(after: after, limit: limit + 1, in: $0) }
            return call.json(
                Cursor.page(ids, limit: limit, item: { ["id": .string($0)] }, cursor: { Cursor.make($0) }))
        }
        routes.get("/v1/customers/:id", .scope(.read)) { call in
            let id = try call.parameter("id")
            let (rules, zones, now) = (try call.service.rules, call.service.zones, call.service.clock.decisionNow)
            let showsPII = try await call.showsPII()
            let (json, tag) = try await call.service.read { store -> (JSONValue, String) in
                let view = try Problem.reading {
                    try CustomerView(id, rules, at: now, in: store, zones: zones)
                }
                guard let view else { throw Self.unknown }
                return (view.json(showsPII: showsPII), view.attributes.tag)
            }
            if let sent = call.header("if-none-match"), sent == "\"\(tag)\"" {
                return Response(status: .notModified, headers: [.eTag: sent])
            }
            var response = call.json(json)
            response.headers[.eTag] = "\"\(tag)\""
            return response
        }
        routes.get("/v1/customers/:id/timeline", .scope(.read)) { call in
            let id = try call.parameter("id")
            let limit = try call.number("limit", usual: 100, in: 1...1_000)
            let before = try Cursor.sent(call).map(Timeline.Place.init(cursor:)) ?? Timeline.Place()
            let (rules, zones, now) = (try call.service.rules, call.service.zones, call.service.clock.decisionNow)
            let showsPII = try await call.showsPII()
            let (found, mask) = try await call.service.read { store -> ([Timeline.Item], PersonalMask?) in
                let mask = try Problem.reading {
                    try CustomerView.mask(of: id, rules, at: now, in: store, zones: zones)
                }
                guard let mask else { throw Self.unknown }
                let found = try Problem.reading {
                    try Timeline.newestFirst(of: id, before: before, limit: limit + 1, in: store)
                }
                return (found, showsPII ? nil : mask)
            }
            return call.json(
                Cursor.page(found, limit: limit, item: { $0.json(mask) }, cursor: { $0.place.cursor }))
        }
    }

    static var unknown: Problem { Problem(404, "unknown-customer", "the store has no such customer") }

    private static func ids(after: String?, limit: Int, in store: any StoreSnapshot) throws -> [String] {
        var ids: [String] = []
        do {
            try store.scanCustomers(wakeUpBefore: nil, after: after, through: nil) { id, _, _, _ in
                ids.append(id)
                return ids.count < limit
            }
        } catch let error as StoreError where error.code == .missing {
            throw Problem(400, "bad-cursor", "the cursor leads nowhere any more; begin again without one")
        }
        return ids
    }
}

/// Where the next page begins, as clients carry it: text they need not understand.
enum Cursor {
    /// What the client sent; nil: nothing, or an empty text.
    static func sent(_ call: Call) -> String? {
        call.query("cursor").flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The cursor of a text.
    static func make(_ text: String) -> String {
        Array(text.utf8).map { byte in String(Int(byte) + 256, radix: 16).dropFirst() }.joined()
    }

    /// The cursor of a place in the store.
    static func make(_ place: Int64) -> String { make(String(place)) }

    /// The text of a cursor. - Throws: a ``Problem`` when it is none.
    static func text(_ cursor: String) throws -> String {
        let digits = Array(cursor.utf8)
        guard digits.count % 2 == 0, digits.count <= 4_096 else { throw bad }
        var bytes: [UInt8] = []
        for place in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[place..<place + 2], as: UTF8.self), radix: 16) else {
                throw bad
            }
            bytes.append(byte)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw bad }
        return text
    }

    /// The place in the store that a cursor stands for. - Throws: a ``Problem`` when it is none.
    static func place(_ cursor: String) throws -> Int64 {
        guard let place = Int64(try text(cursor)), place >= 0 else { throw bad }
        return place
    }

    static var bad: Problem { Problem(400, "bad-cursor", "the cursor is none of ours") }

    /// A page of at most `limit` items, of which one more than that was fetched where there is a next one.
    static func page<Item>(
        _ items: [Item], limit: Int, item: (Item) -> JSONValue, cursor: (Item) -> String
    ) -> JSONValue {
        let shown = items.prefix(limit)
        let next = items.count > limit ? shown.last.map { JSONValue.string(cursor($0)) } : nil
        return ["items": .array(shown.map(item)), "next": next ?? .null]
    }
}
