import CareEngine
import CareStore
import CareStoreSQLite
import CareValues

extension Workspace {
    /// The rules that a command goes by: those of the files, which it may put in force; inside a service, those that are in
    /// force there.
    ///
    /// - Throws: ``DiagnosticsFailure`` when the files have mistakes; a refusal when the service is not running.
    func rulesToGoBy(orElse summary: String) throws -> CandidateRules {
        guard let service else { return try rules(orElse: summary) }
        guard let rules = service.live.rules else { throw LiveRefusal.notRunning }
        noteOtherRules(rules.candidate)
        return rules.candidate
    }

    /// The rules in force in the store, for a command beside the service that holds it.
    func rulesInForce() throws -> CandidateRules {
        let store = try readableStore()
        let active = try store.read { try RulesInForce(in: $0, zones: zones).current.active }
        try store.close()
        let rules = CandidateRules(rules: active.rules, zone: active.projectZone, holidays: active.holidays)
        noteOtherRules(rules)
        return rules
    }

    /// Says so when the rule files say something else than the rules in force.
    private func noteOtherRules(_ inForce: CandidateRules) {
        guard !areOfTheFiles(inForce) else { return }
        console.errorLine(
            Style(console).warning("warning: ") + "the rule files are not what care serve has in force; it goes by the "
                + "rules in force. To put the files in force, send it SIGHUP or POST /v1/rules/reload.")
    }

    private func areOfTheFiles(_ inForce: CandidateRules) -> Bool {
        guard let files = try? rules() else { return false }
        return files.rules.canonicalText == inForce.rules.canonicalText && files.zone == inForce.zone
            && files.holidayText == inForce.holidayText
    }

    /// Has the service take up new cut points of these rules, if they are what it has in force; else it does so when it
    /// reads the rules again.
    func takesUpCutPoints(_ candidate: CandidateRules) {
        guard let service, let inForce = service.live.rules?.candidate, areOfTheFiles(inForce) else { return }
        service.reload()
    }
}
