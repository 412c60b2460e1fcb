/// Canonical JSON text (RFC 8785): one text for one value, for keys, hashes and fingerprints.
///
/// Members are ordered by the UTF-16 code units of their names, nothing is put between tokens, strings escape only what
/// they must, and numbers have the shortest digits that name the double, laid out as ECMAScript does.
public enum CanonicalJSON {
    /// The canonical text of `value`.
    public static func text(_ value: JSONValue) -> String {
        String(decoding: bytes(value), as: UTF8.self)
    }

    /// The canonical text of `value` in UTF-8.
    public static func bytes(_ value: JSONValue) -> [UInt8] {
        var output: [UInt8] = []
        write(value, into: &output)
        return output
    }

    /// The canonical text of `["a","b",…]`: the keys of actions and the inputs of buckets.
    public static func array(of strings: [String]) -> String {
        var output: [UInt8] = [UInt8(ascii: "[")]
        for (index, string) in strings.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            write(string, into: &output)
        }
        output.append(UInt8(ascii: "]"))
        return String(decoding: output, as: UTF8.self)
    }

    /// Appends the canonical text of `value`. A number that is not finite, which no reader yields, is written `null`.
    public static func write(_ value: JSONValue, into output: inout [UInt8]) {
        switch value {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let bool): output.append(contentsOf: (bool ? "true" : "false").utf8)
        case .number(let number): output.append(contentsOf: numberText(number).utf8)
        case .string(let string): write(string, into: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                write(element, into: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let object):
            output.append(UInt8(ascii: "{"))
            let members = object.members.sorted { $0.name.utf16.lexicographicallyPrecedes($1.name.utf16) }
            for (index, member) in members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                write(member.name, into: &output)
                output.append(UInt8(ascii: ":"))
                write(member.value, into: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    /// Appends `string` in quotes, escaped as RFC 8785 section 3.2.2.2 has it.
    public static func write(_ string: String, into output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                output.append(UInt8(ascii: "\\"))
                output.append(byte)
            case 0x08: output.append(contentsOf: #"\b"#.utf8)
            case 0x09: output.append(contentsOf: #"\t"#.utf8)
            case 0x0A: output.append(contentsOf: #"\n"#.utf8)
            case 0x0C: output.append(contentsOf: #"\f"#.utf8)
            case 0x0D: output.append(contentsOf: #"\r"#.utf8)
            case 0..<0x20:
                output.append(contentsOf: #"\u00"#.utf8)
                output.append(contentsOf: Hex.encode([byte]).utf8)
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    /// The shortest digits that name `number`, laid out as ECMAScript's `Number::toString` does: `1`, `0.000001`,
    /// `1e-7`, `1e+21`. Negative zero is `0`; what is not finite is `null`.
    ///
    /// `description` finds the same digits and only lays them out otherwise. With digits d of count k and the value
    /// 0.d × 10ⁿ (ECMA-262, section 6.1.6.1.20): k ≤ n ≤ 21 is whole, 0 < n ≤ 21 has its point inside, −6 < n ≤ 0
    /// begins with `0.`, all else has an exponent.
    public static func numberText(_ number: Double) -> String {
        guard number.isFinite else { return "null" }
        if number == number.rounded(.towardZero), number.magnitude < 9_007_199_254_740_992 {
            return String(Int(number))
        }
        var digits: [UInt8] = []
        var exponent = 0
        var pointAt: Int?
        var characters = number.magnitude.description.utf8.makeIterator()
        while let character = characters.next() {
            if character == UInt8(ascii: ".") {
                pointAt = digits.count
            } else if character == UInt8(ascii: "e") {
                var isNegative = false
                while let digit = characters.next() {
                    if digit == UInt8(ascii: "-") {
                        isNegative = true
                    } else if digit != UInt8(ascii: "+") {
                        exponent = exponent * 10 + Int(digit - 48)
                    }
                }
                if isNegative { exponent = -exponent }
            } else {
                digits.append(character)
            }
        }
        var point = (pointAt ?? digits.count) + exponent
        let zeros = digits.prefix { $0 == 48 }.count
        digits.removeFirst(zeros)
        point -= zeros
        while digits.last == 48 { digits.removeLast() }
        return (number < 0 ? "-" : "") + layOut(digits, point: point)
    }

    private static func layOut(_ digits: [UInt8], point: Int) -> String {
        func text(_ part: ArraySlice<UInt8>) -> String { String(decoding: part, as: UTF8.self) }
        let count = digits.count
        if count <= point, point <= 21 { return text(digits[...]) + String(repeating: "0", count: point - count) }
        if 0 < point, point <= 21 { return text(digits[..<point]) + "." + text(digits[point...]) }
        if -6 < point, point <= 0 { return "0." + String(repeating: "0", count: -point) + text(digits[...]) }
        let power = point - 1
        return text(digits[..<1]) + (count > 1 ? "." + text(digits[1...]) : "") + "e" + (power < 0 ? "-" : "+")
            + String(power.magnitude)
    }
}

extension JSONValue {
    /// The canonical text (RFC 8785) of this value.
    public var canonicalText: String { CanonicalJSON.text(self) }
}
