import CareValues

/// Many conditions as one program over columns: every distinct comparison once, whichever conditions use it.
///
/// It answers for a block of customers at once what ``Expression/isTrue(_:)`` answers for one; docs/evaluation.md
/// describes it. Made once for a rule set; bound to the clock when a block is evaluated.
public struct BatchProgram: Sendable {
    /// The declarations that the conditions belong to.
    public let schema: Schema
    /// The conditions, in the order of their answers.
    public let conditions: [Expression]
    /// The columns that a block needs.
    public let columns: [BatchColumn]

    let masks: [MaskNode]
    let numbers: [NumberNode]
    /// By number: it is the same for everybody.
    let isConstant: [Bool]
    let scalars: [ScalarPart]
    /// The mask that is true where the condition is, by condition.
    let roots: [Int]
    /// The scalar parts that each condition uses.
    let scalarsOfRoot: [[Int]]
    /// The columns that each condition reads, scalar parts apart.
    let columnsOfRoot: [Set<Int>]
    let schedule: BatchSchedule
    let ops: [BatchOp]

    /// The program of these conditions.
    ///
    /// - Parameter keepsAnswers: whether ``answer(_:at:_:)`` and ``withAnswers(to:_:_:)`` can be asked after a block is
    ///   evaluated; else only counts are kept, in less memory.
    public init(conditions: [Expression], schema: Schema, keepsAnswers: Bool = false) {
        var lowering = BatchLowering(schema: schema)
        let roots = conditions.map { lowering.condition($0) }
        self.init(lowering, roots: roots, conditions: conditions, keepsAnswers: keepsAnswers)
    }

    /// The program of a sieve, see ``Sieve``: first the moments, then the conditions.
    ///
    /// Whoever the columns cannot tell about is said to be neither free nor of those who do not match.
    public init(sieve: Sieve, schema: Schema) {
        var lowering = BatchLowering(schema: schema)
        var roots = sieve.moments.map { tests in
            let masks = tests.map { lowering.mask($0) }
            return lowering.not(lowering.or(masks))
        }
        for conditions in sieve.conditions {
            let masks = conditions.map { lowering.condition($0) }
            roots.append(lowering.not(lowering.and(masks)))
        }
        self.init(lowering, roots: roots, conditions: roots.map { _ in .never }, keepsAnswers: true)
    }

    /// The program over the same columns that answers these of the conditions only, in this order.
    public func narrowed(to conditions: [Int]) -> BatchProgram {
        BatchProgram(
            Nodes(schema: schema, columns: columns, masks: masks, numbers: numbers, scalars: scalars),
            roots: conditions.map { roots[$0] }, conditions: conditions.map { self.conditions[$0] },
            keepsAnswers: schedule.keepsAnswers)
    }

    /// What customers are ruled out by.
    public struct Sieve: Sendable {
        /// Answered by whether none of each list's moments falls on its days.
        public var moments: [[MomentTest]] = []
        /// Answered by whether each list's conditions are not all true.
        public var conditions: [[Expression]] = []

        /// Asks nothing.
        public init() {}
    }

    private init(_ lowering: BatchLowering, roots: [Int], conditions: [Expression], keepsAnswers: Bool) {
        self.init(
            Nodes(
                schema: lowering.schema, columns: lowering.columns, masks: lowering.masks, numbers: lowering.numbers,
                scalars: lowering.scalars),
            roots: roots, conditions: conditions, keepsAnswers: keepsAnswers)
    }

    /// What programs over the same columns share.
    private struct Nodes {
        var schema: Schema
        var columns: [BatchColumn]
        var masks: [MaskNode]
        var numbers: [NumberNode]
        var scalars: [ScalarPart]
    }

    private init(_ nodes: Nodes, roots: [Int], conditions: [Expression], keepsAnswers: Bool) {
        self.roots = roots
        schema = nodes.schema
        self.conditions = conditions
        columns = nodes.columns
        masks = nodes.masks
        numbers = nodes.numbers
        isConstant = numbers.map { if case .constant = $0 { true } else { false } }
        scalars = nodes.scalars
        schedule = BatchSchedule(masks: masks, numbers: numbers, roots: roots, keepsAnswers: keepsAnswers)
        ops = BatchOp.all(schedule, masks)
        let uses = Uses(masks, numbers)
        scalarsOfRoot = roots.map { uses.scalars[$0].sorted() }
        columnsOfRoot = roots.map { uses.columns[$0] }
    }

    /// How many parts are left to the scalar form.
    public var scalarCount: Int { scalars.count }
    /// How many distinct leaves there are: masks made from columns, not from other masks.
    public var leafCount: Int { schedule.places.indices.count { schedule.places[$0] >= 0 && masks[$0].isLeaf } }
    /// How many steps that combine masks there are.
    public var combinationCount: Int {
        schedule.places.indices.count { schedule.places[$0] >= 0 && !masks[$0].isLeaf }
    }

    /// What each mask is made from, through others.
    private struct Uses {
        var scalars: [Set<Int>]
        var columns: [Set<Int>]

        init(_ masks: [MaskNode], _ numbers: [NumberNode]) {
            scalars = Array(repeating: [], count: masks.count)
            columns = scalars
            var ofNumber = Array(repeating: (scalars: Set<Int>, columns: Set<Int>)?.none, count: numbers.count)
            func uses(number: Int) -> (scalars: Set<Int>, columns: Set<Int>) {
                if let known = ofNumber[number] { return known }
                var result: (scalars: Set<Int>, columns: Set<Int>) = ([], [])
                switch numbers[number] {
                case .column(let column), .clock(let column, _): result.columns = [column]
                default: break
                }
                for operand in numbers[number].operands {
                    let part = uses(number: operand)
                    result.scalars.formUnion(part.scalars)
                    result.columns.formUnion(part.columns)
                }
                if let mask = numbers[number].mask {
                    result.scalars.formUnion(scalars[mask])
                    result.columns.formUnion(columns[mask])
                }
                ofNumber[number] = result
                return result
            }
            for (index, mask) in masks.enumerated() {
                switch mask {
                case .scalar(let scalar, _): scalars[index] = [scalar]
                case .perText(let column, let scalar, _): (scalars[index], columns[index]) = ([scalar], [column])
                case .set(let column, _), .clock(let column, _), .texts(let column, _, _, _): columns[index] = [column]
                default: break
                }
                for operand in mask.operands {
                    scalars[index].formUnion(scalars[operand])
                    columns[index].formUnion(columns[operand])
                }
                for number in mask.numbers {
                    let part = uses(number: number)
                    scalars[index].formUnion(part.scalars)
                    columns[index].formUnion(part.columns)
                }
            }
        }
    }
}

extension MaskNode {
    /// Whether it is made from columns rather than from masks.
    var isLeaf: Bool {
        switch self {
        case .not, .and, .or: false
        default: true
        }
    }

    /// The masks that it combines.
    var operands: [Int] {
        switch self {
        case .not(let operand): [operand]
        case .and(let operands), .or(let operands): operands
        default: []
        }
    }

    /// The numbers that it looks at.
    var numbers: [Int] {
        switch self {
        case .compare(let left, _, let right, _): [left, right]
        case .isMissing(let number, _), .truth(let number, _): [number]
        default: []
        }
    }
}

extension NumberNode {
    /// The numbers that it is computed from.
    var operands: [Int] {
        switch self {
        case .constant, .column, .today, .now, .clock: []
        case .add(let left, let right), .subtract(let left, let right), .multiply(let left, let right),
            .divide(let left, let right), .modulo(let left, let right), .minimum(let left, let right),
            .maximum(let left, let right), .coalesce(let left, let right), .select(_, let left, let right):
            [left, right]
        }
    }

    /// The mask that chooses.
    var mask: Int? {
        if case .select(let mask, _, _) = self { mask } else { nil }
    }
}

/// In which order steps run and where their masks lie: a place is used again as soon as nobody reads it any more, so
/// that the masks of a hundred conditions stay in the processor's cache.
struct BatchSchedule: Sendable {
    enum Step: Sendable {
        case number(Int)
        case mask(Int)
        /// Count the answers of these conditions, whose root has just been made.
        case answer(mask: Int, conditions: [Int])
    }

    var steps: [Step] = []
    /// The place of each mask.
    var places: [Int]
    /// How many places there are.
    var placeCount = 0
    /// Whether the masks of conditions stay until the next block.
    let keepsAnswers: Bool

    init(masks: [MaskNode], numbers: [NumberNode], roots: [Int], keepsAnswers: Bool) {
        self.keepsAnswers = keepsAnswers
        places = Array(repeating: -1, count: masks.count)
        var conditions: [Int: [Int]] = [:]
        for (condition, root) in roots.enumerated() { conditions[root, default: []].append(condition) }

        // Depth first from each root, so that an operand is made shortly before it is used.
        var isMade = Array(repeating: false, count: masks.count)
        var isNumberMade = Array(repeating: false, count: numbers.count)
        var order: [Step] = []
        func make(number: Int) {
            guard !isNumberMade[number] else { return }
            isNumberMade[number] = true
            for operand in numbers[number].operands { make(number: operand) }
            order.append(.number(number))
        }
        // Before the numbers themselves, so that these follow each other.
        func makeMasks(ofNumber number: Int) {
            guard !isNumberMade[number] else { return }
            for operand in numbers[number].operands { makeMasks(ofNumber: operand) }
            if let mask = numbers[number].mask { make(mask: mask) }
        }
        func make(mask: Int) {
            guard !isMade[mask] else { return }
            isMade[mask] = true
            for operand in masks[mask].operands { make(mask: operand) }
            for number in masks[mask].numbers { makeMasks(ofNumber: number) }
            for number in masks[mask].numbers { make(number: number) }
            order.append(.mask(mask))
            if let answered = conditions[mask] { order.append(.answer(mask: mask, conditions: answered)) }
        }
        for root in roots { make(mask: root) }

        var lastUse = Array(repeating: -1, count: masks.count)
        for (position, step) in order.enumerated() {
            switch step {
            case .number(let number):
                if let mask = numbers[number].mask { lastUse[mask] = max(lastUse[mask], position) }
            case .mask(let mask):
                lastUse[mask] = max(lastUse[mask], position)
                for operand in masks[mask].operands { lastUse[operand] = max(lastUse[operand], position) }
            case .answer(let mask, _): lastUse[mask] = keepsAnswers ? .max : max(lastUse[mask], position)
            }
        }
        var free: [Int] = []
        var live: [Int: [Int]] = [:]
        for (position, step) in order.enumerated() {
            if case .mask(let mask) = step {
                places[mask] = free.popLast() ?? placeCount
                if places[mask] == placeCount { placeCount += 1 }
                live[lastUse[mask], default: []].append(mask)
            }
            for ended in live.removeValue(forKey: position) ?? [] { free.append(places[ended]) }
        }
        steps = order
    }
}
