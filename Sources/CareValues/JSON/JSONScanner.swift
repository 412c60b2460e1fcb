/// One pass over the bytes of a JSON text (RFC 8259, strict; UTF-8 checked) that fills a tape of words.
///
/// No recursion: while a container is open its second word holds the index of the one around it.
enum JSONScanner {
    /// Room that is enough for the tape of `byteCount` bytes: a value takes no more words than bytes, except containers
    /// that are never closed.
    static func capacity(byteCount: Int, limits: JSONLimits) -> Int {
        byteCount + limits.maximumDepth + 2
    }

    /// Fills `words` with the one value of `bytes`.
    ///
    /// - Parameter words: at least ``capacity(byteCount:limits:)``.
    /// - Returns: how many words were written.
    static func scan(
        _ bytes: Span<UInt8>, into words: inout MutableSpan<UInt64>, limits: JSONLimits
    ) throws(JSONSyntaxError) -> Int {
        let end = bytes.count
        guard end <= limits.maximumBytes else { throw JSONSyntaxError(.tooLarge, at: limits.maximumBytes) }
        if end >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
            throw JSONSyntaxError(.byteOrderMark, at: 0)
        }
        let none = 0xFFFF_FFFF
        var index = 0
        var count = 0
        var open = none
        var inObject = false
        var depth = 0

        value: while true {
            index = skipSpace(bytes, index)
            guard index < end else { throw JSONSyntaxError(.unexpectedEnd, at: end) }
            let first = bytes[index]
            let isObject = first == UInt8(ascii: "{")
            if isObject || first == UInt8(ascii: "[") {
                guard depth < limits.maximumDepth else { throw JSONSyntaxError(.tooDeep, at: index) }
                let kind = isObject ? JSONWord.object : JSONWord.array
                let start = index
                index = skipSpace(bytes, index &+ 1)
                guard index < end else { throw JSONSyntaxError(.unexpectedEnd, at: end) }
                if bytes[index] == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    index &+= 1
                    words[count] = JSONWord.make(kind, length: 2, offset: start)
                    words[count &+ 1] = UInt64(truncatingIfNeeded: index)
                    count &+= 2
                } else {
                    words[count] = JSONWord.make(kind, length: 0, offset: start)
                    words[count &+ 1] = 1 << 32 | UInt64(truncatingIfNeeded: open)
                    open = count
                    inObject = isObject
                    depth &+= 1
                    count &+= 2
                    if isObject {
                        index = try name(bytes, index, &words[count])
                        count &+= 1
                    }
                    continue value
                }
            } else {
                index = try scalar(bytes, index, &words[count])
                count &+= 1
            }

            // Behind a value: a comma leads to the next, a bracket closes the container and is the end of a value too.
            while true {
                index = skipSpace(bytes, index)
                guard open != none else {
                    guard index == end else { throw unexpected(bytes, index, .textAfterValue) }
                    return count
                }
                guard index < end else { throw JSONSyntaxError(.unexpectedEnd, at: end) }
                let byte = bytes[index]
                if byte == UInt8(ascii: ",") {
                    let comma = index
                    index = skipSpace(bytes, index &+ 1)
                    guard index < end else { throw JSONSyntaxError(.unexpectedEnd, at: end) }
                    if bytes[index] == UInt8(ascii: "]") || bytes[index] == UInt8(ascii: "}") {
                        throw JSONSyntaxError(.trailingComma, at: comma)
                    }
                    words[open &+ 1] &+= 1 << 32
                    if inObject {
                        index = try name(bytes, index, &words[count])
                        count &+= 1
                    }
                    continue value
                }
                guard byte == (inObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                    throw unexpected(bytes, index, inObject ? .commaOrBraceExpected : .commaOrBracketExpected)
                }
                index &+= 1
                let parent = JSONWord.offset(words[open &+ 1])
                words[open] |= UInt64(truncatingIfNeeded: count &- open) << 32
                words[open &+ 1] = (words[open &+ 1] & ~0xFFFF_FFFF) | UInt64(truncatingIfNeeded: index)
                open = parent
                depth &-= 1
                inObject = parent != none && JSONWord.kind(words[parent]) == JSONWord.object
            }
        }
    }

    /// A string, a number or a literal; the index behind it.
    @inline(__always)
    private static func scalar(
        _ bytes: Span<UInt8>, _ start: Int, _ word: inout UInt64
    ) throws(JSONSyntaxError) -> Int {
        let end: Int
        switch bytes[start] {
        case UInt8(ascii: "\""):
            return try string(bytes, start, &word)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            end = try number(bytes, start)
            word = JSONWord.make(JSONWord.number, length: end &- start, offset: start)
        case UInt8(ascii: "t"):
            end = try literal(bytes, start, "true")
            word = JSONWord.make(JSONWord.isTrue, length: 4, offset: start)
        case UInt8(ascii: "f"):
            end = try literal(bytes, start, "false")
            word = JSONWord.make(JSONWord.isFalse, length: 5, offset: start)
        case UInt8(ascii: "n"):
            end = try literal(bytes, start, "null")
            word = JSONWord.make(JSONWord.null, length: 4, offset: start)
        default:
            throw unexpected(bytes, start, .valueExpected)
        }
        return end
    }

    /// The first byte from `index` on that is not a blank, tab, line feed or carriage return.
    @inline(__always)
    static func skipSpace(_ bytes: Span<UInt8>, _ index: Int) -> Int {
        var index = index
        while index < bytes.count, bytes[index] <= 0x20 {
            let byte = bytes[index]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { break }
            index &+= 1
        }
        return index
    }

    /// A member's name and its colon; the index of what follows the colon.
    @inline(__always)
    private static func name(
        _ bytes: Span<UInt8>, _ start: Int, _ word: inout UInt64
    ) throws(JSONSyntaxError) -> Int {
        guard bytes[start] == UInt8(ascii: "\"") else { throw unexpected(bytes, start, .nameExpected) }
        var index = skipSpace(bytes, try string(bytes, start, &word))
        guard index < bytes.count else { throw JSONSyntaxError(.unexpectedEnd, at: index) }
        guard bytes[index] == UInt8(ascii: ":") else { throw unexpected(bytes, index, .colonExpected) }
        index &+= 1
        return index
    }

    /// A string from its opening quote on; the index behind its closing quote.
    @inline(__always)
    private static func string(
        _ bytes: Span<UInt8>, _ start: Int, _ word: inout UInt64
    ) throws(JSONSyntaxError) -> Int {
        let end = bytes.count
        var index = start &+ 1
        var kind = JSONWord.plainString
        while true {
            // Eight bytes at a time: the lowest of a quote, a backslash, a control character or a byte that is not
            // ASCII shows its high bit in `marks`; the bits above the lowest may be wrong and are not looked at.
            while index &+ 8 <= end {
                let eight = word64(bytes, index)
                let ones: UInt64 = 0x0101_0101_0101_0101
                let quotes = (eight ^ 0x2222_2222_2222_2222) &- ones
                let backslashes = (eight ^ 0x5C5C_5C5C_5C5C_5C5C) &- ones
                let controls = eight &- 0x2020_2020_2020_2020
                let marks = (quotes | backslashes | controls | eight) & 0x8080_8080_8080_8080
                if marks == 0 {
                    index &+= 8
                    continue
                }
                index &+= marks.trailingZeroBitCount >> 3
                break
            }
            guard index < end else { throw JSONSyntaxError(.unfinishedString, at: start) }
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                word = JSONWord.make(kind, length: index &- start &- 1, offset: start)
                return index &+ 1
            }
            if byte >= 0x80 {
                index = try nonASCII(bytes, index)
            } else if byte == UInt8(ascii: "\\") {
                kind = JSONWord.escapedString
                index = try escape(bytes, index, start)
            } else if byte < 0x20 {
                let endsLine = byte == 0x0A || byte == 0x0D
                throw endsLine
                    ? JSONSyntaxError(.unfinishedString, at: start) : JSONSyntaxError(.controlCharacter, at: index)
            } else {
                index &+= 1
            }
        }
    }

    /// Safety: the caller has checked that eight bytes lie from `index` on inside `bytes`.
    @inline(__always)
    private static func word64(_ bytes: Span<UInt8>, _ index: Int) -> UInt64 {
        UInt64(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self))
    }

    /// The characters beyond ASCII from `index` on; the index of the first byte that is none of theirs.
    ///
    /// Well-formed sequences: Unicode 15, table 3-7: nothing overlong, no surrogates, nothing above U+10FFFF.
    @inline(__always)
    private static func nonASCII(_ bytes: Span<UInt8>, _ start: Int) throws(JSONSyntaxError) -> Int {
        var index = start
        while index < bytes.count, bytes[index] >= 0x80 {
            let length = utf8Length(bytes, index)
            guard length > 0 else { throw JSONSyntaxError(.notUTF8, at: index) }
            index &+= length
        }
        return index
    }

    /// How many bytes (2...4) the character beyond ASCII at `index` has; 0: it is not well formed.
    @inline(__always)
    static func utf8Length(_ bytes: Span<UInt8>, _ index: Int) -> Int {
        let first = bytes[index]
        let left = bytes.count &- index
        guard left >= 2 else { return 0 }
        let second = bytes[index &+ 1]
        if first >= 0xE0, first < 0xF0 {
            guard left >= 3, second & 0xC0 == 0x80, bytes[index &+ 2] & 0xC0 == 0x80 else { return 0 }
            if first == 0xE0, second < 0xA0 { return 0 }
            if first == 0xED, second >= 0xA0 { return 0 }
            return 3
        }
        if first < 0xE0 {
            return first >= 0xC2 && second & 0xC0 == 0x80 ? 2 : 0
        }
        guard first <= 0xF4, left >= 4, second & 0xC0 == 0x80, bytes[index &+ 2] & 0xC0 == 0x80,
            bytes[index &+ 3] & 0xC0 == 0x80
        else { return 0 }
        if first == 0xF0, second < 0x90 { return 0 }
        if first == 0xF4, second >= 0x90 { return 0 }
        return 4
    }
}
