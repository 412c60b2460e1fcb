import CareStore
import CareTransport
import CareValues

/// How a delivery becomes a request, and an answer a result. One folder a channel: settings, channel.
public protocol Channel: Sendable {
    /// Whether the receiver can tell a repeated delivery by its id: if not, a lost answer parks it.
    var repeatsSafely: Bool { get }

    /// The bytes that the receiver gets, the same on every attempt.
    func body(of order: NewDelivery) -> [UInt8]

    /// The request of one attempt.
    ///
    /// - Parameter now: the real clock, for what is stamped anew on each attempt.
    func request(for order: NewDelivery, body: [UInt8], now: Timestamp) -> TransferRequest

    /// What the exchange came to.
    func result(of exchange: TransferResult, now: Timestamp) -> AttemptResult
}
