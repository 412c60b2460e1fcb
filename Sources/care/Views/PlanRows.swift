import CarePlanning
import CareValues

/// The rows of a plan's table, a step on one ground each, in the order of campaigns and steps.
struct PlanRows {
    /// One step.
    struct Row {
        var name: String
        var basis: PlanBasis
        /// Entries by this campaign, on its first row; nil: they cannot be foreseen.
        var entered: Int?
        var isFirst: Bool
        var counts: PlanTally.StepCounts
    }

    private(set) var rows: [Row] = []
    /// Names of the campaigns that have a row.
    private(set) var names: Set<String> = []

    init(plan: Plan) {
        for facts in plan.campaigns where plan.campaign == nil || plan.campaign == facts.name {
            let keys = plan.tally.steps.keys.filter { $0.campaign == facts.name }
            // A step that an edit took away can still have rows: they stand behind.
            let others = Set(keys.map(\.step)).subtracting(facts.steps).sorted()
            var isFirst = true
            for step in facts.steps + others {
                for key in keys.filter({ $0.step == step }).sorted(by: { $0.basis < $1.basis }) {
                    let isSole = facts.steps.count == 1 && step == "1"
                    let known = plan.tally.entered[facts.name] ?? 0
                    rows.append(
                        Row(
                            name: isSole ? facts.name : "\(facts.name)/\(step)", basis: key.basis,
                            entered: facts.basis.isForeseeable || known > 0 ? known : nil, isFirst: isFirst,
                            counts: plan.tally.steps[key] ?? PlanTally.StepCounts()))
                    isFirst = false
                    names.insert(facts.name)
                }
            }
        }
    }

    var isEmpty: Bool { rows.isEmpty }
    var hasSilence: Bool { rows.contains { $0.basis == .silence } }

    /// The table with its sums.
    var table: [String] {
        var table = Table([.left, .left, .right, .right, .right, .right, .right, .right, .left])
        table.add(["CAMPAIGN/STEP", "BASIS", "ENTERED", "DUE", "ACT", "HELD", "SUPPRESS", "SKIP", "TO"])
        var total = PlanTally.StepCounts()
        var entered = 0
        for row in rows {
            var enteredText = ""
            if row.isFirst {
                enteredText = row.entered.map(grouped) ?? "?"
                entered += row.entered ?? 0
            }
            total.act += row.counts.act
            total.held += row.counts.held
            total.suppress += row.counts.suppress
            total.skip += row.counts.skip
            table.add([row.name, row.basis.rawValue, enteredText] + cells(row.counts) + [destinations(row.counts)])
        }
        table.add(["total", "", grouped(entered)] + cells(total) + [""])
        return table.lines()
    }

    private func cells(_ counts: PlanTally.StepCounts) -> [String] {
        [counts.due, counts.act, counts.held, counts.suppress, counts.skip].map { $0 == 0 ? "-" : grouped($0) }
    }

    private func destinations(_ counts: PlanTally.StepCounts) -> String {
        let names = counts.destinations.keys.sorted()
        if names.count < 2 { return names.first ?? "-" }
        return names.map { "\($0) \(grouped(counts.destinations[$0] ?? 0))" }.joined(separator: ", ")
    }
}
