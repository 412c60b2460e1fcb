import CKernels

/// The loops that compute a number for every customer of a block; missing is NaN, and so is what is not finite.
enum NumberKernels {
    typealias Register = UnsafeMutablePointer<Double>

    /// The values of a strip of a column.
    static func load(
        _ bytes: UnsafeRawPointer, _ column: ColumnBlock.Column, _ strip: BatchStrip, _ target: Register
    ) {
        let lanes = strip.lanes
        let start = bytes + column.offset + strip.from * column.form.size
        let (first, multiplier, divisor) = (column.base - 1, column.multiplier, column.divisor)
        let isWhole = multiplier == 1 && divisor == 1
        switch column.form {
        case .byte:
            let codes = start.assumingMemoryBound(to: UInt8.self)
            if isWhole {
                care_load_whole8(codes, lanes, first, target)
            } else {
                care_load8(codes, lanes, first, multiplier, divisor, target)
            }
        case .word:
            let codes = start.assumingMemoryBound(to: UInt16.self)
            if isWhole {
                care_load_whole16(codes, lanes, first, target)
            } else {
                care_load16(codes, lanes, first, multiplier, divisor, target)
            }
        case .wide:
            care_load32(start.assumingMemoryBound(to: UInt32.self), lanes, first, multiplier, divisor, target)
        case .double: target.update(from: start.assumingMemoryBound(to: Double.self), count: lanes)
        }
    }

    static func add(_ one: Register, _ two: Register, _ lanes: Int, _ target: Register) {
        care_add(one, two, lanes, target)
    }

    static func subtract(_ one: Register, _ two: Register, _ lanes: Int, _ target: Register) {
        care_subtract(one, two, lanes, target)
    }

    static func multiply(_ one: Register, _ two: Register, _ lanes: Int, _ target: Register) {
        care_multiply(one, two, lanes, target)
    }

    static func divide(_ one: Register, _ two: Register, _ lanes: Int, _ target: Register) {
        care_divide(one, two, lanes, target)
    }

    static func modulo(_ one: Register, _ two: Register, _ lanes: Int, _ target: Register) {
        for lane in 0..<lanes {
            let value = one[lane].truncatingRemainder(dividingBy: two[lane])
            target[lane] = value - value == 0 ? value : .nan
        }
    }

    static func minimum(_ one: Register, _ two: Register, _ lanes: Int, _ target: Register) {
        care_minimum(one, two, lanes, target)
    }

    static func maximum(_ one: Register, _ two: Register, _ lanes: Int, _ target: Register) {
        care_maximum(one, two, lanes, target)
    }

    static func select(
        _ mask: UnsafePointer<UInt8>, _ one: Register, _ two: Register, _ lanes: Int, _ target: Register
    ) { care_select(mask, one, two, lanes, target) }

    static func coalesce(_ one: Register, _ two: Register, _ lanes: Int, _ target: Register) {
        care_coalesce(one, two, lanes, target)
    }
}
