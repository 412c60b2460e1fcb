/// How large the values of one fact may be: what is within can be stored, read back and put into a message.
public enum FactLimits {
    /// How many arrays and objects may stand inside each other, the object of the values counted.
    public static let depth = 64
    /// Bytes of the values' canonical text: a short number may have a long one, `1e20` has 21 digits.
    public static let bytes = 4 << 20
}

extension JSONObject {
    /// Whether its values stand at most ``FactLimits/depth`` deep, itself counted.
    public var isWithinDepth: Bool { members.allSatisfy { $0.value.isWithin(depth: FactLimits.depth - 1) } }

    /// Whether its canonical text has at most ``FactLimits/bytes``.
    public var isWithinBytes: Bool {
        // What it can have at most is told without writing it, and is enough for nearly all.
        if JSONValue.object(self).canonicalBytesAtMost <= FactLimits.bytes { return true }
        return CanonicalJSON.bytes(.object(self)).count <= FactLimits.bytes
    }
}

extension JSONValue {
    fileprivate func isWithin(depth: Int) -> Bool {
        switch self {
        case .null, .bool, .number, .string: true
        case .array(let elements): depth > 0 && elements.allSatisfy { $0.isWithin(depth: depth - 1) }
        case .object(let object): depth > 0 && object.members.allSatisfy { $0.value.isWithin(depth: depth - 1) }
        }
    }

    /// A bound of the bytes of its canonical text.
    fileprivate var canonicalBytesAtMost: Int {
        switch self {
        case .null, .bool: 5
        // The longest: a sign, `0.00000` and 17 digits.
        case .number: 25
        case .string(let text): Self.bytesAtMost(text)
        case .array(let elements): elements.reduce(2) { $0 + $1.canonicalBytesAtMost + 1 }
        case .object(let object):
            object.members.reduce(2) { $0 + Self.bytesAtMost($1.name) + $1.value.canonicalBytesAtMost + 2 }
        }
    }

    /// In quotes, each byte escaped as `\u001f`.
    private static func bytesAtMost(_ text: String) -> Int { 6 * text.utf8.count + 2 }
}
