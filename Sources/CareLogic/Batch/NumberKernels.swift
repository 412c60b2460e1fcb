/// The loops that compute a number for every customer of a block; missing is NaN.
enum NumberKernels {
    typealias Register = UnsafeMutablePointer<Double>

    /// A result that is not finite is missing.
    @inline(__always)
    private static func finite(_ value: Double) -> Double { value - value == 0 ? value : .nan }

    @inline(__always)
    private static func each(_ lanes: Int, _ target: Register, _ value: (Int) -> Double) {
        for lane in 0..<lanes { target[lane] = value(lane) }
    }

    @inline(__always)
    private static func values<Code: FixedWidthInteger & UnsignedInteger>(
        _ codes: UnsafePointer<Code>, _ column: ColumnBlock.Column, _ lanes: Int, _ target: Register
    ) {
        let (first, multiplier, divisor) = (column.base - 1, column.multiplier, column.divisor)
        if multiplier == 1, divisor == 1 {
            each(lanes, target) { codes[$0] == 0 ? .nan : first + Double(Int32(truncatingIfNeeded: codes[$0])) }
        } else {
            each(lanes, target) {
                codes[$0] == 0 ? .nan : (first + Double(UInt32(truncatingIfNeeded: codes[$0]))) * multiplier / divisor
            }
        }
    }

    /// The values of a column.
    static func load(
        _ bytes: UnsafeRawPointer, _ column: ColumnBlock.Column, _ lanes: Int, _ target: Register
    ) {
        let start = bytes + column.offset
        switch column.form {
        case .byte: values(start.assumingMemoryBound(to: UInt8.self), column, lanes, target)
        case .word: values(start.assumingMemoryBound(to: UInt16.self), column, lanes, target)
        case .wide:
            // A code over 2³¹ would not survive the way through Int32.
            let codes = start.assumingMemoryBound(to: UInt32.self)
            let (first, multiplier, divisor) = (column.base - 1, column.multiplier, column.divisor)
            each(lanes, target) {
                codes[$0] == 0 ? .nan : (first + Double(codes[$0])) * multiplier / divisor
            }
        case .double: target.update(from: start.assumingMemoryBound(to: Double.self), count: lanes)
        }
    }

    static func add(_ one: Register, _ two: Register, _ lanes: Int, _ target: Register) {
        each(lanes, target) { finite(one[$0] + two[$0]) }
    }

    static func subtract(_ one: Register, _ two: Register, _ lanes: Int, _ target: Register) {
        each(lanes, target) { finite(one[$0] - two[$0]) }
    }

    static func multiply(_ one: Register, _ two: Register, _ lanes: Int, _ target: Register) {
        each(lanes, target) { finite(one[$0] * two[$0]) }
    }

    static func divide(_ one: Register, _ two: Register, _ lanes: Int, _ target: Register) {
        each(lanes, target) { finite(one[$0] / two[$0]) }
    }

    static func modulo(_ one: Register, _ two: Register, _ lanes: Int, _ target: Register) {
        each(lanes, target) { finite(one[$0].truncatingRemainder(dividingBy: two[$0])) }
    }

    static func minimum(_ one: Register, _ two: Register, _ lanes: Int, _ target: Register) {
        each(lanes, target) { one[$0] == one[$0] && two[$0] == two[$0] ? Swift.min(one[$0], two[$0]) : .nan }
    }

    static func maximum(_ one: Register, _ two: Register, _ lanes: Int, _ target: Register) {
        each(lanes, target) { one[$0] == one[$0] && two[$0] == two[$0] ? Swift.max(one[$0], two[$0]) : .nan }
    }

    static func select(
        _ mask: UnsafePointer<UInt8>, _ one: Register, _ two: Register, _ lanes: Int, _ target: Register
    ) {
        each(lanes, target) { mask[$0] != 0 ? one[$0] : two[$0] }
    }

    static func coalesce(_ one: Register, _ two: Register, _ lanes: Int, _ target: Register) {
        each(lanes, target) { one[$0] == one[$0] ? one[$0] : two[$0] }
    }
}
