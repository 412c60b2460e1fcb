import CareDecisions
import CareLogic
import CareRules
import CareStore
import CareValues

/// Tells for how many customers of a store a finding about rules matters; reads, writes nothing.
public enum StoreCheck {
    /// The findings with their numbers.
    public struct Result: Sendable {
        /// Where a plain JsonLogic engine answers otherwise for at least one customer, and dates that stand for "not
        /// known".
        public var notes: [Diagnostic] = []
        /// The warnings, those of missing values with the number of customers.
        public var warnings: [Diagnostic] = []
        /// How many customers were looked at.
        public var customers = 0
    }

    /// Asks `questions` of every customer, as of the store's clock.
    ///
    /// - Throws: ``StoreError``; ``EngineError``.
    public static func run(
        _ questions: CustomerQuestions, warnings: [Diagnostic], _ candidate: CandidateRules,
        in store: any StoreSnapshot, zones: any ZoneDirectory, realNow: Timestamp
    ) throws -> Result {
        let now = try store.clock ?? realNow
        let rules = try Activation.foreseen(candidate, at: now, in: store, zones: zones).rules
        let schema = rules.current.active.rules.schema
        let comparisons = questions.conditions.map {
            DialectComparison($0.node, segments: questions.segments, schema: schema)
        }
        let names = Array(Set(questions.missing.map(\.name) + questions.dates.map(\.name))).sorted()
        var differing = [Int](repeating: 0, count: comparisons.count)
        var missing = [Int](repeating: 0, count: names.count)
        var sentinel = [Int](repeating: 0, count: names.count)
        var result = Result()
        try store.scanCustomers(wakeUpBefore: nil, after: nil, through: nil) { id, wakeUp, epoch, bytes in
            var row = try rules.load(id: id, epoch: epoch, wakeUp: wakeUp, bytes: bytes, from: store).row
            row.asOf = max(row.asOf, now)
            let context = rules.current.context(of: row)
            result.customers += 1
            for (index, comparison) in comparisons.enumerated() where comparison?.differs(context) == true {
                differing[index] += 1
            }
            for (index, name) in names.enumerated() {
                let value = value(name, schema, context)
                if value.isMissing { missing[index] += 1 }
                if value.isSentinelDate { sentinel[index] += 1 }
            }
            return true
        }
        for (condition, count) in zip(questions.conditions, differing) where count > 0 {
            var note = condition.note
            note.message += ": another answer for \(share(count, of: result.customers))"
            result.notes.append(note)
        }
        for (name, node) in questions.dates {
            guard let index = names.firstIndex(of: name), sentinel[index] > 0 else { continue }
            result.notes.append(
                node.document.diagnostic(
                    at: node, severity: .note, code: "rule.sentinel-date",
                    message: "'\(name)' is a date that stands for \"not known\" for "
                        + share(sentinel[index], of: result.customers),
                    help: "they are not greeted"))
        }
        result.warnings = warnings.map { warning in
            guard let (name, _) = questions.missing.first(where: { $0.warning == warning }),
                let index = names.firstIndex(of: name)
            else { return warning }
            var warning = warning
            warning.message += " (\(share(missing[index], of: result.customers)))"
            return warning
        }
        return result
    }

    /// The value of an attribute or a trait; missing where it cannot be computed.
    static func value(_ name: String, _ schema: Schema, _ context: EvaluationContext) -> LogicValue {
        if let index = schema.attributeIndex(name) { return context.cache.attribute(index, schema: schema) }
        guard let index = schema.traitIndex(name) else { return .missing }
        let trait = try? schema.trait(
            index, in: context.cache, customer: context.customer, now: context.now, zone: context.zone)
        return trait?.value ?? .missing
    }

    private static func share(_ count: Int, of all: Int) -> String {
        "\(count) of \(all) \(all == 1 ? "customer" : "customers")"
    }
}
