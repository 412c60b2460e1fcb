import CareEngine
import CareValues
import Hummingbird

/// Plans, explanations and comparisons, as the commands print them with `--format json`.
public struct QuestionRoutes: RouteSet {
    /// The routes.
    public init() {}

    /// Adds them.
    public func add(to routes: RouteTable) {
        routes.get("/v1/plan", .scope(.read)) { call in
            var question = ServiceQuestions.Plan()
            question.days = try call.number("days", usual: 7, in: 1...366)
            question.at = try call.instant("at")
            question.campaign = call.query("campaign")
            question.customer = call.query("customer")
            let (asked, service) = (question, call.service)
            return call.json(try await service.work.run(.heavy) { try service.questions.plan(asked) })
        }
        routes.get("/v1/explain", .scope(.read)) { call in
            guard let customer = call.query("customer"), let campaign = call.query("campaign") else {
                throw Problem(400, "bad-query", "say whom and about what: customer and campaign")
            }
            let question = ServiceQuestions.Explain(
                customer: customer, campaign: campaign, at: try call.instant("at"),
                showsPII: call.query("pii") == "true")
            let service = call.service
            return call.json(try await service.work.run { try service.questions.explain(question) })
        }
        routes.post("/v1/diff", .scope(.read)) { call in
            let days = try call.number("days", usual: 30, in: 1...366)
            let body = try await call.body()
            let files = body.isEmpty ? nil : try RuleRoutes.files(try await call.json().root["files"])
            let service = call.service
            return call.json(
                try await service.work.run(.heavy) {
                    do {
                        return try service.questions.diff(files, days)
                    } catch let refused as FilesRefused {
                        throw Problem.findings(
                            refused.diagnostics, "the rule files have mistakes; nothing was compared")
                    }
                })
        }
        routes.get("/v1/audit", .scope(.admin)) { call in
            let limit = try call.number("limit", usual: 100, in: 1...1_000)
            let service = call.service
            let entries = try await service.work.run { try service.audit.entries(limit: limit) }
            return call.json(["items": .array(entries.map(\.json))])
        }
    }
}
