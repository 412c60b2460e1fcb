/// The first 16 bytes of the SHA-256 of an action's key: names its final decision and its delivery.
///
/// As text: `dlv_` and 26 characters of lowercase unpadded base32 (RFC 4648).
@frozen
public struct DeliveryID: Sendable, Hashable {
    /// Bytes 0–7, big-endian.
    public var high: UInt64
    /// Bytes 8–15, big-endian.
    public var low: UInt64

    /// The id of those two halves.
    @inlinable
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

extension DeliveryID {
    /// What every id's text begins with.
    public static let prefix = "dlv_"

    /// The id of an action by its key, the canonical JSON array `[campaign, customer, occurrence, step, action]`.
    public init(hashing key: String) {
        let digest = SHA256.digest(key.utf8.span)
        self.init(
            high: UInt64(digest[0]) << 32 | UInt64(digest[1]), low: UInt64(digest[2]) << 32 | UInt64(digest[3]))
    }

    /// The 16 bytes, most significant first; nil for another count.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        self.init(
            high: bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }, low: bytes[8...].reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// Reads exactly what ``text`` writes; nil for anything else.
    public init?(text: String) {
        guard text.utf8.starts(with: Self.prefix.utf8),
            let bytes = Base32.decode(String(text.dropFirst(Self.prefix.utf8.count)))
        else { return nil }
        self.init(bytes: bytes)
    }

    /// The 16 bytes, most significant first.
    public var bytes: [UInt8] {
        (0..<16).map { index in
            UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> UInt64(56 - 8 * (index % 8)))
        }
    }

    /// `dlv_` and 26 characters.
    public var text: String {
        Self.prefix + Base32.encode(bytes)
    }
}

extension DeliveryID: CustomStringConvertible {
    public var description: String { text }
}
