import CareAPI
import CareDispatch
import CareEngine
import CarePlanning
import CareRules
import CareStore
import CareStoreSQLite
import CareValues

/// What the commands' views answer to those who ask a running service: what `--format json` prints, of the rules in force.
struct ServiceAnswers: CommandAnswers {
    let workspace: Workspace
    let store: SQLiteStore
    let live: LiveEngine
    let dispatcher: Dispatcher

    private var rules: CandidateRules {
        get throws {
            guard let rules = live.rules else { throw LiveRefusal.notRunning }
            return rules.candidate
        }
    }

    func plan(_ question: PlanQuestion) throws -> JSONValue {
        let candidate = try rules
        if let campaign = question.campaign { try require(campaign, in: candidate) }
        let request = PlanRunner.Request(
            at: question.at, days: question.days, campaign: question.campaign, customer: question.customer)
        let runner = PlanRunner(store: store, zones: workspace.zones, realNow: workspace.console.now())
        var plan = try refusals { try runner.plan(candidate, request, threads: 1) }
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

    func explain(_ question: ExplainQuestion) throws -> JSONValue {
        let candidate = try rules
        let explanation = try refusals {
            try store.read { snapshot in
                try Explainer.explain(
                    Explainer.Question(
                        customer: question.customer, campaign: question.campaign, at: question.at,
                        showsPII: question.showsPII),
                    candidate, in: snapshot, zones: workspace.zones, realNow: workspace.console.now())
            }
        }
        return ExplainView(
            explanation: explanation, schema: candidate.rules.schema, showsPII: question.showsPII
        ).json
    }

    func diff(_ files: RuleTexts?, days: Int) throws -> JSONValue {
        let before = try rules
        let after: CandidateRules
        if let files {
            let loaded = try workspace.loaded(files)
            guard let rules = loaded.rules else { throw FilesRefused(loaded.diagnostics) }
            after = rules
        } else {
            after = try workspace.rulesOrFindings()
        }
        let result = try refusals {
            try DiffRunner(store: store, zones: workspace.zones, realNow: workspace.console.now())
                .diff(before, after, days: days, threads: 1)
        }
        return DiffView(
            result: result, places: ChangedPlace.between(before.rules.canonicalText, after.rules.canonicalText),
            days: days, showsAll: false
        ).json
    }

    func export(customer id: String) throws -> JSONValue {
        let record = try Problem.reading {
            try store.read { try CustomerRecord.read(id, in: $0, zones: workspace.zones) }
        }
        guard let record else { throw unknownCustomer }
        return record.export(
            at: workspace.console.now(),
            planned: try ApprovedPlans(storePath: store.path).lines(of: id),
            rejected: try store.read { try CustomerFiles.rejectedRows(of: id, in: $0) })
    }

    func erase(customer id: String) throws -> JSONValue {
        let dispatcher = dispatcher
        let eraser = Eraser(
            store: LiveStore(store, live: live), approved: ApprovedPlans(storePath: store.path),
            // An attempt under way ends or is waited for before the answer.
            revoke: { dispatcher.revoke($0, waitMilliseconds: 5_000) })
        do {
            let summary = try eraser.erase(id, at: workspace.console.now())
            try ErasureFile.write(of: store, at: store.path, workspace.console)
            return [
                "result": "erased", "at": .string(summary.erasure.at.iso8601),
                "facts": .number(Double(summary.content?.facts ?? 0)),
                "decisions": .number(Double(summary.content?.decisions ?? 0)),
                "deliveries": .number(Double(summary.content?.deliveries ?? 0)),
                "planLines": .number(Double(summary.planLines)),
                "rejectedRows": .number(Double(summary.rejectedRows)),
                "sendingIsOver": .bool(summary.isSendingOver),
                // What is left to do: the same request again does it.
                "unreadable": .array(summary.unreadable.map { .string($0.path) }),
                "logIsEmpty": .bool(summary.isLogEmpty),
            ]
        } catch Eraser.Refusal.unknown {
            throw unknownCustomer
        }
    }

    func readmit(customer id: String) throws -> JSONValue {
        let eraser = Eraser(
            store: LiveStore(store, live: live), approved: ApprovedPlans(storePath: store.path))
        do {
            let erasure = try eraser.readmit(id, at: workspace.console.now())
            try ErasureFile.write(of: store, at: store.path, workspace.console)
            return ["result": "readmitted", "at": .string((erasure.readmittedAt ?? erasure.at).iso8601)]
        } catch Eraser.Refusal.notErased {
            throw Problem(409, "not-erased", "this customer is not erased")
        }
    }

    private var unknownCustomer: Problem { Problem(404, "unknown-customer", "the store has no such customer") }

    private func require(_ campaign: String, in candidate: CandidateRules) throws {
        guard candidate.rules.index(ofCampaign: campaign) == nil else { return }
        throw Problem(404, "unknown-campaign", "the rules in force have no such campaign")
    }

    /// What `body` throws, in the words of the interface.
    private func refusals<Answer>(_ body: () throws -> Answer) throws -> Answer {
        do {
            return try Problem.reading(body)
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
        _ files: RuleTexts
    ) throws -> (rules: CandidateRules?, diagnostics: [Diagnostic]) {
        let holidays = try HolidayFiles.table(of: environment, console: console)
        let loaded = RuleSetLoader.load(
            files.map { RuleSource(file: $0.name, bytes: $0.bytes) }, destinations: environment.destinationNames,
            holidays: holidays, zones: zones)
        let rules = loaded.ruleSet.map { CandidateRules(rules: $0, zone: environment.timeZone, holidays: holidays) }
        return (rules, loaded.diagnostics)
    }

    /// The rules of the files. - Throws: ``FilesRefused`` when they have mistakes.
    func rulesOrFindings() throws -> CandidateRules {
        do {
            return try rules()
        } catch let failure as DiagnosticsFailure {
            throw FilesRefused(failure.diagnostics)
        }
    }
}
