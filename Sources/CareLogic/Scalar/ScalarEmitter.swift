import CareValues

/// Lays a ``BatchProgram`` out as steps for one customer: `and` and `or` become ways on, so that what is decided is left
/// at once.
///
/// Steps are made from the end: each is told where to go on. No step fails (see ``ScalarProgram``), so the operands of
/// `and` and `or` go cheapest first.
struct ScalarEmitter {
    let program: BatchProgram
    var steps: [ScalarStep] = []
    var slots: [ScalarSlot] = []
    var dictionaries: [ScalarDictionary] = []
    var tables: [UInt8] = []
    /// How many registers the numbers need.
    var registers = 0

    private var slotIndexes: [ScalarSlot: Int] = [:]
    /// The dictionary of each text column.
    private var dictionaryOfColumn: [Int: Int] = [:]
    private var known: [Way: Int32] = [:]
    private var ranks: [Int: Int] = [:]
    private var first = 0
    /// The first register that a mask may use: those below it hold numbers that wait for one.
    private var base: Int32 = 0
    private var isTooLong = false

    /// The longest condition in steps: beyond it, one is walked as it is written.
    static let longest = 16_384

    private struct Way: Hashable {
        var mask: Int
        var yes: Int32
        var no: Int32
        var base: Int32
    }

    init(_ program: BatchProgram) {
        self.program = program
        for node in program.masks {
            guard case .texts(let column, let texts, _, _) = node else { continue }
            if dictionaryOfColumn[column] == nil {
                dictionaryOfColumn[column] = dictionaries.count
                dictionaries.append(ScalarDictionary())
            }
            for text in texts { dictionaries[dictionaryOfColumn[column] ?? 0].add(text) }
        }
    }

    /// The first step of a condition; nil: it would be too long.
    mutating func condition(_ root: Int) -> Int32? {
        // Ways may be shared within a condition; steps of others are not counted.
        first = steps.count
        isTooLong = false
        let start = emit(root, ScalarStep.Answer.yes, ScalarStep.Answer.no)
        guard isTooLong else { return start }
        steps.removeSubrange(first...)
        known = known.filter { Int($0.value) < first }
        return nil
    }

    private mutating func add(_ step: ScalarStep) -> Int32 {
        if steps.count - first >= Self.longest {
            isTooLong = true
            return ScalarStep.Answer.no
        }
        steps.append(step)
        return Int32(steps.count - 1)
    }

    /// The slot of a column under a function.
    mutating func slot(_ column: Int, _ function: ScalarSlot.Function) -> Int32 {
        let slot = ScalarSlot(
            column: program.columns[column], function: function, dictionary: dictionaryOfColumn[column] ?? -1)
        if let known = slotIndexes[slot] { return Int32(known) }
        slots.append(slot)
        slotIndexes[slot] = slots.count - 1
        return Int32(slots.count - 1)
    }

    // MARK: Masks

    private mutating func emit(_ mask: Int, _ yes: Int32, _ no: Int32) -> Int32 {
        guard !isTooLong else { return ScalarStep.Answer.no }
        let way = Way(mask: mask, yes: yes, no: no, base: base)
        if let made = known[way] { return made }
        let made = make(mask, yes, no)
        if !isTooLong { known[way] = made }
        return made
    }

    private mutating func make(_ mask: Int, _ yes: Int32, _ no: Int32) -> Int32 {
        switch program.masks[mask] {
        case .constant(let value): return value ? yes : no
        case .not(let operand): return emit(operand, no, yes)
        case .and(let operands):
            return cheapestFirst(operands).reversed().reduce(yes) { emit($1, $0, no) }
        case .or(let operands):
            return cheapestFirst(operands).reversed().reduce(no) { emit($1, yes, $0) }
        case .set(let column, let set): return emit(slot(column, .value), set, yes, no)
        case .clock(let column, let test): return emit(column, test, yes, no)
        case .texts(let column, let texts, let holdsMissing, let outcome):
            let dictionary = dictionaries[dictionaryOfColumn[column] ?? 0]
            var table = Array(repeating: UInt8(outcome ? 0 : 1), count: dictionary.unnamed + 1)
            for text in texts { table[dictionary.code(of: text)] = outcome ? 1 : 0 }
            let place = tables.count
            tables += table
            let slot = slot(column, .value)
            return add(
                ScalarStep(kind: .table, flag: holdsMissing, slot: slot, yes: yes, no: no, low: Double(place)))
        case .perText(_, let scalar, let outcome), .scalar(let scalar, let outcome):
            return add(ScalarStep(kind: .ask, flag: outcome, slot: Int32(scalar), yes: yes, no: no))
        case .compare(let left, let comparison, let right, let outcome):
            let test = add(
                ScalarStep(kind: .compare, flag: outcome, comparison: comparison, slot: base, yes: yes, no: no))
            return number(left, into: base, number(right, into: base + 1, test))
        case .isMissing(let operand, let outcome):
            let test = add(ScalarStep(kind: .isMissing, flag: outcome, slot: base, yes: yes, no: no))
            return number(operand, into: base, test)
        case .truth(let operand, let outcome):
            let test = add(ScalarStep(kind: .truth, flag: outcome, slot: base, yes: yes, no: no))
            return number(operand, into: base, test)
        }
    }

    private mutating func emit(_ slot: Int32, _ set: ValueSet, _ yes: Int32, _ no: Int32) -> Int32 {
        guard let last = set.ranges.last else {
            return set.holdsMissing ? add(ScalarStep(kind: .missing, slot: slot, yes: yes, no: no)) : no
        }
        func step(_ range: ValueSet.Range, orMissing: Bool, _ no: Int32) -> ScalarStep {
            ScalarStep(
                kind: orMissing ? .rangeOrMissing : .range, slot: slot, yes: yes, no: no, low: range.low,
                high: range.high)
        }
        var next = add(step(last, orMissing: set.holdsMissing && set.ranges.count == 1, no))
        for (index, range) in set.ranges.dropLast().enumerated().reversed() {
            next = add(step(range, orMissing: set.holdsMissing && index == 0, next))
        }
        return next
    }

    private mutating func emit(_ column: Int, _ test: ColumnTest, _ yes: Int32, _ no: Int32) -> Int32 {
        switch test {
        case .set(let set): return emit(slot(column, .value), set, yes, no)
        case .both(let tests): return tests.reversed().reduce(yes) { emit(column, $1, $0, no) }
        case .either(let tests): return tests.reversed().reduce(no) { emit(column, $1, yes, $0) }
        case .clock(let test):
            let counts = ValueSet(test.comparison, test.limit, outcome: test.outcome)
            switch test.function {
            case .daysSince: return emit(slot(column, .sinceToday), counts, yes, no)
            case .daysUntil, .dateAgainstToday: return emit(slot(column, .untilToday), counts, yes, no)
            case .age: return emit(slot(column, .age), counts, yes, no)
            case .daysUntilBirthday: return emit(slot(column, .untilBirthday), counts, yes, no)
            case .instantAgainstNow: return emit(slot(column, .fromNow), counts, yes, no)
            case .within(let window), .dateWithin(let window):
                // value ≤ now < value + window
                let inside = ValueSet(ranges: [.init(low: Double(1 - window), high: 0)], holdsMissing: false)
                let set = test.outcome ? inside : inside.complement(holdingMissing: false)
                return emit(slot(column, .fromNow), set, yes, no)
            }
        }
    }

    private mutating func cheapestFirst(_ operands: [Int]) -> [Int] {
        operands.enumerated().map { (rank: rank($1), position: $0, mask: $1) }
            .sorted { ($0.rank, $0.position) < ($1.rank, $1.position) }.map(\.mask)
    }

    private mutating func rank(_ mask: Int) -> Int {
        if let known = ranks[mask] { return known }
        let node = program.masks[mask]
        let rank: Int
        switch node {
        case .constant: rank = 0
        case .set, .clock: rank = 1
        case .texts: rank = 2
        case .isMissing, .truth, .compare: rank = 6
        case .scalar, .perText: rank = 20
        case .not, .and, .or: rank = node.operands.reduce(2) { $0 + self.rank($1) }
        }
        ranks[mask] = rank
        return rank
    }

    // MARK: Numbers

    /// Computes a number into a register, those above it being free, and goes on.
    private mutating func number(_ index: Int, into register: Int32, _ next: Int32) -> Int32 {
        registers = max(registers, Int(register) + 2)
        guard !isTooLong else { return next }
        func step(_ kind: ScalarStep.Kind, low: Double = 0) -> ScalarStep {
            ScalarStep(kind: kind, slot: register, yes: next, no: next, low: low)
        }
        let kind: ScalarStep.Kind
        let operands: (Int, Int)
        switch program.numbers[index] {
        case .constant(let value): return add(step(.constant, low: value))
        case .column(let column): return add(step(.load, low: Double(slot(column, .value))))
        case .today: return add(step(.today))
        case .now: return add(step(.now))
        case .clock(let column, let function):
            let slot =
                switch function {
                case .daysSince: slot(column, .sinceToday)
                case .daysUntil: slot(column, .untilToday)
                case .age: slot(column, .age)
                default: slot(column, .untilBirthday)
                }
            return add(step(.load, low: Double(slot)))
        case .select(let mask, let one, let two):
            let yes = number(one, into: register, next)
            let no = number(two, into: register, next)
            let before = base
            base = register
            defer { base = before }
            return emit(mask, yes, no)
        case .add(let one, let two): (kind, operands) = (.add, (one, two))
        case .subtract(let one, let two): (kind, operands) = (.subtract, (one, two))
        case .multiply(let one, let two): (kind, operands) = (.multiply, (one, two))
        case .divide(let one, let two): (kind, operands) = (.divide, (one, two))
        case .modulo(let one, let two): (kind, operands) = (.modulo, (one, two))
        case .minimum(let one, let two): (kind, operands) = (.minimum, (one, two))
        case .maximum(let one, let two): (kind, operands) = (.maximum, (one, two))
        case .coalesce(let one, let two): (kind, operands) = (.coalesce, (one, two))
        }
        let result = add(step(kind))
        return number(operands.0, into: register, number(operands.1, into: register + 1, result))
    }
}
