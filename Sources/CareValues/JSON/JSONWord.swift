/// How the tape stores a value: one 64-bit word, two for arrays and objects.
///
/// | bits of word 0 | meaning |
/// |---|---|
/// | 60–63 | kind |
/// | 32–59 | scalar: bytes of source without the quotes; container: words of the whole subtree, its own two included |
/// | 0–31 | byte offset of the first byte of source, a string's quote included |
///
/// | bits of a container's word 1 | meaning |
/// |---|---|
/// | 32–63 | children: elements, or members |
/// | 0–31 | byte offset behind the closing bracket |
///
/// A member is a name (a string word) followed by its value.
enum JSONWord {
    static let null: UInt64 = 0
    static let isFalse: UInt64 = 1
    static let isTrue: UInt64 = 2
    static let number: UInt64 = 3
    /// A string whose bytes are its text.
    static let plainString: UInt64 = 4
    /// A string with at least one escape.
    static let escapedString: UInt64 = 5
    static let array: UInt64 = 6
    static let object: UInt64 = 7

    @inline(__always)
    static func make(_ kind: UInt64, length: Int, offset: Int) -> UInt64 {
        kind << 60 | UInt64(truncatingIfNeeded: length) << 32 | UInt64(truncatingIfNeeded: offset)
    }

    @inline(__always)
    static func kind(_ word: UInt64) -> UInt64 { word >> 60 }

    @inline(__always)
    static func length(_ word: UInt64) -> Int { Int(truncatingIfNeeded: word >> 32) & 0x0FFF_FFFF }

    @inline(__always)
    static func offset(_ word: UInt64) -> Int { Int(truncatingIfNeeded: word & 0xFFFF_FFFF) }

    /// How many words a value takes.
    @inline(__always)
    static func span(_ word: UInt64) -> Int { kind(word) >= array ? length(word) : 1 }

    /// Whether the word is a string's.
    @inline(__always)
    static func isString(_ word: UInt64) -> Bool { kind(word) & ~1 == plainString }
}

/// What a JSON value is.
public enum JSONKind: Sendable, Hashable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool
    /// A number.
    case number
    /// Text.
    case string
    /// A list.
    case array
    /// An object.
    case object

    @inline(__always)
    init(word: UInt64) {
        switch JSONWord.kind(word) {
        case JSONWord.null: self = .null
        case JSONWord.isFalse, JSONWord.isTrue: self = .bool
        case JSONWord.number: self = .number
        case JSONWord.array: self = .array
        case JSONWord.object: self = .object
        default: self = .string
        }
    }

    /// With its article, as sentences need it: `a number`, `an object`.
    public var noun: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }
}
