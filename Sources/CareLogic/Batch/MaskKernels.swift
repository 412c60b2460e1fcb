import CKernels

/// The loops over a block. A mask holds one byte for each customer, 0 or 1.
///
/// Most are plain C in `CKernels`, which the loader picks the processor's own form of.
enum MaskKernels {
    typealias Mask = UnsafeMutablePointer<UInt8>

    static func fill(_ mask: Mask, _ lanes: Int, _ value: Bool) {
        mask.update(repeating: value ? 1 : 0, count: lanes)
    }

    // MARK: Columns

    /// Whether the code is in one of the ranges.
    static func ranges8(_ codes: UnsafePointer<UInt8>, _ lanes: Int, _ all: care_ranges, _ mask: Mask) {
        care_mask_ranges8(codes, lanes, all, mask)
    }

    static func ranges16(_ codes: UnsafePointer<UInt16>, _ lanes: Int, _ all: care_ranges, _ mask: Mask) {
        care_mask_ranges16(codes, lanes, all, mask)
    }

    static func ranges32(_ codes: UnsafePointer<UInt32>, _ lanes: Int, _ all: care_ranges, _ mask: Mask) {
        care_mask_ranges32(codes, lanes, all, mask)
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
    ) { care_mask_range(values, lanes, low, high, mask) }

    static func isMissing(_ values: UnsafePointer<Double>, _ lanes: Int, _ outcome: Bool, _ mask: Mask) {
        care_mask_missing(values, lanes, outcome ? 1 : 0, mask)
    }

    // MARK: Numbers

    /// The relation of two numbers, of which a missing one is NaN: an ordered one is neither true nor false then, two
    /// missing ones are equal.
    static func compare(
        _ left: UnsafePointer<Double>, _ comparison: Comparison, _ right: UnsafePointer<Double>, _ lanes: Int,
        _ outcome: Bool, _ mask: Mask
    ) {
        if let relation = relation(comparison, outcome) {
            care_mask_ordered(left, right, lanes, relation, mask)
        } else {
            care_mask_equal(left, right, lanes, flip(comparison, outcome), mask)
        }
    }

    /// The same with a constant, which is not missing.
    static func compare(
        _ left: UnsafePointer<Double>, _ comparison: Comparison, constant right: Double, _ lanes: Int,
        _ outcome: Bool, _ mask: Mask
    ) {
        if let relation = relation(comparison, outcome) {
            care_mask_ordered_constant(left, right, lanes, relation, mask)
        } else {
            care_mask_equal_constant(left, right, lanes, flip(comparison, outcome), mask)
        }
    }

    /// The number of an ordered relation, its outcome taken in; nil: it is one of equality.
    private static func relation(_ comparison: Comparison, _ outcome: Bool) -> Int32? {
        switch (comparison, outcome) {
        case (.less, true), (.greaterOrEqual, false): 0
        case (.lessOrEqual, true), (.greater, false): 1
        case (.greater, true), (.lessOrEqual, false): 2
        case (.greaterOrEqual, true), (.less, false): 3
        default: nil
        }
    }

    private static func flip(_ comparison: Comparison, _ outcome: Bool) -> UInt8 {
        (comparison == .equal || comparison == .identical) == outcome ? 0 : 1
    }

    // MARK: Masks

    static func not(_ source: UnsafePointer<UInt8>, _ lanes: Int, _ mask: Mask) { care_mask_not(source, lanes, mask) }

    static func and(_ one: UnsafePointer<UInt8>, _ two: UnsafePointer<UInt8>, _ lanes: Int, _ mask: Mask) {
        care_mask_and2(one, two, lanes, mask)
    }

    static func or(_ one: UnsafePointer<UInt8>, _ two: UnsafePointer<UInt8>, _ lanes: Int, _ mask: Mask) {
        care_mask_or2(one, two, lanes, mask)
    }

    /// Adds to `mask` where `code` is the customer's.
    static func orWhere(
        _ source: UnsafePointer<UInt8>, _ codes: UnsafePointer<UInt8>, _ code: UInt8, _ lanes: Int, _ mask: Mask
    ) { care_mask_or_where(source, codes, code, lanes, mask) }

    /// How many of the first `count` are true.
    static func sum(_ mask: UnsafePointer<UInt8>, _ count: Int) -> Int { care_mask_sum(mask, count) }
}
