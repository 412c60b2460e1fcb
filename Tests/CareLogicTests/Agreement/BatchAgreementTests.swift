import CareLogic
import CareValues
import Testing

/// The batch form says of every customer what the form for one customer says, which the judge is held against.
@Suite struct BatchAgreementTests {
    static let rulesPerSeed = 70

    /// Draws rules until `count` of them pass the checks.
    static func rules(
        _ count: Int, _ generator: inout Generator, _ world: RuleWorld
    ) throws -> [(rule: RuleWorld.Rule, expression: Expression)] {
        var rules: [(RuleWorld.Rule, Expression)] = []
        for _ in 0..<(count * 10) where rules.count < count {
            let rule = generator.rule()
            if let (expression, _) = try world.compile(rule, expecting: .any) { rules.append((rule, expression)) }
        }
        return rules
    }

    /// One of a long run of which an answer differed once, and the first ones.
    static let seeds = [397] + Array(1...TestScale.seeds(8))

    @Test(arguments: [1, 7, 2_048], seeds)
    func `blocks of any size give the answers of one customer at a time`(size: Int, seed: UInt64) throws {
        let world = try AgreementTests.world.get()
        var generator = Generator(seed: seed &* 31)
        let rules = try Self.rules(Self.rulesPerSeed, &generator, world)
        var customers: [RuleWorld.Customer] = []
        for _ in 0..<60 { customers.append(try generator.customer()) }
        let now = customers[0].now
        let contexts = customers.map { world.context($0, at: now) }
        let answers = rules.map { rule in contexts.map { try? rule.expression.isTrue($0).isTrue } }
        // A big block holds every customer many times.
        let count = max(size, customers.count)

        let program = BatchProgram(conditions: rules.map(\.expression), schema: world.schema, keepsAnswers: true)
        var builder = ColumnBuilder(for: program, now: now)
        var scratch = BatchScratch(for: program, countsSteps: true)
        var expected = Array(repeating: 0, count: rules.count)
        var failures = expected
        for start in stride(from: 0, to: count, by: size) {
            let rows = (start..<min(start + size, count)).map { $0 % customers.count }
            for row in rows {
                let context = contexts[row]
                if row % 2 == 0 {
                    builder.append(context.cache, zone: context.zone)
                } else {
                    // As a store keeps it.
                    var writer = ByteWriter()
                    context.cache.encode(into: &writer, schema: world.schema)
                    let isOfSchema = try writer.bytes.withUnsafeBytes { bytes in
                        try builder.append(stored: bytes) { _ in context.zone }
                    }
                    #expect(isOfSchema)
                }
            }
            let block = builder.block()
            #expect(block.count == rows.count)
            program.evaluate(block, &scratch) { contexts[rows[$0]] }
            for (index, rule) in rules.enumerated() {
                for (row, customer) in rows.enumerated() {
                    let answer = answers[index][customer]
                    expected[index] += answer == true ? 1 : 0
                    failures[index] += answer == nil ? 1 : 0
                    guard program.answer(index, at: row, scratch) != (answer ?? false) else { continue }
                    Issue.record(
                        """
                        \(rule.rule.json.canonicalText)
                        is \(answer.map { "\($0)" } ?? "an error") for one customer, not in a block
                        \(customers[customer].text)
                        at \(now.iso8601)
                        """)
                    return
                }
            }
        }
        #expect(scratch.hits == expected)
        #expect(scratch.failures == failures)
        #expect(scratch.customers == count)
    }
}
