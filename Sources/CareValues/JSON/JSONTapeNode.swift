/// One value on a ``JSONTape``: a cursor, free to copy.
///
/// Safety: it holds two pointers, into the tape and into the caller's bytes. It must not be used after the tape's next
/// `parse` or after the bytes have gone. Its indexes come from the scanner, and reads are checked against the counts.
public struct JSONTapeNode {
    let words: UnsafeBufferPointer<UInt64>
    let bytes: UnsafeBufferPointer<UInt8>
    let index: Int

    @inline(__always)
    private var word: UInt64 { words[index] }

    /// What it is.
    public var kind: JSONKind { JSONKind(word: word) }

    /// Whether it is `null`.
    public var isNull: Bool { JSONWord.kind(word) == JSONWord.null }

    /// The boolean; nil: it is something else.
    public var bool: Bool? {
        switch JSONWord.kind(word) {
        case JSONWord.isTrue: true
        case JSONWord.isFalse: false
        default: nil
        }
    }

    /// The number, the double nearest to the numeral; nil: it is something else.
    public var number: Double? {
        guard JSONWord.kind(word) == JSONWord.number else { return nil }
        return DecimalNumeral.double(bytes.span.extracting(JSONRead.range(word)))
    }

    /// The number to nine decimals; nil: it is something else, or too large for a ``FixedDecimal``.
    public var decimal: FixedDecimal? {
        guard JSONWord.kind(word) == JSONWord.number else { return nil }
        return FixedDecimal(digits: bytes.span.extracting(JSONRead.range(word)))
    }

    /// The text, escapes resolved; nil: it is something else.
    public var string: String? {
        guard JSONWord.isString(word) else { return nil }
        return JSONRead.string(word, bytes.span)
    }

    /// The bytes of the text as they are in the caller's memory; nil: it is no string, or has escapes.
    public var plainBytes: UnsafeBufferPointer<UInt8>? {
        guard JSONWord.kind(word) == JSONWord.plainString else { return nil }
        return bytes.extracting(JSONRead.range(word))
    }

    /// The instant that the text names, as ``Timestamp/init(iso8601:)`` reads it; nil: it is something else.
    public var timestamp: Timestamp? {
        if let plainBytes { return Timestamp(iso8601: UnsafeRawBufferPointer(plainBytes)) }
        return string.flatMap { Timestamp(iso8601: $0) }
    }

    /// The source as it is written, a string's quotes included.
    public var sourceBytes: UnsafeBufferPointer<UInt8> {
        bytes.extracting(offset..<endOffset)
    }

    /// Whether it is the string `key`; made without a `String`.
    public func isString(_ key: JSONKey) -> Bool {
        JSONWord.isString(word) && matchesBySlowPath(word, key)
    }

    /// How many elements or members it has; 0 for anything else.
    public var count: Int {
        JSONWord.kind(word) >= JSONWord.array ? Int(words[index + 1] >> 32) : 0
    }

    /// The value of the member called `key` (of several the last); nil: it is no object, or has none.
    ///
    /// Safety: eight bytes are read at once only where they lie inside the caller's bytes.
    public subscript(key: JSONKey) -> JSONTapeNode? {
        let words = words
        let word = words[index]
        guard JSONWord.kind(word) == JSONWord.object else { return nil }
        let raw = UnsafeRawBufferPointer(bytes)
        let lastHead = raw.count &- 8
        let (signature, head, mask) = (key.signature, key.head, key.mask)
        let end = index &+ JSONWord.length(word)
        var position = index &+ 2
        var found = 0
        while position < end {
            let name = words[position]
            let value = position &+ 1
            let upper = name >> 32
            // Most names differ in length already: kind and length in one comparison.
            if upper == signature {
                let start = JSONWord.offset(name) &+ 1
                if start > lastHead {
                    if matchesBySlowPath(name, key) { found = value }
                } else if UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: start, as: UInt64.self)) & mask
                    == head,
                    JSONWord.length(name) <= 8 || matchesBySlowPath(name, key)
                {
                    found = value
                }
            } else if upper >> 28 == JSONWord.escapedString, matchesBySlowPath(name, key) {
                found = value
            }
            position = value &+ JSONWord.span(words[value])
        }
        return found == 0 ? nil : JSONTapeNode(words: words, bytes: bytes, index: found)
    }

    /// The value of the member called `name`; prepare a ``JSONKey`` for what is asked of every line.
    public subscript(name: String) -> JSONTapeNode? {
        self[JSONKey(name)]
    }

    /// Byte by byte, escapes resolved: kept out of the loops above.
    @inline(never)
    private func matchesBySlowPath(_ name: UInt64, _ key: JSONKey) -> Bool {
        JSONRead.string(name, bytes.span, equals: key.bytes.span)
    }

    /// Calls `body` with each element of a list, in order; with none of anything else.
    public func forEachElement<Failure: Error>(_ body: (JSONTapeNode) throws(Failure) -> Void) throws(Failure) {
        guard JSONWord.kind(word) == JSONWord.array else { return }
        let end = index + JSONWord.length(word)
        var position = index + 2
        while position < end {
            try body(JSONTapeNode(words: words, bytes: bytes, index: position))
            position += JSONWord.span(words[position])
        }
    }

    /// Calls `body` with the name and the value of each member of an object, in order; with none of anything else.
    public func forEachMember<Failure: Error>(
        _ body: (_ key: JSONTapeNode, _ value: JSONTapeNode) throws(Failure) -> Void
    ) throws(Failure) {
        guard JSONWord.kind(word) == JSONWord.object else { return }
        let end = index + JSONWord.length(word)
        var position = index + 2
        while position < end {
            try body(
                JSONTapeNode(words: words, bytes: bytes, index: position),
                JSONTapeNode(words: words, bytes: bytes, index: position + 1))
            position += 1 + JSONWord.span(words[position + 1])
        }
    }

    /// The value, copied out; of equal keys the last.
    public var value: JSONValue {
        JSONRead.value(words.span, bytes.span, index)
    }

    /// The byte of the text at which its source begins; a string's at its quote.
    public var offset: Int { JSONWord.offset(word) }

    /// The byte behind its source; a string's behind its quote.
    public var endOffset: Int {
        if JSONWord.kind(word) >= JSONWord.array { return JSONWord.offset(words[index + 1]) }
        return offset + JSONWord.length(word) + (JSONWord.isString(word) ? 2 : 0)
    }

    /// The place of a member whose name an earlier member of its object has; nil: there is none.
    func offsetOfDuplicateKey() -> Int? {
        var position = 0
        while position < words.count {
            let kind = JSONWord.kind(words[position])
            if kind == JSONWord.object {
                var names: Set<[UInt8]> = []
                var duplicate: Int?
                JSONTapeNode(words: words, bytes: bytes, index: position).forEachMember { key, _ in
                    guard let name = key.string, duplicate == nil else { return }
                    if !names.insert(Array(name.utf8)).inserted { duplicate = key.offset }
                }
                if let duplicate { return duplicate }
            }
            position += kind >= JSONWord.array ? 2 : 1
        }
        return nil
    }
}
