import CareValues

/// A part of a block: what is computed in numbers goes by strips, so that registers stay in the processor's first cache.
struct BatchStrip {
    /// Lanes of a strip.
    static let length = 512

    /// The first lane.
    var from: Int
    /// How many lanes.
    var lanes: Int
}

extension BatchRun {
    /// Runs these loops, one strip after the other: numbers, at the end perhaps a comparison of them.
    func computeByStrips(_ ops: UnsafeBufferPointer<BatchOp>, _ range: Range<Int>) {
        var from = 0
        while from < block.lanes {
            let strip = BatchStrip(from: from, lanes: min(BatchStrip.length, block.lanes - from))
            for index in range {
                let op = ops[index]
                if op.kind == .number {
                    compute(Int(op.node), strip)
                } else {
                    compare(Int(op.node), masks + Int(op.target) * ColumnBlock.capacity + from, strip)
                }
            }
            from += strip.lanes
        }
    }

    /// The strip of a register; a constant's is the same everywhere.
    @inline(__always)
    private func register(_ number: Int, _ strip: BatchStrip) -> UnsafeMutablePointer<Double> {
        program.isConstant[number] ? register(number) : register(number) + strip.from
    }

    /// The comparison of two numbers.
    private func compare(_ index: Int, _ mask: MaskKernels.Mask, _ strip: BatchStrip) {
        guard case .compare(let left, let comparison, let right, let outcome) = program.masks[index] else {
            preconditionFailure("only comparisons end a run of numbers")
        }
        if case .constant(let value) = program.numbers[right], value == value {
            MaskKernels.compare(register(left, strip), comparison, constant: value, strip.lanes, outcome, mask)
        } else {
            MaskKernels.compare(
                register(left, strip), comparison, register(right, strip), strip.lanes, outcome, mask)
        }
    }

    /// Fills a strip of the register of a number.
    private func compute(_ index: Int, _ strip: BatchStrip) {
        let target = register(index, strip)
        let lanes = strip.lanes
        func at(_ number: Int) -> UnsafeMutablePointer<Double> { register(number, strip) }
        switch program.numbers[index] {
        case .constant: break
        case .column(let column): load(column, target, strip)
        case .today: perZone(target, strip) { _, zone, _ in Double(zone.date(at: block.now).dayNumber) }
        case .now: perZone(target, strip) { _, _, _ in Double(block.now.milliseconds) }
        case .clock(let column, let function): count(column, function, target, strip)
        case .add(let one, let two): NumberKernels.add(at(one), at(two), lanes, target)
        case .subtract(let one, let two): NumberKernels.subtract(at(one), at(two), lanes, target)
        case .multiply(let one, let two): NumberKernels.multiply(at(one), at(two), lanes, target)
        case .divide(let one, let two): NumberKernels.divide(at(one), at(two), lanes, target)
        case .modulo(let one, let two): NumberKernels.modulo(at(one), at(two), lanes, target)
        case .minimum(let one, let two): NumberKernels.minimum(at(one), at(two), lanes, target)
        case .maximum(let one, let two): NumberKernels.maximum(at(one), at(two), lanes, target)
        case .select(let mask, let one, let two):
            NumberKernels.select(place(mask) + strip.from, at(one), at(two), lanes, target)
        case .coalesce(let one, let two): NumberKernels.coalesce(at(one), at(two), lanes, target)
        }
    }

    private func load(_ column: Int, _ target: UnsafeMutablePointer<Double>, _ strip: BatchStrip) {
        guard let start = bytes.baseAddress else { return }
        NumberKernels.load(start, block.columns[column], strip, target)
    }

    /// `days_since` and its like as a number for each customer.
    private func count(
        _ column: Int, _ function: ClockTest.Function, _ target: UnsafeMutablePointer<Double>, _ strip: BatchStrip
    ) {
        load(column, target, strip)
        perZone(target, strip) { value, _, today in
            guard value == value else { return .nan }
            switch function {
            case .daysSince: return Double(today.dayNumber) - value
            case .daysUntil: return value - Double(today.dayNumber)
            case .age:
                let birth = CivilDate(dayNumber: Int32(value)).components
                let now = today.components
                let isBefore = (now.month, now.day) < (birth.month, birth.day)
                return Double(now.year - birth.year - (isBefore ? 1 : 0))
            case .daysUntilBirthday:
                guard let birthday = YearDay.birthday(Int(value)), let days = daysUntil(birthday, from: today) else {
                    return .nan
                }
                return Double(days)
            case .dateAgainstToday, .instantAgainstNow, .within, .dateWithin: return .nan
            }
        }
    }

    private func perZone(
        _ target: UnsafeMutablePointer<Double>, _ strip: BatchStrip, _ value: (Double, Zone, CivilDate) -> Double
    ) {
        let todays = block.zones.map { $0.date(at: block.now) }
        let known = max(0, min(strip.lanes, block.count - strip.from))
        for lane in 0..<known {
            let zone = zoneCodes.isEmpty ? 0 : Int(zoneCodes[strip.from + lane])
            target[lane] = value(target[lane], block.zones[zone], todays[zone])
        }
        for lane in known..<strip.lanes { target[lane] = .nan }
    }
}
