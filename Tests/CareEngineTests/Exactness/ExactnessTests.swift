import CareDecisions
import CareRules
import CareThreads
import CareValues
import Testing

/// A plan of N days equals what the live engine does in these N days, over rule sets of every make.
@Suite struct ExactnessTests {
    /// 2,000 cases: 250 rule sets of eight lives each, 25 rule sets a test; `CARE_TEST_SCALE=50` is what `make soak` does.
    static let batches = [UInt64](0..<TestScale.seeds(10))
    static let lives = 8

    @Test(arguments: batches) func `a plan equals the run, whatever the rules`(batch: UInt64) {
        for seed in (batch * 25 + 1)...(batch * 25 + 25) {
            let examples = CaseMaker.make(seed, lives: Self.lives)
            guard let (example, failure) = Self.failures(of: examples).first else { continue }
            let smallest = Shrinker.smallest(example) { Self.failure(of: $0) != nil && Self.isOfRules($0) }
            Issue.record(
                """
                seed \(seed): \(failure)
                smallest: \(Self.failure(of: smallest) ?? "")
                days \(smallest.days)
                rules \(smallest.rules)
                facts \(smallest.facts)
                """)
            return
        }
    }

    /// Those of one rule set's cases that fail, and why.
    private static func failures(of examples: [ExactnessCase]) -> [(ExactnessCase, String)] {
        guard let first = examples.first else { return [] }
        do {
            let exactness = try Exactness(rules: first.rules)
            return try examples.compactMap { example in
                try exactness.difference(of: example).difference.map { (example, $0) }
            }
        } catch {
            return [(first, "\(error)")]
        }
    }

    static func failure(of example: ExactnessCase) -> String? { failures(of: [example]).first?.1 }

    /// Whether the case still has rules that load: else a smaller one would fail for another reason.
    private static func isOfRules(_ example: ExactnessCase) -> Bool { (try? Exactness(rules: example.rules)) != nil }

    @Test func `the generated cases bring every trigger, every outcome and nearly every reason`() throws {
        var outcomes: Set<Outcome> = []
        var reasons: Set<Reason> = []
        var triggers: Set<String> = []
        var decided = 0
        for seed in UInt64(1)...150 {
            let examples = CaseMaker.make(seed, lives: 2)
            let exactness = try Exactness(rules: examples[0].rules)
            for example in examples {
                let decisions = try exactness.difference(of: example).decisions
                decided += decisions.isEmpty ? 0 : 1
                for decision in decisions {
                    outcomes.insert(decision.outcome)
                    if let reason = decision.reason { reasons.insert(reason) }
                    if let campaign = example.campaigns.first(where: { $0.name == decision.key.campaign }) {
                        triggers.insert(String(campaign.trigger.dropFirst().prefix { $0 != "\"" }))
                    }
                }
            }
        }
        #expect(outcomes == Set(Outcome.allCases))
        #expect(
            triggers == [
                "anniversary", "date", "holiday", "schedule", "inactivity", "change", "segment", "event", "api",
            ], "\(triggers.sorted())")
        let expected: Set<Reason> = [
            .quietHours, .windowClosed, .paused, .frequencyCap, .holdout, .noConsent, .noAddress, .notChosen, .reentry,
            .excluded, .tooLate, .condition, .exited, .templateError,
        ]
        #expect(reasons.isSuperset(of: expected), "missing \(expected.subtracting(reasons))")
        #expect(decided > 150, "\(decided) of 300 decide something")
    }

    @Test func `a schedule on the project's clock ends when the campaign's own zone says`() {
        let campaign = ExactnessCase.CampaignText(
            name: "c0", trigger: #""schedule": { "cron": "5 */9 * * *", "zone": "project", "spread": "P2D" }"#,
            members: [#""zone": { "fixed": "America/New_York" }"#, #""activeUntil": "2026-03-01T00:00""#],
            steps: [#"{ "name": "s", "sinceEntry": "PT20H", "actions": [{ "send": "crm", "type": "t" }] }"#])
        let begin = CaseMaker.start.advanced(byMilliseconds: -30 * 86_400_000)
        let fact = Fact.attributes(
            AttributeFact(values: ["tier": "gold"], time: begin, receivedAt: begin, hasOwnTime: false))
        let example = ExactnessCase(campaigns: [campaign], policies: [], facts: [fact], days: 20)
        #expect(Self.failure(of: example) == nil)
    }

    /// The date moves on day 90, which nothing that is due tells before day 96: what it brings on day 95 is late then.
    @Test func `a replay looks at nobody because a silence could be over`() throws {
        let rules = """
            { "traits": { "recent": { "first": { "event": "purchase", "within": "P90D" } } },
              "campaigns": {
                "dated": { "trigger": { "date": { "of": "recent", "offset": "P45D" } },
                  "actions": [{ "send": "crm", "type": "t" }] },
                "silent": { "trigger": { "inactivity": { "of": "purchase", "for": "P46D" } },
                  "actions": [{ "send": "crm", "type": "t" }] },
                "still-silent": { "trigger": { "inactivity": { "of": "purchase", "for": "P47D" } },
                  "actions": [{ "send": "crm", "type": "t" }] } } }
            """
        let facts = [("purchase", 0), ("purchase", 50), ("login", 60), ("login", 120)].map { type, day in
            let time = CaseMaker.start.advanced(byMilliseconds: Int64(day - 121) * 86_400_000)
            return Fact.event(
                Event(type: type, source: "s", id: "\(day)", time: time, receivedAt: time, properties: [:]))
        }
        let example = ExactnessCase(campaigns: [], policies: [], facts: facts, days: 20)
        let (difference, decisions) = try Exactness(rules: rules).difference(of: example)
        #expect(difference == nil)
        #expect(decisions.map(\.key.campaign).sorted() == ["dated", "silent", "still-silent"])
    }

    @Test func `a failing case is made as small as it can be`() {
        // As if every act of a third step, in a life with a purchase, were planned wrongly.
        let broken = (UInt64(1)...2_000).lazy.flatMap { CaseMaker.make($0, lives: 1) }.first { example in
            example.campaigns.count > 1 && Self.isBroken(example) && !example.policies.isEmpty
        }
        let smallest = Shrinker.smallest(broken ?? CaseMaker.make(1, lives: 1)[0], fails: Self.isBroken)
        #expect(smallest.campaigns.count == 1)
        #expect(smallest.campaigns[0].steps.count == 1)
        #expect(smallest.campaigns[0].members.isEmpty)
        #expect(smallest.policies.isEmpty)
        #expect(smallest.facts.count == 2)
        #expect(smallest.days == 1)
    }

    private static func isBroken(_ example: ExactnessCase) -> Bool {
        let hasThird = example.campaigns.contains { $0.steps.contains { $0.contains("\"s2\"") } }
        let hasPurchase = example.facts.contains {
            if case .event(let event) = $0 { event.type == "purchase" } else { false }
        }
        return hasThird && hasPurchase
    }
}
