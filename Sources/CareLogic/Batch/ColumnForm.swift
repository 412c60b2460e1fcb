extension ColumnBlock.Column.Form {
    /// Bytes of one value.
    var size: Int {
        switch self {
        case .byte: 1
        case .word: 2
        case .wide: 4
        case .double: 8
        }
    }
}

extension ColumnBuilder {
    /// The narrowest form that holds every one of these values exactly.
    static func form(_ values: UnsafeBufferPointer<Double>) -> ColumnBlock.Column {
        for (multiplier, divisor) in [(1.0, 1.0), (1.0, 100.0), (1000.0, 1.0)] {
            // Only instants are greater than what 32 bits can count.
            if let form = whole(values, multiplier, divisor) { return form }
        }
        return ColumnBlock.Column(form: .double, offset: 0, base: 0, multiplier: 1, divisor: 1, top: 0)
    }

    /// The form of whole multiples of `multiplier / divisor`; nil: one of them is none, or they lie too far apart.
    private static func whole(
        _ values: UnsafeBufferPointer<Double>, _ multiplier: Double, _ divisor: Double
    ) -> ColumnBlock.Column? {
        var low = Double.infinity
        var high = -Double.infinity
        for value in values where value == value {
            let count = (value * divisor / multiplier).rounded()
            // A code must give back the very number.
            if count * multiplier / divisor != value || abs(count) > 9e15 { return nil }
            if count < low { low = count }
            if count > high { high = count }
        }
        guard low <= high else {
            return ColumnBlock.Column(form: .byte, offset: 0, base: 0, multiplier: 1, divisor: 1, top: 0)
        }
        let span = high - low + 1
        let form: ColumnBlock.Column.Form
        if span <= 255 {
            form = .byte
        } else if span <= 65_535 {
            form = .word
        } else if span <= 4_294_967_295 {
            form = .wide
        } else {
            return nil
        }
        return ColumnBlock.Column(
            form: form, offset: 0, base: low, multiplier: multiplier, divisor: divisor, top: UInt32(span))
    }
}

extension ColumnBlock.Column {
    /// Writes the codes of `values`, and missing up to `lanes`.
    func store(_ values: UnsafeBufferPointer<Double>, lanes: Int, in target: UnsafeMutableRawBufferPointer) {
        switch form {
        case .byte: codes(values, lanes, target.bindMemory(to: UInt8.self))
        case .word: codes(values, lanes, target.bindMemory(to: UInt16.self))
        case .wide: codes(values, lanes, target.bindMemory(to: UInt32.self))
        case .double:
            let target = target.bindMemory(to: Double.self)
            for row in values.indices { target[row] = values[row] }
            for row in values.count..<lanes { target[row] = .nan }
        }
    }

    @inline(__always)
    private func codes<Code: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafeBufferPointer<Double>, _ lanes: Int, _ target: UnsafeMutableBufferPointer<Code>
    ) {
        let first = base - 1
        for row in values.indices {
            let value = values[row]
            let code = (value * divisor / multiplier).rounded() - first
            target[row] = value == value ? Code(truncatingIfNeeded: UInt32(code)) : 0
        }
        for row in values.count..<lanes { target[row] = 0 }
    }

    /// The value behind a code that is not 0.
    @inline(__always)
    func value(_ code: UInt32) -> Double { (base + Double(code) - 1) * multiplier / divisor }

    /// The codes of the values in the set, as closed ranges, ascending and apart; code 0 is missing.
    ///
    /// - Precondition: the form is not `double`.
    func codes(in set: ValueSet) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = set.holdsMissing ? [0...0] : []
        guard top > 0 else { return result }
        for range in set.ranges {
            guard let low = firstCode(atLeast: range.low), let high = lastCode(atMost: range.high), low <= high else {
                continue
            }
            if let last = result.last, low <= last.upperBound + 1 {
                result[result.count - 1] = last.lowerBound...max(high, last.upperBound)
            } else {
                result.append(low...high)
            }
        }
        return result
    }

    private func firstCode(atLeast bound: Double) -> UInt32? {
        guard bound <= value(top) else { return nil }
        guard bound > value(1) else { return 1 }
        // The division may be one off to either side.
        var code = guess(bound)
        while code > 1, value(code - 1) >= bound { code -= 1 }
        while value(code) < bound { code += 1 }
        return code
    }

    private func lastCode(atMost bound: Double) -> UInt32? {
        guard bound >= value(1) else { return nil }
        guard bound < value(top) else { return top }
        var code = guess(bound)
        while code < top, value(code + 1) <= bound { code += 1 }
        while value(code) > bound { code -= 1 }
        return code
    }

    private func guess(_ bound: Double) -> UInt32 {
        let code = (bound * divisor / multiplier).rounded() - base + 1
        return UInt32(min(max(code, 1), Double(top)))
    }
}
