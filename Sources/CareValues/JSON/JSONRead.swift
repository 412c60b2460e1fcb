/// What both cursors read from a tape: the values behind its words.
enum JSONRead {
    /// The bytes of a scalar's source without quotes.
    @inline(__always)
    static func range(_ word: UInt64) -> Range<Int> {
        let start = JSONWord.offset(word) &+ (JSONWord.isString(word) ? 1 : 0)
        return start..<(start &+ JSONWord.length(word))
    }

    /// The text of a string's word.
    @inline(__always)
    static func string(_ word: UInt64, _ bytes: Span<UInt8>) -> String {
        let source = bytes.extracting(range(word))
        if JSONWord.kind(word) == JSONWord.plainString {
            return source.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
        }
        return String(decoding: unescaped(source), as: UTF8.self)
    }

    /// The UTF-8 bytes of a string whose escapes the scanner has checked.
    static func unescaped(_ source: Span<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(source.count)
        var index = 0
        while index < source.count {
            let byte = source[index]
            guard byte == UInt8(ascii: "\\") else {
                output.append(byte)
                index += 1
                continue
            }
            let kind = source[index + 1]
            index += 2
            switch kind {
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0C)
            case UInt8(ascii: "n"): output.append(0x0A)
            case UInt8(ascii: "r"): output.append(0x0D)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "u"):
                var point = JSONScanner.codeUnit(source, index - 2) ?? 0xFFFD
                index += 4
                if point & 0xFC00 == 0xD800, let low = JSONScanner.codeUnit(source, index) {
                    point = 0x10000 + (point & 0x3FF) << 10 + (low & 0x3FF)
                    index += 6
                }
                let scalar = Unicode.Scalar(point) ?? "\u{FFFD}"
                output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            default: output.append(kind)
            }
        }
        return output
    }

    /// Whether the string of `word` is `name`.
    @inline(__always)
    static func string(_ word: UInt64, _ bytes: Span<UInt8>, equals name: Span<UInt8>) -> Bool {
        if JSONWord.kind(word) == JSONWord.plainString {
            let length = JSONWord.length(word)
            guard length == name.count else { return false }
            let start = JSONWord.offset(word) &+ 1
            for index in 0..<length where bytes[start &+ index] != name[index] { return false }
            return true
        }
        return escapedString(word, bytes, equals: name)
    }

    private static func escapedString(_ word: UInt64, _ bytes: Span<UInt8>, equals name: Span<UInt8>) -> Bool {
        let text = unescaped(bytes.extracting(range(word)))
        guard text.count == name.count else { return false }
        for index in name.indices where text[index] != name[index] { return false }
        return true
    }

    /// The index of the value of the last member called `name` of the object at `index`; nil: it has none.
    @inline(__always)
    static func member(
        _ words: Span<UInt64>, _ bytes: Span<UInt8>, _ index: Int, _ name: Span<UInt8>
    ) -> Int? {
        let word = words[index]
        guard JSONWord.kind(word) == JSONWord.object else { return nil }
        let end = index &+ JSONWord.length(word)
        var position = index &+ 2
        var found: Int?
        while position < end {
            let value = position &+ 1
            if string(words[position], bytes, equals: name) { found = value }
            position = value &+ JSONWord.span(words[value])
        }
        return found
    }

    /// The value at `index`, copied out. Recursion ends at the depth that the scanner has let through.
    static func value(_ words: Span<UInt64>, _ bytes: Span<UInt8>, _ index: Int) -> JSONValue {
        let word = words[index]
        let end = index + JSONWord.span(word)
        switch JSONWord.kind(word) {
        case JSONWord.null: return .null
        case JSONWord.isFalse: return .bool(false)
        case JSONWord.isTrue: return .bool(true)
        case JSONWord.number: return .number(DecimalNumeral.double(bytes.extracting(range(word))) ?? 0)
        case JSONWord.array:
            var elements: [JSONValue] = []
            elements.reserveCapacity(Int(words[index + 1] >> 32))
            var position = index + 2
            while position < end {
                elements.append(value(words, bytes, position))
                position += JSONWord.span(words[position])
            }
            return .array(elements)
        case JSONWord.object:
            var members: [(name: String, value: JSONValue)] = []
            members.reserveCapacity(Int(words[index + 1] >> 32))
            var position = index + 2
            while position < end {
                members.append((string(words[position], bytes), value(words, bytes, position + 1)))
                position += 1 + JSONWord.span(words[position + 1])
            }
            return .object(unique(members))
        default: return .string(string(word, bytes))
        }
    }

    /// Of equal names the last value, at the place of the first.
    private static func unique(_ members: [(name: String, value: JSONValue)]) -> JSONObject {
        if members.count <= 16 {
            var isUnique = true
            search: for later in members.indices.dropFirst() {
                for earlier in 0..<later where members[earlier].name == members[later].name {
                    isUnique = false
                    break search
                }
            }
            if isUnique { return JSONObject(uniqueMembers: members) }
        }
        var places: [[UInt8]: Int] = [:]
        var result: [(name: String, value: JSONValue)] = []
        for member in members {
            let name = Array(member.name.utf8)
            if let place = places[name] {
                result[place].value = member.value
            } else {
                places[name] = result.count
                result.append(member)
            }
        }
        return JSONObject(uniqueMembers: result)
    }
}
