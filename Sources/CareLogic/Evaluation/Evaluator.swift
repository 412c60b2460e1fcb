import CareValues

extension Expression {
    /// The value for one customer at one instant, and how long it stays so.
    ///
    /// - Throws: ``LogicError`` when an operator meets what it cannot work with, or a trait is over its limit.
    public func evaluate(_ context: EvaluationContext) throws(LogicError) -> Evaluation {
        try Evaluator(program: program, context: context).evaluate(program.root)
    }

    /// Whether the condition is true; missing is not.
    ///
    /// - Returns: the answer, and the first instant after now at which it can differ through time alone.
    public func isTrue(_ context: EvaluationContext) throws(LogicError) -> (isTrue: Bool, validUntil: Timestamp) {
        if program.wasTrue.load(ordering: .relaxed) & Program.isObserved != 0 { observe(context) }
        let evaluation = try evaluate(context)
        return (evaluation.value.truth ?? false, evaluation.validUntil)
    }
}

extension Schema {
    /// Whether a customer is in a segment: true or false, never missing.
    public func segment(
        _ index: Int, _ context: EvaluationContext
    ) throws(LogicError) -> (
        isMember: Bool, validUntil: Timestamp
    ) {
        let (isTrue, validUntil) = try segments[index].condition.isTrue(context.withoutFactsAtHand)
        return (isTrue, validUntil)
    }
}

extension EvaluationContext {
    /// The same customer and instant without event and entry, which segments do not read.
    var withoutFactsAtHand: EvaluationContext {
        if event == nil && entry == nil { return self }
        return EvaluationContext(schema: schema, cache: cache, customer: customer, now: now, zone: zone)
    }
}

/// Walks a program for one customer.
///
/// A value is given with the first instant at which it can differ through time alone: of a comparison that is where
/// the comparison turns, not where its operands move.
struct Evaluator {
    let program: Program
    let context: EvaluationContext
    /// What `var` reads inside `map`, `filter` …; of `reduce` an object of `current` and `accumulator`.
    var element: LogicValue?

    init(program: Program, context: EvaluationContext) {
        self.program = program
        self.context = context
    }

    static let forever = Timestamp.distantFuture

    func evaluate(_ index: Int) throws(LogicError) -> Evaluation {
        let instruction = program.instructions[index]
        switch instruction.code {
        case .constant, .attribute, .trait, .customerID, .eventType, .eventID, .eventSource, .eventTime, .eventProperty,
            .entry, .element, .segment:
            return try read(instruction)
        case .compare:
            return try compare(instruction)
        case .not, .truth, .and, .or, .conditional, .coalesce:
            return try decide(instruction)
        case .now, .today, .daysSince, .daysUntil, .age, .daysUntilBirthday, .within:
            return try time(instruction)
        case .map, .filter, .reduce, .all, .some, .none:
            return try overList(instruction)
        default:
            return try compute(instruction)
        }
    }

    func fixed(_ value: LogicValue) -> Evaluation { Evaluation(value: value, validUntil: Self.forever) }

    /// The operand at `position`.
    func operand(_ instruction: Instruction, _ position: Int) throws(LogicError) -> Evaluation {
        try evaluate(program.operand(instruction, position))
    }

    // MARK: Reads

    private func read(_ instruction: Instruction) throws(LogicError) -> Evaluation {
        let index = Int(instruction.a)
        switch instruction.code {
        case .constant: return fixed(program.constants[index])
        case .attribute: return fixed(context.cache.attribute(index, schema: context.schema))
        case .trait: return try context.schema.trait(index, context)
        case .segment:
            let (isMember, validUntil) = try context.schema.segment(index, context)
            return Evaluation(value: .bool(isMember), validUntil: validUntil)
        case .customerID: return fixed(.string(context.customer))
        case .entry:
            return fixed(
                context.entry.flatMap { lookUp(program.paths[index], in: $0) }.map(LogicValue.init) ?? .missing)
        case .element:
            return fixed(readElement(program.paths[index]))
        default:
            guard let event = context.event else { return fixed(.missing) }
            switch instruction.code {
            case .eventType: return fixed(.string(event.type))
            case .eventID: return fixed(.string(event.id))
            case .eventSource: return fixed(.string(event.source))
            case .eventTime: return fixed(.instant(event.time))
            default:
                guard let json = lookUp(program.paths[index], in: event.properties) else { return fixed(.missing) }
                guard instruction.c >= 0 else { return fixed(LogicValue(json)) }
                return fixed(program.types[Int(instruction.c)].read(json) ?? .missing)
            }
        }
    }

    private func readElement(_ path: [String]) -> LogicValue {
        guard let element else { return .missing }
        if path.isEmpty { return element }
        switch element {
        case .object(let object): return lookUp(path, in: object).map(LogicValue.init) ?? .missing
        case .list(let values):
            guard path.count == 1, let index = Int(path[0]), values.indices.contains(index) else { return .missing }
            return values[index]
        default: return .missing
        }
    }

    // MARK: Truth

    /// `!` `!!` `and` `or` `if` and a default. `and` false beats missing, `or` true beats missing, `if` takes missing
    /// as false, `!` of missing is missing.
    private func decide(_ instruction: Instruction) throws(LogicError) -> Evaluation {
        switch instruction.code {
        case .not:
            let part = try operand(instruction, 0)
            return Evaluation(value: part.value.truth.map { .bool(!$0) } ?? .missing, validUntil: part.validUntil)
        case .truth:
            let part = try operand(instruction, 0)
            return Evaluation(value: part.value.truth.map { .bool($0) } ?? .missing, validUntil: part.validUntil)
        case .and: return try junction(instruction, decisive: false)
        case .or: return try junction(instruction, decisive: true)
        case .coalesce:
            let first = try operand(instruction, 0)
            guard first.value.isMissing else { return first }
            let other = try operand(instruction, 1)
            return Evaluation(value: other.value, validUntil: min(first.validUntil, other.validUntil))
        default:
            var validUntil = Self.forever
            var position = 0
            while position + 1 < Int(instruction.b) {
                let condition = try operand(instruction, position)
                validUntil = min(validUntil, condition.validUntil)
                if condition.value.truth ?? false {
                    let branch = try operand(instruction, position + 1)
                    return Evaluation(value: branch.value, validUntil: min(validUntil, branch.validUntil))
                }
                position += 2
            }
            guard position < Int(instruction.b) else { return Evaluation(value: .missing, validUntil: validUntil) }
            let last = try operand(instruction, position)
            return Evaluation(value: last.value, validUntil: min(validUntil, last.validUntil))
        }
    }

    /// `and` (decided by the first false) or `or` (by the first true); what comes after it is not asked for its value.
    ///
    /// Where only the truth of the result counts, it stays until the last of the operands that decide it may turn, and
    /// what comes before it cannot change it. A value stays only while everything before it does.
    private func junction(_ instruction: Instruction, decisive: Bool) throws(LogicError) -> Evaluation {
        var isMissing = false
        var validUntil = Self.forever
        var last = LogicValue.missing
        for position in 0..<Int(instruction.b) {
            let part = try operand(instruction, position)
            let truth = part.value.truth
            if truth == decisive {
                let isTruthOnly = instruction.c == Instruction.truthOnly
                if part.validUntil == Self.forever, isTruthOnly || validUntil == Self.forever { return part }
                guard isTruthOnly else {
                    return Evaluation(value: part.value, validUntil: min(validUntil, part.validUntil))
                }
                let until = decided(instruction, until: part.validUntil, after: position, decisive)
                return Evaluation(value: part.value, validUntil: until)
            }
            validUntil = min(validUntil, part.validUntil)
            if truth == nil { isMissing = true } else { last = part.value }
        }
        return Evaluation(value: isMissing ? .missing : last, validUntil: validUntil)
    }

    /// Until when a decided `and` or `or` stays so: other operands may go on deciding it, up to one that is in error.
    private func decided(
        _ instruction: Instruction, until known: Timestamp, after position: Int, _ decisive: Bool
    ) -> Timestamp {
        var until = known
        for later in (position + 1)..<max(Int(instruction.b), position + 1) {
            guard until < Self.forever, let other = try? operand(instruction, later) else { break }
            if other.value.truth == decisive { until = max(until, other.validUntil) }
        }
        return until
    }
}
