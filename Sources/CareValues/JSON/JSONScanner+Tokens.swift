/// The rarer tokens: escapes, numbers, literals, and what to say where none of them stands.
extension JSONScanner {
    /// One escape from its backslash on, both halves of a surrogate pair; the index behind it.
    static func escape(_ bytes: Span<UInt8>, _ start: Int, _ quote: Int) throws(JSONSyntaxError) -> Int {
        guard start + 1 < bytes.count else { throw JSONSyntaxError(.unfinishedString, at: quote) }
        switch bytes[start + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start + 2
        case UInt8(ascii: "u"):
            guard let unit = codeUnit(bytes, start) else { throw JSONSyntaxError(.badUnicodeEscape, at: start) }
            guard unit & 0xF800 == 0xD800 else { return start + 6 }
            guard unit < 0xDC00, let low = codeUnit(bytes, start + 6), low & 0xFC00 == 0xDC00 else {
                throw JSONSyntaxError(.loneSurrogate, at: start)
            }
            return start + 12
        default:
            throw JSONSyntaxError(.unknownEscape, at: start)
        }
    }

    /// The UTF-16 code unit that the escape `\uXXXX` at `index` names; nil: there is no such escape.
    static func codeUnit(_ bytes: Span<UInt8>, _ index: Int) -> UInt32? {
        guard index + 6 <= bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u")
        else { return nil }
        var unit: UInt32 = 0
        for position in (index + 2)..<(index + 6) {
            guard let digit = Hex.value(of: bytes[position]) else { return nil }
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }

    /// A number; the index behind it. Its value is worked out when it is asked for, except where it may be infinite.
    @inline(__always)
    static func number(_ bytes: Span<UInt8>, _ start: Int) throws(JSONSyntaxError) -> Int {
        let end = bytes.count
        var index = start
        if bytes[index] == UInt8(ascii: "-") { index &+= 1 }
        guard index < end, isDigit(bytes[index]) else { throw JSONSyntaxError(.badNumber, at: start) }
        if bytes[index] == UInt8(ascii: "0") {
            index &+= 1
            if index < end, isDigit(bytes[index]) { throw JSONSyntaxError(.leadingZero, at: start) }
        } else {
            while index < end, isDigit(bytes[index]) { index &+= 1 }
        }
        if index < end, bytes[index] == UInt8(ascii: ".") {
            let point = index
            index &+= 1
            while index < end, isDigit(bytes[index]) { index &+= 1 }
            guard index > point &+ 1 else { throw JSONSyntaxError(.badNumber, at: start) }
        }
        var mayBeInfinite = index &- start > 300
        if index < end, bytes[index] | 0x20 == UInt8(ascii: "e") {
            mayBeInfinite = true
            index &+= 1
            if index < end, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") { index &+= 1 }
            let first = index
            while index < end, isDigit(bytes[index]) { index &+= 1 }
            guard index > first else { throw JSONSyntaxError(.badNumber, at: start) }
        }
        if mayBeInfinite {
            guard let value = DecimalNumeral.double(bytes.extracting(start..<index)), value.isFinite else {
                throw JSONSyntaxError(.numberOutOfRange, at: start)
            }
        }
        return index
    }

    /// `true`, `false` or `null`; the index behind it.
    @inline(__always)
    static func literal(
        _ bytes: Span<UInt8>, _ start: Int, _ text: StaticString
    ) throws(JSONSyntaxError) -> Int {
        let length = text.utf8CodeUnitCount
        guard start &+ length <= bytes.count else { throw JSONSyntaxError(.valueExpected, at: start) }
        for index in 0..<length where bytes[start &+ index] != text.utf8Start[index] {
            throw JSONSyntaxError(.valueExpected, at: start)
        }
        return start &+ length
    }

    /// `reason` at `index`, or that the bytes there are not even text.
    static func unexpected(_ bytes: Span<UInt8>, _ index: Int, _ reason: JSONSyntaxReason) -> JSONSyntaxError {
        if index < bytes.count, bytes[index] >= 0x80, utf8Length(bytes, index) == 0 {
            return JSONSyntaxError(.notUTF8, at: index)
        }
        return JSONSyntaxError(reason, at: index)
    }
}
