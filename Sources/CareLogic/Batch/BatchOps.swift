import CKernels

/// One loop over a block, as the evaluation runs it: trivial, so that running a program counts no references.
struct BatchOp: Sendable {
    enum Kind: UInt8, Sendable {
        /// Number `node`.
        case number
        /// Mask `node`, a comparison of two numbers.
        case comparison
        /// Mask `node` as it is described there.
        case mask
        /// The codes of column `a` that leaf `node` takes.
        case leaf
        case not, and2, and3, and4, or2, or3, or4
        /// The answers of the conditions at `node` of the schedule's steps.
        case answer
    }

    var kind: Kind
    /// Whether it is the last one of its mask.
    var isWhole = true
    var node: Int32
    /// Places of masks: the result's and the operands'.
    var target: Int32
    var a: Int32 = 0
    var b: Int32 = 0
    var c: Int32 = 0
    var d: Int32 = 0

    /// The loops of a schedule, in its order.
    static func all(_ schedule: BatchSchedule, _ masks: [MaskNode]) -> [BatchOp] {
        var ops: [BatchOp] = []
        func place(_ mask: Int) -> Int32 { Int32(schedule.places[mask]) }
        for (position, step) in schedule.steps.enumerated() {
            switch step {
            case .number(let number): ops.append(BatchOp(kind: .number, node: Int32(number), target: 0))
            case .answer(let mask, _):
                ops.append(BatchOp(kind: .answer, node: Int32(position), target: place(mask)))
            case .mask(let mask):
                let (node, target) = (Int32(mask), place(mask))
                switch masks[mask] {
                case .set(let column, _), .clock(let column, _):
                    ops.append(BatchOp(kind: .leaf, node: node, target: target, a: Int32(column)))
                case .compare: ops.append(BatchOp(kind: .comparison, node: node, target: target))
                case .not(let operand):
                    ops.append(BatchOp(kind: .not, node: node, target: target, a: place(operand)))
                case .and(let operands): combine(operands.map(place), [.and2, .and3, .and4], node, target, &ops)
                case .or(let operands): combine(operands.map(place), [.or2, .or3, .or4], node, target, &ops)
                default: ops.append(BatchOp(kind: .mask, node: node, target: target))
                }
            }
        }
        return ops
    }

    /// `and` or `or` of any number of masks, up to four at a time.
    private static func combine(
        _ operands: [Int32], _ kinds: [Kind], _ node: Int32, _ target: Int32, _ ops: inout [BatchOp]
    ) {
        var rest = operands[...]
        var isFirst = true
        while !rest.isEmpty {
            var parts = isFirst ? [] : [target]
            let taken = rest.prefix(4 - parts.count)
            parts += taken
            rest = rest.dropFirst(taken.count)
            isFirst = false
            ops.append(
                BatchOp(
                    kind: kinds[parts.count - 2], isWhole: rest.isEmpty, node: node, target: target, a: parts[0],
                    b: parts[1], c: parts.count > 2 ? parts[2] : 0, d: parts.count > 3 ? parts[3] : 0))
        }
    }
}

/// What a leaf takes, in the codes of the form that its column had in the last block: blocks mostly share it. Trivial;
/// what does not fit in is in ``BatchScratch/leafRanges``.
struct BatchLeaf {
    private var form: ColumnBlock.Column.Form?
    private var base = 0.0
    private var multiplier = 0.0
    private var divisor = 0.0
    /// The first three ranges of codes as first code and length; unused ones are empty.
    private(set) var first = care_ranges()
    /// Whether these are all.
    private(set) var isShort = true

    /// Whether it is for `column`'s codes.
    @inline(__always)
    func isBound(to column: ColumnBlock.Column) -> Bool {
        form == column.form && base == column.base && multiplier == column.multiplier && divisor == column.divisor
    }

    /// Makes it these codes of `column`: closed ranges, ascending and apart.
    mutating func bind(_ column: ColumnBlock.Column, _ ranges: [ClosedRange<UInt32>]) {
        form = column.form
        base = column.base
        multiplier = column.multiplier
        divisor = column.divisor
        first = care_ranges(first: ranges[...])
        isShort = ranges.count <= 3
    }

    /// The set it stands for is another one.
    mutating func forget() { form = nil }
}

extension care_ranges {
    /// The first three of some ranges of codes.
    init(first ranges: ArraySlice<ClosedRange<UInt32>>) {
        self.init()
        count = Int32(min(3, ranges.count))
        let start = ranges.startIndex
        if count > 0 { (low0, span0) = (ranges[start].lowerBound, ranges[start].upperBound - ranges[start].lowerBound) }
        if count > 1 {
            (low1, span1) = (ranges[start + 1].lowerBound, ranges[start + 1].upperBound - ranges[start + 1].lowerBound)
        }
        if count > 2 {
            (low2, span2) = (ranges[start + 2].lowerBound, ranges[start + 2].upperBound - ranges[start + 2].lowerBound)
        }
    }
}
