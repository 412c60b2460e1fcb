/// One step of a condition for one customer: a test with two ways on, or a number to compute with one.
///
/// Trivial and 32 bytes, so that a walk over steps touches no reference count.
struct ScalarStep: Sendable {
    enum Kind: UInt8, Sendable {
        // Tests of a slot.
        /// `low ≤ value ≤ high`; a missing value is not.
        case range
        /// The same, or missing.
        case rangeOrMissing
        /// Missing.
        case missing
        /// What `tables` says of the code, from place `low` on; `flag`: what is said of a missing one.
        case table
        /// Scalar part `slot` is true (`flag`), or is false.
        case ask
        // Numbers into register `slot`, from register `slot` and `slot + 1`, or from slot `low`.
        case load, constant, today, now, add, subtract, multiply, divide, modulo, minimum, maximum, coalesce
        // Tests of registers `slot` and `slot + 1`; `flag` is the outcome asked for.
        case compare, isMissing, truth
    }

    var kind: Kind
    var flag = false
    var comparison = Comparison.equal
    var slot: Int32
    /// The next step when the test holds, or after a number; below 0 an ``Answer``.
    var yes: Int32
    /// The next step when it does not.
    var no: Int32
    var low = 0.0
    var high = 0.0

    /// Where a walk ends.
    enum Answer {
        static let yes: Int32 = -1
        static let no: Int32 = -2
    }
}

/// One number that is known of a customer at an instant: a column's value, or what the clock makes of it.
struct ScalarSlot: Hashable, Sendable {
    enum Function: UInt8, Hashable, Sendable {
        /// The value itself.
        case value
        /// Today's date minus the value, the value minus today's date; days.
        case sinceToday, untilToday
        /// Whole years since the day of birth.
        case age
        /// Days to the birthday's next return.
        case untilBirthday
        /// The value, or the local midnight of a date, minus now; milliseconds.
        case fromNow
    }

    var column: BatchColumn
    var function: Function
    /// The dictionary of a text column among ``ScalarProgram/dictionaries``, or -1.
    var dictionary = -1
}

/// The texts that the conditions of a rule set name for one column, to find one's code by.
struct ScalarDictionary: Sendable {
    private(set) var texts: [[UInt8]] = []
    /// Positions plus one by hash; a power of two in size, at most half full.
    private var slots: [UInt32] = []

    /// The code of every text that is not named.
    var unnamed: Int { texts.count }

    mutating func add(_ text: [UInt8]) {
        guard !texts.contains(text) else { return }
        texts.append(text)
        var size = 8
        while size < texts.count * 2 { size *= 2 }
        slots = Array(repeating: 0, count: size)
        for (position, text) in texts.enumerated() {
            var slot = text.withUnsafeBufferPointer { Self.hash($0) } & (size - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = UInt32(position + 1)
        }
    }

    func code(of text: [UInt8]) -> Int { text.withUnsafeBufferPointer { code(of: $0) } }

    func code(of text: UnsafeBufferPointer<UInt8>) -> Int {
        guard !slots.isEmpty else { return 0 }
        var slot = Self.hash(text) & (slots.count - 1)
        while slots[slot] != 0 {
            let position = Int(slots[slot]) - 1
            if texts[position].count == text.count, texts[position].elementsEqual(text) { return position }
            slot = (slot + 1) & (slots.count - 1)
        }
        return unnamed
    }

    /// FNV-1a, 64 bits: the texts are short.
    @inline(__always)
    private static func hash(_ text: UnsafeBufferPointer<UInt8>) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return Int(truncatingIfNeeded: (hash ^ (hash >> 32)) & 0x7FFF_FFFF)
    }
}
