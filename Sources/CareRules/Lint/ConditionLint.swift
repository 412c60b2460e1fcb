import CareLogic
import CareValues

/// What is said of conditions that come out the same for everybody.
extension CampaignReader {
    /// Looks at the conditions of a campaign that have been read without an error.
    mutating func warnAboutConditions(_ read: ReadConditions, _ subject: String) {
        guard var analysis else { return }
        defer { self.analysis = analysis }
        var asked: [JSONNode] = []
        for place in [read.triggerWhere, read.condition] {
            guard let place else { continue }
            var constants: [ConditionAnalysis.Constant] = []
            if !analysis.outcomes(place, &constants).contains(.yes) {
                neverFires(at: place, subject, constants.first?.reason)
                return
            }
            for constant in constants { findings.warning(constant) }
            asked.append(place)
        }
        if let change = read.trigger?.member("change"), let from = change.member("from"), let to = change.member("to"),
            from.kind == .string, from.string == to.string
        {
            neverFires(at: to, subject, "a change from a value to itself is none")
            return
        }
        let demands = demandsOfTrigger(read.trigger)
        if let reason = analysis.contradiction(asked, beside: demands), let place = asked.last {
            neverFires(at: place, subject, "never both: " + reason)
            return
        }
        for exit in read.exits {
            var constants: [ConditionAnalysis.Constant] = []
            _ = analysis.outcomes(exit, &constants)
            for constant in constants { findings.warning(constant) }
        }
        for step in read.steps {
            let outer = [read.condition].compactMap { $0 }
            warnAboutLater(step.member("condition"), beside: outer, "the step is never run", &analysis)
            for action in step.member("actions")?.elements.map({ $0 }) ?? [] {
                let beside = outer + [step.member("condition")].compactMap { $0 }
                warnAboutLater(action.member("condition"), beside: beside, "the action is never done", &analysis)
                for one in action.member("firstOf")?.elements.map({ $0 }) ?? [] {
                    warnAboutLater(one.member("condition"), beside: beside, "the action is never done", &analysis)
                }
            }
        }
    }

    /// A condition that is asked together with others.
    private mutating func warnAboutLater(
        _ node: JSONNode?, beside others: [JSONNode], _ consequence: String, _ analysis: inout ConditionAnalysis
    ) {
        guard let node else { return }
        var constants: [ConditionAnalysis.Constant] = []
        _ = analysis.outcomes(node, &constants)
        for constant in constants { findings.warning(constant) }
        guard constants.isEmpty, let reason = analysis.contradiction(others + [node]) else { return }
        findings.warning(
            "rule.never-true", at: node.operatorPlace, consequence, help: "never both: " + reason)
    }

    private mutating func neverFires(at node: JSONNode, _ subject: String, _ help: String?) {
        findings.warning(
            "rule.never-fires", at: node.operatorPlace, "\(subject) can never fire",
            help: help ?? "its condition is never true")
    }

    /// What holds whenever the trigger fires: the segment that was entered, the value it changed to.
    private func demandsOfTrigger(_ trigger: JSONNode?) -> [Demand] {
        guard let trigger, let schema, let analysis else { return [] }
        var demands: [Demand] = []
        if let name = trigger.member("segment")?.member("entered")?.string, let node = analysis.segments[name] {
            var seen: Set<String> = [name]
            analysis.collect(node, via: name, &seen, &demands)
        }
        if let change = trigger.member("change"), let name = change.member("of")?.string, let to = change.member("to"),
            let term = Term(name: name, schema), let words = term.words
        {
            let texts = to.kind == .array ? to.elements.compactMap(\.string) : [to.string].compactMap { $0 }
            guard to.kind != .array || texts.count == to.count, !texts.isEmpty else { return demands }
            demands.append(
                Demand(
                    term: term, domain: .texts(Set(texts).intersection(words)), acceptsMissing: false, literal: to.text
                ))
        }
        return demands
    }
}

/// The conditions of one campaign that have no error, where they stand.
struct ReadConditions {
    var trigger: JSONNode?
    var triggerWhere: JSONNode?
    var condition: JSONNode?
    /// The conditions of exits.
    var exits: [JSONNode] = []
    /// The steps as they are written; a campaign with `actions` is one.
    var steps: [JSONNode] = []
}

extension Findings {
    /// A part of a condition that is always, or never, true.
    mutating func warning(_ constant: ConditionAnalysis.Constant) {
        warning(
            constant.isTrue ? "rule.always-true" : "rule.never-true", at: constant.place,
            constant.isTrue ? "this is always true" : "this is never true", help: constant.reason)
    }

    /// The conditions of segments, pauses and traits.
    mutating func warnAboutSharedConditions(of files: MergedFiles, _ analysis: inout ConditionAnalysis) {
        // What an error leaves of the declarations is not to be reasoned with.
        guard !hasErrors else { return }
        func look(_ node: JSONNode?, _ findings: inout Findings) -> Bool {
            guard let node, node.kind == .object else { return false }
            var constants: [ConditionAnalysis.Constant] = []
            _ = analysis.outcomes(node, &constants)
            for constant in constants { findings.warning(constant) }
            return constants.isEmpty
        }
        for segment in files.segments where look(segment.value, &self) {
            guard let reason = analysis.contradiction([segment.value]) else { continue }
            warning(
                "rule.never-true", at: segment.value.operatorPlace,
                "segment '\(segment.key.string ?? "")' never has a member", help: "never both: " + reason)
        }
        for policy in files.policies where policy.key.string == "pauses" && policy.value.kind == .array {
            for pause in policy.value.elements { _ = look(pause.member("when"), &self) }
        }
        for trait in files.traits where trait.value.kind == .object {
            for (_, definition) in trait.value.members { _ = look(definition.member("where"), &self) }
        }
    }
}

extension JSONNode {
    /// Where a finding about a whole condition stands: its operator's name, or the literal.
    var operatorPlace: JSONNode {
        kind == .object ? members.first { _ in true }?.key ?? self : self
    }
}
