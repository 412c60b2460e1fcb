import CareEngine
import CareValues
import Hummingbird

/// What the commands answer with `--format json`. All of it blocks, and throws a ``Problem`` for what cannot be answered.
public protocol CommandAnswers: Sendable {
    /// The plan of the rules in force.
    func plan(_ question: PlanQuestion) throws -> JSONValue
    /// Why, or why not.
    func explain(_ question: ExplainQuestion) throws -> JSONValue
    /// What these files (nil: those on disk) would do otherwise than the rules in force, for so many days.
    /// - Throws: ``FilesRefused`` too.
    func diff(_ files: RuleTexts?, days: Int) throws -> JSONValue
    /// All that is stored of a customer, nothing masked.
    func export(customer: String) throws -> JSONValue
    /// Forgets a customer everywhere.
    func erase(customer: String) throws -> JSONValue
    /// Lets facts about an erased customer in again.
    func readmit(customer: String) throws -> JSONValue
}

/// What is asked of a plan.
public struct PlanQuestion: Sendable, Hashable {
    /// The clock it starts at; nil: now.
    public var at: Timestamp?
    /// How many days, 1 … 366.
    public var days = 7
    /// Only this campaign.
    public var campaign: String?
    /// Only this customer.
    public var customer: String?

    /// Seven days from now, of everything.
    public init() {}
}

/// Why, or why not.
public struct ExplainQuestion: Sendable, Hashable {
    /// The customer's id.
    public var customer: String
    /// The campaign's name.
    public var campaign: String
    /// As of when; nil: the store's clock.
    public var at: Timestamp?
    /// Whether personal attributes are shown.
    public var showsPII: Bool
}

/// Plans, explanations and comparisons; a customer handed out or forgotten.
public struct QuestionRoutes: RouteSet {
    private let answers: any CommandAnswers

    /// The routes, answered by `answers`.
    public init(_ answers: any CommandAnswers) {
        self.answers = answers
    }

    /// Adds them.
    public func add(to routes: RouteTable) {
        let answers = answers
        routes.get("/v1/plan", .scope(.read)) { call in
            var question = PlanQuestion()
            question.days = try call.number("days", usual: 7, in: 1...366)
            question.at = try call.instant("at")
            question.campaign = call.query("campaign")
            question.customer = call.query("customer")
            let asked = question
            return call.json(try await call.service.work.run(.heavy) { try answers.plan(asked) })
        }
        routes.get("/v1/explain", .scope(.read)) { call in
            guard let customer = call.query("customer"), let campaign = call.query("campaign") else {
                throw Problem(400, "bad-query", "say whom and about what: customer and campaign")
            }
            let question = ExplainQuestion(
                customer: customer, campaign: campaign, at: try call.instant("at"),
                showsPII: try await call.showsPII())
            return call.json(try await call.service.work.run { try answers.explain(question) })
        }
        routes.post("/v1/diff", .scope(.read)) { call in
            let days = try call.number("days", usual: 30, in: 1...366)
            let body = try await call.body()
            let files = body.isEmpty ? nil : try RuleRoutes.files(try await call.json().root["files"])
            return call.json(
                try await call.service.work.run(.heavy) {
                    do {
                        return try answers.diff(files, days: days)
                    } catch let refused as FilesRefused {
                        throw Problem.findings(
                            refused.diagnostics, "the rule files have mistakes; nothing was compared")
                    }
                })
        }
        routes.get("/v1/customers/:id/export", .scope(.admin)) { call in
            let id = try call.parameter("id")
            let json = try await call.service.work.run(.heavy) { try answers.export(customer: id) }
            try await call.note("customers.export")
            return call.json(json)
        }
        routes.delete("/v1/customers/:id", .scope(.admin)) { call in
            let id = try call.parameter("id")
            let json = try await call.service.work.run(.deed) { try answers.erase(customer: id) }
            try await call.note("customers.erase")
            return call.json(json)
        }
        routes.post("/v1/customers/:id/readmit", .scope(.admin)) { call in
            let id = try call.parameter("id")
            let json = try await call.service.work.run(.deed) { try answers.readmit(customer: id) }
            try await call.note("customers.readmit")
            return call.json(json)
        }
        routes.get("/v1/audit", .scope(.admin)) { call in
            let limit = try call.number("limit", usual: 100, in: 1...1_000)
            let service = call.service
            let entries = try await service.work.run { try service.audit.entries(limit: limit) }
            return call.json(["items": .array(entries.map(\.json))])
        }
    }
}
