import CKernels
import CareValues

extension BatchProgram {
    /// Evaluates every condition for every customer of a block, and adds to what `scratch` counts.
    ///
    /// - Parameter next: the block that will follow, if it is known: its bytes are fetched while this one is evaluated.
    /// - Parameter context: one customer of the block by position, at ``ColumnBlock/now`` and in the zone it was added
    ///   with; asked only for what columns cannot tell. nil: there is no such customer any more, its conditions fail.
    /// - Precondition: `block` is from a ``ColumnBuilder`` for this program, `scratch` is for this program.
    public func evaluate(
        _ block: ColumnBlock, next: ColumnBlock? = nil, _ scratch: inout BatchScratch,
        context: (Int) -> EvaluationContext?
    ) {
        precondition(block.columns.count == columns.count, "a block of another program")
        bindClock(block, &scratch)
        for index in scratch.isAsked.indices { scratch.isAsked[index] = false }
        scratch.customers += block.count
        block.bytes.withUnsafeBytes { bytes in
            block.zoneCodes.withUnsafeBufferPointer { zoneCodes in
                // The arrays are taken out, so that the pointers into them are not pointers into `scratch`.
                var masks: [UInt8] = []
                var numbers: [Double] = []
                var spare: [UInt8] = []
                swap(&masks, &scratch.masks)
                swap(&numbers, &scratch.numbers)
                swap(&spare, &scratch.spare)
                masks.withUnsafeMutableBufferPointer { masks in
                    numbers.withUnsafeMutableBufferPointer { numbers in
                        spare.withUnsafeMutableBufferPointer { spare in
                            guard let masks = masks.baseAddress, let spare = spare.baseAddress else { return }
                            let empty = UnsafeMutablePointer<Double>(bitPattern: 8)
                            guard let numbers = numbers.baseAddress ?? empty else { return }
                            let run = BatchRun(
                                program: self, block: block, bytes: bytes, zoneCodes: zoneCodes, masks: masks,
                                spare: spare, numbers: numbers)
                            if let next {
                                next.bytes.withUnsafeBytes { run.evaluate(&scratch, fetching: $0, context) }
                            } else {
                                run.evaluate(&scratch, fetching: UnsafeRawBufferPointer(start: nil, count: 0), context)
                            }
                        }
                    }
                }
                swap(&masks, &scratch.masks)
                swap(&numbers, &scratch.numbers)
                swap(&spare, &scratch.spare)
            }
        }
    }

    /// Fixes what depends on the clock, for the block's instant and zones.
    private func bindClock(_ block: ColumnBlock, _ scratch: inout BatchScratch) {
        if let clock = scratch.clock, clock.now == block.now, clock.zones.count == block.zones.count,
            zip(clock.zones, block.zones).allSatisfy({ $0 === $1 })
        {
            return
        }
        scratch.clock = (block.now, block.zones)
        for (index, mask) in masks.enumerated() where schedule.places[index] >= 0 {
            guard case .clock(_, let test) = mask else { continue }
            scratch.clockSets[index] = block.zones.map { test.set(now: block.now, zone: $0) }
            scratch.leaves[index].forget()
        }
    }
}

/// One block on its way through the program.
struct BatchRun {
    let program: BatchProgram
    let block: ColumnBlock
    let bytes: UnsafeRawBufferPointer
    let zoneCodes: UnsafeBufferPointer<UInt8>
    let masks: UnsafeMutablePointer<UInt8>
    let spare: UnsafeMutablePointer<UInt8>
    let numbers: UnsafeMutablePointer<Double>

    @inline(__always)
    func place(_ mask: Int) -> UnsafeMutablePointer<UInt8> {
        masks + program.schedule.places[mask] * ColumnBlock.capacity
    }

    @inline(__always)
    func register(_ number: Int) -> UnsafeMutablePointer<Double> { numbers + number * ColumnBlock.capacity }

    /// - Parameter fetched: bytes to have at hand afterwards: a little with every loop, so that memory answers meanwhile.
    func evaluate(
        _ scratch: inout BatchScratch, fetching fetched: UnsafeRawBufferPointer,
        _ context: (Int) -> EvaluationContext?
    ) {
        guard block.count > 0 else { return }
        let lanes = block.lanes
        program.ops.withUnsafeBufferPointer { ops in
            let share = (fetched.count / max(1, ops.count) + 64) / 64 * 64
            var isFetched = 0
            var index = 0
            while index < ops.count {
                if isFetched < fetched.count, let start = fetched.baseAddress {
                    care_prefetch(start + isFetched, min(share, fetched.count - isFetched))
                    isFetched += share
                }
                var op = ops[index]
                let target = masks + Int(op.target) * ColumnBlock.capacity
                func operand(_ place: Int32) -> UnsafePointer<UInt8> {
                    UnsafePointer(masks + Int(place) * ColumnBlock.capacity)
                }
                index += 1
                switch op.kind {
                case .number, .comparison:
                    let first = index - 1
                    while op.kind == .number, index < ops.count, ops[index].kind == .number { index += 1 }
                    if op.kind == .number, index < ops.count, ops[index].kind == .comparison { index += 1 }
                    computeByStrips(ops, first..<index)
                    op = ops[index - 1]
                case .mask: make(Int(op.node), target, &scratch, context)
                case .leaf: leaf(Int(op.node), Int(op.a), target, &scratch)
                case .not: MaskKernels.not(operand(op.a), lanes, target)
                case .and2: MaskKernels.and(operand(op.a), operand(op.b), lanes, target)
                case .and3: care_mask_and3(operand(op.a), operand(op.b), operand(op.c), lanes, target)
                case .and4:
                    care_mask_and4(operand(op.a), operand(op.b), operand(op.c), operand(op.d), lanes, target)
                case .or2: MaskKernels.or(operand(op.a), operand(op.b), lanes, target)
                case .or3: care_mask_or3(operand(op.a), operand(op.b), operand(op.c), lanes, target)
                case .or4: care_mask_or4(operand(op.a), operand(op.b), operand(op.c), operand(op.d), lanes, target)
                case .answer:
                    if case .answer(let mask, let conditions) = program.schedule.steps[Int(op.node)] {
                        answer(mask, conditions, &scratch, context)
                    }
                    continue
                }
                if scratch.countsSteps, op.isWhole, op.kind != .number {
                    scratch.stepHits[Int(op.node)] += countRegular(masks + Int(op.target) * ColumnBlock.capacity)
                }
            }
        }
    }

    private func countRegular(_ mask: UnsafeMutablePointer<UInt8>) -> Int {
        block.irregular.reduce(MaskKernels.sum(mask, block.count)) { $0 - Int(mask[$1]) }
    }

    /// Asks the scalar form where columns could not tell, then counts.
    private func answer(
        _ mask: Int, _ conditions: [Int], _ scratch: inout BatchScratch, _ context: (Int) -> EvaluationContext?
    ) {
        let answers = place(mask)
        for condition in conditions {
            var failing = block.irregular
            for scalar in program.scalarsOfRoot[condition] where scratch.isAsked[scalar] {
                failing += scratch.scalarFailures[scalar]
            }
            if failing.isEmpty { continue }
            for row in Set(failing).sorted() {
                scratch.scalarEvaluations += 1
                if let context = context(row), let result = try? program.conditions[condition].isTrue(context) {
                    answers[row] = result.isTrue ? 1 : 0
                } else {
                    answers[row] = 0
                    scratch.failures[condition] += 1
                }
            }
        }
        let hits = MaskKernels.sum(answers, block.count)
        for condition in conditions { scratch.hits[condition] += hits }
    }

    // MARK: Masks

    private func make(
        _ index: Int, _ mask: MaskKernels.Mask, _ scratch: inout BatchScratch, _ context: (Int) -> EvaluationContext?
    ) {
        let lanes = block.lanes
        switch program.masks[index] {
        case .constant(let value): MaskKernels.fill(mask, lanes, value)
        case .texts(let column, let texts, let holdsMissing, let outcome):
            lookUp(texts, index, column, holdsMissing, outcome, mask, &scratch)
        case .perText(let column, let scalar, let outcome):
            perText(index, column, scalar, outcome, mask, &scratch)
        case .isMissing(let number, let outcome):
            MaskKernels.isMissing(register(number), lanes, outcome, mask)
        case .truth(let number, let outcome):
            if outcome {
                MaskKernels.compare(register(number), .notEqual, constant: 0, lanes, true, mask)
                MaskKernels.isMissing(register(number), lanes, false, spare)
                MaskKernels.and(UnsafePointer(mask), UnsafePointer(spare), lanes, mask)
            } else {
                MaskKernels.compare(register(number), .equal, constant: 0, lanes, true, mask)
            }
        case .scalar(let scalar, let outcome):
            ask(scalar, &scratch, context)
            let wanted = outcome ? WordTable.Truth.isTrue.rawValue : WordTable.Truth.isFalse.rawValue
            for row in 0..<block.count { mask[row] = scratch.scalars[scalar][row] == wanted ? 1 : 0 }
            for row in block.count..<lanes { mask[row] = 0 }
        case .set, .clock, .compare, .not, .and, .or: preconditionFailure("these have loops of their own")
        }
    }

    /// The scalar form for every customer of the block, once for all that use it.
    private func ask(_ scalar: Int, _ scratch: inout BatchScratch, _ context: (Int) -> EvaluationContext?) {
        guard !scratch.isAsked[scalar] else { return }
        scratch.isAsked[scalar] = true
        scratch.scalarFailures[scalar].removeAll(keepingCapacity: true)
        if scratch.scalars[scalar].count < block.count {
            scratch.scalars[scalar] = Array(repeating: 0, count: ColumnBlock.capacity)
        }
        let part = program.scalars[scalar]
        scratch.scalarEvaluations += block.count
        for row in 0..<block.count {
            if let context = context(row),
                let evaluation = try? Evaluator(program: part.program, context: context).evaluate(part.root)
            {
                scratch.scalars[scalar][row] = WordTable.Truth(evaluation.value).rawValue
            } else {
                scratch.scalars[scalar][row] = WordTable.Truth.failed.rawValue
                scratch.scalarFailures[scalar].append(row)
            }
        }
    }

    // MARK: Columns

    /// Whether the column's value is in the set of a leaf, which the clock may have a say in.
    private func leaf(_ index: Int, _ column: Int, _ mask: MaskKernels.Mask, _ scratch: inout BatchScratch) {
        let form = block.columns[column]
        if form.form == .double || block.zones.count > 1 {
            switch program.masks[index] {
            case .set(_, let set): look(column, set, mask)
            default: clock(column, scratch.clockSets[index], mask)
            }
            return
        }
        if !scratch.leaves[index].isBound(to: form) {
            if case .set(_, let set) = program.masks[index] {
                bind(index, form, set, &scratch)
            } else {
                bind(index, form, scratch.clockSets[index][0], &scratch)
            }
        }
        lookLeaf(index, form, mask, scratch)
    }

    private func bind(_ index: Int, _ form: ColumnBlock.Column, _ set: ValueSet, _ scratch: inout BatchScratch) {
        scratch.leafRanges[index] = form.codes(in: set)
        scratch.leaves[index].bind(form, scratch.leafRanges[index])
    }

    @inline(__always)
    private func lookLeaf(
        _ index: Int, _ column: ColumnBlock.Column, _ mask: MaskKernels.Mask, _ scratch: borrowing BatchScratch
    ) {
        if scratch.leaves[index].isShort {
            look(column, scratch.leaves[index].first, mask)
        } else {
            look(column, scratch.leafRanges[index], mask)
        }
    }

    /// Whether the column's value is in the set.
    func look(_ index: Int, _ set: ValueSet, _ mask: MaskKernels.Mask) {
        let column = block.columns[index]
        let lanes = block.lanes
        guard column.form == .double else {
            look(column, column.codes(in: set), mask)
            return
        }
        guard let start = bytes.baseAddress.map({ $0 + column.offset }) else { return }
        let values = start.assumingMemoryBound(to: Double.self)
        MaskKernels.fill(mask, lanes, false)
        for range in set.ranges {
            MaskKernels.range(values, lanes, range.low, range.high, spare)
            MaskKernels.or(UnsafePointer(mask), UnsafePointer(spare), lanes, mask)
        }
        if set.holdsMissing {
            MaskKernels.isMissing(values, lanes, true, spare)
            MaskKernels.or(UnsafePointer(mask), UnsafePointer(spare), lanes, mask)
        }
    }

    @inline(__always)
    private func look(_ column: ColumnBlock.Column, _ ranges: care_ranges, _ mask: MaskKernels.Mask) {
        guard let start = bytes.baseAddress.map({ $0 + column.offset }) else { return }
        switch column.form {
        case .byte: MaskKernels.ranges8(start.assumingMemoryBound(to: UInt8.self), block.lanes, ranges, mask)
        case .word: MaskKernels.ranges16(start.assumingMemoryBound(to: UInt16.self), block.lanes, ranges, mask)
        default: MaskKernels.ranges32(start.assumingMemoryBound(to: UInt32.self), block.lanes, ranges, mask)
        }
    }

    private func look(_ column: ColumnBlock.Column, _ ranges: [ClosedRange<UInt32>], _ mask: MaskKernels.Mask) {
        // A loop over three ranges goes by the vector, a table by the customer.
        if ranges.count > (column.form == .byte ? 48 : 24), column.form != .wide {
            guard let start = bytes.baseAddress.map({ $0 + column.offset }) else { return }
            table(start, column, ranges, mask)
            return
        }
        look(column, care_ranges(first: ranges[...]), mask)
        var first = 3
        while first < ranges.count {
            look(column, care_ranges(first: ranges[first...]), spare)
            MaskKernels.or(UnsafePointer(mask), UnsafePointer(spare), block.lanes, mask)
            first += 3
        }
    }

    private func table(
        _ start: UnsafeRawPointer, _ column: ColumnBlock.Column, _ ranges: [ClosedRange<UInt32>],
        _ mask: MaskKernels.Mask
    ) {
        var table = [UInt8](repeating: 0, count: Int(column.top) + 1)
        // No code lies beyond the greatest.
        for range in ranges where range.lowerBound <= column.top {
            for code in range.lowerBound...min(range.upperBound, column.top) { table[Int(code)] = 1 }
        }
        table.withUnsafeBufferPointer { table in
            guard let table = table.baseAddress else { return }
            if column.form == .byte {
                MaskKernels.table8(start.assumingMemoryBound(to: UInt8.self), block.lanes, table, mask)
            } else {
                MaskKernels.table16(start.assumingMemoryBound(to: UInt16.self), block.lanes, table, mask)
            }
        }
    }

    /// A set that the zone has a say in: one look for each distinct one, each for the customers of its zones.
    private func clock(_ column: Int, _ sets: [ValueSet], _ mask: MaskKernels.Mask) {
        if sets.allSatisfy({ $0 == sets[0] }) {
            look(column, sets[0], mask)
            return
        }
        let lanes = block.lanes
        guard let codes = zoneCodes.baseAddress else { return }
        let parts = [UInt8](unsafeUninitializedCapacity: lanes) { buffer, initialized in
            initialized = lanes
            guard let total = buffer.baseAddress else { return }
            MaskKernels.fill(total, lanes, false)
            for (zone, set) in sets.enumerated() {
                look(column, set, mask)
                MaskKernels.orWhere(mask, codes, UInt8(zone), block.count, total)
            }
        }
        for row in 0..<lanes { mask[row] = parts[row] }
    }

    // MARK: Texts

    /// Whether the text is one of these; what that is in codes is kept until the dictionary or the form changes.
    private func lookUp(
        _ texts: [[UInt8]], _ index: Int, _ column: Int, _ holdsMissing: Bool, _ outcome: Bool,
        _ mask: MaskKernels.Mask, _ scratch: inout BatchScratch
    ) {
        guard let dictionary = block.dictionaries[column] else { return MaskKernels.fill(mask, block.lanes, false) }
        let isKnown =
            scratch.textSets[index].map { $0.identity === dictionary.identity && $0.count == dictionary.texts.count }
        if isKnown != true {
            let positions = texts.compactMap { dictionary.known($0) }.map(Double.init)
            var set = ValueSet(numbers: positions, holdsMissing: outcome == holdsMissing)
            if !outcome { set = set.complement(holdingMissing: holdsMissing) }
            scratch.textSets[index] = .init(
                identity: dictionary.identity, count: dictionary.texts.count, set: set, failing: .nothing)
            scratch.leaves[index].forget()
        }
        look(column, index, mask, &scratch)
    }

    /// The set of a text leaf.
    private func look(_ column: Int, _ index: Int, _ mask: MaskKernels.Mask, _ scratch: inout BatchScratch) {
        let form = block.columns[column]
        guard form.form != .double else { return look(column, scratch.textSets[index]?.set ?? .nothing, mask) }
        if !scratch.leaves[index].isBound(to: form) {
            bind(index, form, scratch.textSets[index]?.set ?? .nothing, &scratch)
        }
        lookLeaf(index, form, mask, scratch)
    }

    private func perText(
        _ index: Int, _ column: Int, _ scalar: Int, _ outcome: Bool, _ mask: MaskKernels.Mask,
        _ scratch: inout BatchScratch
    ) {
        guard let dictionary = block.dictionaries[column] else { return }
        let part = program.scalars[scalar]
        var codes = scratch.textSets.removeValue(forKey: index)
        if codes?.identity !== dictionary.identity { codes = nil }
        var from = codes?.count ?? 0
        var known =
            codes
            ?? BatchScratch.TextCodes(identity: dictionary.identity, count: 0, set: .nothing, failing: .nothing)
        if let attribute = part.attribute, from < dictionary.texts.count || codes == nil {
            let wanted: WordTable.Truth = outcome ? .isTrue : .isFalse
            func truth(_ value: LogicValue) -> WordTable.Truth {
                WordTable.truth(part.program, part.root, program.schema, attribute, value)
            }
            if codes == nil {
                let missing = truth(.missing)
                known.set.holdsMissing = missing == wanted
                known.failing.holdsMissing = missing == .failed
            }
            while from < dictionary.texts.count {
                let truth = truth(.string(String(decoding: dictionary.texts[from], as: UTF8.self)))
                let one = ValueSet.Range(low: Double(from), high: Double(from))
                if truth == wanted { known.set.ranges.append(one) }
                if truth == .failed { known.failing.ranges.append(one) }
                from += 1
            }
            known.count = from
            scratch.leaves[index].forget()
        }
        if known.failing != .nothing {
            look(column, known.failing, mask)
            if !scratch.isAsked[scalar] {
                scratch.isAsked[scalar] = true
                scratch.scalarFailures[scalar] = (0..<block.count).filter { mask[$0] != 0 }
            }
        }
        scratch.textSets[index] = known
        look(column, index, mask, &scratch)
    }
}

extension BatchProgram {
    /// Whether a condition was true of a customer of the block evaluated last.
    ///
    /// - Precondition: the program keeps its answers.
    public func answer(_ condition: Int, at row: Int, _ scratch: borrowing BatchScratch) -> Bool {
        precondition(schedule.keepsAnswers, "made without keepsAnswers")
        return scratch.masks[schedule.places[roots[condition]] * ColumnBlock.capacity + row] != 0
    }

    /// Hands out a condition's answers of the block evaluated last: a byte for each customer, 1 where it is
    /// true, else 0.
    ///
    /// - Precondition: the program keeps its answers.
    public func withAnswers(
        to condition: Int, _ scratch: borrowing BatchScratch, _ body: (UnsafePointer<UInt8>) -> Void
    ) {
        precondition(schedule.keepsAnswers, "made without keepsAnswers")
        scratch.masks.withUnsafeBufferPointer { masks in
            guard let start = masks.baseAddress else { return }
            body(start + schedule.places[roots[condition]] * ColumnBlock.capacity)
        }
    }
}
