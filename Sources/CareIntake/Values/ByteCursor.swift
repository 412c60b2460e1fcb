/// Reads digits and signs from a field, front to back.
struct ByteCursor {
    private let bytes: UnsafeRawBufferPointer
    private(set) var index = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Whether everything was read.
    var isAtEnd: Bool { index == bytes.count }

    /// Reads `byte`, if it is next.
    mutating func take(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    /// Reads as many digits as `width` allows; nil when there are fewer than its least.
    mutating func digits(_ width: ClosedRange<Int>) -> Int? {
        var value = 0
        var read = 0
        while read < width.upperBound, index < bytes.count {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit <= 9 else { break }
            value = value * 10 + Int(digit)
            read += 1
            index += 1
        }
        return read >= width.lowerBound ? value : nil
    }

    /// Reads a fraction of 1 to 9 digits; digits behind the third are dropped.
    mutating func thousandths() -> Int? {
        let start = index
        guard digits(1...9) != nil else { return nil }
        var value = 0
        for place in 0..<3 {
            let digit = start + place < index ? Int(bytes[start + place] - UInt8(ascii: "0")) : 0
            value = value * 10 + digit
        }
        return value
    }

    /// Reads `Z`, `+08:00`, `-0500` or `+08`: seconds east of UTC.
    mutating func zoneOffsetSeconds() -> Int? {
        if take(UInt8(ascii: "Z")) || take(UInt8(ascii: "z")) { return 0 }
        let isWest = take(UInt8(ascii: "-"))
        guard isWest || take(UInt8(ascii: "+")), let hours = digits(2...2), hours <= 23 else { return nil }
        var minutes = 0
        if !isAtEnd {
            _ = take(UInt8(ascii: ":"))
            guard let read = digits(2...2), read <= 59 else { return nil }
            minutes = read
        }
        let seconds = hours * 3600 + minutes * 60
        return isWest ? -seconds : seconds
    }
}

/// Reads a number as people and spreadsheets write it: optional sign, digits, an optional fraction and exponent.
///
/// - Parameter decimalComma: a comma stands for the point, and points between digits are left out.
/// - Returns: nil for anything else, and for what lies outside of binary64.
func readNumber(_ bytes: UnsafeRawBufferPointer, decimalComma: Bool) -> Double? {
    var plain: [UInt8] = []
    plain.reserveCapacity(bytes.count)
    for byte in bytes {
        if decimalComma, byte == UInt8(ascii: ".") { continue }
        plain.append(decimalComma && byte == UInt8(ascii: ",") ? UInt8(ascii: ".") : byte)
    }
    var index = 0
    var mantissa: UInt64 = 0
    var digits = 0
    var fraction = 0
    var isNegative = false
    if index < plain.count, plain[index] == UInt8(ascii: "-") || plain[index] == UInt8(ascii: "+") {
        isNegative = plain[index] == UInt8(ascii: "-")
        index += 1
    }
    let firstDigit = index
    while index < plain.count, plain[index] &- 48 <= 9 {
        if digits < 18 { mantissa = mantissa * 10 + UInt64(plain[index] - 48) }
        digits += 1
        index += 1
    }
    guard index > firstDigit else { return nil }
    if index < plain.count, plain[index] == UInt8(ascii: ".") {
        index += 1
        let start = index
        while index < plain.count, plain[index] &- 48 <= 9 {
            if digits < 18 { mantissa = mantissa * 10 + UInt64(plain[index] - 48) }
            digits += 1
            index += 1
        }
        fraction = index - start
        guard fraction > 0 else { return nil }
    }
    if index == plain.count, digits <= 15 {
        // Exact: both the digits and the power of ten are binary64 without rounding (Clinger's fast path).
        var power = 1.0
        for _ in 0..<fraction { power *= 10 }
        let value = Double(mantissa) / power
        return isNegative ? -value : value
    }
    if index < plain.count {
        guard plain[index] | 0x20 == UInt8(ascii: "e") else { return nil }
        index += 1
        if index < plain.count, plain[index] == UInt8(ascii: "-") || plain[index] == UInt8(ascii: "+") { index += 1 }
        let exponent = index
        while index < plain.count, plain[index] &- 48 <= 9 { index += 1 }
        guard index > exponent, index == plain.count else { return nil }
    }
    guard let value = Double(String(decoding: plain, as: UTF8.self)), value.isFinite else { return nil }
    return value
}
