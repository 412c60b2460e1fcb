import CareDecisions
import CareLogic
import CareRules
import CareValues

extension RuleFuzz {
    /// Asks the conditions of a block of one customer, as it is and as a store keeps it: it must say what is said of the
    /// customer alone.
    ///
    /// - Throws: ``Failure``.
    func compareForms(_ rules: RuleSet, _ row: CustomerRow, at now: Timestamp) throws {
        let conditions = rules.campaigns.compactMap(\.condition)
        let context = EvaluationContext(
            schema: rules.schema, cache: row.cache, customer: row.customer, now: now, zone: zone)
        let program = BatchProgram(conditions: conditions, schema: rules.schema, keepsAnswers: true)
        var builder = ColumnBuilder(for: program, now: now)
        var scratch = BatchScratch(for: program)
        builder.append(row.cache, zone: zone)
        var writer = ByteWriter()
        row.cache.encode(into: &writer, schema: rules.schema)
        let isOfSchema = try writer.bytes.withUnsafeBytes { try builder.append(stored: $0) { _ in zone } }
        guard isOfSchema else { throw Failure(what: "its own bytes are of another schema", text: rules.canonicalText) }
        program.evaluate(builder.block(), &scratch) { _ in context }
        let steps = ScalarProgram(program)
        var frame = ScalarFrame(for: steps)
        for (index, condition) in conditions.enumerated() {
            let alone = (try? condition.isTrue(context).isTrue) ?? false
            let forms = [
                (try? steps.isTrue(index, context, &frame)) ?? false, program.answer(index, at: 0, scratch),
                program.answer(index, at: 1, scratch),
            ]
            guard forms.allSatisfy({ $0 == alone }) else {
                throw Failure(
                    what: "condition \(index) is \(alone), in other forms \(forms)", text: rules.canonicalText)
            }
        }
    }
}
