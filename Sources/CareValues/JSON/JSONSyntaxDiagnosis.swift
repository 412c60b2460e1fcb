/// From the bare reason of the scanner to a finding that helps: looks at what was probably meant.
extension JSONSyntaxError {
    /// The finding for this error in `source`.
    func diagnostic(in source: SourceText, limits: JSONLimits) -> Diagnostic {
        let finding = explain(source.bytes, limits)
        return source.diagnostic(
            at: finding.range, code: reason.code, message: finding.message, help: finding.help)
    }

    private typealias Finding = (range: Range<Int>, message: String, help: String?)

    private func explain(_ bytes: [UInt8], _ limits: JSONLimits) -> Finding {
        let token = offset..<tokenEnd(bytes)
        let one = offset..<min(offset + 1, bytes.count)
        switch reason {
        case .valueExpected, .nameExpected: return missing(bytes, token)
        case .colonExpected:
            if byte(bytes, offset) == UInt8(ascii: "=") {
                return (one, "a colon stands between a member's name and its value", "write ':' for '='")
            }
            return (token, reason.message, "write \"name\": value")
        case .commaOrBracketExpected, .commaOrBraceExpected: return unseparated(bytes, token)
        case .trailingComma: return (one, "a trailing comma: nothing follows it", "remove it")
        case .textAfterValue:
            if let comment = comment(bytes) { return comment }
            if let byte = byte(bytes, offset), byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
                return (one, "this bracket closes nothing", "remove it")
            }
            return (token, reason.message, "a file holds one value")
        case .unexpectedEnd: return tooEarly(bytes)
        case .unfinishedString:
            return (offset..<bytes.count, reason.message, "close it with '\"'; a line break inside is written \\n")
        case .controlCharacter:
            let code = bytes[offset]
            let name = code == 0x09 ? "a tab" : "the control character U+00" + Hex.encode([code])
            return (
                one, "\(name) stands in a string", "write it " + (code == 0x09 ? "\\t" : "\\u00" + Hex.encode([code]))
            )
        case .unknownEscape:
            return (
                offset..<min(offset + 2, bytes.count), "no such escape",
                "escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX; a backslash itself is \\\\"
            )
        case .badUnicodeEscape: return (offset..<min(offset + 6, bytes.count), reason.message, nil)
        case .loneSurrogate:
            return (
                offset..<min(offset + 6, bytes.count), reason.message,
                "characters above U+FFFF take two escapes, \\uD83D\\uDE00, or stand as they are"
            )
        case .badNumber: return (token, "'\(text(bytes, token))' is not a number", numberHelp(bytes, token))
        case .leadingZero: return (token, reason.message, "write it without the 0, or as a string")
        case .numberOutOfRange: return (token, reason.message, "the largest is about 1.8e308")
        case .notUTF8:
            if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
                return (one, "the file is UTF-16, not UTF-8", "save it as UTF-8")
            }
            return (one, "the byte 0x\(Hex.encode([bytes[offset]])) is not UTF-8", "save the file as UTF-8")
        case .byteOrderMark: return (0..<3, reason.message, "save it as UTF-8 without one")
        case .tooDeep: return (one, reason.message, "at most \(limits.maximumDepth) may stand inside each other")
        case .tooLarge: return (0..<0, "the text has \(bytes.count) bytes", "at most \(limits.maximumBytes) are read")
        case .duplicateKey: return (token, reason.message, nil)
        }
    }

    /// No value or name at the place of one.
    private func missing(_ bytes: [UInt8], _ token: Range<Int>) -> Finding {
        let isName = reason == .nameExpected
        let one = offset..<min(offset + 1, bytes.count)
        guard let byte = byte(bytes, offset) else { return (one, reason.message, nil) }
        if let comment = comment(bytes) { return comment }
        let what = isName ? "member names" : "strings"
        if byte == UInt8(ascii: "'") {
            let end = bytes[(offset + 1)...].firstIndex { $0 == byte || $0 == 0x0A } ?? bytes.count
            return (offset..<min(end + 1, bytes.count), "\(what) are written in double quotes", "write \" for '")
        }
        if bytes[offset...].starts(with: [0xE2, 0x80, 0x9C]) || bytes[offset...].starts(with: [0xE2, 0x80, 0x9D]) {
            return (offset..<(offset + 3), "\(what) are written in straight double quotes", "write \" for this quote")
        }
        switch byte {
        case UInt8(ascii: ","): return (one, "a \(isName ? "member" : "value") is missing before this comma", nil)
        case UInt8(ascii: "]"), UInt8(ascii: "}"): return (one, "a value is missing before this bracket", nil)
        case UInt8(ascii: "+"), UInt8(ascii: "."):
            return (token, "a number begins with a digit or '-'", nil)
        default: break
        }
        let word = text(bytes, token)
        if !isName {
            switch word.lowercased() {
            case "true", "false", "null":
                return (token, "no value is called '\(word)'", "did you mean '\(word.lowercased())'?")
            case "none", "nil", "undefined": return (token, "no value is called '\(word)'", "did you mean 'null'?")
            case "nan", "infinity": return (token, "JSON has no number '\(word)'", nil)
            default: break
            }
            if let near = nearest(word, in: ["true", "false", "null"]) {
                return (token, "no value is called '\(word)'", "did you mean '\(near)'?")
            }
        }
        if word.unicodeScalars.first?.properties.isAlphabetic == true || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "$")
        {
            return (token, "\(what) are written in double quotes", "write \"\(word)\"")
        }
        if isName { return (token, "a member's name is expected here, in double quotes", nil) }
        return (token, reason.message, nil)
    }

    /// Something behind a value that is neither a comma nor the end.
    private func unseparated(_ bytes: [UInt8], _ token: Range<Int>) -> Finding {
        let inObject = reason == .commaOrBraceExpected
        let one = offset..<min(offset + 1, bytes.count)
        if let comment = comment(bytes) { return comment }
        switch byte(bytes, offset) ?? 0 {
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            let open = innermostOpen(bytes, upTo: offset)
            let line = open.map { lineNumber(bytes, $0) } ?? 1
            return (
                one, inObject ? "']' cannot close an object" : "'}' cannot close a list",
                "\(inObject ? "'{'" : "'['") of line \(line) is still open"
            )
        case UInt8(ascii: ":"):
            return (one, inObject ? "a second colon" : "a colon stands only in objects, behind a member's name", nil)
        case UInt8(ascii: ";"):
            return (one, "a comma separates \(inObject ? "members" : "elements")", "write ',' for ';'")
        case UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "-"), UInt8(ascii: "'"):
            return (token, "a comma is missing before this \(inObject ? "member" : "element")", nil)
        default: return (token, reason.message, nil)
        }
    }

    /// The end of the text inside a value.
    private func tooEarly(_ bytes: [UInt8]) -> Finding {
        guard let last = bytes.lastIndex(where: { $0 > 0x20 }) else {
            return (0..<0, "the file is empty", "an empty object is {}")
        }
        guard let open = innermostOpen(bytes, upTo: bytes.count) else {
            return (last..<(last + 1), "the text ends too early, after this", nil)
        }
        let line = lineNumber(bytes, open)
        let bracket = bytes[open] == UInt8(ascii: "{") ? "'{'" : "'['"
        var start = last
        while start > 0, bytes[start] & 0xC0 == 0x80 { start -= 1 }
        return (start..<(last + 1), "the text ends too early, after this", "\(bracket) of line \(line) is never closed")
    }

    /// The bracket around the byte at `end`; what stands before it has been read without an error.
    private func innermostOpen(_ bytes: [UInt8], upTo end: Int) -> Int? {
        var open: [Int] = []
        var index = 0
        while index < end {
            switch bytes[index] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): open.append(index)
            case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = open.popLast()
            case UInt8(ascii: "\""):
                index += 1
                while index < end, bytes[index] != UInt8(ascii: "\"") {
                    index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
                }
            default: break
            }
            index += 1
        }
        return open.last
    }

    private func comment(_ bytes: [UInt8]) -> Finding? {
        guard let first = byte(bytes, offset) else { return nil }
        let second = byte(bytes, offset + 1)
        let isSlashed = first == UInt8(ascii: "/") && (second == UInt8(ascii: "/") || second == UInt8(ascii: "*"))
        guard isSlashed || first == UInt8(ascii: "#") else { return nil }
        return (offset..<min(offset + (isSlashed ? 2 : 1), bytes.count), "JSON has no comments", "use \"description\"")
    }

    private func numberHelp(_ bytes: [UInt8], _ token: Range<Int>) -> String? {
        let text = text(bytes, token)
        if text.hasSuffix(".") { return "digits are missing after the point" }
        if text == "-" { return "digits are missing after '-'" }
        if text.contains(".e") || text.contains(".E") { return "digits are missing between point and exponent" }
        if let last = text.utf8.last,
            [UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-")].contains(last)
        {
            return "digits are missing in the exponent"
        }
        return nil
    }

    private func lineNumber(_ bytes: [UInt8], _ index: Int) -> Int {
        var line = 1
        for byte in bytes[..<index] where byte == 0x0A { line += 1 }
        return line
    }

    private func byte(_ bytes: [UInt8], _ index: Int) -> UInt8? {
        index < bytes.count ? bytes[index] : nil
    }

    private func text(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        String(decoding: bytes[range].prefix(60), as: UTF8.self)
    }

    /// The end of the word, string or sign that begins at the offset.
    private func tokenEnd(_ bytes: [UInt8]) -> Int {
        guard offset < bytes.count else { return bytes.count }
        var index = offset
        if bytes[index] == UInt8(ascii: "\"") {
            index += 1
            while index < bytes.count, bytes[index] != UInt8(ascii: "\""), bytes[index] != 0x0A {
                index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
            }
            return min(index + 1, bytes.count)
        }
        while index < bytes.count, bytes[index] > 0x20, !"{}[],:\"".utf8.contains(bytes[index]) { index += 1 }
        return max(index, offset + 1)
    }
}
