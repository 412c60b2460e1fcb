/// The fast reader for streams of events: one text after another onto one reused tape, no allocation per line.
///
/// The same scanner as ``JSONDocument``'s, without files and places. Not `Sendable`: every thread has its own.
public final class JSONTape {
    private var words: UnsafeMutableBufferPointer<UInt64>
    private let limits: JSONLimits

    /// A tape for texts within `limits`, with room for lines of about `expectedBytes`; longer ones make it grow.
    public init(limits: JSONLimits = .data, expectedBytes: Int = 4096) {
        self.limits = limits
        words = .allocate(capacity: JSONScanner.capacity(byteCount: max(0, expectedBytes), limits: limits))
    }

    deinit {
        words.deallocate()
    }

    /// Reads the one JSON value in `bytes`.
    ///
    /// - Returns: its root. It and every node reached from it are valid until the next `parse`, while the tape lives
    ///   and while `bytes` stays valid and unchanged.
    public func parse(_ bytes: UnsafeRawBufferPointer) throws(JSONSyntaxError) -> JSONTapeNode {
        guard bytes.count <= limits.maximumBytes else { throw JSONSyntaxError(.tooLarge, at: limits.maximumBytes) }
        let room = JSONScanner.capacity(byteCount: bytes.count, limits: limits)
        if room > words.count {
            words.deallocate()
            words = .allocate(capacity: max(room, 2 * words.count))
        }
        // Safety: raw bytes are bytes; the spans do not outlive this call, and the caller keeps `bytes` valid. The
        // words are plain numbers, and the scanner writes each before it reads it.
        let source = bytes.bindMemory(to: UInt8.self)
        var span = words.mutableSpan
        let count = try JSONScanner.scan(source.span, into: &span, limits: limits)
        let root = JSONTapeNode(words: UnsafeBufferPointer(words.extracting(..<count)), bytes: source, index: 0)
        if !limits.allowsDuplicateKeys, let offset = root.offsetOfDuplicateKey() {
            throw JSONSyntaxError(.duplicateKey, at: offset)
        }
        return root
    }
}

/// A member's name, prepared once for many lookups: compared by length and whole words.
public struct JSONKey: Sendable, Hashable, ExpressibleByStringLiteral {
    let bytes: [UInt8]
    /// The first eight bytes, little-endian, zeros behind the end.
    let head: UInt64
    /// The bits of ``head`` that belong to the name.
    let mask: UInt64
    /// The upper half of the tape word of such a name without escapes: its kind and its length.
    let signature: UInt64

    /// The name `text`.
    public init(_ text: String) {
        bytes = Array(text.utf8)
        var head: UInt64 = 0
        for (index, byte) in bytes.prefix(8).enumerated() { head |= UInt64(byte) << UInt64(8 * index) }
        self.head = head
        // A name too long for the tape is in no text; its signature is none that a word can have.
        let isPossible = bytes.count <= JSONLimits.byteCeiling
        signature = isPossible ? JSONWord.make(JSONWord.plainString, length: bytes.count, offset: 0) >> 32 : .max
        mask = bytes.count >= 8 ? .max : (1 << UInt64(8 * bytes.count)) - 1
    }

    /// The name `value`.
    public init(stringLiteral value: String) {
        self.init(value)
    }
}
