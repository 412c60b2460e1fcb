import CKernels

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

    /// The greatest code that there can be.
    var last: UInt32 {
        switch self {
        case .byte: 255
        case .word: 65_535
        case .wide, .double: .max
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
        // A code must give back the very number.
        guard care_whole_range(values.baseAddress, values.count, multiplier, divisor, &low, &high) != 0 else {
            return nil
        }
        guard low <= high else {
            return ColumnBlock.Column(form: .byte, offset: 0, base: 0, multiplier: 1, divisor: 1, top: 0)
        }
        for (form, room, step) in [
            (ColumnBlock.Column.Form.byte, 255.0, 64.0), (.word, 65_535, 8_192), (.wide, 4_294_967_295, 16_777_216),
        ]
        where high - low + 1 <= room {
            // A round base, where there is room for one, is that of most blocks: what is reckoned for one holds for the
            // next.
            let round = (low / step).rounded(.down) * step
            let base = high - round + 1 <= room ? round : low
            return ColumnBlock.Column(
                form: form, offset: 0, base: base, multiplier: multiplier, divisor: divisor,
                top: UInt32(high - base + 1))
        }
        return nil
    }
}

extension ColumnBlock.Column {
    /// Writes the codes of `values`, and missing up to `lanes`.
    func store(_ values: UnsafeBufferPointer<Double>, lanes: Int, in target: UnsafeMutableRawBufferPointer) {
        let (first, count) = (base - 1, values.count)
        switch form {
        case .byte:
            let codes = target.bindMemory(to: UInt8.self).baseAddress
            care_codes8(values.baseAddress, count, lanes, first, multiplier, divisor, codes)
        case .word:
            let codes = target.bindMemory(to: UInt16.self).baseAddress
            care_codes16(values.baseAddress, count, lanes, first, multiplier, divisor, codes)
        case .wide:
            let codes = target.bindMemory(to: UInt32.self).baseAddress
            care_codes32(values.baseAddress, count, lanes, first, multiplier, divisor, codes)
        case .double:
            let target = target.bindMemory(to: Double.self)
            for row in values.indices { target[row] = values[row] }
            for row in values.count..<lanes { target[row] = .nan }
        }
    }

    /// The value behind a code that is not 0.
    @inline(__always)
    func value(_ code: UInt32) -> Double { (base + Double(code) - 1) * multiplier / divisor }

    /// The codes of the values in the set, as closed ranges, ascending and apart; code 0 is missing.
    ///
    /// - Precondition: the form is not `double`.
    func codes(in set: ValueSet) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = set.holdsMissing ? [0...0] : []
        // Not of this block's greatest code: what is reckoned holds for every block of this form.
        let last = form.last
        for range in set.ranges {
            guard let low = firstCode(atLeast: range.low, last), let high = lastCode(atMost: range.high, last),
                low <= high
            else { continue }
            if let before = result.last, low - 1 <= before.upperBound {
                result[result.count - 1] = before.lowerBound...max(high, before.upperBound)
            } else {
                result.append(low...high)
            }
        }
        return result
    }

    private func firstCode(atLeast bound: Double, _ last: UInt32) -> UInt32? {
        guard bound <= value(last) else { return nil }
        guard bound > value(1) else { return 1 }
        // The division may be one off to either side.
        var code = guess(bound, last)
        while code > 1, value(code - 1) >= bound { code -= 1 }
        while value(code) < bound { code += 1 }
        return code
    }

    private func lastCode(atMost bound: Double, _ last: UInt32) -> UInt32? {
        guard bound >= value(1) else { return nil }
        guard bound < value(last) else { return last }
        var code = guess(bound, last)
        while code < last, value(code + 1) <= bound { code += 1 }
        while value(code) > bound { code -= 1 }
        return code
    }

    private func guess(_ bound: Double, _ last: UInt32) -> UInt32 {
        let code = (bound * divisor / multiplier).rounded() - base + 1
        return UInt32(min(max(code, 1), Double(last)))
    }
}
