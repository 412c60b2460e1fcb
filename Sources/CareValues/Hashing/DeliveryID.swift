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
