import CareValues

extension JavaScript {
    /// `Number(text)`: the whole text, without white space around it; nothing is 0.
    static func number(_ text: String) -> Double {
        let bytes = Array(trimmed(text).utf8)
        guard let first = bytes.first else { return 0 }
        if first == UInt8(ascii: "0"), bytes.count > 2, let base = base(bytes[1]) {
            return digits(bytes[2...], base: base)
        }
        guard let (value, end) = decimal(bytes[...]), end == bytes.count else { return .nan }
        return value
    }

    private static func base(_ letter: UInt8) -> Int? {
        switch letter | 0x20 {
        case UInt8(ascii: "x"): 16
        case UInt8(ascii: "o"): 8
        case UInt8(ascii: "b"): 2
        default: nil
        }
    }

    private static func digits(_ bytes: ArraySlice<UInt8>, base: Int) -> Double {
        var value = 0.0
        for byte in bytes {
            guard let digit = Character(UnicodeScalar(byte)).hexDigitValue, digit < base else { return .nan }
            value = value * Double(base) + Double(digit)
        }
        return value
    }

    /// The longest beginning that is a decimal literal or `Infinity`, and where it ends; nil: there is none.
    static func decimal(_ bytes: ArraySlice<UInt8>) -> (value: Double, end: Int)? {
        var index = bytes.startIndex
        func isDigit(_ place: Int) -> Bool { place < bytes.endIndex && (48...57).contains(bytes[place]) }
        func has(_ letter: Unicode.Scalar, _ place: Int) -> Bool {
            place < bytes.endIndex && bytes[place] == UInt8(ascii: letter)
        }
        if has("-", index) || has("+", index) { index += 1 }
        let isNegative = has("-", bytes.startIndex)
        let infinity = Array("Infinity".utf8)
        if bytes[index...].starts(with: infinity) {
            return (isNegative ? -.infinity : .infinity, index + infinity.count)
        }
        let whole = index
        while isDigit(index) { index += 1 }
        var digitCount = index - whole
        if has(".", index), digitCount > 0 || isDigit(index + 1) {
            index += 1
            let fraction = index
            while isDigit(index) { index += 1 }
            digitCount += index - fraction
        }
        guard digitCount > 0 else { return nil }
        if has("e", index) || has("E", index) {
            var exponent = index + 1
            if has("-", exponent) || has("+", exponent) { exponent += 1 }
            if isDigit(exponent) {
                while isDigit(exponent) { exponent += 1 }
                index = exponent
            }
        }
        // Swift wants a digit on both sides of the point.
        let literal = String(decoding: bytes[whole..<index], as: UTF8.self)
        let parts = literal.split(separator: ".", omittingEmptySubsequences: false)
        var padded = literal
        if parts.count == 2 {
            let fraction = parts[1].first?.isNumber == true ? String(parts[1]) : "0" + parts[1]
            padded = (parts[0].isEmpty ? "0" : parts[0]) + "." + fraction
        }
        guard let value = Double(padded) else { return nil }
        return (isNegative ? -value : value, index)
    }

    /// The text without white space and line ends around it.
    static func trimmed(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !isSpace($0) }),
            let last = scalars.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(scalars[first...last])
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09...0x0D, 0x20, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF: true
        default: false
        }
    }
}
