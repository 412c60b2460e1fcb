import CareValues

/// Up to ``ColumnBlock/capacity`` customers as typed columns, as of one instant.
///
/// A column is stored as narrow as its block allows: code 0 is missing, code c > 0 is the value
/// `(base + c − 1) × multiplier / divisor`, in one, two or four bytes; what has no such form stays a `Double`, missing
/// being NaN. Money with cents is whole hundredths, instants without milliseconds are whole seconds.
public struct ColumnBlock: Sendable {
    /// Customers in one block: its masks fit into the processor's first cache.
    public static let capacity = 4_096

    /// How many customers are in it.
    public let count: Int
    /// The instant that traits with windows, and everything over the clock, are as of.
    public let now: Timestamp

    struct Column: Sendable {
        enum Form: UInt8, Sendable { case byte, word, wide, double }

        var form: Form
        /// Where it begins in ``ColumnBlock/bytes``.
        var offset: Int
        var base: Double
        var multiplier: Double
        var divisor: Double
        /// The greatest code that occurs.
        var top: UInt32
    }

    let columns: [Column]
    let bytes: [UInt8]
    /// ``count`` rounded up, so that loops have no tail: what lies beyond is missing.
    let lanes: Int
    /// The distinct zones of its customers, and of each customer which, if there is more than one.
    let zones: [Zone]
    let zoneCodes: [UInt8]
    /// Customers whom the columns cannot tell about: a trait over its limit, a value unlike its declaration.
    let irregular: [Int]
    /// The dictionary of each text column, by column.
    let dictionaries: [TextDictionary?]

    /// The same customers, their conditions as of another instant; traits with windows stay as they are.
    public func asOf(_ now: Timestamp) -> ColumnBlock {
        ColumnBlock(
            count: count, now: now, columns: columns, bytes: bytes, lanes: lanes, zones: zones, zoneCodes: zoneCodes,
            irregular: irregular, dictionaries: dictionaries)
    }

    /// Bytes of the columns for one customer.
    public var bytesPerCustomer: Double { Double(bytes.count) / Double(max(1, lanes)) }
}

/// The texts of a column in the order in which they were met; only ever grows.
struct TextDictionary: Sendable {
    /// Tells whether two dictionaries are states of one.
    final class Identity: Sendable {}

    private(set) var identity = Identity()
    private(set) var texts: [[UInt8]] = []
    /// The texts one after the other, and where each ends.
    private var arena: [UInt8] = []
    private var ends: [Int32] = [0]
    /// Positions in `texts` plus one by hash; a power of two in size, at most half full.
    private var slots: [UInt32] = Array(repeating: 0, count: 64)

    static let limit = 65_534

    /// The position of a text, which is added if it is new; nil: there are too many.
    mutating func position(of text: UnsafeBufferPointer<UInt8>) -> Int? {
        var slot = Self.hash(text) & (slots.count - 1)
        while slots[slot] != 0 {
            let position = Int(slots[slot]) - 1
            if holds(text, at: position) { return position }
            slot = (slot + 1) & (slots.count - 1)
        }
        guard texts.count < Self.limit, arena.count + text.count < Int(Int32.max) else { return nil }
        texts.append(Array(text))
        arena.append(contentsOf: text)
        ends.append(Int32(arena.count))
        slots[slot] = UInt32(texts.count)
        if texts.count * 2 > slots.count { grow() }
        return texts.count - 1
    }

    @inline(__always)
    private func holds(_ text: UnsafeBufferPointer<UInt8>, at position: Int) -> Bool {
        let start = Int(ends[position])
        guard Int(ends[position + 1]) - start == text.count else { return false }
        for index in 0..<text.count where arena[start &+ index] != text[index] { return false }
        return true
    }

    /// The position of a text, or nil when it has not been met.
    func known(_ text: [UInt8]) -> Int? {
        text.withUnsafeBufferPointer { bytes in
            var slot = Self.hash(bytes) & (slots.count - 1)
            while slots[slot] != 0 {
                let position = Int(slots[slot]) - 1
                if texts[position] == text { return position }
                slot = (slot + 1) & (slots.count - 1)
            }
            return nil
        }
    }

    private mutating func grow() {
        var wider = Array(repeating: UInt32(0), count: slots.count * 2)
        for (position, text) in texts.enumerated() {
            var slot = text.withUnsafeBufferPointer { Self.hash($0) } & (wider.count - 1)
            while wider[slot] != 0 { slot = (slot + 1) & (wider.count - 1) }
            wider[slot] = UInt32(position + 1)
        }
        slots = wider
    }

    /// Eight bytes at a time, mixed by a multiplication with the golden ratio's bits: the texts are short.
    @inline(__always)
    private static func hash(_ text: UnsafeBufferPointer<UInt8>) -> Int {
        let bytes = UnsafeRawBufferPointer(text)
        var hash = UInt64(truncatingIfNeeded: bytes.count)
        var index = 0
        while index &+ 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 32
            index &+= 8
        }
        var word: UInt64 = 0
        while index < bytes.count {
            word = word << 8 | UInt64(bytes[index])
            index &+= 1
        }
        hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: (hash ^ (hash >> 32)) & 0x7FFF_FFFF)
    }
}
