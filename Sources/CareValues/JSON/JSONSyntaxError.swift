/// Why bytes are not the JSON that is wanted, and the byte at which that shows.
public struct JSONSyntaxError: Error, Sendable, Hashable {
    /// What is wrong.
    public var reason: JSONSyntaxReason
    /// The 0-based byte at which it shows; the count of bytes when they end too early.
    public var offset: Int

    /// `reason`, seen at byte `offset`.
    public init(_ reason: JSONSyntaxReason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

/// What can be wrong with the form of a JSON text.
public enum JSONSyntaxReason: Sendable, Hashable, CaseIterable {
    /// No value where one must stand.
    case valueExpected
    /// No member name where one must stand.
    case nameExpected
    /// No colon behind a member name.
    case colonExpected
    /// Neither a comma nor the end behind an element.
    case commaOrBracketExpected
    /// Neither a comma nor the end behind a member.
    case commaOrBraceExpected
    /// A comma before `]` or `}`.
    case trailingComma
    /// Something behind the value.
    case textAfterValue
    /// The bytes end inside a value.
    case unexpectedEnd
    /// The bytes, or the line, end inside a string.
    case unfinishedString
    /// A control character inside a string.
    case controlCharacter
    /// A backslash before a character that none may precede.
    case unknownEscape
    /// `\u` without four hexadecimal digits.
    case badUnicodeEscape
    /// Half of a surrogate pair, which is not a character.
    case loneSurrogate
    /// A numeral that breaks the grammar.
    case badNumber
    /// A numeral that begins with a zero too many.
    case leadingZero
    /// A numeral too large for a double.
    case numberOutOfRange
    /// Bytes that are not UTF-8.
    case notUTF8
    /// A byte order mark.
    case byteOrderMark
    /// More arrays and objects inside each other than the limit allows.
    case tooDeep
    /// More bytes than the limit allows.
    case tooLarge
    /// Two members of one name in one object.
    case duplicateKey

    /// The stable code of the finding.
    public var code: String {
        switch self {
        case .numberOutOfRange: "json.number-out-of-range"
        case .notUTF8: "json.not-utf8"
        case .byteOrderMark: "json.byte-order-mark"
        case .tooDeep: "json.too-deep"
        case .tooLarge: "json.too-large"
        case .duplicateKey: "json.duplicate-key"
        default: "json.syntax"
        }
    }

    /// One sentence without a full stop.
    public var message: String {
        switch self {
        case .valueExpected: "a value is expected here"
        case .nameExpected: "a member name is expected here"
        case .colonExpected: "a colon is missing after this member's name"
        case .commaOrBracketExpected: "a comma or ']' is missing before this"
        case .commaOrBraceExpected: "a comma or '}' is missing before this"
        case .trailingComma: "a comma stands before the end"
        case .textAfterValue: "there is text after the end of the JSON value"
        case .unexpectedEnd: "the text ends too early"
        case .unfinishedString: "this string has no end"
        case .controlCharacter: "a control character stands in a string"
        case .unknownEscape: "this escape is unknown"
        case .badUnicodeEscape: "\\u needs four hexadecimal digits"
        case .loneSurrogate: "this escape is half a character"
        case .badNumber: "this is not a number"
        case .leadingZero: "a number does not begin with 0"
        case .numberOutOfRange: "this number is too large"
        case .notUTF8: "these bytes are not UTF-8"
        case .byteOrderMark: "the file begins with a byte order mark"
        case .tooDeep: "arrays and objects are nested too deeply"
        case .tooLarge: "the text is too large"
        case .duplicateKey: "this name is used twice in one object"
        }
    }
}

/// What a reader accepts.
public struct JSONLimits: Sendable, Hashable {
    /// How many arrays and objects may stand inside each other; at most 512.
    public var maximumDepth: Int
    /// How many bytes a text may have; at most 2²⁸ − 1.
    public var maximumBytes: Int
    /// Whether an object may have two members of one name (the last wins).
    public var allowsDuplicateKeys: Bool

    /// The largest depth that can be asked for: values are copied out by recursion.
    public static let depthCeiling = 512
    /// How many duplicate keys of one text are reported.
    public static let reportedDuplicateKeys = 1_000
    /// The largest size that can be asked for: the tape counts in 28 bits.
    public static let byteCeiling = (1 << 28) - 1

    /// These limits; what exceeds the ceilings is lowered to them.
    public init(maximumDepth: Int = 64, maximumBytes: Int, allowsDuplicateKeys: Bool) {
        self.maximumDepth = min(max(maximumDepth, 0), Self.depthCeiling)
        self.maximumBytes = min(max(maximumBytes, 0), Self.byteCeiling)
        self.allowsDuplicateKeys = allowsDuplicateKeys
    }

    /// Rule files and `care.json`: 64 deep, 16 MiB, duplicate keys refused.
    public static let ruleFile = JSONLimits(maximumBytes: 1 << 24, allowsDuplicateKeys: false)

    /// Events, attributes and request bodies: 64 deep, 64 MiB, of equal keys the last wins.
    public static let data = JSONLimits(maximumBytes: 1 << 26, allowsDuplicateKeys: true)

    /// What Care has written itself: deeper and larger than anything that is let in, so that nothing is ever stored that
    /// cannot be read again.
    public static let stored = JSONLimits(maximumDepth: 256, maximumBytes: byteCeiling, allowsDuplicateKeys: true)
}
