import CareLogic
import CareRules
import CareValues

/// `care check --show-program`: what the conditions of one campaign are compiled to.
struct ProgramView {
    let text: String
    let json: JSONValue

    init(campaign: Campaign, schema: Schema) {
        var conditions: [(name: String, expression: Expression)] = []
        func add(_ name: String, _ expression: Expression?) {
            if let expression { conditions.append((name, expression)) }
        }
        add("where", campaign.triggerWhere)
        add("condition", campaign.condition)
        for (index, exit) in campaign.exits.enumerated() {
            switch exit {
            case .event(_, let filter): add("exit \(index + 1) where", filter)
            case .condition(let condition): add("exit \(index + 1)", condition)
            }
        }
        for step in campaign.steps {
            add("step \(step.name)", step.condition)
            for action in step.actions { add("step \(step.name) action \(action.name)", action.condition) }
        }
        let names = conditions.map(\.name)
        guard !conditions.isEmpty else {
            text = "\(campaign.name) has no conditions.\n"
            json = .object(["campaign": .string(campaign.name), "program": .array([])])
            return
        }
        let program = BatchProgram(conditions: conditions.map(\.expression), schema: schema)
        let steps = ScalarProgram(program).stepCount
        let lines = program.text(names: names)
        let left = program.scalarCount == 0 ? "" : ", \(program.scalarCount) left to one customer at a time"
        func counted(_ count: Int, _ one: String, _ many: String) -> String { "\(count) \(count == 1 ? one : many)" }
        let parts = [
            counted(program.columns.count, "column", "columns"), counted(program.leafCount, "leaf", "leaves"),
            counted(program.combinationCount, "combination", "combinations"),
        ]
        text =
            lines + "\n" + parts.joined(separator: ", ") + left
            + "; \(counted(steps, "step", "steps")) for one customer\n"
        json = .object([
            "campaign": .string(campaign.name),
            "program": .array(lines.split(separator: "\n").map { .string(String($0)) }),
            "columns": .number(Double(program.columns.count)), "leaves": .number(Double(program.leafCount)),
            "combinations": .number(Double(program.combinationCount)),
            "oneByOne": .number(Double(program.scalarCount)), "steps": .number(Double(steps)),
        ])
    }
}
