import CareDecisions
import CareRules
import CareValues

extension RuleTestReader {
    /// `"nothing"`, one expectation, or a list of them.
    mutating func expectations(
        _ node: JSONNode, customer: String, _ test: RuleTest, under rules: RuleSet
    ) -> [RuleTest.Expectation] {
        if node.string == "nothing" { return [] }
        let nodes = node.kind == .array ? Array(node.elements) : [node]
        return nodes.compactMap { expectation($0, customer: customer, test, under: rules) }
    }

    private static let example = "for example \"win-back/hello act\" or \"birthday-gold hold paused\""

    private mutating func expectation(
        _ node: JSONNode, customer: String, _ test: RuleTest, under rules: RuleSet
    ) -> RuleTest.Expectation? {
        let members: [String: JSONNode]
        let decision: JSONNode
        if node.kind == .string {
            members = [:]
            decision = node
        } else {
            guard let found = self.members(node, .expectation) else { return nil }
            guard let named = found["decision"] else {
                error("test.missing-key", node, "an expectation needs 'decision'", Self.example)
                return nil
            }
            members = found
            decision = named
        }
        guard let text = decision.string, text != "nothing" else {
            error("test.bad-expectation", decision, "this is no decision", Self.example)
            return nil
        }
        guard var result = read(text, decision, test, under: rules) else { return nil }
        result.customer = customer
        if let node = members["customer"] {
            guard let id = node.string, test.customers.contains(where: { $0.id == id }) || test.customers.isEmpty else {
                error("test.unknown-customer", node, "no customer \(node.text)", nil)
                return nil
            }
            result.customer = id
        }
        result.destination = self.text(members["send"], "send")
        result.address = self.text(members["to"], "to")
        result.type = self.text(members["type"], "type")
        result.data = members["data"]?.value
        if let includes = members["dataIncludes"] {
            guard case .object(let object) = includes.value else {
                wrongType(includes, "'dataIncludes'", "an object of members that the data must have")
                return nil
            }
            result.dataIncludes = object
        }
        let ordered = ["to", "type", "data", "dataIncludes"].first { members[$0] != nil }
        if let ordered, result.outcome != .decision(.act, nil), let place = node.key(ordered) {
            error("test.conflict", place, "only an act sends something: '\(ordered)' has no meaning here", nil)
        }
        return result
    }

    private mutating func text(_ node: JSONNode?, _ name: String) -> String? {
        guard let node else { return nil }
        if node.string == nil { wrongType(node, "'\(name)'", "text") }
        return node.string
    }

    /// `CAMPAIGN[/STEP[/ACTION]] OUTCOME [REASON]`.
    private mutating func read(
        _ text: String, _ node: JSONNode, _ test: RuleTest, under rules: RuleSet
    ) -> RuleTest.Expectation? {
        let words = text.split(separator: " ").map(String.init)
        guard words.count >= 2, let (outcome, subject) = outcome(words, node) else {
            if words.count < 2 { error("test.bad-expectation", node, "'\(text)' is no decision", Self.example) }
            return nil
        }
        var parts = subject.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let name = parts.removeFirst()
        // A campaign that an edit took away still ends its entries.
        guard let index = rules.index(ofCampaign: name) ?? self.rules.index(ofCampaign: name) else {
            let near = nearest(name, in: rules.campaigns.map(\.name))
            error("test.unknown-campaign", node, "no campaign '\(name)'", near.map { "did you mean '\($0)'?" })
            return nil
        }
        if let only = test.campaigns, !only.contains(name), self.rules.index(ofCampaign: name) != nil {
            error(
                "test.unknown-campaign", node, "campaign '\(name)' does not run in this test", "add it to 'campaigns'")
            return nil
        }
        let isKnownNow = rules.index(ofCampaign: name) != nil
        let campaign = isKnownNow ? rules.campaigns[index] : self.rules.campaigns[index]
        if let step = parts.first {
            let before = self.rules.index(ofCampaign: name).map { self.rules.campaigns[$0].steps } ?? []
            let steps = campaign.steps + before
            guard steps.contains(where: { $0.name == step }) else {
                let near = nearest(step, in: steps.map(\.name))
                error(
                    "test.unknown-step", node, "campaign '\(name)' has no step '\(step)'",
                    near.map { "did you mean '\($0)'?" }
                        ?? "its steps: \(campaign.steps.map(\.name).joined(separator: ", "))")
                return nil
            }
            if parts.count > 1 {
                let actions = steps.filter { $0.name == step }.flatMap(\.actions).map(\.name)
                guard parts.count == 2, actions.contains(parts[1]) else {
                    error(
                        "test.unknown-action", node, "step '\(step)' has no action '\(parts[1])'",
                        nearest(parts[1], in: actions).map { "did you mean '\($0)'?" })
                    return nil
                }
            }
        }
        return RuleTest.Expectation(
            customer: "", campaign: name, identity: campaign.identity, step: parts.first,
            action: parts.count > 1 ? parts[1] : nil,
            outcome: outcome, line: document.position(ofOffset: node.offset).line)
    }

    /// The outcome and its reason at the end; what stands before them.
    private mutating func outcome(
        _ words: [String], _ node: JSONNode
    ) -> (RuleTest.Expectation.Outcome, subject: String)? {
        let outcomes = Outcome.allCases.map(\.rawValue) + ["none"]
        if let last = words.last, outcomes.contains(last) {
            let subject = words.dropLast().joined(separator: " ")
            guard last != "act" else { return (.decision(.act, nil), subject) }
            error("test.bad-expectation", node, "'\(last)' needs its reason", Self.reasons(of: last))
            return nil
        }
        let word = words[words.count - 2]
        guard words.count >= 3, outcomes.contains(word) else {
            let near = words.dropFirst().compactMap { nearest($0, in: outcomes) }.first
            error(
                "test.bad-expectation", node, "there is no outcome in it: \(outcomes.joined(separator: ", "))",
                near.map { "did you mean '\($0)'?" } ?? Self.example)
            return nil
        }
        let reason = words[words.count - 1]
        let subject = words.dropLast(2).joined(separator: " ")
        switch (word, reason) {
        case ("none", "where"): return (.whereFalse, subject)
        case ("none", "condition"): return (.conditionFalse, subject)
        default: break
        }
        guard word != "none", word != "act", let outcome = Outcome(rawValue: word),
            let known = Reason(rawValue: reason),
            Self.allowed[word]?.contains(reason) ?? false
        else {
            let allowed = Self.allowed[word] ?? []
            error(
                "test.bad-expectation", node, "'\(word)' has no reason '\(reason)'",
                nearest(reason, in: allowed).map { "did you mean '\($0)'?" } ?? Self.reasons(of: word))
            return nil
        }
        return (.decision(outcome, known), subject)
    }

    /// The reasons that each outcome can have.
    static let allowed: [String: [String]] = [
        "act": [],
        "hold": ["quiet_hours", "window_closed", "paused", "frequency_cap"],
        "suppress": [
            "holdout", "no_consent", "no_address", "frequency_cap", "quiet_hours", "paused", "not_chosen", "reentry",
            "excluded", "sentinel_date",
        ],
        "skip": ["too_late", "condition", "exited", "displaced", "campaign_removed"],
        "error": ["evaluation_error", "limit_exceeded", "template_error"],
        "none": ["where", "condition"],
    ]

    private static func reasons(of outcome: String) -> String {
        let reasons = allowed[outcome] ?? []
        return reasons.isEmpty ? "'act' stands alone" : "\(outcome) \(reasons.joined(separator: ", "))"
    }
}
