/// An exact decimal number: a whole count of 10⁻⁹, for sums that must come out the same in any order.
///
/// Holds about ±1.7 × 10²⁹. Doubles would not do: sums of ordinary prices keep a residue.
@frozen
public struct FixedDecimal: Sendable, Hashable, Comparable {
    /// The number × 10⁹.
    public var units: Int128

    /// How many units make one.
    public static let unitsPerOne: Int128 = 1_000_000_000

    /// `units` × 10⁻⁹.
    @inlinable
    public init(units: Int128) {
        self.units = units
    }

    /// A whole number.
    @inlinable
    public init(_ value: Int) {
        self.units = Int128(value) * 1_000_000_000
    }

    /// Nothing.
    public static let zero = FixedDecimal(units: 0)

    /// Reads a decimal numeral as JSON writes it: `12`, `-0.50`, `1.5e3`.
    ///
    /// - Returns: the nearest multiple of 10⁻⁹, of two equally near the even one; nil when `text` is not such a
    ///   numeral or lies outside the range.
    public init?(text: String) {
        self.init(digits: text.utf8.span)
    }

    /// The shortest decimal that names this double, as ``init(text:)``; nil for NaN, infinities and what is too large.
    public init?(_ value: Double) {
        // Whole numbers that a double holds exactly are the common case and need no digits.
        if value.magnitude < 9_007_199_254_740_992, value == value.rounded(.towardZero) {
            self.init(Int(value))
            return
        }
        guard value.isFinite else { return nil }
        self.init(text: value.description)
    }

    @inlinable
    public static func < (left: FixedDecimal, right: FixedDecimal) -> Bool {
        left.units < right.units
    }

    /// The exact sum, or nil when it lies outside the range.
    @inlinable
    public func adding(_ other: FixedDecimal) -> FixedDecimal? {
        let (sum, overflow) = units.addingReportingOverflow(other.units)
        return overflow ? nil : FixedDecimal(units: sum)
    }

    /// The exact difference, or nil when it lies outside the range.
    @inlinable
    public func subtracting(_ other: FixedDecimal) -> FixedDecimal? {
        let (difference, overflow) = units.subtractingReportingOverflow(other.units)
        return overflow ? nil : FixedDecimal(units: difference)
    }

    /// The exact sum; outside the range the nearest end of it.
    @inlinable
    public static func + (left: FixedDecimal, right: FixedDecimal) -> FixedDecimal {
        left.adding(right) ?? FixedDecimal(units: right.units < 0 ? .min : .max)
    }

    /// The exact difference; outside the range the nearest end of it.
    @inlinable
    public static func - (left: FixedDecimal, right: FixedDecimal) -> FixedDecimal {
        left.subtracting(right) ?? FixedDecimal(units: right.units > 0 ? .min : .max)
    }

    /// Adds `right`; stays within the range.
    @inlinable
    public static func += (left: inout FixedDecimal, right: FixedDecimal) {
        left = left + right
    }

    /// Subtracts `right`; stays within the range.
    @inlinable
    public static func -= (left: inout FixedDecimal, right: FixedDecimal) {
        left = left - right
    }

    /// The double nearest to this number.
    public var doubleValue: Double {
        // Both operands are exact below 2⁵³, so one division rounds once.
        if units.magnitude <= 9_007_199_254_740_992 { return Double(Int64(units)) / 1e9 }
        return Double(text) ?? 0
    }

    /// The number in decimal without needless zeros: `12.5`, `-3`, `0.000000001`.
    public var text: String {
        let magnitude = units.magnitude
        let whole = magnitude / 1_000_000_000
        var fraction = Int(magnitude % 1_000_000_000)
        var text = (units < 0 ? "-" : "") + String(whole)
        guard fraction != 0 else { return text }
        var width = 9
        while fraction % 10 == 0 {
            fraction /= 10
            width -= 1
        }
        text += "." + padded(fraction, width)
        return text
    }
}

extension FixedDecimal: CustomStringConvertible {
    public var description: String { text }
}

extension FixedDecimal {
    /// Reads a numeral of the JSON grammar; see ``init(text:)``.
    init?(digits text: Span<UInt8>) {
        guard let number = DecimalNumeral(text) else { return nil }
        // Prices and counts: at most 19 digits and at most 9 of them after the point, so one product is exact.
        let shift = number.exponent + 9
        if number.isExact, (0...18).contains(shift) {
            let units = Int128(number.mantissa) * Int128(powersOfTen[shift])
            self.init(units: number.isNegative ? -units : units)
            return
        }
        self.init(longDigits: text, of: number)
    }

    /// Any numeral, digit by digit: those up to 10⁻⁹ count, the rest only rounds.
    private init?(longDigits text: Span<UInt8>, of number: DecimalNumeral) {
        if number.mantissa == 0 {
            self.init(units: 0)
            return
        }
        var units: UInt128 = 0
        // How many more digits count; those before the point are known from the exponent.
        var wanted = number.digitCount + number.exponent + 9
        var firstDropped: UInt8 = 0
        var dropsMore = false
        var isLeading = true
        var index = number.isNegative ? 1 : 0
        while index < text.count, text[index] | 0x20 != UInt8(ascii: "e") {
            let byte = text[index]
            index += 1
            if byte == UInt8(ascii: ".") || (isLeading && byte == UInt8(ascii: "0")) { continue }
            isLeading = false
            if wanted > 0 {
                let (product, high) = units.multipliedReportingOverflow(by: 10)
                let (sum, carry) = product.addingReportingOverflow(UInt128(byte - 48))
                if high || carry { return nil }
                units = sum
            } else if wanted == 0 {
                firstDropped = byte - 48
            } else if byte != 48 {
                dropsMore = true
            }
            wanted -= 1
        }
        while wanted > 0 {
            let (product, overflow) = units.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            units = product
            wanted -= 1
        }
        if firstDropped > 5 || (firstDropped == 5 && (dropsMore || units & 1 == 1)) { units += 1 }
        guard units <= UInt128(Int128.max) else { return nil }
        self.init(units: number.isNegative ? -Int128(units) : Int128(units))
    }
}
