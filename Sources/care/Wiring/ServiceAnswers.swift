import CareAPI
import CareEngine
import CarePlanning
import CareRules
import CareStore
import CareStoreSQLite
import CareValues

/// What the commands' views answer to those who ask a running service: what `--format json` prints, of the rules in force.
struct ServiceAnswers: Sendable {
    let workspace: Workspace
    let store: SQLiteStore
    let live: LiveEngine

    /// The questions, answered by this; `readRules` reads the rule files.
    func questions(_ readRules: @escaping @Sendable () throws -> CandidateRules) -> ServiceQuestions {
        ServiceQuestions(
            readRules: readRules, checkRules: { try workspace.loaded($0).diagnostics },
            plan: { question in try refusals { try plan(question) } },
            explain: { question in try refusals { try explain(question) } },
            diff: { files, days in try refusals { try diff(files, days, readRules) } })
    }

    private var rules: CandidateRules {
        get throws {
            guard let rules = live.rules else { throw LiveRefusal.notRunning }
            return rules.candidate
        }
    }

    private func plan(_ question: ServiceQuestions.Plan) throws -> JSONValue {
        let candidate = try rules
        if let campaign = question.campaign { try require(campaign, in: candidate) }
        let request = PlanRunner.Request(
            at: question.at, days: question.days, campaign: question.campaign, customer: question.customer)
        let runner = PlanRunner(store: store, zones: workspace.zones, realNow: workspace.console.now())
        var plan = try runner.plan(candidate, request, threads: 1)
        guard plan.customerIsKnown else {
            throw Problem(404, "unknown-customer", "the store has no such customer")
        }
        plan.maskPersonalValues(under: candidate.rules)
        var view = PlanView(plan: plan, store: workspace.shownStore)
        for settings in workspace.environment.destinations {
            if let rate = settings.attemptsPerSecond { view.rates[settings.name] = rate }
        }
        return view.json
    }

    private func explain(_ question: ServiceQuestions.Explain) throws -> JSONValue {
        let candidate = try rules
        let explanation = try store.read { snapshot in
            try Explainer.explain(
                Explainer.Question(
                    customer: question.customer, campaign: question.campaign, at: question.at,
                    showsPII: question.showsPII),
                candidate, in: snapshot, zones: workspace.zones, realNow: workspace.console.now())
        }
        return ExplainView(
            explanation: explanation, schema: candidate.rules.schema, showsPII: question.showsPII
        ).json
    }

    private func diff(
        _ files: ServiceQuestions.RuleTexts?, _ days: Int, _ readRules: () throws -> CandidateRules
    ) throws -> JSONValue {
        let before = try rules
        let after: CandidateRules
        if let files {
            let loaded = try workspace.loaded(files)
            guard let rules = loaded.rules else { throw FilesRefused(loaded.diagnostics) }
            after = rules
        } else {
            after = try readRules()
        }
        let result = try DiffRunner(store: store, zones: workspace.zones, realNow: workspace.console.now())
            .diff(before, after, days: days, threads: 1)
        return DiffView(
            result: result, places: ChangedPlace.between(before.rules.canonicalText, after.rules.canonicalText),
            days: days, showsAll: false
        ).json
    }

    private func require(_ campaign: String, in candidate: CandidateRules) throws {
        guard candidate.rules.index(ofCampaign: campaign) == nil else { return }
        throw Problem(404, "unknown-campaign", "the rules in force have no such campaign")
    }

    /// What `body` throws, in the words of the interface.
    private func refusals(_ body: () throws -> JSONValue) throws -> JSONValue {
        do {
            return try body()
        } catch EngineError.clockBehindStore(_, let store) {
            throw Problem(
                422, "clock-behind-store", "that is before the store's clock", more: [("clock", .string(store.iso8601))]
            )
        } catch Explainer.Refusal.unknownCustomer {
            throw Problem(404, "unknown-customer", "the store has no such customer")
        } catch Explainer.Refusal.unknownCampaign {
            throw Problem(404, "unknown-campaign", "the rules had no such campaign")
        }
    }
}

extension Workspace {
    /// The rules of files given as texts, all of them together, as the environment's destinations and holidays are; and
    /// the findings in them.
    func loaded(
        _ files: ServiceQuestions.RuleTexts
    ) throws -> (rules: CandidateRules?, diagnostics: [Diagnostic]) {
        let holidays = try HolidayFiles.table(of: environment, console: console)
        let loaded = RuleSetLoader.load(
            files.map { RuleSource(file: $0.name, bytes: $0.bytes) }, destinations: environment.destinationNames,
            holidays: holidays, zones: zones)
        let rules = loaded.ruleSet.map { CandidateRules(rules: $0, zone: environment.timeZone, holidays: holidays) }
        return (rules, loaded.diagnostics)
    }
}
