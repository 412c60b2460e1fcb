/// A decimal numeral of the JSON grammar, taken apart: `mantissa × 10^exponent`.
///
/// Grammar (RFC 8259, section 6): `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`, all ASCII.
struct DecimalNumeral {
    /// Whether there is a minus sign; also true of `-0`.
    var isNegative = false
    /// The first 19 significant digits; leading zeros are not significant.
    var mantissa: UInt64 = 0
    /// How many significant digits there are, those beyond the mantissa's included.
    var digitCount = 0
    /// The power of ten of the *last* significant digit, within ±100,000.
    var exponent = 0

    /// Whether the mantissa holds every digit.
    var isExact: Bool { digitCount <= 19 }

    /// Takes `text` apart; nil when it is not a numeral of the grammar.
    init?(_ text: Span<UInt8>) {
        let end = text.count
        var index = 0
        if index < end, text[index] == UInt8(ascii: "-") {
            isNegative = true
            index += 1
        }
        guard index < end, isDigit(text[index]) else { return nil }
        if text[index] == UInt8(ascii: "0") {
            index += 1
        } else {
            while index < end, isDigit(text[index]) {
                take(text[index])
                index += 1
            }
        }
        if index < end, text[index] == UInt8(ascii: ".") {
            index += 1
            let first = index
            while index < end, isDigit(text[index]) {
                take(text[index])
                index += 1
            }
            guard index > first else { return nil }
            exponent = first - index
        }
        if index < end, text[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            var sign = 1
            if index < end, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") {
                sign = text[index] == UInt8(ascii: "-") ? -1 : 1
                index += 1
            }
            let first = index
            var power = 0
            while index < end, isDigit(text[index]) {
                // Far beyond any double; the bound keeps the sum from overflowing.
                if power < 1_000_000_000 { power = power * 10 + Int(text[index] - 48) }
                index += 1
            }
            guard index > first else { return nil }
            exponent += sign * power
        }
        guard index == end else { return nil }
        exponent = min(max(exponent, -4_000_000_000), 4_000_000_000)
    }

    @inline(__always)
    private mutating func take(_ byte: UInt8) {
        if digitCount < 19 { mantissa = mantissa &* 10 &+ UInt64(byte &- 48) }
        if mantissa != 0 { digitCount &+= 1 }
    }

    /// The nearest double of `text`, infinity when it is too large; nil when it is not a numeral of the grammar.
    ///
    /// Source of the fast path: Clinger, "How to Read Floating Point Numbers Accurately", 1990: an integer below 2⁵³
    /// and a power of ten up to 10²² are exact doubles, so one product or quotient of them rounds once. All else goes
    /// to the standard library, which is exact and knows no locale; it would also take `nan`, `0x10` and `+1`, which
    /// the grammar has excluded by then.
    static func double(_ text: Span<UInt8>) -> Double? {
        guard let number = DecimalNumeral(text) else { return nil }
        if number.isExact, number.mantissa <= 9_007_199_254_740_992 {
            let magnitude = Double(number.mantissa)
            if number.exponent == 0 || number.mantissa == 0 { return number.isNegative ? -magnitude : magnitude }
            if (1...22).contains(number.exponent) {
                let value = magnitude * exactPowersOfTen[number.exponent]
                return number.isNegative ? -value : value
            }
            if (-22 ... -1).contains(number.exponent) {
                let value = magnitude / exactPowersOfTen[-number.exponent]
                return number.isNegative ? -value : value
            }
        }
        let copy = text.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
        return Double(copy)
    }
}

@inline(__always)
func isDigit(_ byte: UInt8) -> Bool {
    byte &- 48 < 10
}

/// 10⁰ ... 10²², each exact.
private let exactPowersOfTen: InlineArray<23, Double> = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
]

/// 10⁰ ... 10¹⁸.
let powersOfTen: InlineArray<19, UInt64> = [
    1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000,
    100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000,
    10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000,
]
