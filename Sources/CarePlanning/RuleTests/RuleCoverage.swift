import CareLogic
import CareRules
import CareValues

/// What the tests of a rule set have shown: which campaigns were entered, and which way each test inside a condition
/// has gone.
///
/// A branch is one way of one test: `and`, `or`, `!`, `!!` and `if` put tests together and are none themselves.
/// Conditions are those of campaigns (`where`, `condition`, `exit`, steps, actions), segments and pauses.
package struct RuleCoverage {
    /// A branch that no test has taken.
    package struct Gap: Sendable, Hashable {
        /// Whether the test was never true; else it was never false.
        package var wasNeverTrue: Bool
        /// The rule file.
        package var file: String
        /// 1-based line of the test.
        package var line: Int
        /// The test in short: `segment vip`, `> pointsExpiring, 100`.
        package var label: String
    }

    /// One condition and its place in the files.
    private struct Condition {
        var expression: Expression
        var node: JSONNode
    }

    private let conditions: [Condition]
    private let campaigns: [(name: String, identity: String, node: JSONNode)]
    /// The campaigns that were entered, by identity.
    package var entered: Set<String> = []

    /// Watches the conditions of `rules` from now on, which were read from `sources`.
    package init(rules: RuleSet, sources: [RuleSource]) {
        var collector = ConditionCollector()
        for source in sources {
            let (document, _) = JSONDocument.read(file: source.file, bytes: source.bytes, limits: .ruleFile)
            if let document { collector.collect(rules, document.root) }
        }
        conditions = collector.conditions.map { Condition(expression: $0.expression, node: $0.node) }
        campaigns = collector.campaigns
        for condition in conditions { condition.expression.startObserving() }
    }

    /// How many campaigns there are.
    package var campaignCount: Int { campaigns.count }

    /// The campaigns that were never entered, with the place of their names.
    package var neverEntered: [(name: String, file: String, line: Int)] {
        campaigns.filter { !entered.contains($0.identity) }.map { name, _, node in
            (name, node.document.file, node.document.position(ofOffset: node.offset).line)
        }
    }

    /// How many branches there are, and which were not taken, by place.
    package var branches: (count: Int, gaps: [Gap]) {
        var count = 0
        var gaps: [Gap] = []
        for condition in conditions {
            let seen = condition.expression.observation
            let tests = ConditionTests.tests(of: condition.node)
            for (position, test) in tests.prefix(ConditionObservation.maximumTests).enumerated() {
                count += 2
                let bit = UInt64(1) << UInt64(position)
                let line = test.document.position(ofOffset: test.offset).line
                let label = ConditionTests.label(of: test)
                if seen.wasTrue & bit == 0 {
                    gaps.append(Gap(wasNeverTrue: true, file: test.document.file, line: line, label: label))
                }
                if seen.wasFalse & bit == 0 {
                    gaps.append(Gap(wasNeverTrue: false, file: test.document.file, line: line, label: label))
                }
            }
        }
        gaps.sort { ($0.file, $0.line, $0.label) < ($1.file, $1.line, $1.label) }
        return (count, gaps)
    }
}

/// Finds the conditions of a rule set in its files.
private struct ConditionCollector {
    var conditions: [(expression: Expression, node: JSONNode)] = []
    var campaigns: [(name: String, identity: String, node: JSONNode)] = []

    mutating func collect(_ rules: RuleSet, _ root: JSONNode) {
        for member in root["segments"].map({ Array($0.members) }) ?? [] {
            guard let index = rules.schema.segmentIndex(member.key.string ?? "") else { continue }
            conditions.append((rules.schema.segments[index].condition, member.value))
        }
        if let pauses = root["policies"]?["pauses"] {
            for (pause, node) in zip(rules.policies.pauses, pauses.elements) { add(pause.when, node["when"]) }
        }
        for member in root["campaigns"].map({ Array($0.members) }) ?? [] {
            guard let index = rules.index(ofCampaign: member.key.string ?? "") else { continue }
            campaigns.append((rules.campaigns[index].name, rules.campaigns[index].identity, member.key))
            collect(rules.campaigns[index], member.value)
        }
    }

    private mutating func collect(_ campaign: Campaign, _ node: JSONNode) {
        add(campaign.triggerWhere, node["trigger"]?["where"])
        add(campaign.condition, node["condition"])
        if let exit = node["exit"] {
            let nodes = exit.kind == .array ? Array(exit.elements) : [exit]
            for (exit, node) in zip(campaign.exits, nodes) {
                switch exit {
                case .event(_, let condition): add(condition, node["where"])
                case .condition(let condition): add(condition, node["condition"])
                }
            }
        }
        let steps = node["steps"].map { Array($0.elements) } ?? [node]
        for (step, node) in zip(campaign.steps, steps) {
            // A campaign written with `actions` is its own only step, and its condition the campaign's.
            if node["trigger"] == nil { add(step.condition, node["condition"]) }
            var actions: [JSONNode] = []
            for action in node["actions"].map({ Array($0.elements) }) ?? [] {
                actions += action["firstOf"].map { Array($0.elements) } ?? [action]
            }
            for (action, node) in zip(step.actions, actions) { add(action.condition, node["condition"]) }
        }
    }

    private mutating func add(_ expression: Expression?, _ node: JSONNode?) {
        if let expression, let node { conditions.append((expression, node)) }
    }
}

/// The tests inside a condition as its file has them, in the order in which an observation counts them.
enum ConditionTests {
    /// The parts that are neither put together of others nor constant.
    static func tests(of node: JSONNode) -> [JSONNode] {
        if isConstant(node) { return [] }
        guard let (key, value) = node.members.first(where: { _ in true }), node.count == 1 else { return [node] }
        switch key.string {
        case "and", "or", "!", "!!", "if", "?:":
            let operands = value.kind == .array ? Array(value.elements) : [value]
            return operands.flatMap { tests(of: $0) }
        default:
            return [node]
        }
    }

    private static func isConstant(_ node: JSONNode) -> Bool {
        switch node.kind {
        case .object: false
        case .array: node.elements.allSatisfy { isConstant($0) }
        default: true
        }
    }

    /// The test in short: the operator, then its operands; names as they are read.
    static func label(of node: JSONNode) -> String {
        let text = words(of: node)
        return text.count > 60 ? String(text.prefix(57)) + "..." : text
    }

    private static func words(of node: JSONNode) -> String {
        guard node.kind == .object, let (key, value) = node.members.first(where: { _ in true }) else {
            return node.string ?? node.text
        }
        let name = key.string ?? ""
        let operands = value.kind == .array ? Array(value.elements) : [value]
        if name == "var" { return operands.first.map { words(of: $0) } ?? "var" }
        return ([name] + [operands.map { words(of: $0) }.joined(separator: ", ")]).joined(separator: " ")
    }
}
