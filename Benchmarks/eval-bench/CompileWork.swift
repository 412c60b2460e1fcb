import CareLogic
import CareRules

/// From the text of a thousand campaigns to the program that evaluates them.
enum CompileWork {
    static func measure(_ report: inout Report) throws {
        let conditions = BenchRules.conditions(1_000)
        let rules = try ColumnWork.rules(conditions)
        let expressions = rules.campaigns.compactMap(\.condition)
        var stepCount = 0
        let lowered = try Turns([]) {
            let program = BatchProgram(conditions: expressions, schema: rules.schema)
            stepCount = ScalarProgram(program).stepCount
        }
        report.add(
            "1,000 campaigns compiled, \(stepCount) steps", amount: 1_000, unit: "campaigns/s", care: lowered.care,
            targets: ["care": "100 ms"])
        let loaded = try Turns([]) { _ = try ColumnWork.rules(conditions) }
        report.add(
            "their rule file read and checked before", amount: 1_000, unit: "campaigns/s", care: loaded.care)
    }
}
