/// The loops over a block. A mask holds one byte for each customer, 0 or 1.
///
/// Plain loops over pointers of one concrete type without branches: the compiler turns them into vector instructions.
enum MaskKernels {
    typealias Mask = UnsafeMutablePointer<UInt8>

    static func fill(_ mask: Mask, _ lanes: Int, _ value: Bool) {
        mask.update(repeating: value ? 1 : 0, count: lanes)
    }

    // MARK: Columns

    /// Whether the code is in one of the ranges.
    @inline(__always)
    private static func ranges<Code: FixedWidthInteger & UnsignedInteger>(
        _ codes: UnsafePointer<Code>, _ lanes: Int, _ ranges: CodeRanges, _ mask: Mask
    ) {
        let (low0, span0) = (Code(truncatingIfNeeded: ranges.low0), Code(truncatingIfNeeded: ranges.span0))
        let (low1, span1) = (Code(truncatingIfNeeded: ranges.low1), Code(truncatingIfNeeded: ranges.span1))
        let (low2, span2) = (Code(truncatingIfNeeded: ranges.low2), Code(truncatingIfNeeded: ranges.span2))
        switch ranges.count {
        case 0: fill(mask, lanes, false)
        case 1:
            for lane in 0..<lanes { mask[lane] = codes[lane] &- low0 <= span0 ? 1 : 0 }
        case 2:
            for lane in 0..<lanes {
                let code = codes[lane]
                mask[lane] = (code &- low0 <= span0 ? 1 : 0) | (code &- low1 <= span1 ? 1 : 0)
            }
        default:
            for lane in 0..<lanes {
                let code = codes[lane]
                mask[lane] =
                    (code &- low0 <= span0 ? 1 : 0) | (code &- low1 <= span1 ? 1 : 0)
                    | (code &- low2 <= span2 ? 1 : 0)
            }
        }
    }

    static func ranges8(_ codes: UnsafePointer<UInt8>, _ lanes: Int, _ all: CodeRanges, _ mask: Mask) {
        ranges(codes, lanes, all, mask)
    }

    static func ranges16(_ codes: UnsafePointer<UInt16>, _ lanes: Int, _ all: CodeRanges, _ mask: Mask) {
        ranges(codes, lanes, all, mask)
    }

    static func ranges32(_ codes: UnsafePointer<UInt32>, _ lanes: Int, _ all: CodeRanges, _ mask: Mask) {
        ranges(codes, lanes, all, mask)
    }

    /// One answer for each code: for sets that are scattered over many.
    static func table8(_ codes: UnsafePointer<UInt8>, _ lanes: Int, _ table: UnsafePointer<UInt8>, _ mask: Mask) {
        for lane in 0..<lanes { mask[lane] = table[Int(codes[lane])] }
    }

    static func table16(_ codes: UnsafePointer<UInt16>, _ lanes: Int, _ table: UnsafePointer<UInt8>, _ mask: Mask) {
        for lane in 0..<lanes { mask[lane] = table[Int(codes[lane])] }
    }

    /// Whether a number that is not missing is in the range.
    static func range(
        _ values: UnsafePointer<Double>, _ lanes: Int, _ low: Double, _ high: Double, _ mask: Mask
    ) {
        for lane in 0..<lanes { mask[lane] = (values[lane] >= low ? 1 : 0) & (values[lane] <= high ? 1 : 0) }
    }

    static func isMissing(_ values: UnsafePointer<Double>, _ lanes: Int, _ outcome: Bool, _ mask: Mask) {
        if outcome {
            for lane in 0..<lanes { mask[lane] = values[lane] != values[lane] ? 1 : 0 }
        } else {
            for lane in 0..<lanes { mask[lane] = values[lane] == values[lane] ? 1 : 0 }
        }
    }

    // MARK: Numbers

    /// The relation of two numbers, of which a missing one is NaN: an ordered one is neither true nor false then, two
    /// missing ones are equal.
    static func compare(
        _ left: UnsafePointer<Double>, _ comparison: Comparison, _ right: UnsafePointer<Double>, _ lanes: Int,
        _ outcome: Bool, _ mask: Mask
    ) {
        switch (comparison, outcome) {
        case (.less, true), (.greaterOrEqual, false):
            for lane in 0..<lanes { mask[lane] = left[lane] < right[lane] ? 1 : 0 }
        case (.lessOrEqual, true), (.greater, false):
            for lane in 0..<lanes { mask[lane] = left[lane] <= right[lane] ? 1 : 0 }
        case (.greater, true), (.lessOrEqual, false):
            for lane in 0..<lanes { mask[lane] = left[lane] > right[lane] ? 1 : 0 }
        case (.greaterOrEqual, true), (.less, false):
            for lane in 0..<lanes { mask[lane] = left[lane] >= right[lane] ? 1 : 0 }
        default:
            let isEquality = comparison == .equal || comparison == .identical
            let flip: UInt8 = isEquality == outcome ? 0 : 1
            for lane in 0..<lanes {
                let (one, two) = (left[lane], right[lane])
                let areEqual: UInt8 = one == two ? 1 : 0
                let areMissing: UInt8 = (one != one ? 1 : 0) & (two != two ? 1 : 0)
                mask[lane] = (areEqual | areMissing) ^ flip
            }
        }
    }

    /// The same with a constant, which is not missing.
    static func compare(
        _ left: UnsafePointer<Double>, _ comparison: Comparison, constant right: Double, _ lanes: Int,
        _ outcome: Bool, _ mask: Mask
    ) {
        switch (comparison, outcome) {
        case (.less, true), (.greaterOrEqual, false):
            for lane in 0..<lanes { mask[lane] = left[lane] < right ? 1 : 0 }
        case (.lessOrEqual, true), (.greater, false):
            for lane in 0..<lanes { mask[lane] = left[lane] <= right ? 1 : 0 }
        case (.greater, true), (.lessOrEqual, false):
            for lane in 0..<lanes { mask[lane] = left[lane] > right ? 1 : 0 }
        case (.greaterOrEqual, true), (.less, false):
            for lane in 0..<lanes { mask[lane] = left[lane] >= right ? 1 : 0 }
        default:
            let isEquality = comparison == .equal || comparison == .identical
            if isEquality == outcome {
                for lane in 0..<lanes { mask[lane] = left[lane] == right ? 1 : 0 }
            } else {
                for lane in 0..<lanes { mask[lane] = left[lane] != right ? 1 : 0 }
            }
        }
    }

    // MARK: Masks

    static func not(_ source: UnsafePointer<UInt8>, _ lanes: Int, _ mask: Mask) {
        for lane in 0..<lanes { mask[lane] = source[lane] ^ 1 }
    }

    static func and(_ one: UnsafePointer<UInt8>, _ two: UnsafePointer<UInt8>, _ lanes: Int, _ mask: Mask) {
        for lane in 0..<lanes { mask[lane] = one[lane] & two[lane] }
    }

    static func and(
        _ one: UnsafePointer<UInt8>, _ two: UnsafePointer<UInt8>, _ three: UnsafePointer<UInt8>, _ lanes: Int,
        _ mask: Mask
    ) {
        for lane in 0..<lanes { mask[lane] = one[lane] & two[lane] & three[lane] }
    }

    static func and(
        _ one: UnsafePointer<UInt8>, _ two: UnsafePointer<UInt8>, _ three: UnsafePointer<UInt8>,
        _ four: UnsafePointer<UInt8>, _ lanes: Int, _ mask: Mask
    ) {
        for lane in 0..<lanes { mask[lane] = one[lane] & two[lane] & three[lane] & four[lane] }
    }

    static func or(_ one: UnsafePointer<UInt8>, _ two: UnsafePointer<UInt8>, _ lanes: Int, _ mask: Mask) {
        for lane in 0..<lanes { mask[lane] = one[lane] | two[lane] }
    }

    static func or(
        _ one: UnsafePointer<UInt8>, _ two: UnsafePointer<UInt8>, _ three: UnsafePointer<UInt8>, _ lanes: Int,
        _ mask: Mask
    ) {
        for lane in 0..<lanes { mask[lane] = one[lane] | two[lane] | three[lane] }
    }

    static func or(
        _ one: UnsafePointer<UInt8>, _ two: UnsafePointer<UInt8>, _ three: UnsafePointer<UInt8>,
        _ four: UnsafePointer<UInt8>, _ lanes: Int, _ mask: Mask
    ) {
        for lane in 0..<lanes { mask[lane] = one[lane] | two[lane] | three[lane] | four[lane] }
    }

    /// Adds to `mask` where `code` is the customer's.
    static func orWhere(
        _ source: UnsafePointer<UInt8>, _ codes: UnsafePointer<UInt8>, _ code: UInt8, _ lanes: Int, _ mask: Mask
    ) {
        for lane in 0..<lanes { mask[lane] |= source[lane] & (codes[lane] == code ? 1 : 0) }
    }

    /// How many of the first `count` are true.
    static func sum(_ mask: UnsafePointer<UInt8>, _ count: Int) -> Int {
        var total = 0
        var lane = 0
        // Eight lanes in one word: 0 and 1 added 128 times leave each lane within its byte.
        while lane + 1_024 <= count {
            var lanes: UInt64 = 0
            for word in 0..<128 {
                lanes &+= UnsafeRawPointer(mask + lane).loadUnaligned(fromByteOffset: word * 8, as: UInt64.self)
            }
            let pairs = (lanes & 0x00FF_00FF_00FF_00FF) &+ ((lanes >> 8) & 0x00FF_00FF_00FF_00FF)
            total += Int((pairs &* 0x0001_0001_0001_0001) >> 48)
            lane += 1_024
        }
        while lane < count {
            total += Int(mask[lane])
            lane += 1
        }
        return total
    }
}
