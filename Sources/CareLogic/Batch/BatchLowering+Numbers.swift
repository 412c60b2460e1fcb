import CareValues

extension BatchLowering {
    /// What a number in a register stands for: only numbers of one domain are compared.
    enum Domain: Hashable {
        case number, date, instant
    }

    /// An attribute or trait that a part reads directly, with what is known of its values.
    func source(_ part: Part) -> (source: BatchColumn.Source, type: StaticType)? {
        let index = Int(part.instruction.a)
        switch part.code {
        case .attribute: return (.attribute(index), StaticType(schema.attributes[index].type))
        case .trait:
            // A column is filled without the customer's id.
            if schema.inputs(ofTrait: index).customerID { return nil }
            return (.trait(index), schema.staticType(ofTrait: index))
        default: return nil
        }
    }

    /// The domain of an attribute or trait that a part reads directly; nil: it has none.
    func domain(of part: Part) -> Domain? {
        switch source(part)?.type {
        case .number: .number
        case .date: .date
        case .instant: .instant
        default: nil
        }
    }

    /// The column that tells whether an attribute or trait has a value, and which; nil: none does.
    mutating func presence(of part: Part) -> Int? {
        guard let read = source(part) else { return nil }
        switch read.type {
        case .number: return column(read.source, .number)
        case .boolean: return column(read.source, .flag)
        case .date, .instant: return column(read.source, .day)
        case .birthday: return column(read.source, .yearDay)
        case .string: return column(read.source, .text)
        case .words:
            if case .attribute = read.source { return column(read.source, .word) }
            return column(read.source, .text)
        case .any, .nothing, .list: return nil
        }
    }

    mutating func presence(ofAttribute index: Int) -> Int? {
        switch schema.attributes[index].type {
        case .string, .zone, .language: column(.attribute(index), .text)
        case .ordinal, .enumeration, .consent: column(.attribute(index), .word)
        default: nil
        }
    }

    /// A part as a number, a date or an instant in a register; nil: it is none, or has no column form.
    mutating func number(_ part: Part) -> (index: Int, domain: Domain)? {
        if let value = part.constant { return number(constant: value) }
        switch part.code {
        case .attribute, .trait:
            guard let domain = domain(of: part), let read = source(part) else { return nil }
            let aspect: BatchColumn.Aspect =
                switch domain {
                case .number: .number
                case .date: .day
                case .instant: .instant
                }
            return (emit(.column(column(read.source, aspect))), domain)
        case .today: return (emit(.today), .date)
        case .now: return (emit(.now), .instant)
        case .daysSince, .daysUntil, .age, .daysUntilBirthday:
            guard let counted = clockFunction(part) else { return nil }
            return (emit(.clock(column: counted.column, counted.function)), .number)
        case .add, .subtract, .multiply, .divide, .modulo, .minimum, .maximum:
            return arithmetic(part)
        case .conditional: return selection(part)
        case .coalesce:
            guard let first = number(part.operand(0)), let second = number(part.operand(1)),
                first.domain == second.domain
            else { return nil }
            return (emit(.coalesce(first.index, second.index)), first.domain)
        default: return nil
        }
    }

    func numberValue(_ value: LogicValue) -> (value: Double, domain: Domain)? {
        switch value {
        case .number(let number): (number, .number)
        case .date(let date): (Double(date.dayNumber), .date)
        case .instant(let instant): (Double(instant.milliseconds), .instant)
        default: nil
        }
    }

    mutating func number(constant value: LogicValue) -> (index: Int, domain: Domain)? {
        guard let known = numberValue(value) else { return nil }
        return (emit(.constant(known.value)), known.domain)
    }

    private mutating func arithmetic(_ part: Part) -> (index: Int, domain: Domain)? {
        guard part.count <= Self.widest else { return nil }
        var parts: [Int] = []
        for operand in part.operands {
            guard let number = number(operand), number.domain == .number else { return nil }
            parts.append(number.index)
        }
        if part.code == .subtract, parts.count == 1 { parts.insert(emit(.constant(0)), at: 0) }
        var result = parts[0]
        for operand in parts.dropFirst() {
            let node: NumberNode =
                switch part.code {
                case .add: .add(result, operand)
                case .subtract: .subtract(result, operand)
                case .multiply: .multiply(result, operand)
                case .divide: .divide(result, operand)
                case .modulo: .modulo(result, operand)
                case .minimum: .minimum(result, operand)
                default: .maximum(result, operand)
                }
            result = emit(node)
        }
        return (result, .number)
    }

    /// `if` with a number in every branch.
    private mutating func selection(_ part: Part) -> (index: Int, domain: Domain)? {
        guard part.count <= Self.widest else { return nil }
        var branches: [(mask: Int?, value: Int)] = []
        var domain: Domain?
        func agree(_ other: Domain) -> Bool {
            if let domain { return domain == other }
            domain = other
            return true
        }
        var position = 0
        while position < part.count {
            let isLast = position + 1 == part.count
            let branch = part.operand(isLast ? position : position + 1)
            let value: Int
            if branch.constant?.isMissing == true {
                value = emit(.constant(.nan))
            } else {
                guard let number = number(branch), agree(number.domain) else { return nil }
                value = number.index
            }
            branches.append((isLast ? nil : mask(part.operand(position), true), value))
            position += 2
        }
        guard let domain else { return nil }
        var result: Int
        if let last = branches.last, last.mask == nil {
            result = last.value
            branches.removeLast()
        } else {
            result = emit(.constant(.nan))
        }
        for branch in branches.reversed() {
            guard let mask = branch.mask else { return nil }
            result = emit(.select(mask: mask, branch.value, result))
        }
        return (result, domain)
    }
}

/// What a condition over one attribute says of each of its words.
enum WordTable {
    /// The truth of a part for each text and, last, for a missing one; nil where it cannot be evaluated.
    static func outcomes(
        _ program: Program, _ root: Int, _ schema: Schema, _ attribute: Int, _ texts: some Sequence<String>
    ) -> [Truth] {
        texts.map { truth(program, root, schema, attribute, .string($0)) }
            + [truth(program, root, schema, attribute, .missing)]
    }

    /// What a condition says.
    enum Truth: UInt8, Sendable {
        case missing, isTrue, isFalse, failed

        init(_ value: LogicValue) {
            self =
                switch value.truth {
                case nil: .missing
                case true?: .isTrue
                case false?: .isFalse
                }
        }
    }

    static func truth(
        _ program: Program, _ root: Int, _ schema: Schema, _ attribute: Int, _ value: LogicValue
    ) -> Truth {
        var cache = FactCache(schema: schema)
        if !value.isMissing {
            cache.attributes[attribute] = .init(value: value, time: .distantPast, receivedAt: .distantPast)
        }
        let context = EvaluationContext(schema: schema, cache: cache, customer: "", now: .distantPast, zone: .utc)
        do {
            return Truth(try Evaluator(program: program, context: context).evaluate(root).value)
        } catch {
            return .failed
        }
    }

    /// The positions of the words of which a part is true (`outcome`) or false; nil: of one it cannot be evaluated.
    static func set(
        _ program: Program, _ root: Int, _ schema: Schema, _ attribute: Int, _ words: [String], outcome: Bool
    ) -> ValueSet? {
        let truths = outcomes(program, root, schema, attribute, words)
        guard !truths.contains(.failed) else { return nil }
        let wanted: Truth = outcome ? .isTrue : .isFalse
        let positions = words.indices.filter { truths[$0] == wanted }.map(Double.init)
        return ValueSet(numbers: positions, holdsMissing: truths[words.count] == wanted)
    }
}
