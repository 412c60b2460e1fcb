/// One value of a ``JSONDocument``, or one member's name: a cursor, cheap to copy.
public struct JSONNode: Sendable {
    /// The text it is a part of.
    public let document: JSONDocument
    /// The index of its first word on the tape.
    let index: Int

    private var word: UInt64 { document.words[index] }

    /// What it is; a member's name is a string.
    public var kind: JSONKind { JSONKind(word: word) }

    /// The boolean; nil: it is something else.
    public var bool: Bool? {
        switch JSONWord.kind(word) {
        case JSONWord.isTrue: true
        case JSONWord.isFalse: false
        default: nil
        }
    }

    /// Whether it is `null`.
    public var isNull: Bool { JSONWord.kind(word) == JSONWord.null }

    /// The number, the double nearest to the numeral; nil: it is something else.
    public var number: Double? {
        guard kind == .number else { return nil }
        let bytes = document.bytes
        return DecimalNumeral.double(bytes.span.extracting(JSONRead.range(word)))
    }

    /// The number to nine decimals; nil: it is something else, or too large for a ``FixedDecimal``.
    public var decimal: FixedDecimal? {
        guard kind == .number else { return nil }
        let bytes = document.bytes
        return FixedDecimal(digits: bytes.span.extracting(JSONRead.range(word)))
    }

    /// The text, escapes resolved; nil: it is something else.
    public var string: String? {
        guard kind == .string else { return nil }
        let bytes = document.bytes
        return JSONRead.string(word, bytes.span)
    }

    /// The elements of a list, in order; of anything else none.
    public var elements: JSONElements { JSONElements(node: self) }

    /// The members of an object, in order; of anything else none.
    public var members: JSONMembers { JSONMembers(node: self) }

    /// How many elements or members it has; 0 for anything else.
    public var count: Int {
        JSONWord.kind(word) >= JSONWord.array ? Int(document.words[index + 1] >> 32) : 0
    }

    /// The value of the member called `name` (of several the last); nil: it is no object, or has none.
    public subscript(name: String) -> JSONNode? {
        let bytes = document.bytes
        let words = document.words
        let key = Array(name.utf8)
        guard let found = JSONRead.member(words.span, bytes.span, index, key.span) else { return nil }
        return JSONNode(document: document, index: found)
    }

    /// The name of the member called `name`, for a finding about the name itself.
    public func key(_ name: String) -> JSONNode? {
        self[name].map { JSONNode(document: document, index: $0.index - 1) }
    }

    /// The byte at which its source begins; a string's at its quote.
    public var offset: Int { JSONWord.offset(word) }

    /// The byte behind its source; a string's behind its quote.
    public var endOffset: Int {
        switch kind {
        case .array, .object: JSONWord.offset(document.words[index + 1])
        case .string: offset + JSONWord.length(word) + 2
        default: offset + JSONWord.length(word)
        }
    }

    /// Its source, as it is written.
    public var text: String {
        String(decoding: document.bytes[offset..<endOffset], as: UTF8.self)
    }

    /// The value, copied out of the text; of equal keys the last.
    public var value: JSONValue {
        let bytes = document.bytes
        let words = document.words
        return JSONRead.value(words.span, bytes.span, index)
    }

    /// Where it is: a JSON Pointer (RFC 6901), empty for the whole text. A member's name has its member's pointer.
    public var path: String {
        var pointer = ""
        var at = JSONNode(document: document, index: 0)
        descent: while at.index < index {
            switch at.kind {
            case .array:
                for (position, element) in at.elements.enumerated() where element.holds(index) {
                    pointer += "/\(position)"
                    at = element
                    continue descent
                }
            case .object:
                for (key, value) in at.members where key.index == index || value.holds(index) {
                    pointer += "/" + JSONNode.pointerToken(key.string ?? "")
                    if key.index == index { return pointer }
                    at = value
                    continue descent
                }
            default: break
            }
            break
        }
        return pointer
    }

    private func holds(_ other: Int) -> Bool {
        index <= other && other < index + JSONWord.span(word)
    }

    private static func pointerToken(_ name: String) -> String {
        var token = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "~": token += "~0"
            case "/": token += "~1"
            default: token.unicodeScalars.append(scalar)
            }
        }
        return token
    }
}

extension JSONNode: Hashable {
    /// The same place of the same document.
    public static func == (left: JSONNode, right: JSONNode) -> Bool {
        left.document === right.document && left.index == right.index
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(document))
        hasher.combine(index)
    }
}

/// The elements of a list, in order.
public struct JSONElements: Sequence, Sendable {
    let node: JSONNode

    public func makeIterator() -> Iterator {
        let word = node.document.words[node.index]
        let isArray = JSONWord.kind(word) == JSONWord.array
        return Iterator(
            document: node.document, position: node.index + 2, end: isArray ? node.index + JSONWord.length(word) : 0)
    }

    /// Steps over whole subtrees.
    public struct Iterator: IteratorProtocol {
        let document: JSONDocument
        var position: Int
        let end: Int

        /// The next element; nil: there is none.
        public mutating func next() -> JSONNode? {
            guard position < end else { return nil }
            let index = position
            position += JSONWord.span(document.words[index])
            return JSONNode(document: document, index: index)
        }
    }
}

/// The members of an object, in order: the name and the value, both with their places.
public struct JSONMembers: Sequence, Sendable {
    let node: JSONNode

    public func makeIterator() -> Iterator {
        let word = node.document.words[node.index]
        let isObject = JSONWord.kind(word) == JSONWord.object
        return Iterator(
            document: node.document, position: node.index + 2, end: isObject ? node.index + JSONWord.length(word) : 0)
    }

    /// Steps over whole subtrees.
    public struct Iterator: IteratorProtocol {
        let document: JSONDocument
        var position: Int
        let end: Int

        /// The next member; nil: there is none.
        public mutating func next() -> (key: JSONNode, value: JSONNode)? {
            guard position < end else { return nil }
            let key = JSONNode(document: document, index: position)
            let value = JSONNode(document: document, index: position + 1)
            position += 1 + JSONWord.span(document.words[value.index])
            return (key, value)
        }
    }
}
