/// Bytes that have come and are not understood yet: a conversation reads whole messages from its front.
public struct ConversationInput: Sendable {
    private var bytes: [UInt8] = []
    private var start = 0
    /// No line ends before this place: what comes in single bytes is not searched again and again.
    private var searched = 0

    /// Nothing.
    public init() {}

    /// How many bytes there are.
    public var count: Int { bytes.count - start }

    /// The byte at a place counted from the front.
    public subscript(_ place: Int) -> UInt8 { bytes[start + place] }

    /// Appends what has come.
    public mutating func append(_ more: [UInt8]) {
        if start == bytes.count {
            bytes = more
            start = 0
            searched = 0
        } else {
            bytes.append(contentsOf: more)
        }
    }

    /// Takes `count` bytes from the front, which must be there.
    public mutating func take(_ count: Int) -> ArraySlice<UInt8> {
        let taken = bytes[start..<(start + count)]
        start += count
        if start > 65_536, start > bytes.count / 2 {
            bytes.removeFirst(start)
            start = 0
        }
        searched = start
        return taken
    }

    /// How long the first line is, its end not counted; nil: its CR and LF have not come.
    ///
    /// - Parameter limit: how long it may be.
    /// - Throws: `.garbled`: it is longer, or a CR or LF stands alone.
    public mutating func lineLength(limit: Int) throws(ConversationProblem) -> Int? {
        while searched < bytes.count {
            let byte = bytes[searched]
            if byte == 0x0D || byte == 0x0A {
                guard byte == 0x0D else { throw .garbled }
                guard searched + 1 < bytes.count else { return nil }
                guard bytes[searched + 1] == 0x0A else { throw .garbled }
                return searched - start
            }
            if searched - start >= limit { throw .garbled }
            searched += 1
        }
        return nil
    }

    /// Takes the first line without its end, if it has come whole.
    public mutating func takeLine(limit: Int) throws(ConversationProblem) -> ArraySlice<UInt8>? {
        guard let length = try lineLength(limit: limit) else { return nil }
        return take(length + 2).dropLast(2)
    }
}
