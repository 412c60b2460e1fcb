import CareValues

/// Turns conditions into one program over columns: resolves every part to masks and numbers, folds constants, and keeps
/// one node for what is the same.
///
/// A part has two masks, where it is true and where it is false; where neither is, it is missing. Only the masks that
/// somebody asks for are made: `!` exchanges them.
struct BatchLowering {
    /// More operands of one arithmetic operator or `if` have no column form: each is a node over the one before.
    static let widest = 64

    let schema: Schema
    var masks: [MaskNode] = []
    var numbers: [NumberNode] = []
    var columns: [BatchColumn] = []
    var scalars: [ScalarPart] = []

    private var maskIndexes: [MaskNode: Int] = [:]
    private var numberIndexes: [NumberNode: Int] = [:]
    private var columnIndexes: [BatchColumn: Int] = [:]
    // By bytes: texts that are only canonically equivalent are two.
    private var scalarIndexes: [[UInt8]: Int] = [:]
    /// What ``mayFail(_:)`` knows, by mask.
    private var failing: [Bool] = []
    private var segmentMasks: [Int: Int] = [:]

    init(schema: Schema) {
        self.schema = schema
    }

    /// The mask that is true where the condition is.
    mutating func condition(_ expression: Expression) -> Int {
        mask(Part(expression.program, expression.program.root), true)
    }

    /// A place in one condition's program.
    struct Part {
        let program: Program
        let index: Int

        init(_ program: Program, _ index: Int) {
            self.program = program
            self.index = index
        }

        var instruction: Instruction { program.instructions[index] }
        var code: Instruction.Code { instruction.code }
        var count: Int { Int(instruction.b) }
        func operand(_ position: Int) -> Part { Part(program, program.operand(instruction, position)) }
        var operands: [Part] { (0..<count).map { operand($0) } }
        var constant: LogicValue? {
            code == .constant ? program.constants[Int(instruction.a)] : nil
        }
    }

    // MARK: Masks

    /// Where the part is true (`outcome`), or where it is false.
    mutating func mask(_ part: Part, _ outcome: Bool) -> Int {
        switch part.code {
        case .constant:
            return constant(part.constant?.truth == outcome)
        case .attribute, .trait:
            return truth(part, outcome)
        case .segment:
            // True or false, never missing.
            let member = segment(Int(part.instruction.a))
            return outcome ? member : not(member)
        case .not:
            return mask(part.operand(0), !outcome)
        case .truth:
            return mask(part.operand(0), outcome)
        case .and:
            let operands = part.operands.map { mask($0, outcome) }
            return outcome ? and(operands) : or(operands)
        case .or:
            let operands = part.operands.map { mask($0, outcome) }
            return outcome ? or(operands) : and(operands)
        case .conditional where part.count <= Self.widest:
            return conditional(part, outcome)
        case .coalesce:
            let first = mask(part.operand(0), outcome)
            let isMissing = and([
                not(mask(part.operand(0), true)), not(mask(part.operand(0), false)),
            ])
            return or([first, and([isMissing, mask(part.operand(1), outcome)])])
        case .compare:
            return comparison(part, outcome)
        case .contains:
            return contains(part, outcome)
        case .within:
            return within(part, outcome)
        default:
            if let number = number(part), number.domain == .number {
                return emit(.truth(number.index, outcome: outcome))
            }
            return leftOver(part, outcome)
        }
    }

    private mutating func segment(_ index: Int) -> Int {
        if let known = segmentMasks[index] { return known }
        let made = condition(schema.segments[index].condition)
        segmentMasks[index] = made
        return made
    }

    private mutating func conditional(_ part: Part, _ outcome: Bool) -> Int {
        var cases: [Int] = []
        var before: [Int] = []
        var position = 0
        while position + 1 < part.count {
            let condition = mask(part.operand(position), true)
            cases.append(and(before + [condition, mask(part.operand(position + 1), outcome)]))
            before.append(not(condition))
            position += 2
        }
        if position < part.count { cases.append(and(before + [mask(part.operand(position), outcome)])) }
        return or(cases)
    }

    /// An attribute or trait as a condition: 0, false and the empty text are false, what is missing is neither.
    private mutating func truth(_ part: Part, _ outcome: Bool) -> Int {
        guard let column = presence(of: part) else { return leftOver(part, outcome) }
        switch columns[column].aspect {
        case .number, .flag:
            return emit(.set(column: column, ValueSet(.notEqual, 0, outcome: outcome).withoutMissing))
        case .text:
            return outcome
                ? emit(.texts(column: column, [[]], holdsMissing: false, outcome: false))
                : emit(.texts(column: column, [[]], holdsMissing: false, outcome: true))
        case .word: return leftOver(part, outcome)
        case .day, .instant, .birthDay, .yearDay:
            return emit(.set(column: column, outcome ? .present : .nothing))
        }
    }

    /// What no column can tell: once for every word or text, if only one attribute decides it, else customer by
    /// customer.
    mutating func leftOver(_ part: Part, _ outcome: Bool) -> Int {
        let attribute = onlyAttribute(part)
        if let attribute, let words = schema.attributes[attribute].type.words,
            let set = WordTable.set(part.program, part.index, schema, attribute, words, outcome: outcome)
        {
            return emit(.set(column: column(.attribute(attribute), .word), set))
        }
        let key = Array(Self.key(part).utf8)
        let scalar: Int
        if let known = scalarIndexes[key] {
            scalar = known
        } else {
            scalar = scalars.count
            scalars.append(
                ScalarPart(program: part.program, root: part.index, label: part.code.name, attribute: attribute))
            scalarIndexes[key] = scalar
        }
        if let attribute, let column = presence(ofAttribute: attribute), columns[column].aspect == .text {
            return emit(.perText(column: column, scalar: scalar, outcome: outcome))
        }
        return emit(.scalar(scalar, outcome: outcome))
    }

    /// The one attribute that decides the part, or nil when anything else does.
    func onlyAttribute(_ part: Part) -> Int? {
        var found: Int?
        func look(_ part: Part) -> Bool {
            switch part.code {
            case .constant, .element: return true
            case .attribute:
                let index = Int(part.instruction.a)
                if let known = found, known != index { return false }
                found = index
                return true
            case .trait, .segment, .customerID, .eventType, .eventID, .eventSource, .eventTime, .eventProperty, .entry,
                .now, .today, .daysSince, .daysUntil, .age, .daysUntilBirthday, .within, .bucket:
                return false
            default: return part.operands.allSatisfy(look)
            }
        }
        return look(part) ? found : nil
    }

    // MARK: Nodes

    mutating func emit(_ node: MaskNode) -> Int {
        if let known = maskIndexes[node] { return known }
        masks.append(node)
        maskIndexes[node] = masks.count - 1
        return masks.count - 1
    }

    mutating func emit(_ node: NumberNode) -> Int {
        if let known = numberIndexes[node] { return known }
        numbers.append(node)
        numberIndexes[node] = numbers.count - 1
        return numbers.count - 1
    }

    mutating func column(_ source: BatchColumn.Source, _ aspect: BatchColumn.Aspect) -> Int {
        let column = BatchColumn(source: source, aspect: aspect)
        if let known = columnIndexes[column] { return known }
        columns.append(column)
        columnIndexes[column] = columns.count - 1
        return columns.count - 1
    }

    mutating func constant(_ value: Bool) -> Int { emit(.constant(value)) }

    mutating func not(_ mask: Int) -> Int {
        switch masks[mask] {
        case .constant(let value): return constant(!value)
        case .not(let inner): return inner
        case .set(let column, let set):
            return emit(.set(column: column, set.complement(holdingMissing: !set.holdsMissing)))
        default: return emit(.not(mask))
        }
    }

    mutating func and(_ operands: [Int]) -> Int { junction(operands, isAnd: true) }
    mutating func or(_ operands: [Int]) -> Int { junction(operands, isAnd: false) }

    private mutating func junction(_ operands: [Int], isAnd: Bool) -> Int {
        var parts: Set<Int> = []
        for operand in operands {
            switch masks[operand] {
            case .constant(let value):
                guard value != isAnd else { continue }
                // What is decided already must still fail where the scalar form would.
                guard operands.contains(where: { mayFail($0) }) else { return constant(!isAnd) }
                parts.insert(operand)
            case .and(let inner) where isAnd: parts.formUnion(inner)
            case .or(let inner) where !isAnd: parts.formUnion(inner)
            default: parts.insert(operand)
            }
        }
        merge(&parts, isAnd: isAnd)
        let sorted = parts.sorted()
        guard sorted.count > 1 else { return sorted.first ?? constant(isAnd) }
        return emit(isAnd ? .and(sorted) : .or(sorted))
    }

    /// Whether a mask depends on what cannot be told of every customer: scalar parts, and traits, which have limits.
    private mutating func mayFail(_ mask: Int) -> Bool {
        while failing.count < masks.count {
            let node = masks[failing.count]
            let isOwn =
                switch node {
                case .scalar, .perText: true
                case .set(let column, _), .clock(let column, _), .texts(let column, _, _, _): isTrait(column)
                default: false
                }
            failing.append(
                isOwn || node.operands.contains { failing[$0] } || node.numbers.contains { mayFail(number: $0) })
        }
        return failing[mask]
    }

    private func mayFail(number: Int) -> Bool {
        let node = numbers[number]
        switch node {
        case .column(let column), .clock(let column, _): return isTrait(column)
        default: break
        }
        if let mask = node.mask, mask >= failing.count || failing[mask] { return true }
        return node.operands.contains { mayFail(number: $0) }
    }

    private func isTrait(_ column: Int) -> Bool {
        if case .trait = columns[column].source { true } else { false }
    }

    /// Tests of one column become one test: `60 < days ≤ 180` is one look at the column, not two.
    private mutating func merge(_ parts: inout Set<Int>, isAnd: Bool) {
        var byColumn: [Int: [Int]] = [:]
        for part in parts.sorted() {
            switch masks[part] {
            case .set(let column, _), .clock(let column, _): byColumn[column, default: []].append(part)
            default: break
            }
        }
        for (column, members) in byColumn.sorted(by: { $0.key < $1.key }) where members.count > 1 {
            var known: ValueSet?
            var tests: [ColumnTest] = []
            for part in members {
                parts.remove(part)
                switch masks[part] {
                case .set(_, let set): known = known.map { isAnd ? $0.intersection(set) : $0.union(set) } ?? set
                case .clock(_, let test): tests.append(test)
                default: break
                }
            }
            if let known, tests.isEmpty {
                parts.insert(emit(.set(column: column, known)))
                continue
            }
            if let known { tests.append(.set(known)) }
            let test: ColumnTest = tests.count == 1 ? tests[0] : isAnd ? .both(tests) : .either(tests)
            parts.insert(emit(.clock(column: column, test)))
        }
    }

    /// A text that is equal for equal parts of whichever conditions.
    private static func key(_ part: Part) -> String {
        let instruction = part.instruction
        var text = "\(instruction.code)"
        switch instruction.code {
        case .constant:
            let value = part.constant ?? .missing
            return text + value.kindName + value.jsonValue.canonicalText
        case .attribute, .trait, .segment: return text + ":\(instruction.a)"
        case .entry, .element: return text + ":\(part.program.paths[Int(instruction.a)])"
        case .eventProperty:
            let type = instruction.c >= 0 ? part.program.types[Int(instruction.c)].name : ""
            return text + ":\(part.program.paths[Int(instruction.a)])\(type)"
        case .customerID, .eventType, .eventID, .eventSource, .eventTime: return text
        case .compare:
            text += instruction.comparison.name
            if instruction.c >= 0 { text += "\(part.program.orders[Int(instruction.c)])" }
        case .missing, .missingSome: text += part.program.constants[Int(instruction.c)].jsonValue.canonicalText
        default: break
        }
        return text + "(" + part.operands.map(key).joined(separator: ",") + ")"
    }
}

extension LogicValue {
    /// Tells values apart that are written alike, as a date and its text.
    fileprivate var kindName: String {
        switch self {
        case .missing: "missing"
        case .bool: "bool"
        case .number: "number"
        case .string: "string"
        case .date: "date"
        case .instant: "instant"
        case .birthday: "birthday"
        case .list: "list"
        case .object: "object"
        }
    }
}
