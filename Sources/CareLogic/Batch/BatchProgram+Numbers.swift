import CareValues

extension BatchRun {
    /// Fills the register of a number.
    func compute(_ index: Int) {
        let target = register(index)
        let lanes = block.lanes
        switch program.numbers[index] {
        case .constant: break
        case .column(let column): load(column, target)
        case .today: perZone(target) { _, zone, _ in Double(zone.date(at: block.now).dayNumber) }
        case .now: perZone(target) { _, _, _ in Double(block.now.milliseconds) }
        case .clock(let column, let function): count(column, function, target)
        case .add(let one, let two): NumberKernels.add(register(one), register(two), lanes, target)
        case .subtract(let one, let two): NumberKernels.subtract(register(one), register(two), lanes, target)
        case .multiply(let one, let two): NumberKernels.multiply(register(one), register(two), lanes, target)
        case .divide(let one, let two): NumberKernels.divide(register(one), register(two), lanes, target)
        case .modulo(let one, let two): NumberKernels.modulo(register(one), register(two), lanes, target)
        case .minimum(let one, let two): NumberKernels.minimum(register(one), register(two), lanes, target)
        case .maximum(let one, let two): NumberKernels.maximum(register(one), register(two), lanes, target)
        case .select(let mask, let one, let two):
            NumberKernels.select(place(mask), register(one), register(two), lanes, target)
        case .coalesce(let one, let two): NumberKernels.coalesce(register(one), register(two), lanes, target)
        }
    }

    private func load(_ column: Int, _ target: UnsafeMutablePointer<Double>) {
        guard let start = bytes.baseAddress else { return }
        NumberKernels.load(start, block.columns[column], block.lanes, target)
    }

    /// `days_since` and its like as a number for each customer.
    private func count(_ column: Int, _ function: ClockTest.Function, _ target: UnsafeMutablePointer<Double>) {
        load(column, target)
        perZone(target) { value, _, today in
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
        _ target: UnsafeMutablePointer<Double>, _ value: (Double, Zone, CivilDate) -> Double
    ) {
        let todays = block.zones.map { $0.date(at: block.now) }
        for row in 0..<block.count {
            let zone = zoneCodes.isEmpty ? 0 : Int(zoneCodes[row])
            target[row] = value(target[row], block.zones[zone], todays[zone])
        }
        for row in block.count..<block.lanes { target[row] = .nan }
    }
}
