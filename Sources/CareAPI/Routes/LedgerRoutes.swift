import CareDecisions
import CareEngine
import CareStore
import CareValues
import Hummingbird

/// What was decided, the newest first: who got what, who did not and why.
public struct LedgerRoutes: RouteSet {
    /// The routes.
    public init() {}

    /// Adds them.
    public func add(to routes: RouteTable) {
        routes.get("/v1/ledger", .scope(.read)) { call in
            let limit = try call.number("limit", usual: 100, in: 1...1_000)
            let before = try Cursor.sent(call).map(Self.place)
            let filter = try Self.filter(call)
            let schema = try call.service.rules.rules.schema
            let showsPII = try await call.showsPII()
            let found = try await call.service.read { store in
                try Problem.reading { try store.ledger(filter, before: before, limit: limit + 1) }
            }
            return call.json(
                Cursor.page(
                    found, limit: limit, item: { LedgerView.json(showsPII ? $0.entry : $0.entry.masked(schema)) },
                    cursor: { Cursor.make("\($0.place.now.milliseconds) \($0.place.number)") }))
        }
    }

    /// What the query asks for.
    private static func filter(_ call: Call) throws -> LedgerFilter {
        var filter = LedgerFilter(
            customer: call.query("customer"), reason: call.query("reason"), from: try call.instant("from"),
            until: try call.instant("until"))
        if let name = call.query("campaign") {
            // A campaign that was renamed keeps its ledger; one that is gone is asked for by the name it had first.
            let rules = try call.service.rules.rules
            filter.campaign = rules.index(ofCampaign: name).map { rules.campaigns[$0].identity } ?? name
        }
        if let outcome = call.query("outcome") {
            guard Outcome(rawValue: outcome) != nil else {
                throw Problem(
                    400, "bad-query",
                    "outcome is one of \(Outcome.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            filter.outcome = outcome
        }
        return filter
    }

    /// The place that a cursor stands for. - Throws: a ``Problem`` when it is none.
    private static func place(_ cursor: String) throws -> LedgerPlace {
        let parts = try Cursor.text(cursor).split(separator: " ").map { Int64($0) }
        guard parts.count == 2, let now = parts[0], let number = parts[1], (-(1 << 53)...(1 << 53)).contains(now) else {
            throw Problem(400, "bad-cursor", "the cursor is none of ours")
        }
        return LedgerPlace(now: Timestamp(milliseconds: now), number: number)
    }
}
